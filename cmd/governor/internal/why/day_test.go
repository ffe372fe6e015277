package why

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/state/memstate"
)

// recorded is a log of one partition, as a recorded day and its replay made it.
type recorded struct {
	slots map[string][]consumer.Record
	reads map[string]int // records that were visited, by topic
	away  error
}

func (l *recorded) Partitions(context.Context) (int32, error) { return 2, l.away }

// PartitionOf has everybody in the second of two.
func (l *recorded) PartitionOf([]byte, int32) int32 { return 1 }

func (l *recorded) Bounds(_ context.Context, topic string, partition int32) (first, end int64, err error) {
	if partition == 0 {
		return 0, 0, nil
	}
	return 0, int64(len(l.slots[topic])), nil
}

func (l *recorded) Read(_ context.Context, topic string, partition int32, from, to int64, visit func(*consumer.Record) error) error {
	for i := from; i < to; i++ {
		l.reads[topic]++
		if err := visit(&l.slots[topic][i]); err != nil {
			return err
		}
	}
	return nil
}

func (l *recorded) add(topic string, at time.Time, value []byte) {
	var who struct {
		Person string `json:"person"`
	}
	_ = json.Unmarshal(value, &who, jsontext.AllowDuplicateNames(true))
	l.slots[topic] = append(l.slots[topic], consumer.Record{Offset: int64(len(l.slots[topic])), Time: at, Key: []byte(who.Person), Value: bytes.Clone(value)})
}

// theDay is the recorded day of Mara in deploy, decided again.
func theDay(t *testing.T, more ...string) (*recorded, *rules.Policy) {
	t.Helper()
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	events, err := os.ReadFile("../../../../deploy/day.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	l := &recorded{slots: map[string][]consumer.Record{}, reads: map[string]int{}}
	var out bytes.Buffer
	r, err := replay.New(t.Context(), policy, memstate.New(), &out)
	if err != nil {
		t.Fatal(err)
	}
	said := asSignals(strings.TrimSpace(string(events))) + "\n" + strings.Join(more, "\n")
	for e, err := range replay.Events(strings.NewReader(said)) {
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.Next(t.Context(), e), r.Flush()); err != nil {
			t.Fatal(err)
		}
		if e.Topic == governor.Intents || e.Topic == governor.Signals {
			l.add(e.Topic, e.Arrived.Time(), e.Value)
		}
		for line := range bytes.Lines(out.Bytes()) {
			var o struct {
				Topic string         `json:"topic"`
				Value jsontext.Value `json:"value"`
			}
			if err := json.Unmarshal(line, &o); err != nil {
				t.Fatal(err)
			}
			l.add(o.Topic, e.Arrived.Time(), o.Value)
		}
		out.Reset()
	}
	return l, policy
}

// asSignals makes signals of the questions of workers: that is what they are in the log.
func asSignals(events string) string {
	return regexp.MustCompile(`"arrived":("[^"]*"),"topic":"redeem","value":{"intent":("[^"]*")`).ReplaceAllString(events,
		`"arrived":$1,"topic":"contact.signals","value":{"id":$1,"person":"mara","type":"redeem","worker":"w","at":$1,"intent":$2`)
}

func ask(t *testing.T, l *recorded, q Question) *Answer {
	t.Helper()
	a, err := Ask(t.Context(), l, &q)
	if err != nil {
		t.Fatalf("%s: %v", q.ID, err)
	}
	return a
}

// later is after the day.
func later() rules.Instant { return rules.At(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) }

// Of every intent of the day the story has the decision, and the rules that are asked again
// come to it: what would have had to change is the same truth.
func TestEveryIntentOfTheDayHasItsStory(t *testing.T) {
	l, policy := theDay(t)
	said := map[string]string{}
	for _, r := range l.slots[governor.Intents] {
		var in struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(r.Value, &in); err != nil {
			t.Fatal(err)
		}
		a := ask(t, l, Question{ID: in.ID, Policy: policy, Now: later()})
		if len(a.Stories) != 1 {
			t.Fatalf("%s has %d stories", in.ID, len(a.Stories))
		}
		s := &a.Stories[0]
		if len(s.Decisions) == 0 || s.Unsaid != "" || s.Explained == nil || !slices.IsSortedFunc(s.Events, func(a, b Event) int { return strings.Compare(a.At, b.At) }) {
			t.Errorf("%s: %+v", in.ID, s)
		}
		var out strings.Builder
		if err := a.Write(&out, policy.Name(), func(rules.PersonID) string { return "somebody" }); err != nil {
			t.Fatal(err)
		}
		said[in.ID] = strings.Join(strings.Fields(out.String()), " ")
		for line := range strings.Lines(out.String()) {
			if len([]rune(line)) > 110 {
				t.Errorf("%s: a long line: %s", in.ID, line)
			}
		}
	}
	var all strings.Builder
	for _, text := range said {
		all.WriteString(text + "\n")
	}
	for _, words := range []string{
		"vetoed, quiet.hours. Nothing known then objects from", "vetoed, channel.blast.", "another spoke for it, which is by now:", "It carries", "by now: taken back.",
		"vetoed for good, refused.channel_hop.", "was about to contact the person", "core: holds under every policy", "Only the person can lift it",
	} {
		if !strings.Contains(all.String(), words) {
			t.Errorf("no story says %q:\n%s", words, all.String())
		}
	}
}

// Where the person is known only their partition is read, and nothing is looked for in
// the others; where the id is not known, how far back was looked is said.
func TestHowFarItLooks(t *testing.T) {
	l, policy := theDay(t)
	mara := rules.PersonID(l.slots[governor.Intents][0].Key)
	a := ask(t, l, Question{Person: mara, Policy: policy, Now: later(), Last: 2})
	for topic, n := range l.reads {
		if n > 2 {
			t.Errorf("%d of %s were read", n, topic)
		}
	}
	if a.whole() || len(a.Person) == 0 || !strings.Contains(a.Back(), "contact.vetoed (the latest of it: 2 records, back to 2026-06-09T") {
		t.Errorf("it says %s", a.Back())
	}
	a, err := Ask(t.Context(), l, &Question{ID: "nothing", Policy: policy, Now: later()})
	if !errors.Is(err, ErrNotThere) || !a.whole() || !strings.Contains(a.Back(), "contact.deadletter (all that is kept: nothing is there)") {
		t.Errorf("%v %s", err, a.Back())
	}
	if _, err := Ask(t.Context(), l, &Question{ID: "nothing", Person: mara, Policy: policy, Now: later()}); !errors.Is(err, ErrNotThere) {
		t.Error(err)
	}
	l.away = errors.New("away")
	if _, err := Ask(t.Context(), l, &Question{ID: "nothing", Policy: policy}); !errors.Is(err, l.away) {
		t.Error(err)
	}
}

// Under another policy, or where the log has not all that was known, nothing is made up.
func TestWhatCannotBeSaidIsNotSaid(t *testing.T) {
	l, policy := theDay(t)
	other, err := policyfile.Load("no-means-no,us-tcpa")
	if err != nil {
		t.Fatal(err)
	}
	id := "by-mail-then"
	if s := ask(t, l, Question{ID: id, Policy: other, Now: later()}).Stories[0]; s.Explained != nil || !strings.Contains(s.Unsaid, "another policy") || s.Decisions[0].InForce {
		t.Errorf("%+v", s)
	}
	l.slots[governor.Signals] = l.slots[governor.Signals][len(l.slots[governor.Signals]):]
	if s := ask(t, l, Question{ID: id, Policy: policy, Now: later()}).Stories[0]; s.Explained != nil || !strings.Contains(s.Unsaid, "more was known then") {
		t.Errorf("%+v", s)
	}
}

// Several people may have an intent of one id.
func TestAnIdOfSeveralPeople(t *testing.T) {
	same := `{"arrived":"2026-06-10T10:00:00Z","topic":"contact.intents","value":{"id":"same","person":"P","channel":"email","purpose":"receipt","campaign":"order","at":"2026-06-10T10:00:00Z"}}`
	l, policy := theDay(t, strings.Replace(same, `"P"`, `"p1"`, 1), strings.Replace(same, `"P"`, `"p2"`, 1))
	if _, err := Ask(t.Context(), l, &Question{ID: "same", Policy: policy, Now: later()}); !errors.Is(err, ErrWhose) {
		t.Error(err)
	}
	if s := ask(t, l, Question{ID: "same", Person: "p2", Policy: policy, Now: later()}).Stories[0]; s.Person != "p2" || s.Became != "expired" {
		t.Errorf("%+v", s)
	}
}

// Every type of signal has words, and none of them has what the person wrote, or where
// they can be reached.
func TestEverySignalHasWords(t *testing.T) {
	for _, s := range everySignal() {
		got := inWords(&s)
		if got == "" || strings.Contains(got, "canary") || strings.HasPrefix(got, "A signal of type") {
			t.Errorf("%s: %q", s.Type, got)
		}
	}
}
