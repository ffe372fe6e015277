package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/contactgovernor/governor/cmd/governor/internal/demo"
	"github.com/contactgovernor/governor/cmd/governor/internal/embedded"
)

// quick is which part of the people a quick demo plays: one in so many.
const quick = 20

// demoCommand shows the governor at work, with nothing but this binary.
func demoCommand() *cobra.Command {
	var o demo.Options
	var output string
	var sample, workers, stay bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it at work, with nothing but this binary",
		Long: `Demo starts a Kafka and a Redis inside this process, and between them the governor
as it runs in production. It tells stories of people who said no, or nothing, in
simulated time; stops and starts everything to see that every no is still known; and
then plays a telemarketing campaign of 105,754 calls to 41,188 people. It ends with a
summary: what each engine wanted, what got through, and why the rest did not.

All of it is seen in a browser too, at an address of this machine that it prints. With
--page the page stays up when the demo is over, until you interrupt it.

The stories, and every no in them, stay in the data folder. Run it again and they are
still refused.

With --with-workers it shows something else, in a second and in memory: an engine, a
mailer and a dialer that ask the governor just before each contact, and people who say
no in the middle.`,
		Example: `  governor demo
  governor demo --quick
  governor demo --with-workers
  governor demo -o json | jq .history.share_within_three`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if output != "text" && output != "json" {
				return &usageError{fmt.Errorf("demo: -o %q: write text or json", output)}
			}
			if workers {
				for _, other := range []string{"data", "fresh", "quick", "output", "page"} {
					if cmd.Flags().Changed(other) {
						return &usageError{fmt.Errorf("demo: --with-workers keeps nothing and counts nothing: leave out --%s", other)}
					}
				}
				out := cmd.OutOrStdout()
				err := demo.Workers(cmd.Context(), out, isTerminal(out) && os.Getenv("NO_COLOR") == "")
				switch {
				case errors.Is(err, context.Canceled):
					return errors.New("demo: interrupted")
				case err != nil:
					return fmt.Errorf("demo: %w", err)
				}
				return nil
			}
			if o.Data == "" {
				cache, err := os.UserCacheDir()
				if err != nil {
					return &usageError{fmt.Errorf("demo: no place for the data, name one with --data: %w", err)}
				}
				o.Data = filepath.Join(cache, "contactgovernor", "demo")
			}
			if sample {
				o.Sample = quick
			}
			plain := os.Getenv("NO_COLOR") != ""
			o.Talk, o.Terminal = cmd.ErrOrStderr(), isTerminal(cmd.ErrOrStderr())
			o.Bold = o.Terminal && !plain
			if o.Show, err = demo.OpenShow(sentences(demo.Policy)); err != nil {
				if stay {
					return fmt.Errorf("demo: --page: %w", err)
				}
				fmt.Fprintf(o.Talk, "There is no page to look at: %v\n", err)
			} else {
				defer func() { err = errors.Join(err, o.Show.Close()) }()
			}
			summary, err := demo.Run(cmd.Context(), o)
			switch {
			case errors.Is(err, context.Canceled):
				return fmt.Errorf("demo: interrupted; what was decided until then, and every no, is kept in %s", o.Data)
			case errors.Is(err, embedded.ErrForeign):
				return &usageError{fmt.Errorf("demo: %w", err)}
			case err != nil:
				return fmt.Errorf("demo: %w", err)
			}
			if output == "json" {
				out := json.NewEncoder(cmd.OutOrStdout())
				out.SetIndent("", "  ")
				out.SetEscapeHTML(false)
				err = out.Encode(summary)
			} else {
				err = summary.Write(cmd.OutOrStdout(), isTerminal(cmd.OutOrStdout()) && !plain)
			}
			if err == nil && stay {
				err = o.Show.Stay(cmd.Context(), o.Talk)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&o.Data, "data", "", "folder of the data that stay (default contactgovernor/demo in the user's cache)")
	cmd.Flags().BoolVar(&o.Fresh, "fresh", false, "forget what earlier runs left in the folder")
	cmd.Flags().BoolVar(&sample, "quick", false, fmt.Sprintf("play a sample of the campaign, one person in %d", quick))
	cmd.Flags().BoolVar(&workers, "with-workers", false, "show an engine, a mailer and a dialer instead")
	cmd.Flags().BoolVar(&stay, "page", false, "keep the page up until interrupted, and go on telling the stories there")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "how the summary is printed: text or json")
	return cmd
}

// isTerminal says whether w is a terminal that moves its cursor.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}
