//go:build integration

package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// config is the governor's configuration file. It is written as JSON, which is YAML.
type config map[string]any

// process is a running governor.
type process struct {
	command *exec.Cmd
	log     string        // the file that takes both its outputs; a killed process loses nothing of it
	exited  chan struct{} // closed when it has ended
	ending  bool          // a test has asked it to end
}

// startGovernor starts `governor run` with the configuration. It ends with the test at the latest; if the test failed,
// the end of its log is shown. To end by itself is a failure.
func startGovernor(t *testing.T, c config, args ...string) *process {
	t.Helper()
	binary, err := governorBinary()
	must(t, err)
	dir := t.TempDir()
	text, err := json.MarshalIndent(c, "", "  ")
	must(t, err)
	file := filepath.Join(dir, "governor.yaml")
	must(t, os.WriteFile(file, text, 0o600))
	return startProcess(t, exec.Command(binary, append([]string{"run", "--config", file}, args...)...))
}

// startProcess starts a command under the same care.
func startProcess(t *testing.T, command *exec.Cmd) *process {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	must(t, err)
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	must(t, command.Start())
	p := &process{command: command, log: log.Name(), exited: make(chan struct{})}
	go func() {
		_ = command.Wait() // the state it ended in stays in command.ProcessState
		close(p.exited)
	}()
	t.Cleanup(func() { p.end(t) })
	return p
}

// Kill ends the governor at once, wherever it is.
func (p *process) Kill(t *testing.T) {
	t.Helper()
	p.ending = true
	p.signal(t, syscall.SIGKILL)
	<-p.exited
}

// Stop asks the governor to end, and wants it to end well.
func (p *process) Stop(t *testing.T) {
	t.Helper()
	p.ending = true
	p.signal(t, syscall.SIGTERM)
	waitFor(t, "the governor to stop", p.hasExited)
	if code := p.command.ProcessState.ExitCode(); code != 0 {
		t.Errorf("a stopped governor ended with %v", p.command.ProcessState)
	}
}

// Ended waits for the governor to end by itself, where that is what it should do, and returns its exit status.
func (p *process) Ended(t *testing.T) int {
	t.Helper()
	p.ending = true
	waitFor(t, "the governor to end by itself", p.hasExited)
	return p.command.ProcessState.ExitCode()
}

// Pause freezes the governor: to the others it looks dead, to itself no time passes.
func (p *process) Pause(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGSTOP)
}

// Resume ends a Pause.
func (p *process) Resume(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGCONT)
}

// Logs returns what the governor has said so far.
func (p *process) Logs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.log)
	must(t, err)
	return string(text)
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		t.Fatalf("%v: %v", s, err)
	}
}

func (p *process) hasExited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// end is the last thing that happens to the process in a test.
func (p *process) end(t *testing.T) {
	if p.hasExited() && !p.ending {
		t.Errorf("the governor ended by itself: %v", p.command.ProcessState)
	}
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-p.exited
	said := p.Logs(t)
	if strings.Contains(said, "WARNING: DATA RACE") {
		t.Error("the race detector found a race in the governor")
	}
	if t.Failed() {
		t.Logf("the governor said:\n%s", lastLines(said, 200))
	}
}

// governorBinary returns the path of the binary, which is built once.
var governorBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "governor-integration-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "governor")
	args := []string{"build", "-o", binary}
	if os.Getenv("GOVERNOR_RACE") == "1" {
		args = append(args, "-race")
	}
	said, err := exec.Command("go", append(args, "../cmd/governor")...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building the governor: %w\n%s", err, said)
	}
	return binary, err
})

func removeBinary() {
	if binary, _ := governorBinary(); binary != "" {
		os.RemoveAll(filepath.Dir(binary))
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
