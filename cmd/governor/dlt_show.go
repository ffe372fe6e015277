package main

import (
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/deadletters"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
)

func dltShowCommand() *cobra.Command {
	var a dltArguments
	cmd := &cobra.Command{
		Use:   "show PARTITION/OFFSET --config FILE [--show-person]",
		Short: "Show one dead letter, and whether it would be read now",
		Long: `Show prints where a letter came from and what is wrong with it, its headers and its
value, whether the governor would read it now, and whether it was sent back before. Of
one that may be a no it says whom it refused everything, and how that ends.

Whose it is, what they said and where they can be reached is hidden: of the value the
fields are shown, and how long they are. --show-person shows all of it, byte for byte.

Exit status: 0 shown; 1 there is no such letter, or reading failed; 2 used wrongly.`,
		Example: `  governor dlt show 3/17 --config deploy/governor.example.yaml
  governor dlt show 3/17 --config deploy/governor.example.yaml --show-person -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			named, err := places("dlt show", args)
			if err != nil {
				return err
			}
			if len(named) != 1 {
				return &usageError{fmt.Errorf("dlt show: which letter? Write one partition/offset, like 3/17, as governor dlt list has it")}
			}
			box, hand, err := a.box(cmd, "dlt show")
			if err != nil {
				return err
			}
			defer hand.Close()
			letter, err := box.Get(cmd.Context(), named[0])
			if err != nil {
				return noLetter("dlt show", err)
			}
			fate, err := box.Try(cmd.Context(), letter)
			if err != nil {
				return fmt.Errorf("dlt show: %w", err)
			}
			s := a.shown(letter, &fate)
			s.Advice = letter.Advice(a.called(hand))
			for _, id := range letter.SaidNo {
				s.SaidNo = append(s.SaidNo, a.called(hand)(id))
			}
			s.Key = a.called(hand)(rules.PersonID(letter.Key))
			if a.output == "json" {
				return writeJSON(cmd.OutOrStdout(), s)
			}
			return s.write(cmd.OutOrStdout())
		},
	}
	a.common(cmd, "text or json")
	cmd.Flags().BoolVar(&a.show, "show-person", false, "show whose it is and all that it says")
	return cmd
}

// shownLetter is a letter as it is shown.
type shownLetter struct {
	Letter  string        `json:"letter"`
	At      string        `json:"at"`
	From    string        `json:"from"`
	Stage   string        `json:"stage,omitempty"`
	Class   string        `json:"class,omitempty"`
	Reason  string        `json:"reason"`
	Key     string        `json:"key"` // hashed, unless people are shown
	Headers []shownHeader `json:"headers"`
	Value   string        `json:"value"`
	Raw     []byte        `json:"raw,omitempty"` // as base64, where people are shown
	Cut     int           `json:"cut_from_bytes,omitempty"`
	Reads   bool          `json:"reads_now"`
	Why     string        `json:"why,omitempty"`
	Note    string        `json:"note,omitempty"`
	Sent    string        `json:"sent_before,omitempty"`
	SaidNo  []string      `json:"said_no,omitempty"`
	Advice  []string      `json:"advice,omitempty"`
}

type shownHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (a *dltArguments) shown(l *deadletters.Letter, f *deadletters.Fate) *shownLetter {
	s := &shownLetter{
		Letter: l.String(), At: when(l.Time), From: l.From.String(), Stage: l.Stage, Class: l.Class, Reason: l.Reason,
		Headers: []shownHeader{}, Value: l.HiddenValue(), Cut: l.Bytes, Reads: f.Reads, Why: f.Why, Note: f.Note, Sent: f.Before,
	}
	for _, h := range l.Shown(a.show) {
		s.Headers = append(s.Headers, shownHeader{h.Key, readable(h.Value)})
	}
	if a.show {
		s.Value, s.Raw = readable(l.Value), l.Value
	}
	return s
}

// readable is a text as it is, and of bytes that are none what Go would write.
func readable(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return fmt.Sprintf("%q", b)
}

func (s *shownLetter) write(out io.Writer) error {
	p := page.New(out)
	p.Line("%s, written at %s", s.Letter, s.At)
	p.Line("  from    %s", s.From)
	p.Text("  reason  ", "          ", s.Reason)
	p.Line("  key     %s", s.Key)
	for _, h := range s.Headers {
		p.Line("  header  %s: %s", h.Name, h.Value)
	}
	if s.Cut > 0 {
		p.Line("  the value is the beginning of one of %d bytes", s.Cut)
	}
	p.Gap()
	p.Line("%s", s.Value)
	p.Gap()
	switch {
	case s.Reads && s.Note != "":
		p.Text("", "", "Now the governor would read it, and "+s.Note+".")
	case s.Reads:
		p.Text("", "", "Now the governor would read it: governor dlt replay "+s.Letter+".")
	default:
		p.Text("", "", "Now "+s.Why+".")
	}
	if s.Sent != "" {
		p.Text("", "", "It was sent back already, and is at "+s.Sent+".")
	}
	if len(s.Advice) > 0 {
		p.Gap()
	}
	for _, line := range s.Advice {
		p.Text("", "", line)
	}
	return p.Err()
}
