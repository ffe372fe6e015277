package main

import (
	"fmt"
	"io"
	"os/user"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// takeHand is the log in the hand of whoever typed the command, and the policy that the
// configuration names.
func takeHand(cmd *cobra.Command, name, file string) (*app.Hand, *rules.Policy, error) {
	if file == "" {
		return nil, nil, &usageError{fmt.Errorf("%s: which configuration? Write --config FILE, the one of governor run", name)}
	}
	c, err := config.Load(file)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	policy, err := policyfile.Load(c.Policy)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	log, err := logging.New(cmd.ErrOrStderr(), "warn", c.Log.Format)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	hand, err := app.NewHand(&c, log)
	if err != nil {
		return nil, nil, &usageError{fmt.Errorf("%s: %w", name, err)}
	}
	return hand, policy, nil
}

// whoTypes names who typed the command, for the audit.
func whoTypes() string {
	name := "unknown"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	return "cli:" + name
}

// often is how often a line tells how far it is, where there is no terminal.
const often = 5 * time.Second

// passing tells how far something is: on one line of a terminal, as a line now and then
// elsewhere. What is over soon is not told at all.
type passing struct {
	mu     sync.Mutex
	w      io.Writer
	screen bool
	what   string
	began  time.Time
	told   time.Time
}

func newPassing(w io.Writer, what string) *passing {
	return &passing{w: w, screen: isTerminal(w), what: what, began: time.Now(), told: time.Now()}
}

// tell tells that so many are done, of all.
func (p *passing) tell(done, all int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, pause := time.Now(), often
	if p.screen {
		pause = often / 20
	}
	if now.Sub(p.told) < pause || done == 0 {
		return
	}
	p.told = now
	took := now.Sub(p.began)
	left := time.Duration(float64(all-done) / float64(done) * float64(took))
	line := fmt.Sprintf("  %d of %d %s, %.0f a second, %s left", done, all, p.what, float64(done)/took.Seconds(), max(0, left).Round(time.Second))
	if p.screen {
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		return
	}
	fmt.Fprintln(p.w, line)
}

// end takes the line off a terminal.
func (p *passing) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.screen {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
