package refuse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// paper is a log on paper. Nobody hears what is in it.
type paper struct {
	mu       sync.Mutex
	said     []consumer.Record
	audit    []leave.Said
	standing []consumer.Record

	away     error           // what Partitions answers
	refused  func(int) error // what the append of that number answers
	unlisted error           // what the audit answers
}

func (l *paper) Partitions(context.Context) (int32, error) { return 4, l.away }

func (l *paper) PartitionOf(key []byte, n int32) int32 { return int32(len(key)) % n }

func (l *paper) Append(_ context.Context, topic string, _ int32, r consumer.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if topic != governor.Signals {
		return fmt.Errorf("it goes to %s", topic)
	}
	if l.refused != nil {
		if err := l.refused(len(l.said)); err != nil {
			return err
		}
	}
	l.said = append(l.said, r)
	return nil
}

func (l *paper) Audit(_ context.Context, s leave.Said) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.audit = append(l.audit, s)
	return l.unlisted
}

func (l *paper) Bounds(context.Context, string, int32) (first, end int64, err error) {
	return 0, int64(len(l.standing)), nil
}

func (l *paper) Read(_ context.Context, _ string, _ int32, from, to int64, visit func(*consumer.Record) error) error {
	for i := from; i < to; i++ {
		if err := visit(&l.standing[i]); err != nil {
			return err
		}
	}
	return nil
}

func (l *paper) Follow(ctx context.Context, _ string, _ int32, _ int64, _ func(*consumer.Record) (bool, error)) error {
	<-ctx.Done()
	return ctx.Err()
}

func noon() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) }

func one(t *testing.T, l *paper, wait time.Duration, w *Wish) Fate {
	t.Helper()
	r := Refusals{Log: l, Clock: noon, Wait: wait}
	fates, err := r.Refuse(t.Context(), w)
	if err != nil || len(fates) != 1 {
		t.Fatalf("%v %v", fates, err)
	}
	return fates[0]
}

// Without an acknowledgement nobody knows, and that is said; the audit says so too.
func TestANoThatIsNotAcknowledged(t *testing.T) {
	l := &paper{refused: func(int) error { return errors.New("away") }}
	f := one(t, l, time.Minute, &Wish{People: []rules.PersonID{"p1"}, ID: "a", By: "cli:mo"})
	if f.Acknowledged || f.Good(false) || !strings.Contains(f.Error, "nobody knows whether it counts: repeat it with the same --id") {
		t.Errorf("%+v", f)
	}
	if len(l.audit) != 1 || l.audit[0].Stored {
		t.Errorf("the audit is %+v", l.audit)
	}
}

// A no that cannot be audited counts, and is not done: whoever typed it types it again.
func TestANoThatIsNotAudited(t *testing.T) {
	l := &paper{unlisted: errors.New("away")}
	f := one(t, l, 0, &Wish{People: []rules.PersonID{"p1"}, ID: "a"})
	if !f.Acknowledged || f.Good(false) || !strings.Contains(f.Error, "it is acknowledged, but not the record of contact.audit: repeat it with the same --id") {
		t.Errorf("%+v", f)
	}
}

// Of many, each has its own fate; those that failed are told apart.
func TestSomeOfManyFail(t *testing.T) {
	l := &paper{}
	w := &Wish{Each: true, ID: "list"}
	for i := range 200 {
		w.People = append(w.People, rules.PersonID(fmt.Sprintf("p%d", i)))
	}
	bad := 0
	l.refused = func(int) error {
		if bad++; bad%10 == 0 {
			return errors.New("away")
		}
		return nil
	}
	var told []int
	r := Refusals{Log: l, Clock: noon, Told: func(done, all int) { told = append(told, done) }}
	fates, err := r.Refuse(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for i := range fates {
		if fates[i].Person != w.People[i] {
			t.Fatalf("the fate of %s is %s's", w.People[i], fates[i].Person)
		}
		if !fates[i].Good(false) {
			failed++
		}
	}
	if failed != 20 || len(l.said) != 180 || len(told) != 200 || told[199] != 200 {
		t.Errorf("%d failed, %d were said, %d were told", failed, len(l.said), len(told))
	}
}

// What stands is told by what the memory wrote: the same words, a wider no, and those of
// somebody who has several records.
func TestWhatStands(t *testing.T) {
	sms := rules.Scope{Channel: "sms"}
	for _, c := range []struct {
		name, standing string
		stands         bool
		says           string
	}{
		{"by its signal", `{"person":"p1","refusals":[{"kind":"refusal","channel":"sms","at":"2026-05-04T12:00:00.000Z","signal":"a"}]}`, true, ""},
		{"a wider one", `{"person":"p1","refusals":[{"kind":"refusal","at":"2026-05-04T12:00:00.000Z","signal":"a"}]}`, true, ""},
		{"another one", `{"person":"p1","refusals":[{"kind":"refusal","channel":"email","at":"2026-05-04T12:00:00.000Z","signal":"a"}]}`, false, "of a refusal of something else"},
		{"a complaint is none", `{"person":"p1","refusals":[{"kind":"complaint","channel":"sms","at":"2026-05-04T12:00:00.000Z","signal":"a"}]}`, false, "of a refusal of something else"},
		{"lifted", `{"person":"p1","refusals":[{"kind":"refusal","channel":"sms","at":"2026-05-04T12:00:00.000Z","signal":"a"}],"consents":[{"at":"2026-05-04T12:00:00.001Z","effective":true}]}`, false, "a later yes covers"},
		{"a tie is a no", `{"person":"p1","refusals":[{"kind":"refusal","channel":"sms","at":"2026-05-04T12:00:00.000Z","signal":"a"}],"consents":[{"at":"2026-05-04T12:00:00.000Z","effective":true}]}`, true, ""},
		{"a yes to less", `{"person":"p1","refusals":[{"kind":"refusal","channel":"sms","at":"2026-05-04T12:00:00.000Z","signal":"a"}],"consents":[{"channel":"sms","brand":"x","at":"2026-05-05T12:00:00.000Z","effective":true}]}`, true, ""},
		{"somebody else's", `{"person":"p1","refusals":[{"kind":"refusal","channel":"sms","at":"2026-05-04T12:00:00.000Z","signal":"b"}]}`, false, "no governor has heard it"},
		{"of a later version", `{"person":"p1","curses":[]}`, false, "was it written by another version?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &paper{standing: []consumer.Record{{Key: []byte("p1"), Value: []byte(c.standing)}}}
			f := one(t, l, 20*time.Millisecond, &Wish{People: []rules.PersonID{"p1"}, ID: "a", Scope: sms})
			if f.Stands != c.stands || f.Good(true) != c.stands || !strings.Contains(f.Error, c.says) || (f.Error == "") != c.stands {
				t.Errorf("%+v", f)
			}
		})
	}
}

// What was read is one that the decoder reads, with what was typed in it.
func TestWhatIsSaid(t *testing.T) {
	l := &paper{}
	one(t, l, 0, &Wish{People: []rules.PersonID{"p1"}, ID: "a", Source: "desk", Reason: "a letter",
		Scope: rules.Scope{Channel: "sms", Purpose: "marketing", Subject: "s", Brand: "b", Address: "+1"}})
	s, ignored, err := schemas.DecodeSignal(l.said[0].Value)
	if err != nil || ignored.Count != 0 || s.ID != "a" || s.Person != "p1" || s.Type != schemas.TypeRefusal || s.Source != "desk" || s.Channel != "sms" ||
		s.Purpose != "marketing" || s.Subject != "s" || s.Brand != "b" || s.Address != "+1" || s.At != schemas.TimeOf(noon()) {
		t.Errorf("%s: %v", l.said[0].Value, err)
	}
}

// All that is wrong with a list is told at once, by line, and nobody is named.
func TestLists(t *testing.T) {
	people, twice, err := ReadPeople(strings.NewReader("a\r\n\nb\na\n"))
	if err != nil || twice != 1 || len(people) != 2 || people[0] != "a" || people[1] != "b" {
		t.Errorf("%v %d %v", people, twice, err)
	}
	_, _, err = ReadPeople(strings.NewReader("fine\n canary\n" + strings.Repeat("x", 257) + "\ncan\x01ary\ncan\xffary\n"))
	want := "line 2 has spaces around it: ids are told apart to the letter, so take them away\nline 3 is longer than 256 characters: no person has such an id\n" +
		"line 4 has control characters: no person has such an id\nline 5 is no UTF-8: no record could have it as its person"
	if err == nil || err.Error() != want {
		t.Errorf("it says %v", err)
	}
	_, _, err = ReadPeople(strings.NewReader(strings.Repeat(" x\n", 50)))
	if err == nil || strings.Count(err.Error(), "\n") != 20 || !strings.HasSuffix(err.Error(), "and 30 lines more") {
		t.Errorf("it says %v", err)
	}
	if _, _, err := ReadPeople(strings.NewReader(strings.Repeat("x", 1<<20))); err == nil {
		t.Error("a line without end is taken")
	}
}

// What would be a dead letter, or bind nothing, is not taken.
func TestWishes(t *testing.T) {
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	fine := Wish{People: []rules.PersonID{"p1"}, ID: "a", Scope: rules.Scope{Channel: "sms", Purpose: "marketing"}}
	if err := fine.Check(policy); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*Wish){
		"did you mean sms?":                 func(w *Wish) { w.Scope.Channel = "smss" },
		"did you mean marketing?":           func(w *Wish) { w.Scope.Purpose = "markting" },
		"--reason: write at most 1024":      func(w *Wish) { w.Reason = strings.Repeat("x", 1025) },
		"for whom?":                         func(w *Wish) { w.People = nil },
		"has control characters":            func(w *Wish) { w.People = []rules.PersonID{"\x1f+1"} },
		"the refusal could not be read: id": func(w *Wish) { w.ID = strings.Repeat("x", 129) },
	} {
		w := fine
		spoil(&w)
		if err := w.Check(policy); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	l := &paper{away: errors.New("away")}
	if _, err := (&Refusals{Log: l, Clock: noon}).Refuse(t.Context(), &fine); !errors.Is(err, l.away) || len(l.said) != 0 {
		t.Errorf("%v", err)
	}
}
