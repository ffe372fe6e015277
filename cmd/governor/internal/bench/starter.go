package bench

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Starter starts the governor as another process.
type Starter interface {
	// Start runs it with these arguments. What it says goes into the file.
	Start(log string, args ...string) (Process, error)
}

// Process is one that was started.
type Process interface {
	ID() int                // its number, for the system's figures
	Ended() <-chan struct{} // closed when it has
	Stop()                  // tells it to end
	Kill()                  // ends it, whatever it is doing
}

// Itself starts the program that is running.
type Itself struct{}

// Start implements Starter.
func (Itself) Start(log string, args ...string) (Process, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the path of this program, to start it again: %w", err)
	}
	return command(path, log, args, nil)
}

// child is a process of the system.
type child struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

func command(path, log string, args, environment []string) (*child, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a file for what it says: %w", err)
	}
	defer out.Close()
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = append(os.Environ(), environment...)
	cmd.SysProcAttr = apart() // an interrupt at the terminal is for the bench, which then ends it
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	c := &child{cmd: cmd, ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		_ = cmd.Wait() // how it ended is seen in what it left
	}()
	return c, nil
}

// ID implements Process.
func (c *child) ID() int { return c.cmd.Process.Pid }

// Ended implements Process.
func (c *child) Ended() <-chan struct{} { return c.ended }

// Stop implements Process.
func (c *child) Stop() { _ = c.cmd.Process.Signal(syscall.SIGTERM) } // one that has ended need not be told

// Kill implements Process.
func (c *child) Kill() { _ = c.cmd.Process.Kill() }

// leaving is how long a process may take to end when it is told to.
const leaving = 20 * time.Second

// end tells it to end, and sees that it does.
func end(p Process) {
	p.Stop()
	select {
	case <-p.Ended():
		return
	case <-time.After(leaving):
	}
	p.Kill()
	<-p.Ended()
}

// ended is the error of a process that was not told to end and did.
func ended(log string) error {
	return fmt.Errorf("it ended by itself, and said last:\n%s", lastWords(log))
}

// lastWords are the last lines of a file.
func lastWords(log string) string {
	lines := strings.Split(strings.TrimSpace(text(log)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}
