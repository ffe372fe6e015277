package demo

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

// telling tells the stories to a site, in one line of time.
type telling struct {
	site  *site
	list  []story
	run   int           // how often they were told before, to this folder
	shift time.Duration // by which this telling is later
	all   *tally
	each  []tally                    // of each story
	from  map[asked]int              // which story an intent is of
	out   map[asked]schemas.Decision // approvals, by who may act on them
	told  func(*story, *engineTally) // a story is over
	first func(d *schemas.Decision)  // the first decision of all
	heard func(d *schemas.Decision)  // every decision
	pause time.Duration              // before each thing that happens
}

// asked is one intent: ids are known per person.
type asked struct{ person, intent string }

// newTelling tells the stories as the run-th telling to this folder, later than
// everything that was decided there.
func newTelling(s *site, list []story, run int, after schemas.Time, all *tally) *telling {
	t := &telling{
		site: s, list: list, run: run, all: all, each: make([]tally, len(list)),
		from: make(map[asked]int), out: make(map[asked]schemas.Decision),
		told: func(*story, *engineTally) {}, first: func(*schemas.Decision) {}, heard: func(*schemas.Decision) {},
	}
	// Years, but to the week, so that the days of the week are the same.
	const week = 7 * 24 * time.Hour
	t.shift = time.Duration(math.Round(float64(run)*365.2425/7)) * week
	for events := timeline(list); len(events) > 0 && t.at(events[0].arrived) <= after; {
		t.shift += week
	}
	return t
}

func (t *telling) at(x schemas.Time) schemas.Time {
	if x == 0 {
		return 0
	}
	return x + schemas.Time(t.shift.Milliseconds())
}

// person is who a story's person is in this telling.
func (t *telling) person(id string) string {
	if t.run == 0 {
		return id
	}
	return id + "." + strconv.Itoa(t.run+1)
}

// tell tells everything. What happens is published one by one: the next thing
// happens only when the governor is done with the last.
func (t *telling) tell(ctx context.Context) error {
	for _, e := range timeline(t.list) {
		if err := t.rest(ctx); err != nil {
			return err
		}
		t.site.clock.moveTo(t.at(e.arrived).Std())
		t.happen(&e)
		decisions, err := t.site.decide(ctx)
		if err != nil {
			return fmt.Errorf("tell %s: %w", t.list[e.story].Case, err)
		}
		for i := range decisions {
			if err := t.note(&decisions[i]); err != nil {
				return err
			}
		}
		if e.last {
			s := &t.list[e.story]
			t.told(s, t.each[e.story].engine(s.Engine))
		}
	}
	return nil
}

// rest waits, where it is told to be watched.
func (t *telling) rest(ctx context.Context) error {
	if t.pause == 0 {
		return nil
	}
	select {
	case <-time.After(t.pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// happen puts an event of a story.
func (t *telling) happen(e *event) {
	switch e.topic {
	case "contact.intents":
		in := e.intent
		in.Person = t.person(in.Person)
		in.At, in.NotBefore, in.NotAfter = t.at(in.At), t.at(in.NotBefore), t.at(in.NotAfter)
		t.from[asked{in.Person, in.ID}] = e.story
		t.all.want(in.Engine)
		t.each[e.story].want(in.Engine)
		t.site.intend(&in)
	case "contact.signals":
		sig := e.signal
		sig.Person, sig.At = t.person(sig.Person), t.at(sig.At)
		t.site.signal(&sig)
	case topicRedeem:
		t.contact(e)
	}
}

// contact is a dialer or mailer that acts on an approval: that it did is an
// outcome, sent.
func (t *telling) contact(e *event) {
	for who, story := range t.from {
		d, approved := t.out[who]
		if story != e.story || who.intent != e.redeem || !approved {
			continue
		}
		t.site.signal(&schemas.Signal{
			ID: "sent-" + d.Intent, Person: d.Person, Type: schemas.TypeOutcome, Decision: d.ID,
			Result: schemas.ResultSent, At: t.at(e.arrived),
		})
	}
}

func (t *telling) note(d *schemas.Decision) error {
	who := asked{d.Person, d.Intent}
	story, ours := t.from[who]
	if !ours {
		return nil // of an earlier run that was killed in the middle
	}
	if len(t.out) == 0 && t.all.reasons == nil {
		t.first(d)
	}
	t.heard(d)
	t.all.note(d)
	t.each[story].note(d)
	if d.Verdict == schemas.Approved {
		t.out[who] = *d
	}
	return nil
}

// summary is what became of every story.
func (t *telling) summary() []Story {
	out := make([]Story, len(t.list))
	for i, s := range t.list {
		e := t.each[i].engine(s.Engine)
		out[i] = Story{s.Case, s.Engine, s.Title, s.Essay, s.Sentence, e.wanted, e.through, e.refused, counted(e.reasons, nil)}
	}
	return out
}
