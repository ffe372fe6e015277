package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/doctor"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// doctorCommand looks at everything that a governor depends on.
func doctorCommand() *cobra.Command {
	var file, output string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "doctor --config FILE",
		Short: "Tell what is wrong with what the governor depends on, and how to mend it",
		Long: `Doctor looks at everything that a governor with this configuration depends on, and
tells of each in one line what it is, and, if something is wrong, what mends it: the
configuration and the policy; keys and certificates, with their ends; Kafka's brokers,
versions, topics, group and rights; Redis's version, settings, memory, persistence,
replicas and rights; the clocks of all three; the OpenID provider, the registry of
schemas and the collector of traces, where there are any.

A line begins with ok, with warning (it runs; look at it), with wrong (it does not run,
or must not), or with unknown (it could not be seen). What is away is told after
--timeout at most, and the rest is looked at all the same. It changes nothing, joins no
group, writes to no topic, and tells no secret.

Exit status: 0 nothing is wrong, 1 something is, 2 used wrongly.`,
		Example: `  governor doctor --config deploy/governor.example.yaml
  governor doctor --config deploy/governor.example.yaml -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := textOrJSON("doctor", output); err != nil {
				return err
			}
			if file == "" {
				return &usageError{errors.New("doctor: which configuration? Write --config FILE, the one of governor run")}
			}
			if timeout < time.Millisecond || timeout > time.Hour {
				return &usageError{fmt.Errorf("doctor: --timeout %s: write a time from 1ms to 1h, like 5s", timeout)}
			}
			report := doctor.Examine(cmd.Context(), doctor.Options{File: file, Version: version(), Timeout: timeout})
			var err error
			if output == "json" {
				err = writeJSON(cmd.OutOrStdout(), report)
			} else {
				err = report.Write(cmd.OutOrStdout())
			}
			return errors.Join(err, verdictOf(cmd, report))
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file, as of governor run (required)")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "how long each question may take")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// verdictOf says all in a sentence, and is an error if something is wrong.
func verdictOf(cmd *cobra.Command, r *doctor.Report) error {
	var beside []string
	if r.Warnings > 0 {
		beside = append(beside, page.Count(r.Warnings, "warning"))
	}
	if r.Unknown > 0 {
		beside = append(beside, page.Number(r.Unknown)+" unknown")
	}
	more := ""
	if len(beside) > 0 {
		more = "; " + strings.Join(beside, ", ")
	}
	switch r.Wrong {
	case 0:
		fmt.Fprintf(cmd.ErrOrStderr(), "nothing is wrong%s\n", more)
		return nil
	case 1:
		return fmt.Errorf("doctor: 1 thing is wrong%s", more)
	}
	return fmt.Errorf("doctor: %d things are wrong%s", r.Wrong, more)
}
