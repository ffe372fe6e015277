package desk

import (
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
)

// Options are what a desk follows, and how much of it is kept. The zero value of
// every field but Kafka is usable.
type Options struct {
	// Kafka is the cluster. The desk opens connections of its own, and closes them
	// when Run ends.
	Kafka kafkaio.Config

	// Prefix stands before the contract's names of topics.
	Prefix string

	// Through makes of a reader one that reads what the governor wrote, where that is
	// encoded otherwise on the topics. It may be nil.
	Through func(consumer.Reader) consumer.Reader

	// Kept is how far back decisions are looked at. Default 24 h.
	Kept time.Duration

	// Silence is after how long without an answer the policy in force leaves people in
	// silence, 0 where it never does: what rules.Policy.Silent says. Default 90 × 24 h.
	Silence func() time.Duration

	// Class is the class of a purpose under the policy in force: what rules.Policy.Class
	// says. Default: as in no-means-no. What has none is taken for a solicitation.
	Class func(rules.Purpose) (rules.Class, bool)

	// Without is an engine whose intents are not told: one of a test's, or a demo's, own.
	// Default none.
	Without string

	// MostRecords is how many of the latest records of each partition of each topic
	// are read at the start, contact.standing aside, which is read whole.
	// Default 100,000.
	MostRecords int64

	// MostPeople is of how many people it is kept what they said. Where there are
	// more, figures about people are of one in 2, 4, 8 … people. Default 200,000.
	MostPeople int

	// MostNames is how many campaigns, and pairs of campaign and engine, are told
	// apart. Default 200.
	MostNames int

	// Every is how often there is a new view at most. Default 1 s.
	Every time.Duration

	// Clock tells the time. Default time.Now.
	Clock func() time.Time

	// Log hears when the topics cannot be read, once each time. It may be nil.
	Log *zap.Logger
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	duration := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	duration(&o.Kept, 24*time.Hour)
	duration(&o.Every, time.Second)
	if o.MostRecords <= 0 {
		o.MostRecords = 100_000
	}
	if o.MostPeople <= 0 {
		o.MostPeople = 200_000
	}
	if o.MostNames <= 0 {
		o.MostNames = 200
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Through == nil {
		o.Through = func(log consumer.Reader) consumer.Reader { return log }
	}
	if o.Silence == nil {
		o.Silence = func() time.Duration { return 90 * 24 * time.Hour }
	}
	if o.Class == nil {
		o.Class = classOf
	}
	return o
}

// tells says whether the intents of an engine are told.
func (o *Options) tells(engine string) bool { return o.Without == "" || engine != o.Without }

// class is what a purpose is to the person.
func (o *Options) class(purpose string) rules.Class {
	if class, ok := o.Class(rules.Purpose(purpose)); ok {
		return class
	}
	return rules.Solicitation
}

// classOf is as in no-means-no, as far as it matters here.
func classOf(purpose rules.Purpose) (rules.Class, bool) {
	switch purpose {
	case "receipt", "password_reset", "reply":
		return rules.ByPerson, true
	case "confirmation":
		return rules.Confirmation, true
	case "legal":
		return rules.Legal, true
	case "service", "billing":
		return rules.Service, true
	case "collection", "payment_reminder":
		return rules.Collection, true
	}
	return rules.Solicitation, true
}
