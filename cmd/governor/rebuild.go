package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/rules/policyfile"
)

func rebuildCommand() *cobra.Command {
	var file string
	var partitions []int
	cmd := &cobra.Command{
		Use:   "rebuild --config FILE",
		Short: "Make what Redis remembers anew, from Kafka",
		Long: `Rebuild forgets what Redis has of the partitions and makes it anew from Kafka: what
stands for each person from contact.standing, what counts from the decisions and the
signals that are kept. Nothing is decided meanwhile, and what was decided is not
decided again.

A governor that finds its Redis empty does the same by itself. This command is for a
Redis that has something, which is not to be trusted: a key was deleted, a snapshot
of another day was loaded. Stop the governors first; one that runs takes its
partitions back after a while, and then rebuilds them itself. The user of Redis needs
the right +scan for it.`,
		Example: `  governor rebuild --config deploy/governor.example.yaml
  governor rebuild --config deploy/governor.example.yaml --partition 3`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return &usageError{errors.New("rebuild: which configuration? Write --config FILE, the one of governor run")}
			}
			c, err := config.Load(file)
			if err != nil {
				return &usageError{err}
			}
			policy, err := policyfile.Load(c.Policy)
			if err != nil {
				return &usageError{err}
			}
			log, err := logging.New(cmd.ErrOrStderr(), "warn", c.Log.Format)
			if err != nil {
				return &usageError{err}
			}
			p := &pace{w: cmd.ErrOrStderr(), people: make(map[int32]int)}
			a, err := app.New(app.Options{Config: c, Policy: policy, Log: log, Observer: p})
			if err != nil {
				return &usageError{fmt.Errorf("rebuild: %w", err)}
			}
			began := time.Now()
			rebuilt, err := a.Rebuild(cmd.Context(), partitions)
			fmt.Fprintf(cmd.OutOrStdout(), "%d partitions rebuilt in %s; something stands for %d people or addresses\n",
				rebuilt, time.Since(began).Round(time.Millisecond), p.everybody())
			return errors.Join(err, a.Close())
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file, as of governor run (required)")
	cmd.Flags().IntSliceVar(&partitions, "partition", nil, "only partition `N`; may be repeated (default all)")
	return cmd
}

// pace tells how a rebuild goes, a line each time.
type pace struct {
	mu     sync.Mutex
	w      io.Writer
	people map[int32]int
}

// Rebuilding implements consumer.Observer.
func (p *pace) Rebuilding(partition int32, at consumer.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people[partition] = at.People
	now := time.Now()
	percent := 100 * float64(at.Done) / float64(max(at.Total, 1))
	fmt.Fprintf(p.w, "partition %d: %3.0f %% (%d of %d records, %.0f a second), %s left\n",
		partition, math.Min(percent, 100), at.Done, at.Total, at.Rate(now), at.Left(now).Round(time.Second))
}

func (p *pace) everybody() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, people := range p.people {
		n += people
	}
	return n
}

// Acquired implements consumer.Observer.
func (*pace) Acquired(int32, int64) {}

// Committed implements consumer.Observer.
func (*pace) Committed(int32, consumer.BatchReport) {}

// Held implements consumer.Observer.
func (*pace) Held(int32, error, time.Time) {}

// Resumed implements consumer.Observer.
func (*pace) Resumed(int32, time.Duration) {}

// Released implements consumer.Observer.
func (*pace) Released(int32) {}
