package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/explain"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// explainCommand tells of one intent why it was decided as it was.
func explainCommand() *cobra.Command {
	var a explainArguments
	var output string
	cmd := &cobra.Command{
		Use:   "explain --policy POLICY [--events HISTORY] (--id ID | --intent JSON)",
		Short: "Tell why one intent is approved or vetoed, and what would have to change",
		Long: `Explain drives a replay of the history up to the moment at which one intent is
judged, and tells what every rule says: what it counted and which contacts these
were, whether it objects and until when, where it stands in the policy and what it
cites, and what would have to change. Rules on trial are told apart.

The intent is one of the history (--id), as it was decided; or, with --at, as it would
be if it were asked once more at that time under a new id. Or it is one that nobody
made (--intent), asked at --at or at the end of the history; an id and a time need not
be in it. The history is what governor replay reads; without --events it is read from
standard input.

No person's id is printed, no address, and no evidence of a consent.

Exit status: 0 told, whatever the decision; 1 a line of the history cannot be read;
2 a mistake in the policy, the question, or on the command line.`,
		Example: `  governor explain --policy no-means-no --events recorded.jsonl --id spring-4711
  governor explain --policy ours.yaml --events recorded.jsonl --id spring-4711 --at 2026-06-10T09:00:00Z
  governor explain --policy ours.yaml --events recorded.jsonl --intent \
    '{"person":"p9f31","channel":"sms","purpose":"marketing","campaign":"summer"}'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := textOrJSON("explain", output); err != nil {
				return err
			}
			q, err := a.question()
			if err != nil {
				return err
			}
			history, err := open("explain", cmd, a.events)
			if err != nil {
				return err
			}
			defer history.Close()
			x, err := a.answer(cmd.Context(), q, history)
			if err != nil {
				return err
			}
			if output == "json" {
				return writeJSON(cmd.OutOrStdout(), x)
			}
			return x.Write(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&a.policy, "policy", "", "policy file or built-in name; several, comma-separated, mean the strictest of all")
	cmd.Flags().StringVar(&a.events, "events", "", "file with the recorded stream (default standard input)")
	cmd.Flags().StringVar(&a.id, "id", "", "id of an intent of the history")
	cmd.Flags().StringVar(&a.person, "person", "", "whose it is, where several people have an intent of that id")
	cmd.Flags().StringVar(&a.intent, "intent", "", "an intent that nobody made: JSON, or the file that it is in")
	cmd.Flags().StringVar(&a.at, "at", "", "when it is asked, like 2026-06-10T09:00:00Z")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// explainArguments is what was typed.
type explainArguments struct{ policy, events, id, person, intent, at string }

func (a *explainArguments) question() (*explain.Question, error) {
	wrong := func(format string, args ...any) (*explain.Question, error) {
		return nil, &usageError{fmt.Errorf("explain: "+format, args...)}
	}
	q := &explain.Question{Intent: rules.IntentID(a.id), Person: rules.PersonID(a.person)}
	switch {
	case a.policy == "":
		return wrong("which policy? Write --policy no-means-no, or a file")
	case a.id == "" && a.intent == "":
		return wrong("which intent? Write --id ID for one of the history, or --intent '{…}' for one that nobody made")
	case a.id != "" && a.intent != "":
		return wrong("--id is for an intent of the history, --intent for one that nobody made: write one of them")
	case a.person != "" && a.id == "":
		return wrong("--person says whose intent --id means; write the person of --intent into it")
	}
	if a.at != "" {
		at, err := schemas.ParseTime(a.at)
		if err != nil {
			return wrong("--at %q: write a time of RFC 3339 with an offset, like 2026-06-10T09:00:00Z", a.at)
		}
		q.At = rules.Instant(at)
	}
	var err error
	switch {
	case a.intent == "":
	case strings.HasPrefix(strings.TrimSpace(a.intent), "{"):
		q.New = []byte(a.intent)
	default:
		if q.New, err = os.ReadFile(a.intent); err != nil {
			return wrong("--intent: it is no JSON object, and as the path of a file: %w", err)
		}
	}
	if q.Policy, err = policyfile.Load(a.policy); err != nil {
		return nil, &usageError{err}
	}
	return q, nil
}

// answer explains, and says what to write instead where the question is wrong.
func (a *explainArguments) answer(ctx context.Context, q *explain.Question, history io.Reader) (*explain.Explanation, error) {
	x, err := explain.Explain(ctx, q, history)
	malformed := (*schemas.Malformed)(nil)
	switch {
	case errors.Is(err, explain.ErrNotThere) && a.at != "":
		return nil, &usageError{fmt.Errorf("explain: there is no intent %q in the history by %s: ids are told apart to the letter", a.id, a.at)}
	case errors.Is(err, explain.ErrNotThere) && a.person != "":
		return nil, &usageError{fmt.Errorf("explain: that person has no intent %q in the history: ids are told apart to the letter", a.id)}
	case errors.Is(err, explain.ErrNotThere):
		return nil, &usageError{fmt.Errorf("explain: there is no intent %q in the history: ids are told apart to the letter", a.id)}
	case errors.Is(err, explain.ErrWhose):
		return nil, &usageError{fmt.Errorf("explain: several people have an intent %q: write --person too", a.id)}
	case errors.Is(err, explain.ErrWhen):
		return nil, &usageError{errors.New("explain: when? The history is empty: write --at 2026-06-10T09:00:00Z")}
	case errors.As(err, &malformed):
		return nil, &usageError{fmt.Errorf("explain: the intent would be a dead letter: %w", err)}
	case err != nil:
		return nil, err
	}
	return x, nil
}
