package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// decided lists the decisions on a topic as "intent reason decided".
func decided(l *fakeLog, topic string) []string {
	var out []string
	for _, e := range distinct(l.history(true).topics[topic]) {
		e.decode()
		m := e.message()
		out = append(out, fmt.Sprintf("%s %s %s", m.Intent, m.Reason, m.Decided.Sub(noon)))
	}
	return out
}

// retold plays a story twice: with one process, and with a new one after every
// phase. Both must say the same; the log of the first comes back.
func retold(t *testing.T, s story) *fakeLog {
	t.Helper()
	st := newStage(s, memstate.New())
	if !st.play(t, st.enter(nil), nil) {
		t.Fatal("the story has no end")
	}
	checkInvariants(t, st.log)

	again := newStage(s, memstate.New())
	for !again.over {
		p := again.enter(nil)
		idle, phases := p.idle, again.next
		p.idle = func() {
			if again.next > phases && again.asked >= 2 {
				p.kill()
				return
			}
			idle()
		}
		again.play(t, p, nil)
	}
	want, _ := st.log.history(true).outputs()
	sameStory(t, "with a restart after every phase", again, want)
	return st.log
}

// "now is … the injected clock, never behind what the partition has seen"
// (design, Time): a clock that jumps back makes no decision go back, not across
// a restart either.
func TestTimeDoesNotGoBack(t *testing.T) {
	s := story{
		{noon, []input{intent("i1", "ana", "sms", "marketing", noon), signal("o1", "ana", "outcome", noon, "intent:i1", "result:sent")}},
		{noon.Add(-time.Hour), []input{intent("i2", "ben", "sms", "marketing", noon)}},
		{noon.Add(-30 * time.Hour), []input{intent("i3", "ana", "sms", "marketing", noon), intent("i3", "cem", "sms", "marketing", noon)}},
		{noon.Add(24*time.Hour - time.Millisecond), []input{intent("i4", "ana", "sms", "marketing", noon), signal("o2", "ana", "outcome", noon, "intent:i1", "result:sent")}},
		{noon.Add(24 * time.Hour), []input{intent("i5", "ana", "sms", "marketing", noon)}},
	}
	log := retold(t, s)
	want := []string{"i1  0s", "i2  0s", "i3  0s", "i5  24h0m0s"}
	if got := decided(log, governor.Approved); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("approved %v, not %v", got, want)
	}
	want = []string{"i3 cap.sms 0s", "i4 cap.sms 23h59m59.999s"}
	if got := decided(log, governor.Vetoed); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("vetoed %v, not %v", got, want)
	}
}

// "An intent that waited past its not_after … is vetoed stale"; "fail closed:
// deadline passed while held ⇒ veto" (design). The memory is away for hours; what
// was meant for these hours is not sent after them.
func TestWhatWaitedTooLongIsStale(t *testing.T) {
	for _, away := range []string{opAcquire, opLoad, opCommit, opProduce} {
		t.Run(away, func(t *testing.T) {
			soon := stamp(noon.Add(time.Hour))
			s := story{
				{noon, []input{intent("i0", "ana", "email", "marketing", noon)}},
				{noon.Add(time.Minute), []input{
					intent("i1", "ben", "email", "marketing", noon, "not_after:"+soon),
					intent("i2", "cem", "email", "marketing", noon),
				}},
			}
			st := newStage(s, memstate.New())
			failures := 0
			p := st.enter(func(op string, _, _ int) fate {
				fate := goesWell
				if st.next == 2 && failures < 6 && (op == away || away == opAcquire && op == opFetchSignals) {
					failures++
					fate = fails
				}
				if failures == 6 {
					failures++
					st.clock.set(noon.Add(2 * time.Hour))
				}
				return fate
			})
			if away == opAcquire {
				inner := p.decide
				first := true
				p.decide = func(op string, nth, n int) fate {
					if op == opSignalBounds && st.next == 2 && first {
						first = false
						return fails
					}
					return inner(op, nth, n)
				}
			}
			w := &watcher{}
			if !st.play(t, p, w) {
				t.Fatal("the story has no end")
			}
			checkInvariants(t, st.log)
			if failures != 7 || w.count("held") < 6 {
				t.Fatalf("%d failures, held %d times: the test shows nothing", failures, w.count("held"))
			}
			wantVeto, wantApproved := "[i1 stale 2h0m0s]", "[i0  0s i2  2h0m0s]"
			if away == opProduce { // decided and remembered before the log was away: the decision stands, and its not_after bounds it
				wantVeto, wantApproved = "[]", "[i0  0s i1  1m0s i2  1m0s]"
			}
			if got := fmt.Sprint(decided(st.log, governor.Vetoed)); got != wantVeto {
				t.Errorf("vetoed %v, not %v", got, wantVeto)
			}
			if got := fmt.Sprint(decided(st.log, governor.Approved)); got != wantApproved {
				t.Errorf("approved %v, not %v", got, wantApproved)
			}
		})
	}
}

// Notices that are due while nobody is there are judged at their own instant by
// whoever comes, once (design, "What was due happens first"; I5).
func TestNoticesDueAcrossARestart(t *testing.T) {
	log := retold(t, story{
		{noon, []input{
			intent("n1", "ana", "email", "reminder", noon, "subject:domain"),
			intent("n2", "ben", "push", "reminder", noon, "subject:toll"),
		}},
		{noon.Add(10 * time.Minute), []input{intent("n3", "ana", "email", "reminder", noon, "subject:domain")}},
		{noon.Add(21 * time.Minute), []input{intent("n4", "ben", "push", "reminder", noon, "subject:toll")}},
		{noon.Add(50 * time.Hour), nil},
	})
	if got, want := fmt.Sprint(decided(log, governor.Approved)), "[n1  15m0s n2  15m0s n4  36m0s]"; got != want {
		t.Errorf("approved %v, not %v", got, want)
	}
	if got, want := fmt.Sprint(decided(log, governor.Vetoed)), "[n3 coalesced 15m0s]"; got != want {
		t.Errorf("vetoed %v, not %v", got, want)
	}
}

// "A refusal known at decision time wins" (design, Semantics): somebody says no
// while a notice is held, and before it is due. The governor is away at that
// time. When it comes back the no has long been acknowledged, and the approval
// is not yet written: it must not be.
func TestANoWhileANoticeIsHeldAndNobodyIsThere(t *testing.T) {
	for _, back := range []time.Duration{15 * time.Minute, 15*time.Minute + time.Millisecond, 20 * time.Minute, 3 * time.Hour} {
		t.Run(back.String(), func(t *testing.T) {
			log, store, c := newFakeLog(), memstate.New(), newClock(noon)
			log.publish(intent("n1", "ana", "email", "reminder", noon, "subject:domain"))
			first := newFakeProcess(log, store)
			running := start(t, config(first, c, nil), first)
			until(t, "the notice is held", func() bool { log.mu.Lock(); defer log.mu.Unlock(); return log.committed[slot(governor.Intents)] == 1 })
			first.kill()
			running.wait()

			no := signal("no", "ana", "refusal", noon.Add(5*time.Minute))
			log.publish(no) // acknowledged at 12:05, with the log's time
			c.set(noon.Add(back))
			second := newFakeProcess(log, store)
			start(t, config(second, c, nil), second)
			until(t, "the notice is decided", func() bool { return log.size(governor.Approved)+log.size(governor.Vetoed) > 0 })
			if got := decided(log, governor.Approved); len(got) > 0 {
				t.Errorf("the no was acknowledged 10 minutes before the notice was due, and it was approved all the same: %v (revoked: %d)",
					got, log.size(governor.Revoked))
			}
		})
	}
}

// What is due all at once, after a long time away, is committed piece by piece:
// "a long backlog is committed in between, so that memory stays bounded" (term),
// and a store bounds how long one batch may take.
func TestWhatIsDueAtOnceIsCommittedInPieces(t *testing.T) {
	const people, most = 1000, 100
	var in []input
	for i := range people {
		in = append(in, intent("n", fmt.Sprintf("p%d", i), "email", "reminder", noon, "subject:domain"))
	}
	store := &measuredStore{Store: memstate.New()}
	st := newStage(story{{noon, in}, {noon.Add(time.Hour), nil}}, store)
	st.log.atOnce = most
	if !st.play(t, st.enter(nil), nil, func(c *consumer.Config) { c.MaxPeople = most }) {
		t.Fatal("the story has no end")
	}
	checkInvariants(t, st.log)
	if n := st.log.size(governor.Approved); n != people {
		t.Errorf("%d of %d notices went out", n, people)
	}
	if store.most > 2*most {
		t.Errorf("one batch changed %d people, though %d are fetched and %d remembered at most", store.most, most, most)
	}
}

// measuredStore knows its largest batch.
type measuredStore struct {
	*memstate.Store
	most int
}

func (s *measuredStore) Commit(ctx context.Context, partition int32, b *state.Batch) error {
	s.most = max(s.most, len(b.People))
	return s.Store.Commit(ctx, partition, b)
}

// A clock that is far ahead for a moment must not make every intent from then on
// stale: "when clock … and Redis TIME disagree by more than a bound, the partition
// holds" (design, Time). It goes on when the clock is right again.
func TestAClockThatIsWrongHoldsThePartition(t *testing.T) {
	for what, wrong := range map[string]time.Duration{"a year ahead": 365 * 24 * time.Hour, "an hour behind": -time.Hour} {
		t.Run(what, func(t *testing.T) {
			log, c, w := newFakeLog(), newClock(noon.Add(wrong)), &watcher{}
			store := clockedStore{memstate.New(), noon}
			log.publish(intent("i1", "ana", "email", "marketing", noon))
			p := newFakeProcess(log, store)
			cfg := config(p, c, w)
			cfg.Store, cfg.MaxSkew = store, time.Minute // the store itself: what wraps it has no clock
			start(t, cfg, p)
			until(t, "it holds", func() bool { return w.count("held") > 1 })
			if !errors.Is(w.why(), consumer.ErrClocks) || log.size(governor.Approved)+log.size(governor.Vetoed) != 0 {
				t.Errorf("it decided, or said: %v", w.why())
			}
			c.set(noon.Add(time.Second))
			until(t, "it decides", func() bool { return log.size(governor.Approved) == 1 })
		})
	}
}

// clockedStore has a clock that stands still.
type clockedStore struct {
	*memstate.Store
	at time.Time
}

func (s clockedStore) Time(context.Context) (rules.Instant, error) { return rules.At(s.at), nil }
