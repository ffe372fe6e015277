package simulation_test

import (
	"bufio"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9/logging"
)

// TestMain resolves a name before any bubble does: package net keeps a channel from
// the first time, and one that was made in a bubble may not be used in the next.
func TestMain(m *testing.M) {
	logging.Disable()
	_, _ = net.LookupHost("localhost")
	os.Exit(m.Run())
}

// simulate plays a seed, with faults for as long.
func simulate(t *testing.T, seed uint64, during time.Duration, p plant) (o outcome) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, p)
		c := newCrowd(w, rand.New(rand.NewPCG(seed, 1)))
		o = w.play(c, seed, during)
		w.destroy()
		c.close()
	})
	return o
}

// setting is a number from the environment.
func setting(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s=%q is not a number", name, text)
	}
	return n
}

// kept are the seeds that failed once, each with what it showed.
func kept(t *testing.T) map[uint64]string {
	t.Helper()
	f, err := os.Open("testdata/seeds")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	seeds := make(map[uint64]string)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		number, why, _ := strings.Cut(lines.Text(), " ")
		seed, err := strconv.ParseUint(number, 10, 64)
		if err != nil || why == "" {
			t.Fatalf("testdata/seeds: %q is not a number and a sentence", lines.Text())
		}
		seeds[seed] = why
	}
	return seeds
}

// "Nothing lost, nothing counted twice, no approval after a no: through every fault":
// safe while everything goes wrong (I1 to I5), and done soon after (I14).
func TestNothingIsLostCountedTwiceOrApprovedAfterANo(t *testing.T) {
	if racing { // it was seen once: SIGSEGV in the runtime, which knows no goroutine of ours
		t.Skip("the race detector and synctest together crash now and then; races are looked for by the tests of the parts")
	}
	during := time.Duration(setting(t, "GOVERNOR_SIMULATION_MINUTES", 4)) * time.Minute
	var nothing plant
	if names := os.Getenv("GOVERNOR_SIMULATION_ONLY"); names != "" {
		nothing.only = strings.Split(names, ",")
	}
	var total outcome
	play := func(seed uint64, why string) {
		o := simulate(t, seed, during, nothing)
		for _, wrong := range o.wrong() {
			t.Errorf("seed %d%s: %s", seed, why, wrong)
		}
		if t.Failed() {
			t.Fatalf("seed %d failed; its faults: %v. Play it again, more than once, by GOVERNOR_SIMULATION_SEED=%d, and keep it in testdata/seeds", seed, o.faults, seed)
		}
		total.add(&o)
	}
	if only := os.Getenv("GOVERNOR_SIMULATION_SEED"); only != "" {
		play(uint64(setting(t, "GOVERNOR_SIMULATION_SEED", 0)), "")
	} else {
		seeds := kept(t)
		for _, seed := range slices.Sorted(maps.Keys(seeds)) {
			play(seed, " (kept: "+seeds[seed]+")")
		}
		draw := rand.New(rand.NewPCG(rand.Uint64(), 0))
		if seed := setting(t, "RAPID_SEED", 0); seed != 0 { // .ci/run says it, so that what passed does so again
			draw = rand.New(rand.NewPCG(uint64(seed), 0))
		}
		for range setting(t, "GOVERNOR_SIMULATION_SEEDS", 2) {
			play(draw.Uint64N(1_000_000), "")
		}
	}
	t.Log(total.String())
	for _, k := range kinds() {
		t.Logf("%5d × %s", total.faults[k.name], k.name)
	}
}

// The void: a world without a governor shows nothing, and says so.
func TestARunThatDecidesNothingIsVoid(t *testing.T) {
	o := outcome{before: fewest - 1, during: 10, least: 10}
	if wrong := o.wrong(); len(wrong) != 1 || !strings.HasPrefix(wrong[0], "void") {
		t.Errorf("%q", wrong)
	}
	if o.before++; len(o.wrong()) > 0 {
		t.Errorf("%q", o.wrong())
	}
}
