package governor_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// told are the rates that are told now, in a few words, and what the store keeps.
func (w *world) told(batch int64) (rates []string, kept []byte) {
	w.t.Helper()
	kept, out := w.g.TakeRates(3, batch, true)
	for _, o := range out {
		r, err := schemas.DecodeVetoRate(o.Value)
		if err != nil || o.Topic != governor.VetoRates || o.Person != rules.PersonID(r.Key()) || r.Partition != 3 {
			w.t.Errorf("%+v is no rate: %v", o, err)
		}
		rates = append(rates, fmt.Sprintf("%s %s %s %d", r.Minute.String()[11:16], r.Channel, r.Reason, r.Count))
	}
	return rates, kept
}

// "Counts per minute … moved in the same atomic step as the decisions, emitted as
// upserts": what has changed is told, as it is now, and nothing else.
func TestWhatIsDecidedIsCounted(t *testing.T) {
	w := newWorld(t)
	same := func(what string, batch int64, want ...string) (kept []byte) {
		t.Helper()
		got, kept := w.told(batch)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		return kept
	}
	same("at first", 1)
	mail := func(id, person string) rules.Intent {
		return rules.Intent{ID: rules.IntentID(id), Person: rules.PersonID(person), Channel: "email", Purpose: "marketing", Campaign: "may"}
	}
	w.ask(noon, mail("i1", "p"))
	w.ask(noon.Add(minute-ms), mail("i2", "q"))
	w.ask(noon.Add(minute), mail("i3", "r"))
	w.ask(noon.Add(minute), mail("i3", "r"))
	kept := same("two minutes in one batch", 2, "12:00 email  2", "12:01 email  1", "12:01 email duplicate 1")
	if more := same("nothing since", 3); more != nil {
		t.Error("the store gets what it has")
	}

	// Another worker takes over from what the store kept, and from what the log has of later batches.
	if err := w.g.RememberRates(kept); err != nil {
		t.Fatal(err)
	}
	late := schemas.Decision{Campaign: "may", Channel: "email", Purpose: "marketing", Verdict: schemas.Approved, Decided: schemas.Time(noon.Add(minute + ms))}
	w.g.RecallRate(&late, 2) // it is counted
	w.g.RecallRate(&late, 3)
	w.ask(noon.Add(minute+2*ms), mail("i4", "s"))
	same("after a crash", 4, "12:01 email  3")

	// A notice that is decided as of an instant that is over counts now.
	late.Decided = schemas.Time(noon)
	w.g.RecallRate(&late, 5)
	same("late", 5, "12:01 email  4")
	if err := w.g.RememberRates([]byte("?")); err == nil {
		t.Error("garbage is remembered")
	}
}

// eventClock is a policy that is for the past.
func eventClock(t testing.TB) *rules.Policy {
	t.Helper()
	p, problems := rules.Compile(&rules.Spec{
		Name: "past", Hash: "h", Clock: rules.ByEvent,
		Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}}, Channels: []rules.ChannelSpec{{Name: "email"}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// Where a month passes in a second, a count a minute would be a record a decision:
// under the clock of the events a day is counted, and whoever takes over counts a
// decision where it was counted, under whichever policy it was made.
func TestThePastIsCountedByDay(t *testing.T) {
	w := newWorld(t)
	live, past := w.policy, eventClock(t)
	w.g.Adopt(past)
	mail := func(id string) rules.Intent {
		return rules.Intent{ID: rules.IntentID(id), Person: rules.PersonID(id), Channel: "email", Purpose: "marketing", Campaign: "may"}
	}
	for i := range 24 {
		w.ask(noon.Add(time.Duration(i)*time.Hour), mail(fmt.Sprint("i", i)))
	}
	got, kept := w.told(1)
	if want := []string{"00:00 email  12", "00:00 email  12"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if err := w.g.RememberRates(kept); err != nil {
		t.Fatal(err)
	}
	w.g.Adopt(live)
	found := schemas.Decision{Campaign: "may", Channel: "email", Purpose: "marketing", Verdict: schemas.Approved}
	for i, by := range []*rules.Policy{past, past, live, past} {
		found.Policy, found.Decided = by.Hash(), schemas.Time(noon.Add(24*time.Hour+time.Duration(i)*minute))
		w.g.RecallRate(&found, 2)
	}
	if got, _ := w.told(3); !slices.Equal(got, []string{"00:00 email  14", "12:02 email  2"}) {
		t.Errorf("after a crash: %q", got)
	}
}

// Whoever asks what would be decided is not counted.
func TestAQuestionIsNotCounted(t *testing.T) {
	w := newWorld(t)
	in := rules.Intent{ID: "i1", Person: "p", Channel: "email", Purpose: "marketing", Campaign: "may", At: noon}
	w.until(noon)
	w.bring(func() []rules.PersonID { return w.g.Involves(&in) })
	if _, err := w.g.Consult(governor.Source{Topic: governor.Intents}, &in); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.told(1); got != nil {
		t.Errorf("it is counted: %q", got)
	}
}
