//go:build integration

package integration

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// staysUp runs the demo, whose page is there when it is over, and until it is told to stop.
func staysUp(t *testing.T, command *exec.Cmd) {
	t.Helper()
	p := startProcess(t, command)
	p.says(t, "The page stays at")
	said, err := os.ReadFile(p.log)
	must(t, err)
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(string(said))
	waitFor(t, "the stories on the page", func() bool {
		a, err := http.Get(address)
		if err != nil {
			return false
		}
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		return err == nil && strings.Contains(string(text), "refused.cancellation") && strings.Contains(string(text), "Clean exits")
	})
	p.Stop(t)
}
