package desk

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// written is a record, and where it was appended.
type written struct {
	topic     string
	partition int32
	record    consumer.Record
}

// world writes what governors write.
type world struct {
	now    time.Time
	batch  int64
	log    []written // in the order in which it was written
	people map[string]*state.Person
	counts map[string]int64
}

func newWorld() *world {
	return &world{now: noon, people: make(map[string]*state.Person), counts: make(map[string]int64)}
}

// append writes one batch, of one record.
func (w *world) append(topic, key string, value []byte) {
	w.batch++
	w.log = append(w.log, written{topic, 0, consumer.Record{
		Time: w.now, Key: []byte(key), Value: value,
		Headers: []consumer.Header{
			{Key: consumer.HeaderBatch, Value: strconv.AppendInt(nil, w.batch, 10)},
			{Key: consumer.HeaderIndex, Value: []byte("0")},
		},
	}})
}

// repeat writes again, byte for byte, what was written last so many records ago.
func (w *world) repeat(ago int) { w.log = append(w.log, w.log[len(w.log)-1-ago]) }

// stands writes what stands for the person.
func (w *world) stands(t testing.TB, person string) {
	t.Helper()
	value, err := state.EncodeStanding(rules.PersonID(person), w.person(person))
	if err != nil {
		t.Fatal(err)
	}
	w.append(governor.Standing, person, value)
}

func (w *world) person(id string) *state.Person {
	if w.people[id] == nil {
		w.people[id] = &state.Person{}
	}
	return w.people[id]
}

// says is a no, heard now and said before.
func (w *world) says(t testing.TB, person, signal string, kind rules.NoKind, scope rules.Scope, before time.Duration) {
	t.Helper()
	p := w.person(person)
	no := rules.No{Kind: kind, Scope: scope, At: rules.At(w.now.Add(-before)), Signal: rules.SignalID(signal)}
	p.Noes = slices.DeleteFunc(p.Noes, func(has rules.No) bool { return has.Kind == kind && has.Scope == scope }) // the later one is enough
	p.Noes = append(p.Noes, no)
	p.Heard = append(p.Heard, state.Heard{Signal: state.HashSignal(no.Signal), At: rules.At(w.now)})
	w.stands(t, person)
}

// agrees is a yes that lifts what it covers.
func (w *world) agrees(t testing.TB, person string, scope rules.Scope) {
	t.Helper()
	p := w.person(person)
	p.Consents = append(p.Consents, rules.Consent{Scope: scope, At: rules.At(w.now), Effective: true})
	w.stands(t, person)
}

// unanswered is a solicitation that reached the person, and nothing came of it.
func (w *world) unanswered(t testing.TB, person string, before time.Duration) {
	t.Helper()
	at := rules.At(w.now.Add(-before))
	p := w.person(person)
	p.Contacts = append(p.Contacts, rules.Contact{Decision: "d", At: at, Delivered: at, Class: rules.Solicitation, Fate: rules.Happened})
	w.stands(t, person)
}

// decides writes a decision, and its count. The reasons are "code line".
func (w *world) decides(d schemas.Decision, reasons ...string) string {
	d.Intent = "i" + strconv.FormatInt(w.batch, 10)
	d.ID, d.Decided = "d"+d.Intent, schemas.TimeOf(w.now)
	topic := governor.Approved
	d.Verdict = schemas.Approved
	if len(reasons) > 0 {
		topic, d.Verdict, d.Reason = governor.Vetoed, schemas.Vetoed, reasons[0]
	}
	for i, reason := range reasons {
		d.Reasons = append(d.Reasons, schemas.Objection{Rule: reason, Reason: reason, Line: "policy.yaml:" + strconv.Itoa(10+i) + ":3"})
	}
	w.append(topic, d.Person, d.AppendJSON(nil))
	r := schemas.VetoRate{
		Minute: schemas.TimeOf(w.now.Truncate(time.Minute)), Campaign: d.Campaign, Channel: d.Channel, Purpose: d.Purpose,
		Engine: d.Engine, Verdict: d.Verdict, Reason: d.Reason,
	}
	w.counts[string(r.Key())]++
	r.Count = w.counts[string(r.Key())]
	w.append(governor.VetoRates, string(r.Key()), r.AppendJSON(nil))
	return d.ID
}

func (w *world) takesBack(person, decision, reason, signal string) {
	r := schemas.Revocation{ID: "r" + decision, Decision: decision, Intent: "i", Person: person, Reason: reason, Signal: signal, Revoked: schemas.TimeOf(w.now)}
	w.append(governor.Revoked, person, r.AppendJSON(nil))
}

func (w *world) turnsAway(person, decision, reason string) {
	r := schemas.Redemption{ID: "q" + decision, Intent: "i", Decision: decision, Person: person, Worker: "w", Reason: reason, Answered: schemas.TimeOf(w.now)}
	w.append(governor.Redemption, person, r.AppendJSON(nil))
}

func (w *world) leaks(person, decision, signal string) {
	l := schemas.Leak{ID: "l" + decision, Decision: decision, Intent: "i", Person: person, Reason: "refused.state", Signal: signal, Redeemed: schemas.TimeOf(w.now), Refused: schemas.TimeOf(w.now)}
	w.append(governor.Leaked, person, l.AppendJSON(nil))
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// view folds all that was written.
func (w *world) view(t testing.TB, change ...func(*Options)) *View {
	t.Helper()
	return foldAll(t, w.log, change...).view(w.now)
}

func foldAll(t testing.TB, log []written, change ...func(*Options)) *fold {
	t.Helper()
	var o Options
	for _, c := range change {
		c(&o)
	}
	o = o.withDefaults()
	f := newFold(&o)
	for i := range log {
		if err := f.take(log[i].topic, log[i].partition, &log[i].record); err != nil {
			t.Fatalf("%s: %v", log[i].topic, err)
		}
	}
	return f
}

// mail is a decision about a marketing mail.
func mail(person string) schemas.Decision {
	return schemas.Decision{Person: person, Channel: "email", Purpose: "marketing", Campaign: "spring", Engine: "crm", Brand: "x", Policy: "p"}
}

// by is the decision, changed.
func by(d schemas.Decision, change func(*schemas.Decision)) schemas.Decision {
	change(&d)
	return d
}
