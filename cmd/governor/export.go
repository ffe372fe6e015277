package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/export"
	"github.com/contactgovernor/governor/cmd/governor/internal/progress"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// exportCommand writes what governors told as flat rows.
func exportCommand() *cobra.Command {
	var x exporting
	cmd := &cobra.Command{
		Use:   "export --config FILE [--topic WHAT] [--format csv|ndjson|parquet] [--from T] [--to T] [-o FILE]",
		Short: "Write decisions as flat rows: CSV, JSON lines or Parquet",
		Long: `Export reads what governors told from Kafka and writes it as flat rows, for DuckDB,
ClickHouse, a spreadsheet or a notebook. It changes nothing, joins no group, and no
governor needs to run. It reads what is committed, no further than the topics reached
when it began, and leaves out what was repeated, so the number of rows is exact.

  --topic decisions   one row a decision (the default)
          revoked     approvals that were taken back
          redeemed    answers to workers, just before a contact
          leaked      approvals that a worker had when the no came
          noes        every no that stands
          yeses       every consent that lifts what it covers
          rates       counts per minute, partition, campaign, channel, purpose, engine,
                      verdict and first reason

--from and --to go by when it happened (2026-05-04, or 2026-05-04T10:00:00Z): from on,
and before. A day begins in UTC.

People are named by a hash under the key in api.audit_key_file, as in the audit;
without such a file under a key of this export alone, so that people can be told
apart in it and not be found elsewhere. --persons plain has them as they are, and
--persons none leaves them out.

The columns, and ready queries: cmd/governor/internal/export/README.md and
deploy/queries/README.md.

Exit status: 0 all is written; 1 it is not, and FILE is not there; 2 used wrongly.`,
		Example: `  governor export --config deploy/governor.example.yaml --format parquet -o decisions.parquet
  governor export --config deploy/governor.example.yaml --from 2026-05-04 --to 2026-05-05
  governor export --config deploy/governor.example.yaml --topic rates --format ndjson -o rates.ndjson`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x.out, x.talk = cmd.OutOrStdout(), cmd.ErrOrStderr()
			if err := x.read(); err != nil {
				return &usageError{fmt.Errorf("export: %w", err)}
			}
			err := x.run(cmd.Context())
			switch {
			case err == nil:
				return nil
			case errors.Is(err, context.Canceled):
				return errors.New("export: interrupted, and what was written is not whole")
			}
			return fmt.Errorf("export: %w", err)
		},
	}
	f := cmd.Flags()
	f.StringVar(&x.file, "config", "", "configuration file, as of governor run (required)")
	f.StringVar(&x.format, "format", "csv", "csv, ndjson or parquet")
	f.StringVar(&x.what, "topic", "decisions", "what to export: decisions, revoked, redeemed, leaked, noes, yeses or rates")
	f.StringVar(&x.from, "from", "", "what happened from then on (default all that is kept)")
	f.StringVar(&x.to, "to", "", "what happened before then (default until now)")
	f.StringVar(&x.persons, "persons", "hashed", "how people are named: hashed, plain or none")
	f.StringVarP(&x.output, "output", "o", "-", "file to write, - for standard output")
	return cmd
}

// exporting is one run of the command.
type exporting struct {
	file, format, what, from, to, persons, output string

	config config.Config
	o      export.Options
	hand   *app.Hand // nil: nobody is hashed
	out    io.Writer
	talk   io.Writer
}

// read finds out what is meant.
func (x *exporting) read() error {
	var ok bool
	if x.o.Table, ok = export.Find(x.what); !ok {
		var names []string
		for _, t := range export.Tables() {
			names = append(names, t.Name)
		}
		return fmt.Errorf("--topic %q: write %s", x.what, strings.Join(names, ", "))
	}
	if !slices.Contains(export.Formats(), x.format) {
		return fmt.Errorf("--format %q: write %s", x.format, strings.Join(export.Formats(), ", "))
	}
	if x.format == "parquet" && x.output == "-" && isTerminal(x.out) {
		return errors.New("parquet is nothing to read on a terminal: write -o FILE")
	}
	if x.file == "" {
		return errors.New("which configuration? Write --config FILE, the one of governor run")
	}
	var err error
	if x.o.From, err = moment("from", x.from); err != nil {
		return err
	}
	if x.o.To, err = moment("to", x.to); err != nil {
		return err
	}
	if !x.o.To.IsZero() && !x.o.From.Before(x.o.To) {
		return fmt.Errorf("--from %s is not before --to %s, so there is nothing between them", x.from, x.to)
	}
	if x.config, err = config.Load(x.file); err != nil {
		return err
	}
	return x.people()
}

// people decides how people are named.
func (x *exporting) people() (err error) {
	switch x.persons {
	case "plain":
		x.o.Person = func(id string) string { return id }
	case "none":
		x.o.Person = func(string) string { return "" }
	case "hashed":
		if x.hand, err = app.NewHand(&x.config, zap.NewNop()); err != nil {
			return err
		}
		x.o.Person = x.hand.Hash
	default:
		return fmt.Errorf("--persons %q: write hashed, plain or none", x.persons)
	}
	return nil
}

// moment reads a time of the command line, the zero time where there is none.
func moment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--%s %q: write a day, 2026-05-04, or a time with its offset, 2026-05-04T10:00:00Z", flag, text)
}

func (x *exporting) run(ctx context.Context) error {
	if x.hand != nil {
		defer x.hand.Close()
	}
	client, err := kafkaio.New(app.Kafka(&x.config.Kafka))
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	defer client.Close()
	framing, err := app.NewFraming(&x.config)
	if err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	log := client.NewReader()
	x.o.Prefix, x.o.Log, x.o.Since = x.config.Kafka.Topics.Prefix, framing.Reader(log), log.Since
	n, err := client.Admin().Partitions(ctx, x.o.Prefix+governor.Approved)
	if err != nil {
		return err
	}
	x.o.Partitions = int32(n)
	if x.output == "-" {
		return x.write(ctx, x.out)
	}
	return x.writeFile(ctx)
}

// writeFile writes the file, which is there only when it is whole.
func (x *exporting) writeFile(ctx context.Context) error {
	part := x.output + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // who was contacted, and who said no
	if err != nil {
		return err
	}
	err = x.write(ctx, f)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(part, x.output)
	}
	if err != nil {
		_ = os.Remove(part)
	}
	return err
}

func (x *exporting) write(ctx context.Context, to io.Writer) error {
	p := &progress.Reading{Talk: x.talk, Terminal: isTerminal(x.talk)}
	x.o.Begin, x.o.Progress = p.Begin, p.Add
	w := export.NewWriter(x.format, x.o.Table, to)
	s, err := export.Run(ctx, x.o, w)
	p.End()
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	if x.persons == "hashed" && x.config.API.AuditKeyFile == "" {
		fmt.Fprintln(x.talk, "no api.audit_key_file: people are hashed under a key of this export alone")
	}
	took := p.Took()
	fmt.Fprintf(x.talk, "%d rows of %s, from %d records in %s, %.0f a second; %d exact repeats left out\n",
		s.Rows, x.o.Table.Name, s.Records, took.Round(time.Millisecond), float64(s.Records)/took.Seconds(), s.Repeats)
	return nil
}
