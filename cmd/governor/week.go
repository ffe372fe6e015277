package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/week"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/rules/zones"
)

// weekCommand prints when a policy lets anybody be contacted.
func weekCommand() *cobra.Command {
	var places []string
	var from, output string
	cmd := &cobra.Command{
		Use:   "week POLICY --zone ZONE [--from DATE]",
		Short: "Print the hours of a week in which a policy lets people be contacted",
		Long: `Week prints, hour by hour, when a person of whom nothing else is known may be
contacted: per channel and class, where these differ. It asks the decision itself, so
nights in which clocks change, holidays, and rules that begin or end in the week are
as they will be.

POLICY is a file or the name of a built-in policy; several, comma-separated, mean the
strictest of all. Of several zones all must allow, as for a person who may be in any
of them; the table has the clocks of the first.

Exit status: 0 printed, 2 a mistake in the policy or on the command line.`,
		Example: `  governor week no-means-no --zone Europe/Berlin
  governor week no-means-no --zone Europe/Lisbon --zone Atlantic/Azores --from 2026-10-19
  governor week no-means-no --zone Europe/Berlin -o json | jq .hours`,
		Args: onePolicy,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := textOrJSON("week", output); err != nil {
				return err
			}
			q, err := weekOf(places, from)
			if err != nil {
				return &usageError{fmt.Errorf("week: %w", err)}
			}
			if q.Policy, err = policyfile.Load(args[0]); err != nil {
				return &usageError{err}
			}
			w := week.Of(q)
			if output == "json" {
				return writeJSON(cmd.OutOrStdout(), w)
			}
			return w.Write(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringArrayVar(&places, "zone", nil, "IANA name of a zone where the person may be (required); again for one more")
	cmd.Flags().StringVar(&from, "from", "", "the first day, like 2026-10-19 (default today)")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// weekOf is where and when.
func weekOf(places []string, from string) (*week.Question, error) {
	if len(places) == 0 {
		return nil, errors.New("where? Write --zone Europe/Berlin, or wherever the person may be")
	}
	var q week.Question
	var find zones.Finder
	var err error
	if q.Zones, err = find.FindAll(places); err != nil {
		return nil, fmt.Errorf("--zone: %w", err)
	}
	q.From = time.Now().In(q.Zones[0])
	if from != "" {
		if q.From, err = time.ParseInLocation(time.DateOnly, from, q.Zones[0]); err != nil || q.From.Year() < 2000 {
			return nil, fmt.Errorf("--from %q: write a day from 2000 on, like 2026-10-19", from)
		}
	}
	return &q, nil
}
