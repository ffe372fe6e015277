package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/deadletters"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
)

// dltCommand looks after the dead letters.
func dltCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dlt",
		Short: "Look after the dead letters: what could not be read, and why",
		Long: `What could not be read lies on contact.deadletter: the original bytes, key and headers,
and what is wrong with them. An intent among them was never decided. A signal that may
be a no has refused its person everything, until somebody has looked: those are marked
with NO here, and 'governor dlt show' says how that ends.`,
		Example: `  governor dlt list --config deploy/governor.example.yaml --by-reason
  governor dlt show 3/17 --config deploy/governor.example.yaml
  governor dlt replay 3/17 --config deploy/governor.example.yaml --set channel=sms`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(dltListCommand(), dltShowCommand(), dltReplayCommand())
	return cmd
}

// dltArguments is what was typed.
type dltArguments struct {
	config, output, topic, reason, since, key, by string
	byReason, show, all, dry, again, no           bool
	set, unset                                    []string
}

func (a *dltArguments) common(cmd *cobra.Command, output string) {
	cmd.Flags().StringVar(&a.config, "config", "", "configuration file, as of governor run (required)")
	cmd.Flags().StringVarP(&a.output, "output", "o", "text", output)
}

func (a *dltArguments) filter(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.topic, "topic", "", "only what came from contact.intents or contact.signals")
	f.StringVar(&a.reason, "reason", "", "only where the reason has these words in it")
	f.StringVar(&a.since, "since", "", "only what is no older than this, like 24h, or 2026-06-10T09:00:00Z")
	f.BoolVar(&a.no, "no", false, "only what may be a no, and has refused somebody everything")
}

// box is where the dead letters are.
func (a *dltArguments) box(cmd *cobra.Command, name string) (*deadletters.Box, *app.Hand, error) {
	if err := textOrJSON(name, a.output); err != nil {
		return nil, nil, err
	}
	hand, policy, err := takeHand(cmd, name, a.config)
	if err != nil {
		return nil, nil, err
	}
	return &deadletters.Box{Log: hand.AsWritten(), Policy: policy, Clock: time.Now}, hand, nil
}

// wanted says which letters are meant.
func (a *dltArguments) wanted(name string) (func(*deadletters.Letter) bool, error) {
	wrong := func(format string, args ...any) error {
		return &usageError{fmt.Errorf("%s: "+format, append([]any{name}, args...)...)}
	}
	topic := a.topic
	if topic != "" && !strings.HasPrefix(topic, "contact.") {
		topic = "contact." + topic
	}
	if topic != "" && topic != governor.Intents && topic != governor.Signals {
		return nil, wrong("--topic %q: write contact.intents or contact.signals: nothing else is read", a.topic)
	}
	var since time.Time
	if a.since != "" {
		d, err := time.ParseDuration(a.since)
		at, wrongTime := time.Parse(time.RFC3339, a.since)
		switch {
		case err == nil && d >= 0:
			since = time.Now().Add(-d)
		case wrongTime == nil:
			since = at
		default:
			return nil, wrong("--since %q: write how long ago, like 24h, or a time like 2026-06-10T09:00:00Z", a.since)
		}
	}
	return func(l *deadletters.Letter) bool {
		return (topic == "" || l.From.Topic == topic) && strings.Contains(l.Reason, a.reason) && !l.Time.Before(since) && (!a.no || len(l.SaidNo) > 0)
	}, nil
}

// places reads the letters that are named.
func places(name string, args []string) (out []deadletters.Place, err error) {
	for _, arg := range args {
		p, err := deadletters.ParsePlace(arg)
		if err != nil {
			return nil, &usageError{fmt.Errorf("%s: %w", name, err)}
		}
		out = append(out, p)
	}
	return out, nil
}

// called is how a person is called to whoever may not, or may, see them.
func (a *dltArguments) called(hand *app.Hand) func(rules.PersonID) string {
	return func(id rules.PersonID) string {
		if a.show {
			return string(id)
		}
		return hand.Hash(string(id))
	}
}

// gather finds the letters that are named, or meant.
func (a *dltArguments) gather(ctx context.Context, box *deadletters.Box, named []deadletters.Place, wanted func(*deadletters.Letter) bool) (letters []*deadletters.Letter, err error) {
	for _, p := range named {
		l, err := box.Get(ctx, p)
		if err != nil {
			return nil, err
		}
		letters = append(letters, l)
	}
	if len(named) > 0 {
		return letters, nil
	}
	err = box.Each(ctx, func(l *deadletters.Letter) error {
		if wanted(l) {
			letters = append(letters, l)
		}
		return nil
	})
	return letters, err
}

// jsonLine writes one object of JSON on a line.
func jsonLine(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// noLetter tells a letter that is not there from a Kafka that is not.
func noLetter(name string, err error) error {
	if errors.Is(err, deadletters.ErrNone) {
		return fmt.Errorf("%s: %w; governor dlt list has those that are there", name, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}
