//go:build integration

package integration

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// "Exact after crashes" (issue 7), over a real Kafka: a governor is killed in the middle of its work and another goes on.
// What is exported are the decisions that are on the topics, each once; the counts add up to them; and the figures that
// the second one tells are of both.
func TestWhatIsExportedIsWhatWasDecided(t *testing.T) {
	p := newPlace(t)
	port, err := freePort()
	must(t, err)
	doors, err := freePort()
	must(t, err)
	c := p.config()
	c["http"], c["api"] = config{"listen": loopback(port)}, config{"listen": loopback(doors), "tokens_file": someTokens(t)}
	g := startGovernor(t, c)
	p.send(t, "contact.signals", "ann", text(t, signal{ID: "s1", Person: "ann", Type: "refusal", At: stamp(time.Now())}))
	want := func(round string) {
		for i := range 20 {
			p.send(t, "contact.intents", "ann", text(t, marketing(fmt.Sprint("a", round, i), "ann", "email", "spring")))
			person := fmt.Sprint("p", i)
			p.send(t, "contact.intents", person, text(t, marketing(fmt.Sprint("p", round, i), person, "email", "spring")))
		}
	}
	want("1")
	waitFor(t, "something to be decided", func() bool { return p.decidedSoFar(t) > 5 })
	g.Kill(t)
	want("2")
	startGovernor(t, c)
	decisions := make(map[string]decision)
	waitAtLength(t, "everything to be decided", func() bool {
		clear(decisions)
		for _, d := range p.decisions(t) {
			decisions[d.ID] = d
		}
		return len(decisions) == 80
	})

	file := filepath.Join(t.TempDir(), "governor.yaml")
	must(t, os.WriteFile(file, []byte(text(t, c)), 0o600))
	export := func(args ...string) (rows []map[string]any) {
		t.Helper()
		binary, err := governorBinary()
		must(t, err)
		command := exec.CommandContext(patiently(t), binary, append([]string{"export", "--config", file, "--format", "ndjson", "--persons", "plain"}, args...)...)
		var said strings.Builder
		command.Stderr = &said
		out, err := command.Output()
		if err != nil {
			t.Fatalf("export %v: %v: %s", args, err, said.String())
		}
		for line := range strings.Lines(string(out)) {
			var row map[string]any
			must(t, json.Unmarshal([]byte(line), &row))
			rows = append(rows, row)
		}
		if !strings.HasPrefix(said.String(), fmt.Sprintf("%d rows of ", len(rows))) {
			t.Errorf("export %v wrote %d rows, and says %s", args, len(rows), said.String())
		}
		return rows
	}
	rows, approved := export(), 0
	times := make(map[string]int)
	for _, row := range rows {
		id, _ := row["id"].(string)
		times[id]++
		d := decisions[id]
		if row["intent"] != d.Intent || row["person"] != d.Person || row["verdict"] != d.Verdict || row["reason"] != d.Reason {
			t.Errorf("exported is %v, decided %+v", row, d)
		}
		if d.Verdict == "approved" {
			approved++
		}
	}
	if len(rows) != 80 || len(times) != 80 || approved == 0 {
		t.Errorf("%d rows of %d decisions, %d approved", len(rows), len(times), approved)
	}
	cut, _ := rows[len(rows)/2]["decided"].(string)
	if before, after := export("--to", cut), export("--from", cut); len(before)+len(after) != 80 || len(before) == 0 || len(after) == 0 {
		t.Errorf("%d rows before %s and %d after, of 80", len(before), cut, len(after))
	}
	counted := make(map[string]int)
	for _, row := range export("--topic", "rates") {
		n, _ := row["count"].(float64)
		verdict, _ := row["verdict"].(string)
		counted[verdict] += int(n)
	}
	if counted["approved"] != approved || counted["vetoed"] != 80-approved {
		t.Errorf("the rates say %v; %d of 80 were approved", counted, approved)
	}
	if noes := export("--topic", "noes"); len(noes) != 1 || noes[0]["person"] != "ann" {
		t.Errorf("the noes are %v", noes)
	}

	waitAtLength(t, "the figures of both", func() bool {
		answer, err := http.Get("http://" + loopback(port) + "/metrics")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		told, err := io.ReadAll(answer.Body)
		must(t, err)
		for _, line := range []string{"caught_up 1", "exits 1", "clean_exits 0", "intents 80", "intents_after_no 40"} {
			if !strings.Contains(string(told), "\ngovernor_figures_"+line+"\n") {
				return false
			}
		}
		return true
	})
}
