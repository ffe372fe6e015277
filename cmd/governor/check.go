package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/lint"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// checkCommand checks policies, and tells what they do.
func checkCommand() *cobra.Command {
	var day, output string
	var strict bool
	cmd := &cobra.Command{
		Use:   "check POLICY...",
		Short: "Check policies, each alone and all together, and tell what they do",
		Long: `Check reads policies as the service does, each alone and all together (the strictest
of all), and tells every mistake as file:line:column, with what to write instead. If
there is none it tells what each policy does: purposes by class, every rule as one
sentence with its line, what it cites, from when to when it holds, whether it is on
trial, and whether somebody read the source.

Then it warns: of a clock that is not for live traffic, default zones that are
nobody's, rules on trial, not in force or unverified, campaigns that are unfit, over
or about to end, classes that pass every refusal, channels that no cap binds, and
phrases that lift a no.

Exit status: 0 no mistake, 1 warnings and --strict, 2 mistakes.`,
		Example: `  governor check ours.yaml
  governor check no-means-no ./ours.yaml us-tcpa
  governor check --strict -o json ours.yaml`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("check: which policies? Write no-means-no, or files; see '%s --help'", c.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := textOrJSON("check", output); err != nil {
				return err
			}
			on := time.Now().UTC().Truncate(24 * time.Hour)
			if day != "" {
				var err error
				if on, err = time.Parse(time.DateOnly, day); err != nil {
					return &usageError{fmt.Errorf("check: --on %q: write a day, like 2026-10-19", day)}
				}
			}
			sheets, err := sheets(strings.Join(args, ","), on)
			if err != nil {
				return &usageError{err}
			}
			return tellSheets(cmd.OutOrStdout(), sheets, output, strict)
		},
	}
	cmd.Flags().StringVar(&day, "on", "", "the day for which the policy is told, like 2026-10-19 (default today)")
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings are an exit status of 1")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// sheets tells what the policies do, each alone and all together.
func sheets(names string, on time.Time) ([]*lint.Sheet, error) {
	together, err := policyfile.Load(names)
	if err != nil {
		return nil, err
	}
	var out []*lint.Sheet
	all := strings.Split(names, ",")
	for _, name := range all {
		spec, file, err := written(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		out = append(out, lint.Of(spec, file, on, len(all) == 1))
	}
	if len(all) > 1 {
		out = append(out, lint.Together(together, on))
	}
	lint.Once(out)
	return out, nil
}

// written is a policy as its author wrote it.
func written(name string) (*rules.Spec, string, error) {
	if text, builtIn := packs.Find(name); builtIn {
		spec, err := policyfile.Parse(packs.File(name), text)
		return spec, packs.File(name), err
	}
	text, err := strictyaml.ReadFile(name)
	if err != nil {
		return nil, name, err
	}
	spec, err := policyfile.Parse(name, text)
	return spec, name, err
}

// tellSheets writes the sheets. With strict, warnings are an error.
func tellSheets(w io.Writer, sheets []*lint.Sheet, output string, strict bool) error {
	warnings := 0
	for _, s := range sheets {
		warnings += len(s.Warnings)
	}
	var err error
	if output == "json" {
		err = writeJSON(w, struct {
			Policies []*lint.Sheet `json:"policies"`
			Warnings int           `json:"warnings"`
		}{sheets, warnings})
	} else {
		err = lint.Write(w, sheets)
	}
	if err == nil && strict && warnings > 0 {
		return fmt.Errorf("check: %s, and --strict", page.Count(warnings, "warning"))
	}
	return err
}
