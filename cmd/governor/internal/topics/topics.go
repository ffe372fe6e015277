package topics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// Kafka is where the topics are. *app.Topics is one.
type Kafka interface {
	Look(ctx context.Context) ([]kafkaio.TopicState, error)
	Make(ctx context.Context) error
}

// Verdict is what is to be said of a topic.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"            // was there, and as it must be
	Made    Verdict = "made"          // was made now
	ToMake  Verdict = "would be made" // in a dry run
	Missing Verdict = "missing"
	Wrong   Verdict = "wrong"
)

// Topic is one row of the table.
type Topic struct {
	Name        string   `json:"topic"`
	Partitions  int      `json:"partitions"`  // 0: as many as the broker's default
	Cleanup     string   `json:"cleanup"`     // empty: it is not told
	Retention   string   `json:"retention"`   // in words
	Replication int      `json:"replication"` // 0: as many as the broker's default
	Verdict     Verdict  `json:"verdict"`
	Wrong       []string `json:"wrong,omitempty"` // each with the command that mends it
}

// Report is what was found, and done.
type Report struct {
	Topics []Topic `json:"topics"`
}

// Check tells how the topics are, and changes nothing. By says which command makes
// those that are missing.
func Check(ctx context.Context, kafka Kafka, by string) (*Report, error) {
	states, err := kafka.Look(ctx)
	if err != nil {
		return nil, err
	}
	r := report(states)
	for i, s := range states {
		if !s.Exists {
			t := &r.Topics[i]
			t.Wrong = []string{fmt.Sprintf("topic %s: is not there; mend: %s, or %s", s.Name, by, s.Make)}
		}
	}
	return r, nil
}

// looks is how often the topics are looked at after they were made, and lookAgain the
// pause in between: a broker learns late of a topic that was just made.
const (
	looks     = 20
	lookAgain = 250 * time.Millisecond
)

// Create makes the topics that are missing and tells which these are. If one that is
// there is wrong it makes none. In a dry run it makes none either.
func Create(ctx context.Context, kafka Kafka, dry bool) (*Report, error) {
	before, err := kafka.Look(ctx)
	if err != nil {
		return nil, err
	}
	r := report(before)
	switch {
	case r.Count(Missing) == 0:
		return r, nil
	case r.Count(Wrong) > 0:
		return r, nil
	case dry:
		for i := range r.Topics {
			if r.Topics[i].Verdict == Missing {
				r.Topics[i].Verdict = ToMake
			}
		}
		return r, nil
	}
	if err := kafka.Make(ctx); err != nil {
		return nil, err
	}
	after, err := settled(ctx, kafka)
	if err != nil {
		return nil, err
	}
	r = report(after)
	for i, s := range before {
		if !s.Exists && r.Topics[i].Verdict == OK {
			r.Topics[i].Verdict = Made
		}
	}
	return r, nil
}

// settled looks until nothing is missing or wrong, or that is believed.
func settled(ctx context.Context, kafka Kafka) (states []kafkaio.TopicState, err error) {
	for look := range looks {
		if look > 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(lookAgain):
			}
		}
		if states, err = kafka.Look(ctx); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(states, func(s kafkaio.TopicState) bool { return !s.Exists || len(s.Wrong) > 0 }) {
			break
		}
	}
	return states, nil
}

// Count is how many topics there are of a verdict.
func (r *Report) Count(v Verdict) (n int) {
	for _, t := range r.Topics {
		if t.Verdict == v {
			n++
		}
	}
	return n
}

func report(states []kafkaio.TopicState) *Report {
	r := &Report{Topics: make([]Topic, 0, len(states))}
	for _, s := range states {
		t := Topic{
			Name: s.Name, Partitions: s.Partitions, Replication: s.Replication,
			Cleanup: s.Settings["cleanup.policy"], Retention: retention(&s), Verdict: OK,
		}
		for _, wrong := range s.Wrong {
			t.Wrong = append(t.Wrong, wrong.Error())
		}
		switch {
		case !s.Exists:
			t.Verdict = Missing
		case len(t.Wrong) > 0:
			t.Verdict = Wrong
		}
		r.Topics = append(r.Topics, t)
	}
	return r
}
