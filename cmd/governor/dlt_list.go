package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/deadletters"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
)

func dltListCommand() *cobra.Command {
	var a dltArguments
	cmd := &cobra.Command{
		Use:   "list --config FILE [--by-reason]",
		Short: "List the dead letters, or count them by reason",
		Long: `List prints every dead letter that is kept: where it lies, when it was written, where it
came from and why it is there; the oldest of a partition first. One that may be a no,
and has refused somebody everything, is marked with NO. With --by-reason it counts them.

No person's id is in the list. With -o json it has the ids of those who were refused
everything, hashed as on contact.audit; with --show-person as they are.

Exit status: 0 listed, be there letters or not; 1 reading failed; 2 used wrongly.`,
		Example: `  governor dlt list --config deploy/governor.example.yaml
  governor dlt list --config deploy/governor.example.yaml --by-reason --since 24h
  governor dlt list --config deploy/governor.example.yaml --no -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			wanted, err := a.wanted("dlt list")
			if err != nil {
				return err
			}
			box, hand, err := a.box(cmd, "dlt list")
			if err != nil {
				return err
			}
			defer hand.Close()
			bar := newPassing(cmd.ErrOrStderr(), "letters")
			box.Told = bar.tell
			l := letterList{out: cmd.OutOrStdout(), json: a.output == "json", name: a.called(hand)}
			if a.byReason {
				l.reasons = make(map[string]*reasonCount)
			}
			err = box.Each(cmd.Context(), func(letter *deadletters.Letter) error {
				if !wanted(letter) {
					return nil
				}
				return l.add(letter)
			})
			bar.end()
			if err != nil {
				return fmt.Errorf("dlt list: %w", err)
			}
			return l.end()
		},
	}
	a.common(cmd, "text, or json: one object a line")
	a.filter(cmd)
	cmd.Flags().BoolVar(&a.byReason, "by-reason", false, "count them by reason, the most frequent first")
	cmd.Flags().BoolVar(&a.show, "show-person", false, "with -o json: the ids of people as they are")
	return cmd
}

// letterList prints letters as they come, or counts them.
type letterList struct {
	out     io.Writer
	json    bool
	name    func(rules.PersonID) string
	reasons map[string]*reasonCount // nil: they are not counted
	n, noes int
}

// reasonCount is how often something was wrong.
type reasonCount struct {
	Reason  string `json:"reason"`
	Topic   string `json:"topic"`
	Letters int    `json:"letters"`
	Noes    int    `json:"noes"` // of them have refused somebody everything
	First   string `json:"first"`
	Last    string `json:"last"`
	Latest  string `json:"latest"` // where the last one lies
}

// listed is one letter of the list.
type listed struct {
	Letter string   `json:"letter"`
	At     string   `json:"at"`
	From   string   `json:"from"`
	Reason string   `json:"reason"`
	Bytes  int      `json:"bytes"`
	Cut    bool     `json:"cut,omitempty"`
	SaidNo []string `json:"said_no,omitempty"` // who was refused everything because of it
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (l *letterList) add(letter *deadletters.Letter) error {
	l.n++
	if len(letter.SaidNo) > 0 {
		l.noes++
	}
	if l.reasons != nil {
		key := letter.From.Topic + "\x00" + letter.Reason
		c := l.reasons[key]
		if c == nil {
			c = &reasonCount{Reason: letter.Reason, Topic: letter.From.Topic, First: when(letter.Time)}
			l.reasons[key] = c
		}
		c.Letters++
		if len(letter.SaidNo) > 0 {
			c.Noes++
		}
		if at := when(letter.Time); at >= c.Last {
			c.Last, c.Latest = at, letter.String()
		}
		c.First = min(c.First, when(letter.Time))
		return nil
	}
	if l.json {
		one := listed{Letter: letter.String(), At: when(letter.Time), From: letter.From.String(), Reason: letter.Reason, Bytes: len(letter.Value), Cut: letter.Cut()}
		for _, id := range letter.SaidNo {
			one.SaidNo = append(one.SaidNo, l.name(id))
		}
		return jsonLine(l.out, one)
	}
	mark := "  "
	if len(letter.SaidNo) > 0 {
		mark = "NO"
	}
	p := page.New(l.out)
	p.Line("%s %s %s %s", page.Pad(letter.String(), 8), when(letter.Time), mark, letter.From)
	p.Text("         ", "         ", letter.Reason)
	return p.Err()
}

func (l *letterList) end() error {
	if l.reasons != nil {
		return l.count()
	}
	if l.json {
		return nil
	}
	return l.sum()
}

// sum is the last line for people.
func (l *letterList) sum() error {
	p := page.New(l.out)
	switch {
	case l.n == 0:
		p.Line("no dead letters")
	case l.noes == 0:
		p.Line("%s, none of which may be a no", page.Count(l.n, "dead letter"))
	default:
		p.Line("%s; %s, each of which may be a no and has refused its person", page.Count(l.n, "dead letter"), page.Number(l.noes)+" with NO")
		p.Line("everything: governor dlt show says how that ends")
	}
	return p.Err()
}

func (l *letterList) count() error {
	all := make([]*reasonCount, 0, len(l.reasons))
	for _, c := range l.reasons {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *reasonCount) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Reason, b.Reason))
	})
	p := page.New(l.out)
	for _, c := range all {
		if l.json {
			if err := jsonLine(l.out, c); err != nil {
				return err
			}
			continue
		}
		no := ""
		if c.Noes > 0 {
			no = fmt.Sprintf(", %s NO", page.Number(c.Noes))
		}
		p.Line("%s %s%s, from %s to %s, the last is %s", page.Pad(page.Number(c.Letters), 7), c.Topic, no, c.First[:10], c.Last[:10], c.Latest)
		p.Text("        ", "        ", c.Reason)
	}
	if l.json {
		return nil
	}
	return l.sum()
}
