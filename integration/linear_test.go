package integration

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// What follows says what workers and people may see of one approval, however many of them come at once: what they would
// see if one came after the other, in an order in which nobody who came after another had gone comes before him. The tests
// of it need no server, and run without the build tag.

// heard is what a worker heard that asked whether it may.
type heard string

const (
	yes     heard = "yes"
	again   heard = "yes, again"  // it was told yes before
	taken   heard = "taken"       // another worker has it
	refused heard = "refused"     // the person said no
	nothing heard = "no answer"   // it may have been asked, now or later, or never
	known   heard = "told"        // of a refusal: it was acknowledged
	strange heard = "out of turn" // another no, for which there is no reason here
)

// heardOf is what an answer means.
func heardOf(ok, before bool, reason string) heard {
	switch {
	case ok && before:
		return again
	case ok:
		return yes
	case reason == "already_redeemed":
		return taken
	case reason == "revoked", strings.HasPrefix(reason, "refused."):
		return refused
	case reason == "state.unavailable":
		return nothing
	}
	return strange
}

// asked is what came to an approval: the person's refusal, or a worker's question.
type asked struct {
	refusal bool
	worker  string
}

// approval is all that there is to know of one that is good for longer than anybody asks.
type approval struct {
	refused bool
	worker  string // who has it, "" for nobody
}

// after is the approval after something came to it, and what is heard then.
func (a approval) after(in asked) (heard, approval) {
	switch {
	case in.refusal:
		a.refused = true
		return known, a
	case a.worker != "" && a.worker != in.worker:
		return taken, a
	case a.refused:
		return refused, a
	case a.worker == in.worker:
		return again, a
	}
	a.worker = in.worker
	return yes, a
}

// model is an approval to which one thing comes after the other.
func model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return approval{} },
		Step: func(state, input, output any) (bool, any) {
			said, next := state.(approval).after(input.(asked))
			return output == said || output == nothing, next
		},
		DescribeOperation: func(input, output any) string {
			if in := input.(asked); !in.refusal {
				return fmt.Sprintf("%s asks: %s", in.worker, output)
			}
			return fmt.Sprintf("the person refuses: %s", output)
		},
	}
}

// history is what came to approvals, and when. Any number of goroutines may note.
type history struct {
	began time.Time
	mu    sync.Mutex
	of    map[string][]porcupine.Operation
}

func newHistory() *history {
	return &history{began: time.Now(), of: make(map[string][]porcupine.Operation)}
}

// during notes what came to the approvals and what was heard, with the time that it took. What had no answer may happen
// for ever after.
func (h *history) during(in asked, approvals []string, do func() heard) heard {
	call := time.Since(h.began).Nanoseconds()
	said := do()
	end := time.Since(h.began).Nanoseconds()
	if said == nothing {
		end = math.MaxInt64
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range approvals {
		h.of[a] = append(h.of[a], porcupine.Operation{Input: in, Call: call, Output: said, Return: end})
	}
	return said
}

// searching is how long may be looked for an order. It is far more than it takes.
const searching = time.Minute

// telling leaves out questions without an answer that explain nothing: those of a worker that heard later that another has
// the approval, and all but the first of one worker. A search would try them in vain.
func telling(all []porcupine.Operation) []porcupine.Operation {
	slices.SortFunc(all, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	not := make(map[asked]bool)
	for _, o := range all {
		if o.Output == taken {
			not[o.Input.(asked)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(o porcupine.Operation) bool {
		in := o.Input.(asked)
		idle := not[in]
		if o.Output != nothing {
			return false
		}
		not[in] = true
		return idle
	})
}

// strayed lists the approvals of which nothing explains what was heard, with all of it.
func (h *history) strayed() (stories []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(h.of)) {
		all := h.of[name]
		result := porcupine.CheckOperationsTimeout(model(), telling(all), searching)
		if result == porcupine.Ok {
			continue
		}
		story := []string{fmt.Sprintf("%s: in no order could this be heard (%s):", name, result)}
		for _, o := range all {
			end := "for ever"
			if o.Return != math.MaxInt64 {
				end = time.Duration(o.Return).String()
			}
			story = append(story, fmt.Sprintf("  %s to %s: %s", time.Duration(o.Call), end, model().DescribeOperation(o.Input, o.Output)))
		}
		stories = append(stories, strings.Join(story, "\n"))
	}
	return stories
}

// heard counts what was heard, of all approvals.
func (h *history) heard() map[heard]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	counts := make(map[heard]int)
	for _, all := range h.of {
		for _, o := range all {
			counts[o.Output.(heard)]++
		}
	}
	return counts
}

// desk is a server that a test makes, with a flaw.
type desk struct {
	flaw string
	mu   sync.Mutex
	approval
	late []func() // what takes effect after the next answer
	n    int
}

func (d *desk) come(in asked) heard {
	d.mu.Lock()
	defer d.mu.Unlock()
	late := d.late
	d.late = nil
	was := d.approval
	said, next := was.after(in)
	switch {
	case d.flaw == "it acknowledges a no before it has it" && in.refusal:
		d.late = append(d.late, func() { d.refused = true })
		next = was
	case d.flaw == "it says yes after a no" && said == refused:
		said = yes
		next.worker = in.worker
	case d.flaw == "it says yes to two" && said == taken:
		said = yes
	case d.flaw == "it forgets who has it" && said == again:
		said = taken
	case d.flaw == "it does not say that it is the same again" && said == again:
		said = yes
	case d.flaw == "it refuses where nobody did" && said == yes:
		said, next = refused, was
	case d.flaw == "it forgets what it said" && said == yes:
		next = was
	}
	d.approval = next
	for _, f := range late {
		f()
	}
	if d.n++; d.flaw == "answers get lost" && d.n%3 == 0 {
		return nothing
	}
	return said
}

// sound says whether the desk keeps what it promises.
func (d *desk) sound() bool { return d.flaw == "" || d.flaw == "answers get lost" }

// play lets workers ask a desk, while the person refuses if that is heard in time, and once more when it is acknowledged.
func play(d *desk) *history {
	h := newHistory()
	name := []string{"the approval"}
	ask := func(worker string) {
		h.during(asked{worker: worker}, name, func() heard { return d.come(asked{worker: worker}) })
	}
	refuse := func() {
		h.during(asked{refusal: true}, name, func() heard { return d.come(asked{refusal: true}) })
	}
	ask("w0")
	ask("w0")
	ask("w1")
	var coming sync.WaitGroup
	for i := range 8 {
		coming.Go(func() {
			for range 3 {
				ask(fmt.Sprint("w", i))
			}
		})
	}
	if d.sound() {
		coming.Go(refuse)
	}
	coming.Wait()
	refuse()
	for i := range 8 {
		ask(fmt.Sprint("w", i))
	}
	return h
}

// Whoever answers in some order is believed, also where answers get lost.
func TestAHistoryThatHasAnOrderIsBelieved(t *testing.T) {
	for _, flaw := range []string{"", "answers get lost"} {
		for _, story := range play(&desk{flaw: flaw}).strayed() {
			t.Errorf("%q: %s", flaw, story)
		}
	}
}

// A server that breaks a promise is found out: "after an acknowledged refusal no redeem succeeds; each approval is redeemed
// at most once" (issue 6).
func TestAServerThatBreaksAPromiseIsFoundOut(t *testing.T) {
	for _, flaw := range []string{
		"it acknowledges a no before it has it", "it says yes after a no", "it says yes to two", "it forgets who has it",
		"it does not say that it is the same again", "it refuses where nobody did", "it forgets what it said",
	} {
		if stories := play(&desk{flaw: flaw}).strayed(); len(stories) != 1 || !strings.Contains(stories[0], "w0 asks") {
			t.Errorf("%s, and this was told: %s", flaw, stories)
		}
	}
}

// What is left out explains nothing: with it and without it a history has an order, or has none.
func TestWhatIsLeftOutExplainsNothing(t *testing.T) {
	for _, flaw := range []string{"answers get lost", "it says yes to two", "it forgets what it said"} {
		h := play(&desk{flaw: flaw})
		all := h.of["the approval"]
		for i := range all { // what a few workers were told at first is lost
			if all[i].Input == (asked{worker: "w3"}) || i%7 == 0 {
				all[i].Output, all[i].Return = nothing, math.MaxInt64
			}
		}
		less := telling(all)
		if got, want := porcupine.CheckOperations(model(), less), porcupine.CheckOperations(model(), all); got != want || len(less) >= len(all) {
			t.Errorf("%s: of %d things %d are left, and an order for them is %t, for all %t", flaw, len(all), len(less), got, want)
		}
	}
}

// What had no answer may have happened at any time after it was asked, and not before.
func TestWhatHadNoAnswerMayHaveHappenedLater(t *testing.T) {
	tell := func(ops ...porcupine.Operation) bool { return porcupine.CheckOperations(model(), ops) }
	lost := porcupine.Operation{Input: asked{worker: "a"}, Call: 5, Output: nothing, Return: math.MaxInt64}
	early := porcupine.Operation{Input: asked{worker: "b"}, Call: 1, Output: taken, Return: 2}
	late := porcupine.Operation{Input: asked{worker: "b"}, Call: 7, Output: taken, Return: 8}
	had := porcupine.Operation{Input: asked{worker: "b"}, Call: 7, Output: yes, Return: 8}
	for _, c := range []struct {
		name string
		want bool
		ops  []porcupine.Operation
	}{
		{"it took it", true, []porcupine.Operation{lost, late}},
		{"it did not", true, []porcupine.Operation{lost, had}},
		{"it took it before it asked", false, []porcupine.Operation{lost, early}},
	} {
		if got := tell(c.ops...); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
