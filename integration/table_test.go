//go:build integration

package integration

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// row is what became of one kind of fault.
type row struct {
	fault                      fault
	tried                      int
	intents, decisions         int
	approved, refused, revoked int
	read, repeats, found       int // by governor verify
	failed                     bool
	took                       time.Duration
}

// table is what the trials came to.
type table struct {
	mu   sync.Mutex
	rows []row
}

func (tt *table) add(r row) {
	tt.mu.Lock()
	defer tt.mu.Unlock()
	tt.rows = append(tt.rows, r)
}

// The lines of README.md between which the table is written.
const (
	tableBegins = "<!-- written by .ci/faults, never by hand: begin -->\n"
	tableEnds   = "<!-- end -->\n"
)

// write puts the table into the file that GOVERNOR_FAULTS_TABLE names, if it names one. A kind of fault that did not come
// to its end is in it as well, and says so.
func (tt *table) write(t *testing.T) {
	file := os.Getenv("GOVERNOR_FAULTS_TABLE")
	if file == "" {
		return
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	head, rest, begins := strings.Cut(string(old), tableBegins)
	_, tail, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Errorf("%s has not the lines between which the table is written", file)
		return
	}
	if err := os.WriteFile(file, []byte(head+tableBegins+"\n"+tt.text()+"\n"+tableEnds+tail), 0o644); err != nil {
		t.Error(err)
	}
}

func (tt *table) text() string {
	tt.mu.Lock()
	defer tt.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%s, commit %s, %s minutes, %d faults side by side, on %s.\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"),
		commit(), cmp.Or(os.Getenv("GOVERNOR_FAULTS_MINUTES"), "no"), atOnce(), machine())
	b.WriteString("| key | fault | tried | target | intents | decisions | approved | vetoed for a no | revoked | records that verify read | exact repeats | breaches found | took |\n")
	b.WriteString("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, f := range faults() {
		i := slices.IndexFunc(tt.rows, func(r row) bool { return r.fault.key == f.key })
		if i < 0 {
			fmt.Fprintf(&b, "| `%s` | %s | **it did not come to its end** | %d | | | | | | | | | |\n", f.key, f.name, f.target)
			continue
		}
		r := tt.rows[i]
		found := strconv.Itoa(r.found)
		if r.failed {
			found = "**failed**, " + found
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s | %v |\n", f.key, r.fault.name, r.tried, f.target, r.intents, r.decisions,
			r.approved, r.refused, r.revoked, r.read, r.repeats, found, r.took.Round(time.Second))
	}
	return b.String()
}

// atOnce is how many parallel tests run side by side.
func atOnce() int {
	n, err := strconv.Atoi(flag.Lookup("test.parallel").Value.String())
	if err != nil {
		return 1
	}
	return n
}

// commit is the one that was tried.
func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	id := strings.TrimSpace(string(out))
	changed, err := exec.Command("git", "status", "--porcelain", "--", "../cmd", "../consumer", "../rules", "../schemas", "../state", "../go.mod").Output()
	if err != nil || len(changed) > 0 {
		id += " with changes"
	}
	return id
}

// machine is what it was tried on.
func machine() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	model := "an unknown processor"
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	memory := ""
	text, _ = os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(text)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "MemTotal: %d kB", &kib); n == 1 {
			memory = fmt.Sprintf(", %d GiB", (kib+1<<19)>>20)
		}
	}
	return fmt.Sprintf("%d cores (%s)%s, %s/%s", runtime.NumCPU(), model, memory, runtime.GOOS, runtime.GOARCH)
}

// The page describes every fault, and there is a place for the table.
func TestThePageOfTheFaultsKnowsThemAll(t *testing.T) {
	text, err := os.ReadFile("README.md")
	must(t, err)
	page, table, ok := strings.Cut(string(text), tableBegins)
	if !ok || !strings.Contains(table, tableEnds) {
		t.Error("README.md has not the lines between which the table is written")
	}
	for _, f := range faults() {
		if !strings.Contains(page, "| `"+f.key+"` |") {
			t.Errorf("README.md does not say what %s is", f.key)
		}
		if f.short == 0 && !strings.Contains(page[strings.Index(page, "Not in the short version"):], "`"+f.key+"`") {
			t.Errorf("README.md does not say that %s is not in the short version", f.key)
		}
	}
}
