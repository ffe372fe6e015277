package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
)

// benchCommand measures a governor on a real Kafka and a real Redis.
func benchCommand() *cobra.Command {
	o := bench.Default()
	o.Starter = bench.Itself{}
	var b benching
	cmd := &cobra.Command{
		Use:   "bench (--config FILE | --brokers HOST:PORT,... --redis HOST:PORT)",
		Short: "Measure a governor on your own Kafka and Redis",
		Long: `Bench measures the whole path: a governor, started as governor run is, between your
Kafka and your Redis, with nothing switched off. It tells decisions a second, processor
seconds for a million intents (the governor's, Redis's and the broker's apart), memory,
and whether every decision was what it should have been.

It makes topics, a group and keys of its own, whose names begin with bench- and some
letters that nobody else has, and removes them at the end, also when it is interrupted. It
loads your Kafka and Redis as hard as it can: not beside live traffic.

The scenarios, all of which are run if none is named:

` + bench.About() + `

Exit status: 0 measured, 2 used wrongly, 1 something failed, or a decision was wrong.`,
		Example: `  governor bench --brokers 127.0.0.1:9092 --redis 127.0.0.1:6379
  governor bench --config deploy/governor.example.yaml --scenario peers --intents 200000`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Talk = cmd.ErrOrStderr()
			o.Terminal = isTerminal(o.Talk)
			o.Command = strings.Join(append([]string{"governor"}, os.Args[1:]...), " ")
			return b.run(cmd, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&b.file, "config", "", "configuration file of a governor, for brokers, Redis, TLS and SASL")
	f.StringSliceVar(&b.brokers, "brokers", nil, "addresses of Kafka, host:port, comma-separated")
	f.StringVar(&b.redis, "redis", "", "address of Redis, host:port")
	f.StringSliceVar(&o.Scenarios, "scenario", nil, "what is measured, comma-separated (default all)")
	f.IntVar(&o.Intents, "intents", o.Intents, "how many intents; -1: as many as the scenario has")
	f.IntVar(&o.People, "people", o.People, "how many people they are for; -1: as many as the scenario has")
	f.IntVar(&o.Partitions, "partitions", o.Partitions, "of the topics that it makes")
	f.IntVar(&o.Runs, "runs", o.Runs, "how often each is run")
	f.Float64Var(&o.Kill, "kill", o.Kill, "the share of the decisions after which the scenario kill kills")
	f.BoolVar(&o.Quick, "quick", false, "small versions, to see that it works")
	f.BoolVar(&o.Verify, "verify", false, "ask governor verify after kill, house and backlog (with --quick it is asked anyway)")
	f.StringVar(&o.Peers, "peers", "", "folder of the peers, to run them by turns with the scenario peers")
	f.StringSliceVar(&o.Only, "only", o.Only, "which of the peers, comma-separated")
	f.IntVar(&o.BrokerPID, "broker-pid", 0, "the broker's process on this machine, for its processor time (default: it is looked for)")
	f.StringVar(&b.document, "write", "", "write the document, and bench/results.json beside it; what was not measured stays in both")
	f.StringVar(&b.keep, "keep", "", "write the figure that --against holds to: processor time as a multiple of the copy's")
	f.StringVar(&b.against, "against", "", "fail where that figure is more than --grow times the kept one")
	f.Float64Var(&b.grow, "grow", 1.25, "see --against")
	f.StringVarP(&b.output, "output", "o", "text", "text or json")
	cmd.AddCommand(benchCopyCommand(), benchByHandCommand())
	return cmd
}

// benching is one run of the command.
type benching struct {
	file, redis, output     string
	brokers                 []string
	document, keep, against string
	grow                    float64
}

func (b *benching) run(cmd *cobra.Command, o bench.Options) error {
	if err := textOrJSON("bench", b.output); err != nil {
		return err
	}
	var err error
	if o.Config, err = benched(b.file, b.brokers, b.redis); err != nil {
		return &usageError{err}
	}
	if b.grow < 1 {
		return &usageError{fmt.Errorf("bench: --grow %v: write 1 or more, like 1.25 for a quarter", b.grow)}
	}
	if err := o.Check(); err != nil {
		return &usageError{err}
	}
	results, err := bench.Measure(cmd.Context(), o)
	if results == nil {
		return fmt.Errorf("bench: %w", err)
	}
	if b.output == "json" {
		err = errors.Join(err, writeJSON(cmd.OutOrStdout(), results))
	} else {
		err = errors.Join(err, results.Write(cmd.OutOrStdout()))
	}
	if b.document != "" {
		err = errors.Join(err, results.Document(b.document))
	}
	if err == nil {
		err = b.figure(cmd, results)
	}
	if flawed := results.Flawed(); flawed > 0 {
		err = errors.Join(err, fmt.Errorf("%d decisions were not what they should have been", flawed))
	}
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// figure keeps the figure, or holds it to the one that was kept.
func (b *benching) figure(cmd *cobra.Command, results *bench.Results) error {
	if b.keep == "" && b.against == "" {
		return nil
	}
	figure, err := results.Figure()
	if err != nil {
		return err
	}
	if b.against != "" {
		was, err := figure.Hold(b.against, b.grow)
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "the governor takes %.2f times the processor time of the copy; kept is %.2f\n", figure.Ratio, was.Ratio)
	}
	if b.keep != "" {
		return figure.Keep(b.keep)
	}
	return nil
}

// benched is the configuration that the flags mean.
func benched(file string, brokers []string, redis string) (config.Config, error) {
	c := config.Default()
	if file != "" {
		var err error
		if c, err = config.Load(file); err != nil {
			return c, err
		}
	} else if brokers == nil || redis == "" {
		return c, errors.New("bench: on which Kafka and Redis? Write --config FILE, or --brokers HOST:PORT and --redis HOST:PORT")
	}
	if brokers != nil {
		c.Kafka.Brokers = brokers
	}
	if redis != "" {
		c.Redis.Address = redis
	}
	return c, nil
}

// benchCopyCommand is what bench starts to see how fast a copy is.
func benchCopyCommand() *cobra.Command {
	var file, from, to, group string
	cmd := &cobra.Command{
		Use:    bench.CopyName + " --config FILE --from TOPIC --to TOPIC --group NAME",
		Short:  "Copy a topic, for bench to compare with",
		Hidden: true,
		Args:   noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(file)
			if err != nil {
				return &usageError{err}
			}
			return bench.Copy(cmd.Context(), &c.Kafka, from, to, group)
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration of a governor, for the way to Kafka")
	f.StringVar(&from, "from", "", "topic to read")
	f.StringVar(&to, "to", "", "topic to write")
	f.StringVar(&group, "group", "", "group to read as")
	return cmd
}

// benchByHandCommand is for whoever wants to look at a governor at work with other tools.
func benchByHandCommand() *cobra.Command {
	o := bench.Default()
	var redis, name, file string
	var brokers []string
	cmd := &cobra.Command{
		Use:   "by-hand (load|judge|unload) --brokers HOST:PORT --redis HOST:PORT --name NAME",
		Short: "Load the peers' work, judge what a governor run by hand made of it, and remove it",
		Long: `By-hand is for whoever wants to look at a governor at work with tools of their own. Load
makes topics and loads the peers' work, and writes a configuration for governor run and
the policy beside it. Judge holds what was decided against the oracle. Unload removes
topics, group and keys. Give all three the same flags.`,
		Example: `  governor bench by-hand load --brokers 127.0.0.1:9092 --redis 127.0.0.1:6379 --write /tmp/bench.json
  governor run --config /tmp/bench.json
  governor bench by-hand judge --brokers 127.0.0.1:9092 --redis 127.0.0.1:6379
  governor bench by-hand unload --brokers 127.0.0.1:9092 --redis 127.0.0.1:6379`,
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Config, err = benched("", brokers, redis); err != nil {
				return &usageError{err}
			}
			o.Talk = cmd.ErrOrStderr()
			o.Terminal = isTerminal(o.Talk)
			switch args[0] {
			case "load":
				return bench.Load(cmd.Context(), o, name, file)
			case "judge":
				verdict, err := bench.Judged(cmd.Context(), o, name)
				return errors.Join(err, writeJSON(cmd.OutOrStdout(), verdict))
			case "unload":
				return bench.Unload(cmd.Context(), o, name)
			}
			return &usageError{errors.New("bench by-hand: write load, judge or unload")}
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&brokers, "brokers", nil, "addresses of Kafka")
	f.StringVar(&redis, "redis", "", "address of Redis")
	f.StringVar(&name, "name", "bench-by-hand", "before every topic and key")
	f.StringVar(&file, "write", "governor-bench.json", "where the configuration for governor run is written")
	f.IntVar(&o.Intents, "intents", o.Intents, "how many intents")
	f.IntVar(&o.People, "people", o.People, "how many people")
	f.IntVar(&o.Partitions, "partitions", o.Partitions, "of the topics")
	return cmd
}
