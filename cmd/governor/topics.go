package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/cmd/governor/internal/topics"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// topicsCommand makes or checks the topics.
func topicsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "topics (create|check) --config FILE",
		Short: "Make or check the topics of the governor",
		Long: `Topics makes the topics that governor run needs, or checks them, exactly as governor
run does at its start: partitions, copies, cleanup, and whether records are kept for as
long as the policy looks back. It is for whoever may make topics where the governor may
not (kafka.topics.create: false), and for looking before something is changed.`,
		Example: `  governor topics check --config deploy/governor.example.yaml
  governor topics create --config deploy/governor.example.yaml --dry-run`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("topics: create or check? See '%s --help'", c.CommandPath())
			}
			return fmt.Errorf("topics: unknown command %q: write create or check; see '%s --help'", args[0], c.CommandPath())
		},
		RunE: func(*cobra.Command, []string) error { return nil }, // Args refuses everything
	}
	cmd.AddCommand(topicsCreateCommand(), topicsCheckCommand())
	return cmd
}

func topicsCreateCommand() *cobra.Command {
	var t topicsTask
	var dry bool
	cmd := &cobra.Command{
		Use:   "create --config FILE",
		Short: "Make the topics that are missing",
		Long: `Create makes the topics that are missing, whatever kafka.topics.create says, and tells
which it made and which were there. It changes none that is there. If one of these is
wrong it makes none, and tells what is wrong with the command that mends it.

The intents that are there say how many partitions everything has; else
kafka.topics.partitions does.

Exit status: 0 all are there now, 1 one is wrong, or Kafka did not do it, 2 used wrongly.`,
		Example: `  governor topics create --config deploy/governor.example.yaml
  governor topics create --config deploy/governor.example.yaml --dry-run
  governor topics create --config deploy/governor.example.yaml -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.run(cmd, "topics create", func(ctx context.Context, kafka topics.Kafka) (*topics.Report, error) {
				return topics.Create(ctx, kafka, dry)
			})
		},
	}
	t.flags(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "make nothing, only tell what would be made")
	return cmd
}

func topicsCheckCommand() *cobra.Command {
	var t topicsTask
	cmd := &cobra.Command{
		Use:   "check --config FILE",
		Short: "Check the topics, and change nothing",
		Long: `Check tells of each topic whether it is as governor run needs it, and changes nothing.
What is wrong it tells with the command of Kafka, or of the governor, that mends it.
Where Kafka is secured, kafka-topics and kafka-configs need --command-config besides.

Exit status: 0 all are as they must be, 1 one is missing or wrong, or Kafka did not
answer, 2 used wrongly.`,
		Example: `  governor topics check --config deploy/governor.example.yaml
  governor topics check --config deploy/governor.example.yaml -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.run(cmd, "topics check", func(ctx context.Context, kafka topics.Kafka) (*topics.Report, error) {
				return topics.Check(ctx, kafka, "governor topics create --config "+t.config)
			})
		},
	}
	t.flags(cmd)
	return cmd
}

// topicsTask is one run of either command.
type topicsTask struct {
	config, output string
	timeout        time.Duration
}

func (t *topicsTask) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.config, "config", "", "configuration file, as of governor run (required)")
	cmd.Flags().DurationVar(&t.timeout, "timeout", 30*time.Second, "how long Kafka may take")
	cmd.Flags().StringVarP(&t.output, "output", "o", "text", "text or json")
}

func (t *topicsTask) run(cmd *cobra.Command, name string, do func(context.Context, topics.Kafka) (*topics.Report, error)) error {
	if err := textOrJSON(name, t.output); err != nil {
		return err
	}
	if t.config == "" {
		return &usageError{fmt.Errorf("%s: which configuration? Write --config FILE, the one of governor run", name)}
	}
	if t.timeout <= 0 {
		return &usageError{fmt.Errorf("%s: --timeout %s: write a time that is longer than none, like 30s", name, t.timeout)}
	}
	c, err := config.Load(t.config)
	if err != nil {
		return &usageError{err}
	}
	policy, err := policyfile.Load(c.Policy)
	if err != nil {
		return &usageError{err}
	}
	all, err := app.TopicsOf(&c.Kafka, policy)
	if err != nil {
		return &usageError{fmt.Errorf("%s: %w", name, err)}
	}
	defer all.Close()
	ctx, cancel := context.WithTimeout(cmd.Context(), t.timeout)
	defer cancel()
	report, err := do(ctx, all)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if t.output == "json" {
		err = writeJSON(cmd.OutOrStdout(), report)
	} else {
		err = report.Write(cmd.OutOrStdout())
	}
	return errors.Join(err, t.verdict(cmd, name, report))
}

// verdict says in a sentence what was done, and is an error if something is wrong.
func (t *topicsTask) verdict(cmd *cobra.Command, name string, r *topics.Report) error {
	wrong, missing := r.Count(topics.Wrong), r.Count(topics.Missing)
	switch {
	case wrong > 0 && missing > 0:
		return fmt.Errorf("%s: %s wrong, and %s not there; none is made before all that are there are right", name, are(wrong), are(missing))
	case wrong > 0:
		return fmt.Errorf("%s: %s wrong", name, are(wrong))
	case missing > 0:
		return fmt.Errorf("%s: %s not there", name, are(missing))
	}
	var said []string
	if n := r.Count(topics.Made); n > 0 {
		said = append(said, "made "+page.Count(n, "topic"))
	}
	if n := r.Count(topics.ToMake); n > 0 {
		said = append(said, "would make "+page.Count(n, "topic"))
	}
	switch n := r.Count(topics.OK); n {
	case 0:
	case 1:
		said = append(said, "1 topic was there, as it must be")
	default:
		said = append(said, page.Number(n)+" topics were there, as they must be")
	}
	fmt.Fprintln(cmd.ErrOrStderr(), strings.Join(said, "; "))
	return nil
}

func are(topics int) string {
	if topics == 1 {
		return "1 topic is"
	}
	return page.Number(topics) + " topics are"
}
