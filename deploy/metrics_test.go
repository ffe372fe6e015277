package deploy

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rule is one alert, as Prometheus reads it.
type rule struct {
	Alert       string
	Expr        string
	Labels      map[string]string
	Annotations map[string]string
}

func alerts(t *testing.T) (out []rule) {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []rule }
	}
	if err := yaml.Unmarshal([]byte(read(t, "prometheus/alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		out = append(out, g.Rules...)
	}
	if len(out) < 10 {
		t.Fatalf("only %d alerts: this test looks in the wrong place", len(out))
	}
	return out
}

// panel is one picture of the dashboard.
type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Targets     []struct{ Expr string }
}

func panels(t *testing.T) []panel {
	t.Helper()
	var board struct {
		Panels      []panel
		Annotations struct{ List []struct{ Expr string } }
	}
	if err := json.Unmarshal([]byte(read(t, "grafana/dashboard.json")), &board); err != nil {
		t.Fatal(err)
	}
	return board.Panels
}

// measured are the metrics that the table of the metrics' own README lists, which a test there compares with what the
// governor tells; each with its labels. A histogram has the series that Prometheus makes of it.
func measured(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{ // of Prometheus itself, and of its library
		"up": nil, "process_start_time_seconds": nil, "process_resident_memory_bytes": nil, "process_cpu_seconds_total": nil,
	}
	table := read(t, "../cmd/governor/internal/metrics/README.md")
	for _, row := range regexp.MustCompile("(?m)^\\| `(governor_[a-z_]+)` \\| ([a-z]+) \\| (.*?)\\|").FindAllStringSubmatch(table, -1) {
		var labels []string
		for _, l := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[3], -1) {
			labels = append(labels, l[1])
		}
		if row[2] == "histogram" {
			out[row[1]+"_bucket"] = append(labels, "le")
			out[row[1]+"_sum"], out[row[1]+"_count"] = labels, labels
			continue
		}
		out[row[1]] = labels
	}
	if len(out) < 15 {
		t.Fatalf("only %d metrics: this test looks in the wrong place", len(out))
	}
	return out
}

// What looks at a metric that is not there looks at nothing, and is silent for ever ("checked by a test that every name
// exists").
func TestEveryMetricThatIsAskedForExists(t *testing.T) {
	have := measured(t)
	asked := make(map[string]string) // an expression, and where it is
	for _, r := range alerts(t) {
		asked[r.Expr] = "alert " + r.Alert
	}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			asked[target.Expr] = "panel " + p.Title
		}
	}
	metric := regexp.MustCompile(`\b(governor_[a-z_]+|process_[a-z_]+|go_[a-z_]+|up)\b(?:\{([^}]*)\})?`)
	used := make(map[string]bool)
	for expr, where := range asked {
		found := metric.FindAllStringSubmatch(expr, -1)
		if len(found) == 0 {
			t.Errorf("%s asks for no metric: %s", where, expr)
		}
		for _, m := range found {
			labels, there := have[m[1]]
			if !there {
				t.Errorf("%s asks for %s, which nothing tells", where, m[1])
			}
			used[m[1]] = true
			for _, l := range regexp.MustCompile(`([a-z_]+)\s*=`).FindAllStringSubmatch(m[2], -1) {
				if l[1] != "job" && l[1] != "instance" && !slices.Contains(labels, l[1]) {
					t.Errorf("%s asks for %s by %s, which it does not have: %s", where, m[1], l[1], expr)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if strings.HasPrefix(name, "governor_") && !strings.HasSuffix(name, "_sum") && !strings.HasSuffix(name, "_count") && !used[name] {
			t.Errorf("%s is told, and neither an alert nor a panel looks at it", name)
		}
	}
}

// "A runbook with one entry an alert": whoever is woken finds it by the link, and it says the same four things each time.
func TestEveryAlertHasItsEntryInTheRunbook(t *testing.T) {
	book := read(t, "runbook.md")
	entries := make(map[string]string)
	for _, part := range strings.Split(book, "\n### ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		entries[name] = text
	}
	for _, r := range alerts(t) {
		entry, there := entries[r.Alert]
		if !there {
			t.Errorf("%s has no entry", r.Alert)
			continue
		}
		delete(entries, r.Alert)
		for _, word := range []string{"**For people:**", "**Look at:**", "**Mend:**", "**Over when:**"} {
			if !strings.Contains(entry, word) {
				t.Errorf("the entry of %s has no %s", r.Alert, word)
			}
		}
		if want := "deploy/runbook.md#" + strings.ToLower(r.Alert); !strings.HasSuffix(r.Annotations["runbook_url"], want) {
			t.Errorf("%s leads to %q, want …%s", r.Alert, r.Annotations["runbook_url"], want)
		}
		if s := r.Labels["severity"]; s != "page" && s != "ticket" {
			t.Errorf("%s is of severity %q", r.Alert, s)
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s does not say what it is", r.Alert)
		}
	}
	for name := range entries {
		t.Errorf("the runbook has an entry %s, and there is no such alert", name)
	}
}

// Each alert comes in a story of promtool's tests, and in one it does not.
func TestEveryAlertIsTested(t *testing.T) {
	comes, silent := make(map[string]bool), make(map[string]bool)
	for _, file := range []string{"prometheus/alerts_test.yaml", "prometheus/alerts_week_test.yaml"} {
		var stories struct {
			Tests []struct {
				Asks []struct {
					Expr string
					Want []any `yaml:"exp_samples"`
				} `yaml:"promql_expr_test"`
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, file)), &stories); err != nil {
			t.Fatal(err)
		}
		for _, story := range stories.Tests {
			for _, ask := range story.Asks {
				name := regexp.MustCompile(`alertname="(\w+)"`).FindStringSubmatch(ask.Expr)[1]
				if len(ask.Want) > 0 {
					comes[name] = true
				} else {
					silent[name] = true
				}
			}
		}
	}
	for _, r := range alerts(t) {
		if !comes[r.Alert] || !silent[r.Alert] {
			t.Errorf("%s: comes in a story %v, and is silent in one %v", r.Alert, comes[r.Alert], silent[r.Alert])
		}
	}
}

// The dashboard is one that can be looked at: nothing is on top of something else, and everything says what it is.
func TestTheDashboardHasRoomForEachPanel(t *testing.T) {
	taken, ids := make(map[[2]int]string), make(map[int]bool)
	for _, p := range panels(t) {
		if ids[p.ID] {
			t.Errorf("two panels are number %d", p.ID)
		}
		ids[p.ID] = true
		if p.Title == "" || p.Type != "row" && (p.Description == "" || len(p.Targets) == 0) {
			t.Errorf("panel %d does not say what it is: %+v", p.ID, p)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q lies over %q, or beyond the edge", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}
