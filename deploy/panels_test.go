//go:build integration

package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a panel asks can be asked: Prometheus' own tool reads each question, as if it were a rule.
func TestPrometheusUnderstandsEveryPanel(t *testing.T) {
	var rules strings.Builder
	rules.WriteString("groups:\n  - name: panels\n    rules:\n")
	asked := 0
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			expr := strings.NewReplacer("$__rate_interval", "1m", "$__range", "6h", "$job", "contact-governor").Replace(target.Expr)
			if strings.Contains(expr, "$") {
				t.Errorf("panel %q has a variable that this test does not know: %s", p.Title, expr)
			}
			fmt.Fprintf(&rules, "      - {record: 'panel:%d', expr: '%s'}\n", asked, strings.ReplaceAll(expr, "'", "''"))
			asked++
		}
	}
	if asked < 20 {
		t.Fatalf("only %d questions: this test looks in the wrong place", asked)
	}
	file := filepath.Join(t.TempDir(), "panels.yaml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("promtool", "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, said, rules.String())
	}
}
