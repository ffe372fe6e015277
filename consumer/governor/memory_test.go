package governor_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Take returns what happened since the last one, once; a person to whom nothing
// happened is not in it.
func TestTakeIsEmptyWhenNothingHappened(t *testing.T) {
	w := newWorld(t)
	w.ask(noon, toll("i1", "x"))
	for range 2 {
		changes, waiting, out, err := w.g.Take()
		if err != nil || len(changes)+len(waiting)+len(out) != 0 {
			t.Errorf("took %v, %v, %v, %v", changes, waiting, out, err)
		}
	}
}

// What stands for a person comes once a Take, after what the person was
// answered, and only where it changed.
func TestStanding(t *testing.T) {
	w := newWorld(t)
	topics := func(from int) (list []string) {
		for _, o := range w.out[from:] {
			list = append(list, o.Topic)
		}
		return list
	}
	w.ask(noon, to("i1", "email", "marketing"))
	if got := topics(0); !slices.Equal(got, []string{governor.Approved}) {
		t.Errorf("an approval changes what stands: %v", got)
	}
	n := len(w.out)
	w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
	if got := topics(n); !slices.Equal(got, []string{governor.Revoked, governor.Standing}) {
		t.Errorf("a refusal gives %v", got)
	}
	standing := w.out[len(w.out)-1]
	if standing.Person != "p" || string(standing.Value) != string(w.memory["p"].Standing) || standing.At != noon.Add(minute) {
		t.Errorf("it is %+v", standing)
	}
	n = len(w.out)
	w.hear(noon.Add(minute), state.Signal{ID: "s1", Type: state.Conversation}) // heard before
	w.ask(noon.Add(2*minute), to("i2", "email", "marketing"))
	if got := topics(n); !slices.Equal(got, []string{governor.Vetoed}) {
		t.Errorf("nothing new stands, and there is %v", got)
	}
}

// The agenda follows from the encoded memory: whoever is remembered is decided
// when due, and the store is told when nothing waits any more.
func TestTheAgendaSurvives(t *testing.T) {
	w := newWorld(t)
	w.ask(noon, toll("i1", "x"))
	w.ask(noon.Add(minute), toll("i2", "y"))
	if w.waiting["p"] != noon.Add(15*minute) {
		t.Errorf("the store waits until %s", w.waiting["p"])
	}

	other := newWorld(t)
	other.memory["p"] = w.memory["p"]
	other.remember("p")
	if got := other.g.DueBy(noon.Add(15*minute), 10); !slices.Equal(got, []rules.PersonID{"p"}) {
		t.Errorf("due are %v", got)
	}
	if got := other.g.DueBy(noon.Add(15*minute-ms), 10); got != nil {
		t.Errorf("due too early: %v", got)
	}
	other.waiting["p"] = w.waiting["p"]
	other.until(noon.Add(15 * minute))
	approved(t, other.decision("i1"))
	held(t, other.decision("i2"))
	if other.waiting["p"] != noon.Add(16*minute) {
		t.Errorf("then the store waits until %s", other.waiting["p"])
	}
	other.until(noon.Add(16 * minute))
	approved(t, other.decision("i2"))
	if _, waits := other.waiting["p"]; waits {
		t.Error("nothing is held, and the store waits")
	}
}

// Whom the store knows to wait is on the agenda before they are remembered.
func TestAwait(t *testing.T) {
	w := newWorld(t)
	w.g.Await(state.Waiting{Person: "p", Due: noon})
	w.g.Await(state.Waiting{Person: "q", Due: noon.Add(hour)})
	w.g.Await(state.Waiting{Person: "r", Due: noon})
	w.g.Await(state.Waiting{Person: "r"})
	if got := w.g.DueBy(noon, 10); !slices.Equal(got, []rules.PersonID{"p"}) {
		t.Errorf("due are %v", got)
	}
	w.until(noon) // somebody of whom nothing is held: they are dropped
	if got := w.g.DueBy(noon.Add(hour), 10); !slices.Equal(got, []rules.PersonID{"q"}) {
		t.Errorf("due are %v", got)
	}
}

// Forget drops nobody whose changes were not taken.
func TestForgetKeepsWhatWasNotTaken(t *testing.T) {
	w := newWorld(t)
	w.remember("p", "q", state.CampaignID("spring"))
	in := to("i1", "email", "marketing")
	in.At = noon
	w.g.Advance(noon)
	w.g.Intent(governor.Source{}, &in)
	w.g.Forget(0)
	if got := w.g.Missing("p", "q", "q"); !slices.Equal(got, []rules.PersonID{"q", state.CampaignID("spring")}) || w.g.Remembered() != 1 {
		t.Errorf("missing are %v", got)
	}
}

// What is dropped is what was touched longest ago: whoever is written to all the time
// stays.
func TestForgetDropsTheOldest(t *testing.T) {
	w := newWorld(t)
	w.g.Advance(noon)
	for i, id := range []rules.PersonID{"a", "b", "c", "a", "d", "a"} {
		in := to(rules.IntentID("i"+strconv.Itoa(i)), "email", "marketing")
		in.Person, in.At = id, noon
		w.g.Intent(governor.Source{}, &in)
		if _, _, _, err := w.g.Take(); err != nil {
			t.Fatal(err)
		}
	}
	w.g.Forget(4)
	if got := w.g.Missing("a", "b", "c", "d"); len(got) != 0 {
		t.Errorf("there are no more than may be, and missing are %v", got)
	}
	w.g.Forget(2)
	if got := w.g.Missing("a", "b", "c", "d"); !slices.Equal(got, []rules.PersonID{"b", "c"}) {
		t.Errorf("missing are %v", got)
	}
	w.g.Forget(0)
	if got := w.g.Missing("a", "d"); !slices.Equal(got, []rules.PersonID{"a", "d"}) {
		t.Errorf("missing are %v", got)
	}
}

// A memory that cannot be read is an error, and nobody is remembered: unknown is
// no empty record.
func TestRememberRefusesWhatItCannotRead(t *testing.T) {
	for what, m := range map[string]state.Memory{
		"what stands": {Standing: []byte("{")},
		"the log":     {Log: []byte{99}},
	} {
		w := newWorld(t)
		err := w.g.Remember("p", m)
		if err == nil || w.g.Remembered() != 0 {
			t.Errorf("%s: %v, and %d are remembered", what, err, w.g.Remembered())
		}
		if what == "the log" && !errors.Is(err, state.ErrLogVersion) {
			t.Errorf("the log: %v", err)
		}
	}
}

// The present does not go back.
func TestThePresentDoesNotGoBack(t *testing.T) {
	w := newWorld(t)
	w.until(noon)
	w.until(noon.Add(-hour))
	if w.g.Now() != noon {
		t.Errorf("it is %s", w.g.Now())
	}
}

// What is kept of a person is bounded, and then the widest reading is taken. A
// consent lifts that as any refusal; what no consent lifts ("it never touches
// bounces, wrong numbers or open cases") it does not lift then either.
func TestMoreNoesThanCanBeKept(t *testing.T) {
	w := newWorld(t)
	there := to("i1", "email", "receipt")
	there.Address = "a"
	approved(t, w.ask(noon, there))
	w.hear(noon, outcome("i1", state.Bounced))
	w.hear(noon, state.Signal{Type: state.CaseOpened, Scope: rules.Scope{Brand: "acme"}})
	w.hear(noon, state.Signal{Type: state.AddressOf, Status: state.Reassigned, Scope: rules.Scope{Address: "b"}})
	w.g.Advance(noon.Add(minute))
	for i := range 2500 {
		w.g.Signal(governor.Source{}, &state.Signal{ID: rules.SignalID(fmt.Sprint("n", i)), Person: "p", Type: state.Refusal, At: noon,
			Scope: rules.Scope{Channel: "sms", Subject: rules.Subject(fmt.Sprint(strings.Repeat("s", 250), i))}})
	}
	w.take()
	if n := len(w.memory["p"].Standing); n > 600<<10 {
		t.Errorf("%d bytes stand for one person", n)
	}
	vetoed(t, w.ask(noon.Add(hour), to("i2", "mail", "marketing")), rules.RefusedState)

	w.hear(noon.Add(2*hour), state.Signal{Type: state.Consent, Source: "settings"})
	approved(t, w.ask(noon.Add(3*hour), to("i3", "mail", "marketing")))
	bounced, reassigned, muted := to("i4", "email", "receipt"), to("i5", "email", "receipt"), to("i6", "mail", "survey")
	bounced.Address, reassigned.Address, muted.Brand, muted.Campaign = "a", "b", "acme", "other"
	vetoed(t, w.ask(noon.Add(3*hour), bounced), rules.RefusedAddress)
	vetoed(t, w.ask(noon.Add(3*hour), muted), rules.Inhibited)
	approved(t, w.ask(noon.Add(3*hour), reassigned)) // here a later consent is enough
}

// After a long outage much is due at once. It is listed in pieces, the earliest
// first, and nobody is judged whose memory was not brought.
func TestWhatIsDueAtOnceIsDecidedInPieces(t *testing.T) {
	w := newWorld(t)
	for _, person := range []rules.PersonID{"c", "a", "b"} {
		in := toll(rules.IntentID("i-"+person), "x")
		in.Person = person
		w.ask(noon, in)
	}
	other := newWorld(t)
	other.memory = w.memory
	for person, due := range w.waiting {
		other.g.Await(state.Waiting{Person: person, Due: due})
	}
	due := noon.Add(15 * minute)
	for _, want := range []rules.PersonID{"a", "b", "c"} {
		if got := other.g.DueBy(due, 1); !slices.Equal(got, []rules.PersonID{want}) {
			t.Fatalf("due next: %v, want %s", got, want)
		}
		if other.g.Advance(due) {
			t.Fatalf("%s was passed over", want)
		}
		other.remember(want)
		if arrived := other.g.Advance(due); arrived != (want == "c") {
			t.Errorf("after %s: arrived %v", want, arrived)
		}
	}
}

// The place of a record is read back from what is written of it; what somebody
// else wrote is none.
func TestASourceIsReadBack(t *testing.T) {
	want := governor.Source{Topic: "a/b.contact.intents", Partition: 3, Offset: 1 << 40}
	if got, ok := governor.ParseSource(want.String()); !ok || got != want {
		t.Errorf("%s is read as %+v, %v", want, got, ok)
	}
	for _, odd := range []string{"", "/", "x", "x/1", "x/1/", "x/one/2", "x/1/two", "x/99999999999/2"} {
		if got, ok := governor.ParseSource(odd); ok {
			t.Errorf("%q is read as %+v", odd, got)
		}
	}
}
