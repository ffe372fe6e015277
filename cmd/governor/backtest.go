package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/backtest"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// backtestCommand tells where two policies part over a recording.
func backtestCommand() *cobra.Command {
	var policies []string
	var events, output string
	var q backtest.Question
	cmd := &cobra.Command{
		Use:   "backtest --policy A --policy B [--events FILE]",
		Short: "Tell what policy B would have approved that A did not, and the reverse",
		Long: `Backtest decides one recording under two policies and tells where they part: by
campaign, by rule and by day, each with an example, and how the veto rate changes. The
recording is what governor replay reads; without --events it is standard input.

Read the figures with care. Each side is a replay of its own, and what it decides
differently changes what it decides later: who got the third message of the week under
B does not get the fourth. What people would have said and done then nobody knows; the
recording says it for both sides. In particular it has no redemption and no outcome of
what only one side approved. Such an approval expires and gives its slot back, so that
this side approves more afterwards than it would have; --carry-out takes approvals of
which the recording says nothing for carried out, on both sides.

The text lists the first of each kind; -o json has all of them, -o csv a line for each
campaign, rule and day. Intents are named, people are not.

Exit status: 0 told, 1 a line of the recording cannot be read, 2 a mistake in a policy
or on the command line.`,
		Example: `  governor backtest --policy no-means-no --policy ours.yaml --events recorded.jsonl
  governor backtest --policy ours.yaml --policy ours.yaml,us-tcpa --events recorded.jsonl --carry-out
  governor backtest --policy old.yaml --policy new.yaml --events recorded.jsonl -o csv`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" && output != "csv" {
				return &usageError{fmt.Errorf("backtest: -o %q: write text, json or csv", output)}
			}
			if len(policies) != 2 {
				return &usageError{errors.New("backtest: which two policies? Write --policy A --policy B: A is compared with, B is what you think of; several that hold together are written with commas")}
			}
			var err error
			if q.A, err = policyfile.Load(policies[0]); err != nil {
				return &usageError{err}
			}
			if q.B, err = policyfile.Load(policies[1]); err != nil {
				return &usageError{err}
			}
			recording, err := open("backtest", cmd, events)
			if err != nil {
				return err
			}
			defer recording.Close()
			watched := backtest.Watch(recording, size(recording), cmd.ErrOrStderr(), isTerminal(cmd.ErrOrStderr()))
			report, err := backtest.Run(cmd.Context(), &q, watched)
			watched.End()
			if errors.Is(err, context.Canceled) {
				return errors.New("backtest: interrupted, and nothing is told of a part")
			}
			if err != nil {
				return err
			}
			switch output {
			case "json":
				return writeJSON(cmd.OutOrStdout(), report)
			case "csv":
				return report.WriteCSV(cmd.OutOrStdout())
			}
			return report.Write(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringArrayVar(&policies, "policy", nil, "policy file or built-in name, twice: A, then B; several, comma-separated, mean the strictest of all")
	cmd.Flags().StringVar(&events, "events", "", "file with the recorded stream (default standard input)")
	cmd.Flags().BoolVar(&q.CarryOut, "carry-out", false, "take approvals of which the recording says nothing for carried out")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text, json or csv")
	return cmd
}

// size is how many bytes a recording has; 0 where nobody knows.
func size(recording io.Reader) int64 {
	f, ok := recording.(*os.File)
	if !ok {
		return 0
	}
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}
