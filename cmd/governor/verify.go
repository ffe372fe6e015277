package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/progress"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify/kafkalog"
)

// verifyCommand checks the promises over the topics of a system.
func verifyCommand() *cobra.Command {
	var v verification
	cmd := &cobra.Command{
		Use:   "verify (--config FILE | --brokers HOST:PORT,... | --dump PATH | --events FILE --outputs FILE)",
		Short: "Check over the topics alone that every promise was kept",
		Long: `Verify reads the topics of a running or stopped system, or dumps of them, and checks
that nothing was lost, nothing counted twice, and nothing approved after a no. It shares
no code with what decides: it is a second opinion. It changes nothing and joins no group.

It prints every breach with topic/partition/offset and one sentence, then what it looked
at, and what it could not check and why. No person's id is printed.

  lost-intent, double-answer, invented, miscopied, misfiled, bad-headers
  double-approval, asked-again, divergent, contradiction, wrong-id, wrong-original
  wrong-partition, time-back, batch-order, batch-clash, batch-gap
  approval-after-refusal, overtaken-no, left-standing, lost-no, forgotten-no
  cap-exceeded, unfounded-veto, long-life, false-revocation
  lost-answer, false-yes, second-yes, late-yes, yes-after-refusal
  hidden-leak, false-leak, false-rate, named-person
  lost-letter, bad-letter, altered-letter

A no overtakes an intent if it was appended earlier by more than --slack and not heard.
That is told by the brokers' times (message.timestamp.type=LogAppendTime); by those of
producers only with --trust-times. While brokers are killed an acknowledgement may take
as long as replica.lag.time.max.ms: give that as the slack then.

A worker that may stands behind no refusal that was appended before its question. What was
refused after a worker had it is no breach, if contact.leaked tells it. A worker whose
answer was lost together with Redis is told as lost-answer: nobody was contacted for it.

Dumps have one JSON object a line: topic, partition, offset, timestamp, key, value,
headers ([["name","value"]]); what 'kcat -J' writes is read too.

It keeps one partition at a time in memory, some 1.4 KiB a record of it.

Exit status: 0 nothing was found; 1 something was, or reading failed; 2 used wrongly.`,
		Example: `  governor verify --config deploy/governor.example.yaml
  governor verify --brokers 127.0.0.1:9092 --settled -o json
  governor verify --dump dumps/ --partitions 8 --limits limits.yaml
  governor verify --events recorded.jsonl --outputs replayed.jsonl`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v.out, v.talk = cmd.OutOrStdout(), cmd.ErrOrStderr()
			v.reading = progress.Reading{Talk: v.talk, Terminal: isTerminal(v.talk)}
			if err := textOrJSON("verify", v.output); err != nil {
				return err
			}
			return v.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&v.config, "config", "", "configuration file of the governor, for brokers, topics, TLS and SASL")
	f.StringSliceVar(&v.brokers, "brokers", nil, "addresses of Kafka, host:port, comma-separated")
	f.StringVar(&v.prefix, "prefix", "", "what stands before the names of the topics")
	f.StringVar(&v.dump, "dump", "", "file or folder with dumps of the topics, as JSON lines")
	f.StringVar(&v.events, "events", "", "what governor replay read")
	f.StringVar(&v.outputs, "outputs", "", "what governor replay wrote")
	f.StringVar(&v.limits, "limits", "", "file with the policy's caps, purposes and waits, or no-means-no (default: no-means-no, for the policies whose evidence looks like it)")
	f.Int32Var(&v.o.Partitions, "partitions", 0, "how many partitions the dumped topics had")
	f.BoolVar(&v.o.Settled, "settled", false, "nothing is under way: every intent must have its answer by now")
	f.DurationVar(&v.o.Margin, "margin", 30*time.Second, "how young a record may be and still be under way")
	f.DurationVar(&v.o.Slack, "slack", time.Second, "how long an acknowledgement may have taken")
	f.BoolVar(&v.o.TrustTimes, "trust-times", false, "believe the timestamps of producers")
	f.StringVarP(&v.output, "output", "o", "text", "text, or json: one object a line")
	return cmd
}

// verification is one run of the command.
type verification struct {
	config, prefix, dump, events, outputs, limits, output string
	brokers                                               []string
	o                                                     verify.Options
	out, talk                                             io.Writer
	reading                                               progress.Reading
}

func (v *verification) run(ctx context.Context) error {
	if err := v.readLimits(); err != nil {
		return &usageError{err}
	}
	log, closing, err := v.open(ctx)
	if err != nil {
		return err
	}
	defer closing()
	out := bufio.NewWriter(v.out)
	var failed error
	summary, err := verify.Check(ctx, log, v.o, func(b verify.Breach) {
		failed = errors.Join(failed, v.tell(out, b))
	})
	v.reading.End()
	failed = errors.Join(failed, v.sum(out, &summary, err == nil), out.Flush())
	if err != nil {
		return fmt.Errorf("verify: not everything was checked: %w", err)
	}
	if took := v.reading.Took(); took >= time.Second {
		fmt.Fprintf(v.talk, "%d records in %s, %.0f a second\n", summary.Read(), took.Round(time.Millisecond), float64(summary.Read())/took.Seconds())
	}
	if failed != nil {
		return fmt.Errorf("verify: write what was found: %w", failed)
	}
	switch n := summary.Found(); n {
	case 0:
		return nil
	case 1:
		return errors.New("verify: one breach was found")
	default:
		return fmt.Errorf("verify: %d breaches were found", n)
	}
}

func (v *verification) readLimits() error {
	switch v.limits {
	case "":
	case "no-means-no":
		house := verify.NoMeansNo()
		v.o.Limits = &house
	default:
		f, err := os.Open(v.limits)
		if err != nil {
			return fmt.Errorf("verify: --limits: %w", err)
		}
		defer f.Close()
		limits, err := verify.ReadLimits(f)
		if err != nil {
			return fmt.Errorf("verify: %s: %w", v.limits, err)
		}
		v.o.Limits = &limits
	}
	return nil
}

// open finds the log that the flags name.
func (v *verification) open(ctx context.Context) (verify.Log, func(), error) {
	given := 0
	for _, one := range []bool{v.config != "" || v.brokers != nil, v.dump != "", v.events != "" || v.outputs != ""} {
		if one {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, nil, &usageError{errors.New("verify: which topics? Write --config FILE, --brokers HOST:PORT, --dump PATH, or --events FILE --outputs FILE")}
	case v.dump != "":
		return v.openDump()
	case v.events != "" || v.outputs != "":
		return v.openRecording()
	}
	return v.openKafka(ctx)
}

func (v *verification) openDump() (verify.Log, func(), error) {
	d, err := verify.OpenDump(v.dump, v.prefix)
	if err != nil {
		return nil, nil, &usageError{fmt.Errorf("verify: --dump: %w", err)}
	}
	v.reading.Begin(int64(d.Len()))
	return &counted{d, v.reading.Add}, d.Close, nil
}

func (v *verification) openRecording() (verify.Log, func(), error) {
	if v.events == "" || v.outputs == "" {
		return nil, nil, &usageError{errors.New("verify: write both, --events with what replay read and --outputs with what it wrote")}
	}
	events, err := os.Open(v.events)
	if err != nil {
		return nil, nil, &usageError{fmt.Errorf("verify: --events: %w", err)}
	}
	defer events.Close()
	outputs, err := os.Open(v.outputs)
	if err != nil {
		return nil, nil, &usageError{fmt.Errorf("verify: --outputs: %w", err)}
	}
	defer outputs.Close()
	r, err := verify.ReadRecording(events, outputs)
	if err != nil {
		return nil, nil, &usageError{fmt.Errorf("verify: %w", err)}
	}
	known := r.Options()
	v.o.Recording, v.o.Settled, v.o.Partitions = known.Recording, known.Settled, 0
	v.reading.Begin(int64(r.Len()))
	return &counted{r, v.reading.Add}, func() {}, nil
}

func (v *verification) openKafka(ctx context.Context) (verify.Log, func(), error) {
	o := kafkalog.Options{Brokers: v.brokers, Prefix: v.prefix, Progress: v.reading.Add}
	c := config.Default()
	if v.config != "" {
		var err error
		if c, err = config.Load(v.config); err != nil {
			return nil, nil, &usageError{err}
		}
		if o.Prefix == "" {
			o.Prefix = c.Kafka.Topics.Prefix
		}
		if o.Brokers == nil {
			o.Brokers = c.Kafka.Brokers
		}
		way := app.Kafka(&c.Kafka)
		o.Dial, o.SASL = way.Dial, way.SASL
	}
	log, err := kafkalog.Open(ctx, o)
	if err != nil {
		return nil, nil, fmt.Errorf("verify: %w", err)
	}
	v.o.Partitions = int32(len(log.Partitions()))
	plain, err := unframed(log, &c)
	if err != nil {
		log.Close()
		return nil, nil, &usageError{fmt.Errorf("verify: %w", err)}
	}
	v.reading.Begin(log.Len())
	return plain, log.Close, nil
}

// counted is a log that tells how many records were read.
type counted struct {
	verify.Log
	passed func(int64)
}

// Read counts what is visited.
func (c *counted) Read(ctx context.Context, topic string, partition int32, visit func(*verify.Record) error) (int64, error) {
	return c.Log.Read(ctx, topic, partition, func(r *verify.Record) error {
		c.passed(1)
		return visit(r)
	})
}

// tell prints a breach.
func (v *verification) tell(out io.Writer, b verify.Breach) error {
	if v.output == "json" {
		return json.NewEncoder(out).Encode(map[string]verify.Breach{"breach": b})
	}
	with := ""
	if b.With != "" {
		with = " (" + b.With + ")"
	}
	_, err := fmt.Fprintf(out, "%s %s%s: %s\n", b.At, b.Name, with, b.Why)
	return err
}

// sum prints what was looked at.
func (v *verification) sum(out io.Writer, s *verify.Summary, whole bool) error {
	if v.output == "json" {
		return json.NewEncoder(out).Encode(map[string]any{"summary": s, "whole": whole})
	}
	fmt.Fprintf(out, "read: %d records of %d people, %d exact repeats\n", s.Read(), s.People, s.Repeats)
	for _, name := range verify.Sorted(s.Records) {
		fmt.Fprintf(out, "  %9d %s\n", s.Records[name], name)
	}
	if len(s.Skipped) > 0 {
		fmt.Fprintln(out, "not checked:")
		for _, why := range verify.Sorted(s.Skipped) {
			fmt.Fprintf(out, "  %9d %s\n", s.Skipped[why], why)
		}
	}
	if s.Found() == 0 {
		if whole {
			fmt.Fprintln(out, "nothing was found")
		}
		return nil
	}
	fmt.Fprintln(out, "found:")
	for _, name := range verify.Sorted(s.Breaches) {
		fmt.Fprintf(out, "  %9d %s\n", s.Breaches[name], name)
	}
	return nil
}
