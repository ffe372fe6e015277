package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// table is what was seen of a scenario, for people.
type table struct {
	head []string
	rows [][]string
}

// add adds a row.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write writes the table for a terminal.
func (t *table) write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{t.head}, t.rows...) {
		fmt.Fprintln(w, "  "+strings.Join(row, "\t"))
	}
	return w.Flush()
}

// markdown writes the table for a document. What is no name stands on the right.
func (t *table) markdown(out *strings.Builder) {
	fmt.Fprintf(out, "| %s |\n|---|%s\n", strings.Join(t.head, " | "), strings.Repeat("--:|", len(t.head)-1))
	for _, row := range t.rows {
		fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
	}
}

// builtIn is the subject that copies, of this binary. It does as the peer copy-kafka-go does.
const builtIn = "copy-built-in"

// group is what was seen of one subject in several runs.
type group []Run

// groups are the runs by subject and what else tells them apart, in the order of their first.
func groups(runs []Run) (all []group) {
	same := func(a, b *Run) bool {
		return a.Subject == b.Subject && a.Governors == b.Governors && a.People == b.People && a.Window == b.Window && a.Share == b.Share && a.N == b.N ||
			a.Subject == b.Subject && a.Share == b.Share && a.Share > 0
	}
	for _, r := range runs {
		i := slices.IndexFunc(all, func(g group) bool { return same(&g[0], &r) })
		if i < 0 {
			i = len(all)
			all = append(all, nil)
		}
		all[i] = append(all[i], r)
	}
	return all
}

// median is the one in the middle; of two, the lower.
func (g group) median(of func(*Run) float64) float64 {
	values := make([]float64, len(g))
	for i := range g {
		values[i] = of(&g[i])
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

func (g group) best(of func(*Run) float64) float64 {
	best := of(&g[0])
	for i := range g {
		best = max(best, of(&g[i]))
	}
	return best
}

func (g group) sum(of func(*Run) int) (n int) {
	for i := range g {
		n += of(&g[i])
	}
	return n
}

func rate(r *Run) float64     { return r.Rate }
func own(r *Run) float64      { return r.OwnCPUPerM() }
func inRedis(r *Run) float64  { return perMillion(r.RedisCPU, r.N) }
func inBroker(r *Run) float64 { return perMillion(r.BrokerCPU, r.N) }
func allCPU(r *Run) float64   { return r.AllCPUPerM }
func resident(r *Run) float64 { return r.RSS }
func outside(r *Run) float64  { return float64(r.RedisOutside) / float64(max(1, r.N)) }

// flaws is what was not as it should be.
func flaws(r *Run) int {
	return r.Wrong + r.WrongTopic + r.Missing + r.Lacking + r.Extra + r.Contradicted + r.Originals + r.Strange + r.breached()
}

// copies says whether a subject decides nothing.
func (r *Run) copies() bool { return strings.HasPrefix(r.Subject, "copy") }

// breaches is how many promises were broken; – where nobody asked.
func breaches(r *Run) string {
	if r.Breaches == nil {
		return "–"
	}
	return strconv.Itoa(*r.Breaches)
}

// of finds a subject.
func of(all []group, subject string) group {
	if i := slices.IndexFunc(all, func(g group) bool { return g[0].Subject == subject }); i >= 0 {
		return all[i]
	}
	return nil
}

// ceiling is the copy by kafka-go: the peers' own if it ran, else that of this binary.
func ceiling(all []group) group {
	if g := of(all, "copy-kafka-go"); g != nil {
		return g
	}
	return of(all, builtIn)
}

// side is the table of subjects side by side.
func side(runs []Run) table {
	all := groups(runs)
	copied, streams := ceiling(all), of(all, "streams")
	t := table{head: []string{"subject (runs)", "decisions/s median (best)", "own CPU", "Redis", "broker", "all", "RSS MiB", "Redis commands outside scripts, an intent", "wrong"}}
	if copied != nil {
		t.head = append(t.head, "speed ÷ "+copied[0].Subject, "CPU ÷ "+copied[0].Subject)
	}
	if streams != nil {
		t.head = append(t.head, "speed ÷ streams")
	}
	for _, g := range all {
		row := []string{name(g), fmt.Sprintf("%s (%s)", count(g.median(rate)), count(g.best(rate)))}
		row = append(row, seconds(g.median(own)), seconds(g.median(inRedis)), seconds(g.median(inBroker)), seconds(g.median(allCPU)), count(g.median(resident)), commands(g), wrong(g))
		if copied != nil {
			row = append(row, ratio(g.median(rate), copied.median(rate)), ratio(g.median(allCPU), copied.median(allCPU)))
		}
		if streams != nil {
			row = append(row, ratio(g.median(rate), streams.median(rate)))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func name(g group) string {
	s := g[0].Subject
	if g[0].Governors > 1 {
		s = strconv.Itoa(g[0].Governors) + " governors"
	}
	return fmt.Sprintf("%s (%d)", s, len(g))
}

func wrong(g group) string {
	if g[0].copies() {
		return "–"
	}
	return strconv.Itoa(g.sum(flaws))
}

func commands(g group) string {
	if g[0].Subject != "governor" {
		return "–"
	}
	return strconv.FormatFloat(g.median(outside), 'f', 3, 64)
}

func ratio(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return strconv.FormatFloat(a/b, 'f', 2, 64)
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 1, 64) }

// count is a number with commas.
func count(n float64) string {
	s := strconv.FormatInt(int64(n+0.5), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// killed is the table of what a kill left.
func killedTable(runs []Run) table {
	t := table{head: []string{"killed after", "decisions", "missing", "contradicted", "counted twice", "exact repeats", "wrong in any way", "breaches that verify found"}}
	for i := range runs {
		r := &runs[i]
		t.add(strings.TrimSuffix(strings.TrimPrefix(r.Note, "killed after "), " decisions"), count(float64(r.Approved+r.Vetoed)), strconv.Itoa(r.Missing+r.Lacking), strconv.Itoa(r.Contradicted),
			strconv.Itoa(r.Extra), strconv.Itoa(r.Repeats), strconv.Itoa(flaws(r)), breaches(r))
	}
	return t
}

func latencyTable(runs []Run) table {
	t := table{head: []string{"share of the highest rate (runs)", "intents/s", "p50 ms", "p99 ms", "longest ms", "seconds behind at the end", "all CPU a million"}}
	for _, g := range groups(runs) {
		t.add(fmt.Sprintf("%.0f %% (%d)", 100*g[0].Share, len(g)), count(g.median(func(r *Run) float64 { return r.Offered })), count(g.median(func(r *Run) float64 { return r.P50 })),
			count(g.median(func(r *Run) float64 { return r.P99 })), count(g.best(func(r *Run) float64 { return r.Most })),
			seconds(g.median(func(r *Run) float64 { return r.Behind })), seconds(g.median(allCPU)))
	}
	return t
}

func growthTable(runs []Run) table {
	t := table{head: []string{"people", "of them contacted", "window", "intents", "decisions/s", "own CPU a million", "Redis CPU a million", "RSS MiB", "Redis bytes a person contacted"}}
	for _, g := range groups(runs) {
		r := &g[0]
		t.add(count(float64(r.People)), count(float64(r.Touched)), r.Window, count(float64(r.N)), count(g.median(rate)), seconds(g.median(own)), seconds(g.median(inRedis)), count(g.median(resident)),
			count(g.median(func(r *Run) float64 { return r.PerPerson })))
	}
	return t
}

func backlogTable(runs []Run) table {
	t := table{head: []string{"minutes that nobody governed", "intents", "seconds until all were decided", "decisions/s", "all CPU a million", "RSS MiB"}}
	for _, g := range groups(runs) {
		r := &g[0]
		t.add(count(r.Waited), count(float64(r.N)), seconds(g.median(func(r *Run) float64 { return r.Total })), count(g.median(rate)), seconds(g.median(allCPU)), count(g.median(resident)))
	}
	return t
}

// tableOf is the table of a scenario.
func tableOf(scenario string, runs []Run) table {
	switch scenario {
	case "kill":
		return killedTable(runs)
	case "latency":
		return latencyTable(runs)
	case "growth":
		return growthTable(runs)
	case "backlog":
		return backlogTable(runs)
	}
	return side(runs)
}

// line is a run in a line, for whoever waits.
func (r *Run) line() string {
	s := cmp.Or(r.Subject, "?")
	if r.Governors > 1 {
		s = strconv.Itoa(r.Governors) + " governors"
	}
	s += fmt.Sprintf(": %s a second; CPU seconds a million: %.1f (own %.1f, Redis %.1f, broker %.1f); %.0f MiB",
		count(r.Rate), r.AllCPUPerM, own(r), inRedis(r), inBroker(r), r.RSS)
	if n := flaws(r); n > 0 {
		s += fmt.Sprintf("; %d NOT AS THE ORACLE HAS IT: %d wrong, %d on the wrong topic, %d missing, %d lacking, %d extra, %d contradicted, %d without their original, %d of no intent",
			n, r.Wrong, r.WrongTopic, r.Missing, r.Lacking, r.Extra, r.Contradicted, r.Originals, r.Strange)
	}
	if r.Note != "" {
		s += "; " + strings.TrimSpace(r.Note)
	}
	return s
}
