package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// What a run takes, in virtual time.
const (
	calm     = time.Minute     // before anything goes wrong
	decideIn = 5 * time.Minute // after everything has ended: by then every intent is decided
	settle   = time.Minute     // longer than anything stays on its way
)

// How many intents must be decided before the faults, and in each minute of them, for
// a run to show anything.
const (
	fewest      = 40
	fewestUnder = 5
)

// outcome is what became of a run, or of many.
type outcome struct {
	runs      int
	breaches  []string
	stuck     string         // why there is no progress
	faults    map[string]int // how often each was there
	before    int            // decisions before the first fault
	during    int            // decisions while there were faults
	least     int            // how many must be made during the faults
	decisions int
	approvals int
	leanest   int // decisions during the faults, in the run that had the fewest
	repeats   int // decisions that stand in the log again, byte for byte
	held      int64
	acquired  int64
	drained   time.Duration // the longest from the end of the faults until all was decided
	virtual   time.Duration
}

// wrong lists what is wrong with a run.
func (o *outcome) wrong() []string {
	wrong := o.breaches
	if o.stuck != "" {
		wrong = append(wrong, o.stuck)
	}
	if o.before < fewest || o.during < o.least {
		wrong = append(wrong, fmt.Sprintf("void: %d decisions before the faults and %d during them show nothing", o.before, o.during))
	}
	if most := 5; len(wrong) > most {
		wrong = append(wrong[:most:most], fmt.Sprintf("and %d more", len(wrong)-most))
	}
	return wrong
}

func (o *outcome) add(one *outcome) {
	if o.faults == nil {
		o.faults = make(map[string]int)
	}
	for name, n := range one.faults {
		o.faults[name] += n
	}
	if o.runs++; o.runs == 1 || one.during < o.leanest {
		o.leanest = one.during
	}
	o.before, o.during, o.decisions, o.approvals, o.repeats = o.before+one.before, o.during+one.during, o.decisions+one.decisions, o.approvals+one.approvals, o.repeats+one.repeats
	o.held, o.acquired, o.drained, o.virtual = o.held+one.held, o.acquired+one.acquired, max(o.drained, one.drained), o.virtual+one.virtual
}

func (o *outcome) String() string {
	return fmt.Sprintf("%d seeds, %s of virtual time; %d decisions (%d approvals), %d of them under faults, at least %d in each, %d repeats; partitions acquired %d times, held %d times; all decided at most %s after the faults",
		o.runs, o.virtual.Round(time.Second), o.decisions, o.approvals, o.during, o.leanest, o.repeats, o.acquired, o.held, o.drained)
}

// play lets the world go its way: calm, then faults, then calm again until all is
// decided.
func (w *world) play(c *crowd, seed uint64, during time.Duration) (o outcome) {
	began := time.Now()
	o.faults, o.least = make(map[string]int), int(fewestUnder*during/time.Minute)
	schedule := draw(rand.New(rand.NewPCG(seed, 2)), during, w.plant.only...)
	pause := rand.New(rand.NewPCG(seed, 3))
	defer func() { o.virtual = time.Since(began) }()
	w.machines[0].start()
	w.machines[1].start()

	turn := func(until time.Time) bool {
		for time.Now().Before(until) {
			if err := c.publish(); err != nil {
				o.stuck = fmt.Sprintf("the engine cannot publish: %v", err)
				return false
			}
			if pause.IntN(3) == 0 {
				w.keepDump()
			}
			time.Sleep(time.Duration(pause.Int64N(int64(3 * time.Second))))
		}
		return true
	}
	if !turn(began.Add(calm)) {
		return o
	}
	o.before = c.decided()
	started := time.Now()
	for _, f := range schedule {
		if !turn(started.Add(f.at)) {
			return o
		}
		f.do(w)
		o.faults[f.name]++
	}
	if !turn(started.Add(during)) {
		return o
	}
	o.during = c.decided() - o.before
	w.heal()
	healed := time.Now()
	if o.stuck = w.await(c); o.stuck == "" {
		o.drained = time.Since(healed)
		if err := c.probe(); err != nil {
			o.stuck = fmt.Sprintf("the engine cannot publish: %v", err)
			return o
		}
		o.stuck = w.await(c)
	}
	for _, m := range w.machines {
		m.stop()
		o.held += m.seen.held.Load()
		o.acquired += m.seen.acquired.Load()
	}
	time.Sleep(settle)
	for !c.caughtUp() {
		time.Sleep(time.Second)
	}
	h := c.history()
	o.breaches = h.check()
	all := h.decisions()
	o.decisions = len(all)
	o.repeats = len(all) - len(distinct(all))
	o.approvals = len(distinct(h.topics["contact.approved"]))
	return o
}

// await waits until every intent is decided, and says what is not if that takes too
// long.
func (w *world) await(c *crowd) (stuck string) {
	for until := time.Now().Add(decideIn); time.Now().Before(until); time.Sleep(2 * time.Second) {
		if n, _ := c.undecided(); n == 0 && c.caughtUp() {
			return ""
		}
	}
	n, some := c.undecided()
	return fmt.Sprintf("I14 stuck: %s after the faults %d intents are not decided: %v", decideIn, n, some)
}
