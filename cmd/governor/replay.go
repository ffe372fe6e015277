package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/state/memstate"
)

// replayCommand decides a recorded stream, offline and in simulated time.
func replayCommand() *cobra.Command {
	var policy, events string
	cmd := &cobra.Command{
		Use:   "replay --policy POLICY [--events FILE]",
		Short: "Decide a recorded stream, offline and in simulated time",
		Long: `Replay decides a recorded stream with no broker and no server: one JSON object a
line in, one JSON object a line out. The same decision code and the same memory as
the live service; only the clock and the stream differ. A line is decided at the time
at which it arrived; under a policy with clock: event, at the time of the record in it.

POLICY is a file or the name of a built-in policy; several, comma-separated, mean
the strictest of all. Without --events the stream is read from standard input.`,
		Example: `  governor replay --policy no-means-no --events recorded.jsonl
  grep p9f31 recorded.jsonl | governor replay --policy no-means-no`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if policy == "" {
				return &usageError{errors.New("replay: which policy? Write --policy no-means-no, or a file")}
			}
			compiled, err := policyfile.Load(policy)
			if err != nil {
				return &usageError{err}
			}
			in := cmd.InOrStdin()
			if events != "" && events != "-" {
				f, err := os.Open(events)
				if err != nil {
					return &usageError{fmt.Errorf("replay: %w", err)}
				}
				defer f.Close()
				if info, err := f.Stat(); err == nil && info.IsDir() {
					return &usageError{fmt.Errorf("replay: %s is a folder; write the file with the recorded stream", events)}
				}
				in = f
			}
			r, err := replay.New(cmd.Context(), compiled, memstate.New(), cmd.OutOrStdout())
			if err != nil {
				return err
			}
			return r.Run(cmd.Context(), io.Reader(in))
		},
	}
	cmd.Flags().StringVar(&policy, "policy", "", "policy file or built-in name; several, comma-separated, mean the strictest of all")
	cmd.Flags().StringVar(&events, "events", "", "file with the recorded stream (default standard input)")
	return cmd
}
