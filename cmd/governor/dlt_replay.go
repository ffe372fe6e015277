package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/deadletters"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

func dltReplayCommand() *cobra.Command {
	var a dltArguments
	cmd := &cobra.Command{
		Use:   "replay (PARTITION/OFFSET... | --all --reason TEXT) --config FILE [--set FIELD=VALUE] [--dry-run]",
		Short: "Send dead letters back to where they came from, mended if need be",
		Long: `Replay sends the original bytes, with the original key and headers, back to the topic
that the letter came from, to the partition that the key belongs to. Before, it asks the
strict decoder: what would be a dead letter again is not sent. --dry-run only asks.

--set and --unset mend fields of the value; a value that is JSON is taken as it stands
(--set auto=true, --set 'id="5"'), any other is a text. A field inside of another is
written with a dot (data.channel). --key gives the record another key.

Nothing is sent twice. What is sent has the header governor_replayed with the letter's
place, and the topic is read for it before; --again sends all the same, which is harmless
as long as the id is the same. Who sent it is on contact.audit.

A letter that may be a no has refused its person everything. That stays, whatever is
sent: governor dlt show says how it ends.

Exit status: 0 every letter is sent (with --dry-run: would be read); 1 some are not, and
why is said; 2 used wrongly, and nothing was sent.`,
		Example: `  governor dlt replay 3/17 --config deploy/governor.example.yaml --dry-run
  governor dlt replay 3/17 3/21 --config deploy/governor.example.yaml --set channel=sms
  governor dlt replay --all --reason "purpose: is not one" --config deploy/governor.example.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.replay(cmd, args) },
	}
	a.common(cmd, "text, or json: one object a line for each letter")
	a.filter(cmd)
	f := cmd.Flags()
	f.BoolVar(&a.all, "all", false, "all letters whose --reason it is")
	f.BoolVar(&a.dry, "dry-run", false, "send nothing: say what would be read")
	f.BoolVar(&a.again, "again", false, "send what was sent before once more")
	f.StringArrayVar(&a.set, "set", nil, "set a field: `FIELD=VALUE`; may be repeated")
	f.StringArrayVar(&a.unset, "unset", nil, "take a `FIELD` away; may be repeated")
	f.StringVar(&a.key, "key", "", "the record's key, instead of its own")
	f.StringVar(&a.by, "by", "", "who does it, for the audit (default cli: and who typed it)")
	return cmd
}

// sending reads what was typed about how to send.
func (a *dltArguments) sending(cmd *cobra.Command, args []string) (*deadletters.Sending, error) {
	wrong := func(format string, args ...any) (*deadletters.Sending, error) {
		return nil, &usageError{fmt.Errorf("dlt replay: "+format, args...)}
	}
	typed := cmd.Flags().Changed
	filtered := typed("topic") || typed("since") || typed("no") || typed("reason")
	switch {
	case a.all && len(args) > 0:
		return wrong("--all is for all of a reason: name letters, or write --all")
	case a.all && a.reason == "":
		return wrong("--all of which reason? Write --reason with words of it; governor dlt list --by-reason has them")
	case !a.all && len(args) == 0:
		return wrong("which letters? Write partition/offset, like 3/17, as governor dlt list has it; or --all --reason TEXT")
	case !a.all && filtered:
		return wrong("--reason, --topic, --since and --no choose among --all; the letters that you name are chosen")
	case typed("key") && a.key == "":
		return wrong("--key is empty: write the id of the person")
	case a.all && typed("key"):
		return wrong("--key is one person's, and --all is many letters: name the letter")
	}
	s := &deadletters.Sending{Try: a.dry, Again: a.again, By: a.by}
	if s.By == "" {
		s.By = whoTypes()
	}
	s.Mend.Key, s.Mend.HasKey = a.key, typed("key")
	for _, text := range a.set {
		f, err := deadletters.ParseSet(text)
		if err != nil {
			return wrong("%w", err)
		}
		s.Mend.Set = append(s.Mend.Set, f)
	}
	for _, text := range a.unset {
		path, err := deadletters.ParseUnset(text)
		if err != nil {
			return wrong("%w", err)
		}
		s.Mend.Unset = append(s.Mend.Unset, path)
	}
	return s, nil
}

func (a *dltArguments) replay(cmd *cobra.Command, args []string) error {
	s, err := a.sending(cmd, args)
	if err != nil {
		return err
	}
	named, err := places("dlt replay", args)
	if err != nil {
		return err
	}
	wanted, err := a.wanted("dlt replay")
	if err != nil {
		return err
	}
	box, hand, err := a.box(cmd, "dlt replay")
	if err != nil {
		return err
	}
	defer hand.Close()
	letters, err := a.gather(cmd.Context(), box, named, wanted)
	if err != nil {
		return noLetter("dlt replay", err)
	}
	if len(letters) == 0 {
		return errors.New("dlt replay: no letter has that reason: governor dlt list --by-reason has those that there are")
	}
	bar := newPassing(cmd.ErrOrStderr(), "letters")
	box.Told = bar.tell
	bad := 0
	err = box.Send(cmd.Context(), letters, s, func(f *deadletters.Fate) error {
		if !f.Good(s) {
			bad++
		}
		return a.fate(cmd.OutOrStdout(), f)
	})
	bar.end()
	switch {
	case err != nil:
		return fmt.Errorf("dlt replay: %w", err)
	case bad > 0 && s.Try:
		return fmt.Errorf("dlt replay: of %s, %d would not be read", page.Count(len(letters), "letter"), bad)
	case bad > 0:
		return fmt.Errorf("dlt replay: of %s, %d are not done", page.Count(len(letters), "letter"), bad)
	}
	return nil
}

// letterFate is what became of a letter, for machines.
type letterFate struct {
	Letter  string `json:"letter"`
	From    string `json:"from"`
	Reads   bool   `json:"reads_now"`
	Sent    bool   `json:"sent"`
	To      string `json:"to,omitempty"` // topic/partition
	Mended  string `json:"mended,omitempty"`
	Before  string `json:"sent_before,omitempty"`
	Audited bool   `json:"audited,omitempty"`
	Why     string `json:"why,omitempty"`
	Note    string `json:"note,omitempty"`
	NoStays bool   `json:"no_stays,omitempty"` // it refused somebody everything, which is not over
}

func (a *dltArguments) fate(out io.Writer, f *deadletters.Fate) error {
	to := ""
	if f.To >= 0 {
		to = fmt.Sprintf("%s/%d", f.Topic, f.To)
	}
	if a.output == "json" {
		return jsonLine(out, letterFate{f.Letter.String(), f.From.String(), f.Reads, f.Sent, to, f.Mended, f.Before, f.Audited, f.Why, f.Note, f.SaidNo})
	}
	p := page.New(out)
	text := ""
	switch {
	case f.Sent:
		text = "sent to " + to
	case f.Reads && f.Why == "":
		text = "would be read, and go to " + to
	default:
		text = "not sent: " + f.Why
	}
	if f.Sent && f.Why != "" {
		text += "; " + f.Why
	}
	if f.Mended != "" && f.Reads {
		text += "; mended: " + f.Mended
	}
	if f.Note != "" {
		text += "; " + f.Note
	}
	p.Text(page.Pad(f.Letter.String(), 8)+" ", "         ", text)
	if f.SaidNo {
		p.Text("         ", "         ", "it may be a no, and its person stays refused everything: governor dlt show "+f.Letter.String()+" says how that ends")
	}
	return p.Err()
}
