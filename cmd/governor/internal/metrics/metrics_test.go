package metrics

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/goleak"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// process is a governor that does what a test says.
type process struct {
	consumer.Observer
	board *health.Board
	meter *Meter
	at    time.Time
	hash  string
	view  *desk.View
}

func newProcess(t *testing.T) *process {
	t.Helper()
	p := &process{at: noon, hash: "abc"}
	p.board = health.NewBoard(func() time.Time { return p.at })
	var err error
	if p.meter, err = New("v1.2.3", func() (string, string) { return "no-means-no", p.hash }, p.board); err != nil {
		t.Fatal(err)
	}
	p.view = seen()
	if err := p.meter.Figures(func() *desk.View { return p.view }); err != nil {
		t.Fatal(err)
	}
	p.Observer = health.All(p.board, p.meter)
	return p
}

// scrape is what Prometheus is told of the governor, without comments.
func (p *process) scrape(t *testing.T) (ours []string) {
	t.Helper()
	w := httptest.NewRecorder()
	p.meter.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "governor_") {
			ours = append(ours, strings.TrimSpace(line))
		}
	}
	return ours
}

// wants these lines to be among what is told, and none that begins like those with
// an exclamation mark.
func (p *process) wants(t *testing.T, lines ...string) {
	t.Helper()
	told := p.scrape(t)
	for _, want := range lines {
		begin, not := strings.CutPrefix(want, "!")
		found := slices.ContainsFunc(told, func(l string) bool { return l == want || not && strings.HasPrefix(l, begin) })
		if found == not {
			t.Errorf("%s, in\n%s", want, strings.Join(told, "\n"))
		}
	}
}

func TestABatchIsCounted(t *testing.T) {
	p := newProcess(t)
	p.wants(t, `governor_decisions_total{verdict="approved"} 0`, `governor_records_total{topic="signals"} 0`, `governor_batches_total 0`)
	report := consumer.BatchReport{
		Intents: 5, Signals: 3, DeadLetters: 1, Ignored: 2,
		Emitted: map[string]int{governor.Approved: 2, governor.Vetoed: 2, governor.Revoked: 1, governor.Redemption: 3, governor.Leaked: 1, governor.Standing: 3, governor.DeadLetter: 1},
		Quieted: []time.Duration{40 * time.Millisecond}, Counts: governor.Counts{Redeemed: 2, Contradicted: 1},
	}
	p.Committed(4, report)
	p.Committed(4, report)
	p.wants(t,
		`governor_batches_total 2`, `governor_batch_seconds_count 2`,
		`governor_records_total{topic="intents"} 10`, `governor_records_total{topic="signals"} 6`,
		`governor_decisions_total{verdict="approved"} 4`, `governor_decisions_total{verdict="vetoed"} 4`,
		`governor_revocations_total 2`, `governor_revocation_seconds_count 2`, `governor_revocation_seconds_bucket{le="0.05"} 2`,
		`governor_redemptions_total{answer="yes"} 4`, `governor_redemptions_total{answer="other"} 2`, `governor_leaks_total 2`,
		`governor_contradicting_outcomes_total 2`, `governor_dead_letters_total 2`, `governor_ignored_fields_total 4`,
	)
}

// "Holds seconds and current hold by partition": it is there as long as the hold
// lasts, and ends by itself.
func TestAHoldIsMeasured(t *testing.T) {
	p := newProcess(t)
	p.Acquired(4, 1)
	p.wants(t, "!governor_hold_seconds", `governor_holds_total{class="redis"} 0`, `governor_partitions{state="deciding"} 1`)
	p.Held(4, health.Blame(health.Redis, errors.New("connection refused")), p.at)
	p.at = p.at.Add(90 * time.Second)
	p.wants(t, `governor_hold_seconds{class="redis",partition="4"} 90`, `governor_held_seconds_total{class="redis"} 90`,
		`governor_holds_total{class="redis"} 1`, `governor_partitions{state="held"} 1`, `governor_partitions{state="deciding"} 0`, "governor_ready 0")
	p.at = p.at.Add(10 * time.Second)
	p.Resumed(4, 100*time.Second)
	p.wants(t, "!governor_hold_seconds", `governor_held_seconds_total{class="redis"} 100`, `governor_partitions{state="deciding"} 1`)
	p.Held(consumer.NoPartition, health.Blame(health.Kafka, errors.New("no coordinator")), p.at)
	p.board.Wait(health.Kafka, errors.New("nobody"))
	p.board.Wait(health.Redis, errors.New("nobody"))
	p.wants(t, `governor_hold_seconds{class="kafka",partition="group"} 0`, `governor_hold_seconds{class="kafka",partition="start"} 0`,
		`governor_hold_seconds{class="redis",partition="start"} 0`)
}

// A policy that is adopted takes the place of the one before.
func TestThePolicyInForce(t *testing.T) {
	p := newProcess(t)
	p.wants(t, `governor_policy_info{hash="abc",name="no-means-no"} 1`, `governor_build_info{version="v1.2.3"} 1`)
	p.hash = "def"
	p.wants(t, `governor_policy_info{hash="def",name="no-means-no"} 1`, `!governor_policy_info{hash="abc"`)
}

// A partition that went to another governor is not told of here any more.
func TestAPartitionThatWasReleasedIsGone(t *testing.T) {
	p := newProcess(t)
	p.Acquired(4, 1)
	p.wants(t, `governor_lag_records{partition="4",topic="intents"} 0`, `governor_lag_seconds{partition="4"} 0`)
	p.Held(4, errors.New("x"), p.at)
	p.Released(4)
	for _, line := range p.scrape(t) {
		if strings.Contains(line, `partition="4"`) {
			t.Error(line)
		}
	}
}

// "No person label; a test of cardinality": whatever happens, and whoever an error
// may name, there are as many series as partitions, and labels of closed lists.
func TestHowManySeriesThereCanBe(t *testing.T) {
	const partitions = 16
	p := newProcess(t)
	causes := []health.Class{health.Kafka, health.Redis, health.Clocks, health.Fenced, health.Memory, health.Other, "ana@example.org"}
	for i := range 5000 {
		person := fmt.Sprintf("person-%d", i)
		n := int32(i % partitions)
		p.Acquired(n, int64(i))
		p.Held(n, health.Blame(causes[i%len(causes)], fmt.Errorf("load %s: no", person)), p.at)
		p.Held(consumer.NoPartition, errors.New(person), p.at)
		p.Committed(n, consumer.BatchReport{Intents: 1, Emitted: map[string]int{governor.Approved: 1, person: 1}})
		p.at = p.at.Add(time.Millisecond)
	}
	told := p.scrape(t)
	if most := 9*partitions + 80; len(told) > most {
		t.Errorf("%d series, not %d at most", len(told), most)
	}
	values := map[string][]string{
		"class": {"kafka", "redis", "clocks", "fenced", "memory", "other"}, "state": {"recovering", "rebuilding", "deciding", "held"},
		"topic": {"intents", "signals"}, "verdict": {"approved", "vetoed"}, "answer": {"yes", "other"}, "version": {"v1.2.3"}, "name": {"no-means-no"}, "hash": {"abc"}, "percent": {"50", "99"},
	}
	for _, line := range told {
		for _, l := range regexp.MustCompile(`([a-z_]+)="([^"]*)"`).FindAllStringSubmatch(line, -1) {
			number := regexp.MustCompile(`^(\d+|group|start)$`)
			switch {
			case l[1] == "partition" && number.MatchString(l[2]):
			case l[1] == "le":
			case !slices.Contains(values[l[1]], l[2]):
				t.Errorf("%s=%q in %s", l[1], l[2], line)
			}
		}
	}
}

// The README lists every metric with its type, its labels and its words.
func TestTheREADMEListsWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess(t)
	p.Acquired(0, 1)
	p.Held(0, errors.New("x"), p.at)
	families, err := p.meter.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "governor_") {
			continue
		}
		labels := map[string]bool{}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				labels["`"+l.GetName()+"`"] = true
			}
		}
		var in []string
		for _, l := range []string{"`topic`", "`partition`", "`class`", "`state`", "`verdict`", "`answer`", "`version`", "`name`", "`hash`", "`percent`"} { // as people read them
			if labels[l] {
				in = append(in, l)
			}
			delete(labels, l)
		}
		if len(labels) > 0 {
			t.Errorf("%s has labels that this test does not know: %v", f.GetName(), labels)
		}
		cell := ""
		if len(in) > 0 {
			cell = strings.Join(in, ", ") + " "
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s| %s |", f.GetName(), strings.ToLower(f.GetType().String()), cell, f.GetHelp()))
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `governor_") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-what there is +README.md):\n%s", diff)
	}
}

// And its values are those of the classes and states.
func TestTheREADMEListsTheValues(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	row := func(label string) string {
		_, rest, _ := strings.Cut(string(text), "\n| `"+label+"` | ")
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	for _, c := range health.Classes() {
		if !strings.Contains(row("class"), "`"+string(c)+"`") {
			t.Errorf("class %s is not in the README", c)
		}
	}
	for _, s := range health.States() {
		if !strings.Contains(row("state"), "`"+string(s)+"`") {
			t.Errorf("state %s is not in the README", s)
		}
	}
}

// Names and words are as Prometheus has them.
func TestTheNamesAreGood(t *testing.T) {
	p := newProcess(t)
	p.Acquired(0, 1)
	p.Held(0, errors.New("x"), p.at)
	families, err := p.meter.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}
