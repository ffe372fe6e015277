package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// fakeSlot is one slot of a log, in memory.
type fakeSlot struct {
	mu      sync.Mutex
	first   int64
	records []consumer.Record
	grown   chan struct{} // closed when it grows
	errs    []error       // what the next fetches answer; nil is none
	bounds  []error       // likewise
	fetches int           // under way
	most    int           // under way at a time
}

func newFakeSlot() *fakeSlot { return &fakeSlot{grown: make(chan struct{})} }

func (s *fakeSlot) append(key string, value []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, consumer.Record{Offset: s.first + int64(len(s.records)), Key: []byte(key), Value: value})
	close(s.grown)
	s.grown = make(chan struct{})
}

func next(list *[]error) (err error) {
	if len(*list) > 0 {
		err, *list = (*list)[0], (*list)[1:]
	}
	return err
}

func (s *fakeSlot) Bounds(ctx context.Context, _ consumer.Slot) (first, stable int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first, s.first + int64(len(s.records)), errors.Join(next(&s.bounds), ctx.Err())
}

func (s *fakeSlot) Fetch(ctx context.Context, _ consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error) {
	s.mu.Lock()
	s.fetches++
	s.most = max(s.most, s.fetches)
	grown := s.grown
	empty := from >= s.first+int64(len(s.records))
	s.mu.Unlock()
	if empty {
		select {
		case <-grown:
		case <-time.After(maxWait):
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetches--
	if err := errors.Join(next(&s.errs), ctx.Err()); err != nil {
		return consumer.Fetched{}, err
	}
	if from < s.first {
		return consumer.Fetched{}, consumer.ErrOutOfRange
	}
	records := slices.Clone(s.records[from-s.first:])
	return consumer.Fetched{Records: records[:min(len(records), 3)], Next: from + int64(min(len(records), 3))}, nil
}

func (s *fakeSlot) answer(id string) {
	s.append("ann", schemas.Redemption{ID: id, Intent: "i", Person: "ann", Worker: "w", OK: true, Answered: schemas.TimeOf(time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC))}.AppendJSON(nil))
}

func slotOf(p int32) consumer.Slot { return consumer.Slot{Topic: "contact.redeemed", Partition: p} }

// "One shared tailing reader per partition while somebody waits, so that 64 workers do
// not make 64 fetches."
func TestManyWhoWaitReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeSlot()
		s.answer("w3") // from before: nobody hears it
		a := newAnswers(s, slotOf)
		defer a.close()
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				id := fmt.Sprintf("w%d", i)
				defer a.leave(0, id)
				answer, err := a.expect(t.Context(), 0, id)
				if err != nil {
					t.Error(err)
					return
				}
				s.answer(id)
				if got := <-answer; got.ID != id {
					t.Errorf("%s heard %s", id, got.ID)
				}
			})
		}
		all.Wait()
		if s.most != 1 {
			t.Errorf("%d fetches at a time", s.most)
		}
		time.Sleep(2 * a.poll)
		synctest.Wait()
		if len(a.tails) != 0 {
			t.Error("it is still read, though nobody waits")
		}
		// Whoever comes later begins where the end is then.
		answer, err := a.expect(t.Context(), 0, "w3")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * a.poll)
		select {
		case got := <-answer:
			t.Errorf("an answer from before: %+v", got)
		default:
		}
		a.leave(0, "w3")
	})
}

// What goes wrong with reading is tried again; nobody hears a guess.
func TestAnAnswerSurvivesErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeSlot()
		s.bounds = []error{errors.New("away")}
		a := newAnswers(s, slotOf)
		if _, err := a.expect(t.Context(), 0, "w1"); err == nil {
			t.Error("nobody knows where the end is")
		}
		a.leave(0, "w1")
		synctest.Wait()
		answer, err := a.expect(t.Context(), 0, "w2")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.mu.Lock()
		s.errs = []error{errors.New("away"), consumer.ErrOutOfRange}
		s.mu.Unlock()
		s.append("ann", []byte("no answer of ours"))
		time.Sleep(2 * a.again)
		synctest.Wait()
		s.answer("w2")
		if got := <-answer; got.ID != "w2" {
			t.Errorf("got %+v", got)
		}
		a.leave(0, "w2")

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := a.expect(ctx, 1, "w3"); err != nil && !errors.Is(err, api.ErrNoAnswer) {
			t.Errorf("whose time is over: %v", err)
		}
		a.leave(1, "w3")
		a.close()
		if _, err := a.expect(t.Context(), 2, "w4"); !errors.Is(err, errClosing) {
			t.Errorf("at the end: %v", err)
		}
	})
}

// fakeWriter notes what it is given.
type fakeWriter struct {
	got    *[][]consumer.Append
	before func()
	fail   *error
	closed *int
}

func (w fakeWriter) Close() { *w.closed++ }

func (w fakeWriter) Produce(ctx context.Context, batch []consumer.Append) error {
	w.before()
	*w.got = append(*w.got, batch)
	return *w.fail
}

// What comes while records are on their way goes out together, each slot's in order.
func TestWhatComesMeanwhileGoesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got [][]consumer.Append
		var fail error
		opened, closed := 0, 0
		slow := time.Second
		a := newAppender(func() consumer.Writer {
			opened++
			return fakeWriter{&got, func() { time.Sleep(slow) }, &fail, &closed}
		}, time.Minute)
		say := func(ctx context.Context, n int, slots ...consumer.Slot) error {
			return a.append(ctx, slots, consumer.Record{Key: []byte(fmt.Sprint(n))})
		}
		var all sync.WaitGroup
		all.Go(func() {
			if err := say(t.Context(), -1, slotOf(0)); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		for i := range 64 {
			all.Go(func() {
				if err := say(t.Context(), i, slotOf(int32(i%2))); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if len(got) != 2 || len(got[1]) != 2 || len(got[1][0].Records) != 32 {
			t.Fatalf("%d requests", len(got))
		}
		for i, r := range got[1][1].Records {
			if string(r.Key) != fmt.Sprint(2*i+1) {
				t.Errorf("record %d is %s", i, r.Key)
			}
		}

		// An error is everybody's, for nobody knows what landed; then it is another producer.
		slow, fail = 0, errors.New("away")
		if err := say(t.Context(), 0, slotOf(0), slotOf(1)); !errors.Is(err, fail) {
			t.Errorf("got %v", err)
		}
		fail = nil
		if err := say(t.Context(), 0, slotOf(0), slotOf(1)); err != nil || opened != 2 {
			t.Errorf("got %v, %d producers", err, opened)
		}
		time.Sleep(2 * longRest) // brokers forget who was silent
		if err := say(t.Context(), 0, slotOf(0)); err != nil || opened != 3 {
			t.Errorf("got %v, %d producers", err, opened)
		}

		// Whose time is over does not hear it, and it is sent all the same.
		slow = 10 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before := len(got)
		if err := say(ctx, 0, slotOf(0)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := say(ctx, 0, slotOf(0)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		a.close()
		a.close()
		if err := say(t.Context(), 0, slotOf(0)); !errors.Is(err, errClosing) || len(got) != before+1 || closed != opened {
			t.Errorf("at the end: %v, %d more requests, %d producers of %d closed", err, len(got)-before, closed, opened)
		}
	})
}

// Records of people are found among the latest, and it is said whether that is all.
func TestRecordsOfPeopleAreFound(t *testing.T) {
	s := newFakeSlot()
	s.first = 100
	for i := range 20 {
		s.append([]string{"ann", "bob", "carl"}[i%3], fmt.Appendf(nil, "%d", i))
	}
	for _, c := range []struct {
		most  int64
		want  string
		whole bool
	}{{20, "[0 1 3 4 6 7 9 10 12 13 15 16 18 19]", true}, {1000, "[0 1 3 4 6 7 9 10 12 13 15 16 18 19]", true}, {5, "[15 16 18 19]", false}, {0, "[]", false}} {
		found, whole, err := find(t.Context(), s, slotOf(0), []rules.PersonID{"ann", "bob"}, c.most)
		values := []string{}
		for _, r := range found {
			values = append(values, string(r.Value))
		}
		if err != nil || whole != c.whole || fmt.Sprint(values) != c.want {
			t.Errorf("the latest %d: got %v, whole %v, %v", c.most, values, whole, err)
		}
	}
	s.errs = []error{errors.New("away")}
	if _, _, err := find(t.Context(), s, slotOf(0), []rules.PersonID{"ann"}, 10); err == nil {
		t.Error("what could not be read is no end")
	}
}

// What stands of campaigns is read once, and then from where it was read to.
func TestCampaignsAreReadOnFromWhereTheyWereReadTo(t *testing.T) {
	s, r, slot := newFakeSlot(), registry{}, consumer.Slot{Topic: "contact.standing"}
	says := func(name rules.Campaign, c state.Campaign) {
		t.Helper()
		b, err := state.EncodeCampaign(name, &c)
		if err != nil {
			t.Fatal(err)
		}
		s.append(string(state.CampaignID(name)), b)
	}
	names := func() string {
		t.Helper()
		if err := r.read(t.Context(), s, slot); err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, c := range r.list() {
			out += fmt.Sprintf("%s %s %d %v; ", c.Name, c.Ends, c.MostAttempts, c.Killed)
		}
		return out
	}
	at := rules.At(time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC))
	spring := rules.CampaignSpec{Ends: rules.Date{Year: 2026, Month: 6, Day: 30}, MostAttempts: 3, WayOut: rules.WaySpec{Steps: 1, Label: "Unsubscribe"}}
	for range 5 {
		s.append("ann", []byte(`{"person":"ann"}`))
	}
	says("spring", state.Campaign{Registered: at, Spec: spring})
	says("autumn", state.Campaign{Killed: at})
	if got := names(); got != "autumn  0 true; spring 2026-06-30 3 false; " {
		t.Errorf("got %s", got)
	}
	if r.next != 7 {
		t.Errorf("it was read to %d", r.next)
	}
	says("spring", state.Campaign{Registered: at, Spec: spring, Killed: at})
	r.absorb("winter", &state.Campaign{Killed: at}) // said here, and not told to the world yet
	if got := names(); got != "autumn  0 true; spring 2026-06-30 3 true; winter  0 true; " {
		t.Errorf("got %s", got)
	}
	s.append(string(state.CampaignID("x")), []byte("{"))
	if err := r.read(t.Context(), s, slot); !errors.Is(err, state.ErrSpoilt) {
		t.Errorf("what cannot be read: %v", err)
	}
}

// What is found out once is asked for once, for all who wait; what failed is not asked for
// again at once, and whoever hangs up spoils it for nobody.
func TestWhatIsLearnedIsAskedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, away := 0, errors.New("away")
		l := learned{life: t.Context(), find: func(ctx context.Context) error {
			asked++
			if asked > 1 {
				return ctx.Err()
			}
			<-ctx.Done()
			return away
		}}
		began := time.Now()
		gone, hangUp := context.WithTimeout(t.Context(), time.Second)
		defer hangUp()
		var all sync.WaitGroup
		all.Go(func() {
			if err := l.wait(gone); !errors.Is(err, api.ErrNoAnswer) || time.Since(began) != time.Second {
				t.Errorf("whose time is over: %v after %v", err, time.Since(began))
			}
		})
		for range 10 {
			all.Go(func() {
				if err := l.wait(t.Context()); !errors.Is(err, away) {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); asked != 1 || took != learnWithin {
			t.Errorf("asked %d times, for %v", asked, took)
		}
		if err := l.wait(t.Context()); !errors.Is(err, away) || asked != 1 {
			t.Errorf("at once: %v, asked %d times", err, asked)
		}
		time.Sleep(learnAgain)
		for range 3 {
			if err := l.wait(t.Context()); err != nil || asked != 2 {
				t.Errorf("got %v, asked %d times", err, asked)
			}
		}
		l.work.Wait()
	})
}

// Who registers a campaign anew is heard, though it be in the same millisecond or the
// clock has gone back since.
func TestTheLatestRegistrationHolds(t *testing.T) {
	now, r := rules.At(time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)), registry{}
	for i, at := range []rules.Instant{now, now, now - 1000, now + 1000} {
		got := r.after("spring", at)
		r.absorb("spring", &state.Campaign{Registered: got, Spec: rules.CampaignSpec{MostAttempts: i + 1}})
		if c := r.known["spring"]; got < at || c.Registered != got || c.Spec.MostAttempts != i+1 {
			t.Errorf("registration %d at %s holds as %+v", i, at, c)
		}
	}
	if got := r.after("summer", now); got != now {
		t.Errorf("another is registered at %s", got)
	}
}
