package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// runCommand governs against a real Kafka and a real Redis.
func runCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "run --config FILE",
		Short: "Govern: Kafka in, Kafka out, Redis for memory",
		Long: `Run checks or makes the topics, joins the group, and then decides every intent that
comes, until it is told to stop (SIGTERM, interrupt): it finishes what it has under
way and leaves the group. Several may run side by side; they share the partitions.

While Kafka or Redis is away it waits, says so, and approves nothing. With http.listen
in the configuration, /readyz tells whether all partitions decide, and else what holds
each, why and since when; /livez, /startupz, /statusz and /metrics tell the rest.
With api.listen there is a page for people at /, beside the doors for programs.

A policy file may be changed while it runs: it is read when it has rested for a
second, or at once on SIGHUP. All of it is adopted, or, if it has mistakes, nothing
of it: they are told, and the policy before stays in force. What else is in the
configuration needs a restart, and so does another clock of the policy. On SIGUSR1
the log tells everything, as with log.level debug, and on the next one as much as
before.`,
		Example: `  governor run --config deploy/governor.example.yaml`,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return &usageError{errors.New("run: which configuration? Write --config FILE; deploy/governor.example.yaml is one to start from")}
			}
			c, err := config.Load(file)
			if err != nil {
				return &usageError{err}
			}
			policy, err := policyfile.Load(c.Policy)
			if err != nil {
				return &usageError{err}
			}
			log, level, err := logging.Adjustable(cmd.ErrOrStderr(), c.Log.Level, c.Log.Format)
			if err != nil {
				return &usageError{err}
			}
			defer logging.OnSignal(log, level)()
			again := make(chan os.Signal, 1)
			signal.Notify(again, syscall.SIGHUP)
			defer signal.Stop(again)
			a, err := observe(app.Options{
				Config: c, Policy: policy, Log: log,
				Source: &app.Source{Names: c.Policy, Load: func() (*rules.Policy, error) { return policyfile.Load(c.Policy) }, Again: again},
			})
			if err != nil {
				return &usageError{fmt.Errorf("run: %w", err)}
			}
			err = a.Run(cmd.Context())
			if err == nil {
				log.Info("stopped")
			}
			return errors.Join(err, a.Close())
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file (required)")
	return cmd
}
