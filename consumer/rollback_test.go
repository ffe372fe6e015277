package consumer_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// "A Redis that lost its tail, or everything, is noticed by its watermark and
// repaired from the log" (design): any story, and processes that die at any step
// while the store is put back to any earlier batch, or to nothing. The invariants
// hold: what was decided is not decided again, nor counted less.
func TestAnyStoryWithAStoreThatForgets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		atOnce := rapid.SampledFrom([]int{1, 2, 1000}).Draw(rt, "records a fetch")
		deaths := rapid.SliceOfN(rapid.IntRange(1, 120), 1, 4).Draw(rt, "steps until it dies")
		kept := rapid.SliceOfN(rapid.IntRange(0, 1000), len(deaths), len(deaths)).Draw(rt, "batches left, of thousand")
		hows := rapid.SliceOfN(rapid.SampledFrom([]fate{dies, diesLate, diesInPart}), len(deaths), len(deaths)).Draw(rt, "how")
		store := newForgetfulStore()
		st := newStage(s, store)
		st.log.atOnce = atOnce
		for i := 0; ; i++ {
			over := st.play(t, st.enter(func(_ string, _, n int) fate {
				if i < len(deaths) && n == deaths[i] {
					return hows[i]
				}
				return goesWell
			}), nil)
			if over {
				break
			}
			if i < len(deaths) {
				n := store.size() * kept[i] / 1000
				store.backTo(n)
				store.batches = store.batches[:n] // for good
			}
		}
		h := st.log.history(true)
		for _, v := range h.check() {
			switch {
			case strings.HasPrefix(v, "order: contact.standing"): // it is told again from an earlier position on
			case slices.Contains(hows, diesInPart) && (strings.HasPrefix(v, "rates: ") || strings.HasPrefix(v, "I15 unanswered")):
				// A part of a batch may have landed of which the rest is nowhere: the store that was to have it forgot it.
			default:
				rt.Error(v)
			}
		}
	})
}
