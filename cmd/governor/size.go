package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/sizing"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// sizeCommand tells what a governor will need.
func sizeCommand() *cobra.Command {
	need := sizing.Default()
	var policy, output string
	cmd := &cobra.Command{
		Use:   "size --people N --intents-per-second R",
		Short: "Tell how many partitions and machines, and how much memory and disk it will need",
		Long: `Size tells, for so many people and so many intents, how many partitions and instances
there should be, how much memory Redis needs, and how much disk the topics. It says how
that comes about, where each figure is from, and how far it can be believed. What it
knows of bytes is held to what is measured at every run of the tests; speeds were
measured once, on the machine that it names.

It asks nobody and reads nothing but the policy, if one is named.

Exit status: 0 told, 2 used wrongly.`,
		Example: `  governor size --people 1000000 --intents-per-second 20
  governor size --people 5000000 --intents-per-second 60 --window 30d --approved 0.3 --peak 400
  governor size --people 200000 --intents-per-second 2 --policy no-means-no -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := textOrJSON("size", output); err != nil {
				return err
			}
			if policy != "" {
				if cmd.Flags().Changed("window") {
					return &usageError{errors.New("size: --window and --policy say the same: keep one")}
				}
				p, err := policyfile.Load(policy)
				if err != nil {
					return &usageError{err}
				}
				need.Window = sizing.Span(p.Memory())
			}
			if err := need.Check(); err != nil {
				return &usageError{fmt.Errorf("size: %w; see '%s --help'", err, cmd.CommandPath())}
			}
			s := sizing.Of(need)
			if output == "json" {
				return writeJSON(cmd.OutOrStdout(), struct {
					Need sizing.Need  `json:"need"`
					Size *sizing.Size `json:"size"`
				}{need, s})
			}
			return s.Write(cmd.OutOrStdout(), need)
		},
	}
	f := cmd.Flags()
	f.Float64Var(&need.People, "people", 0, "how many people are ever to be contacted (required)")
	f.Float64Var(&need.Intents, "intents-per-second", 0, "how many intents come a second, on average, day and night (required)")
	f.Float64Var(&need.Peak, "peak", 0, "how many come in the busiest second (default three times the average)")
	f.Var(&need.Window, "window", "the longest window of the policy, like 30d")
	f.StringVar(&policy, "policy", "", "file or name of a policy, in place of --window")
	f.Float64Var(&need.Approved, "approved", need.Approved, "the share of intents that is approved")
	f.Float64Var(&need.Refusing, "refusing", need.Refusing, "the share of people who say no to something")
	f.Float64Var(&need.Signals, "signals", need.Signals, "how many signals follow an approval: the worker's question, sent, delivered")
	f.Var(&need.Retention, "retention", "how long signals and decisions are kept, kafka.topics.retention")
	f.Var(&need.Intake, "intake", "how long intents are kept")
	f.IntVar(&need.Replication, "replication", need.Replication, "copies of every record, kafka.topics.replication")
	f.IntVar(&need.Cores, "cores", need.Cores, "processors of each instance")
	f.Float64Var(&need.Sorts, "sorts", need.Sorts, "sorts of decision in a minute and partition: campaign, channel, purpose, engine, verdict, reason")
	f.StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}
