package consumer_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state/memstate"
)

// drawStory draws a story that nobody thought of.
func drawStory(t *rapid.T) story {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	at := noon
	var s story
	id := 0
	for range rapid.IntRange(1, 7).Draw(t, "phases") {
		ph := phase{at: at}
		for range rapid.IntRange(0, 6).Draw(t, "records") {
			person := pick("person", "ana", "ben")
			id++
			switch rapid.IntRange(0, 11).Draw(t, "kind") {
			case 0:
				ph.in = append(ph.in, poison(pick("topic", governor.Intents, governor.Signals), person, pick("garbage", "", "?", `{"type":"refusal"`, `{"type":"outcome"}`)))
			case 1:
				ph.in = append(ph.in, signal(fmt.Sprint("no", id), person, "refusal", at, pick("scope", "channel:sms", "channel:email", "subject:x")))
			case 2:
				ph.in = append(ph.in, signal(fmt.Sprint("yes", id), person, "consent", at, "source:settings"))
			case 3:
				ph.in = append(ph.in, signal(fmt.Sprint("o", id), person, "outcome", at, fmt.Sprint("intent:i", rapid.IntRange(1, id).Draw(t, "of")),
					pick("result", "result:sent", "result:delivered", "result:not_sent")))
			case 4:
				ph.in = append(ph.in, signal(fmt.Sprint("g", id), person, pick("end", "resolved", "cancellation"), at, "subject:x"))
			case 5:
				ph.in = append(ph.in, intent(fmt.Sprint("i", id), person, pick("by", "email", "push"), "reminder", at, "subject:x"))
			case 10, 11: // a worker asks, and may ask again
				ph.in = append(ph.in, signal(fmt.Sprint("q", id), person, "redeem", at, fmt.Sprint("intent:i", rapid.IntRange(1, id).Draw(t, "asked of")),
					pick("worker", "worker:w1", "worker:w1", "worker:w2")))
			case 6: // an id that may have been there
				ph.in = append(ph.in, intent(fmt.Sprint("i", rapid.IntRange(1, id).Draw(t, "id")), person, pick("by", "email", "sms"), "marketing", at))
			default:
				ph.in = append(ph.in, intent(fmt.Sprint("i", id), person, pick("by", "email", "sms", "push"), "marketing", at, "subject:"+pick("subject", "x", "y")))
			}
		}
		for i := range ph.in {
			ph.in[i].Time = at
		}
		s = append(s, ph)
		at = at.Add(rapid.SampledFrom([]time.Duration{time.Millisecond, 5 * time.Minute, 15 * time.Minute, 24 * time.Hour, 72 * time.Hour}).Draw(t, "then"))
	}
	return append(s, phase{at: at.Add(200 * time.Hour)}) // whatever is held is due
}

// What holds for one story holds for any: with the steps of the worker failing
// and its process dying at random, the invariants hold, and what comes out is
// what would have come out without that.
func TestAnyStoryUnderAnyFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		atOnce := rapid.SampledFrom([]int{1, 2, 1000}).Draw(rt, "records a fetch")
		tell := func(decide func(op string, nth, n int) fate) *stage {
			st := newStage(s, memstate.New())
			st.log.atOnce = atOnce
			for !st.play(t, st.enter(decide), nil) {
			}
			return st
		}
		st := tell(nil)
		h := st.log.history(true)
		for _, v := range h.check() {
			rt.Error(v)
		}
		want, _ := h.outputs()

		calms := rapid.SliceOfN(rapid.IntRange(1, 60), 1, 20).Draw(rt, "steps between faults")
		fates := rapid.SliceOfN(rapid.SampledFrom([]fate{fails, failsLate, landsInPart, landsLast, hangs, dies, diesLate, diesInPart}), len(calms), len(calms)).Draw(rt, "faults")
		next, since := 0, 0
		st = tell(func(string, int, int) fate {
			if next == len(calms) {
				return goesWell
			}
			if since++; since < calms[next] {
				return goesWell
			}
			next, since = next+1, 0
			return fates[next-1]
		})
		h = st.log.history(true)
		for _, v := range h.check() {
			rt.Error(v)
		}
		got, _ := h.outputs()
		for topic := range want {
			if fmt.Sprint(want[topic]) != fmt.Sprint(got[topic]) {
				rt.Errorf("%s:\n%q\nwithout faults:\n%q", topic, got[topic], want[topic])
			}
		}
	})
}

// drawFaults draws which steps of several processes fail, and how.
func drawFaults(rt *rapid.T) func(op string, nth, n int) fate {
	every := rapid.IntRange(3, 60).Draw(rt, "steps between faults")
	fates := rapid.SliceOfN(rapid.SampledFrom([]fate{fails, failsLate, landsInPart, landsLast, hangs}), 0, 10).Draw(rt, "faults")
	return func(_ string, _, at int) fate {
		if at%every == 0 && at/every <= len(fates) {
			return fates[at/every-1]
		}
		return goesWell
	}
}
