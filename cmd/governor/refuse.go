package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/cmd/governor/internal/refuse"
	"github.com/contactgovernor/governor/rules"
)

// refuseCommand brings a no to the log.
func refuseCommand() *cobra.Command {
	var a refuseArguments
	cmd := &cobra.Command{
		Use:   "refuse --config FILE (--person ID | --person-file FILE) [--channel C] [--purpose P] [--subject S] [--brand B] [--address A]",
		Short: "Bring a no to the log that came by letter, over a counter, or in a list",
		Long: `Refuse appends a refusal to contact.signals, under the person's key and on the person's
partition, and returns when all replicas in sync have it: from then on it counts. Then
it waits until contact.standing has it, which is when a governor has heard it and has
taken back what was out.

A field that is absent widens: without --channel it is every channel, without any of
them everything but what the law demands and what the person starts. For many people
that is not taken for granted: write --everything.

Repeating is safe under the same --id: what was heard already changes nothing. Without
--id a new one is made, and printed. Of many people each has an id that begins with it
and is the same each time.

The channel and the purpose must be ones that the policy of the configuration has: a no
that binds nothing is worse than none. --reason is kept with the record, in a header,
and who brought it is on contact.audit, where the person is a keyed hash.

Exit status: 0 every no is acknowledged, audited, and stands (with --wait 0: is
acknowledged and audited); 1 some are not, and which ones is said: repeat it with the
same --id; 2 used wrongly, and nothing was appended.`,
		Example: `  governor refuse --config deploy/governor.example.yaml --person p9f31 --channel sms
  governor refuse --config deploy/governor.example.yaml --person p9f31 --id letter-4711 --reason "letter of 3 May"
  governor refuse --config deploy/governor.example.yaml --person-file list.txt --purpose marketing --id robinson-2026-05
  cut -d, -f1 list.csv | governor refuse --config deploy/governor.example.yaml --person-file - --everything -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&a.config, "config", "", "configuration file, as of governor run (required)")
	f.StringVar(&a.person, "person", "", "who says no")
	f.StringVar(&a.file, "person-file", "", "file with the ids of many people, one a line; - is standard input")
	f.StringVar(&a.channel, "channel", "", "only on this channel")
	f.StringVar(&a.purpose, "purpose", "", "only for this purpose")
	f.StringVar(&a.subject, "subject", "", "only about this subject, on every channel")
	f.StringVar(&a.brand, "brand", "", "only from this brand")
	f.StringVar(&a.address, "address", "", "only at this address, and there for everybody")
	f.BoolVar(&a.everything, "everything", false, "refuse everything, for many people too")
	f.StringVar(&a.source, "source", refuse.DefaultSource, "where the person said it")
	f.StringVar(&a.reason, "reason", "", "why it is brought, for whoever reads the log")
	f.StringVar(&a.id, "id", "", "id of the signal, so that repeating it is safe (default a new one)")
	f.StringVar(&a.by, "by", "", "who brings it, for the audit (default cli: and who typed it)")
	f.DurationVar(&a.wait, "wait", 30*time.Second, "how long to wait for contact.standing to have it; 0: not at all")
	f.StringVarP(&a.output, "output", "o", "text", "text, or json: one object a line for each person")
	return cmd
}

// refuseArguments is what was typed.
type refuseArguments struct {
	config, person, file, channel, purpose, subject, brand, address, source, reason, id, by, output string
	everything                                                                                      bool
	wait                                                                                            time.Duration
}

func (a *refuseArguments) run(cmd *cobra.Command) error {
	if err := errors.Join(textOrJSON("refuse", a.output), a.unclear(cmd)); err != nil {
		return &usageError{err}
	}
	hand, policy, err := takeHand(cmd, "refuse", a.config)
	if err != nil {
		return err
	}
	defer hand.Close()
	wish, err := a.wish(cmd)
	if err == nil {
		err = wish.Check(policy)
	}
	if err != nil {
		return &usageError{fmt.Errorf("refuse: %w", err)}
	}
	bar := newPassing(cmd.ErrOrStderr(), "people")
	r := refuse.Refusals{Log: hand, Clock: time.Now, Wait: a.wait, Told: func(done, all int) { bar.tell(int64(done), int64(all)) }}
	fates, err := r.Refuse(cmd.Context(), wish)
	bar.end()
	if err != nil {
		return fmt.Errorf("refuse: nothing was appended: %w", err)
	}
	bad := 0
	for i := range fates {
		if !fates[i].Good(a.wait > 0) {
			bad++
		}
	}
	if err := a.tell(cmd.OutOrStdout(), wish, fates); err != nil {
		return fmt.Errorf("refuse: tell what became of it: %w", err)
	}
	switch {
	case bad > 0 && !wish.Each:
		return errors.New("refuse: " + fates[0].Error)
	case bad > 0:
		return fmt.Errorf("refuse: of %s, %d are not done: repeat the same with --id %s", page.Count(len(fates), "person", "people"), bad, wish.ID)
	}
	return nil
}

// unclear says what does not mean one thing only.
func (a *refuseArguments) unclear(cmd *cobra.Command) error {
	wrong := func(format string, args ...any) error { return fmt.Errorf("refuse: "+format, args...) }
	typed := cmd.Flags().Changed
	scoped := false
	for _, f := range []struct{ name, value string }{
		{"channel", a.channel}, {"purpose", a.purpose}, {"subject", a.subject}, {"brand", a.brand}, {"address", a.address},
	} {
		if typed(f.name) && f.value == "" {
			return wrong("--%s is empty: leave it out to mean every %s, or write which", f.name, f.name)
		}
		scoped = scoped || f.value != ""
	}
	switch {
	case typed("person") && typed("person-file"):
		return wrong("--person is for one, --person-file for many: write one of them")
	case !typed("person") && !typed("person-file"):
		return wrong("for whom? Write --person ID, or --person-file FILE with an id a line")
	case a.everything && scoped:
		return wrong("--everything is more than what the other flags name: write either")
	case typed("person-file") && !scoped && !a.everything:
		return wrong("what do they refuse? Write --channel, --purpose, --subject, --brand or --address; or --everything, if it is everything")
	case typed("id") && a.id == "":
		return wrong("--id is empty: leave it out, or write one that you will write again")
	case a.wait < 0:
		return wrong("--wait %s: write 0 or more", a.wait)
	}
	return nil
}

func (a *refuseArguments) wish(cmd *cobra.Command) (*refuse.Wish, error) {
	w := &refuse.Wish{
		People: []rules.PersonID{rules.PersonID(a.person)}, Source: a.source, Reason: a.reason, By: a.by, ID: a.id,
		Scope: rules.Scope{
			Channel: rules.Channel(a.channel), Purpose: rules.Purpose(a.purpose), Subject: rules.Subject(a.subject),
			Brand: rules.Brand(a.brand), Address: rules.Address(a.address),
		},
	}
	if w.By == "" {
		w.By = whoTypes()
	}
	if w.ID == "" {
		w.ID = refuse.NewID()
	}
	if a.file == "" {
		return w, nil
	}
	in := io.NopCloser(cmd.InOrStdin())
	if a.file != "-" {
		f, err := os.Open(a.file)
		if err != nil {
			return nil, fmt.Errorf("--person-file: %w", err)
		}
		in = f
	}
	defer in.Close()
	people, twice, err := refuse.ReadPeople(in)
	if err != nil {
		return nil, fmt.Errorf("--person-file: nothing was appended:\n%w", err)
	}
	if len(people) == 0 {
		return nil, errors.New("--person-file: there is nobody in it: write an id a line")
	}
	if twice > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s more than once: each is one person\n", page.Count(twice, "line has an id", "lines have an id"))
	}
	w.People, w.Each = people, true
	return w, nil
}

// tell prints what became of it.
func (a *refuseArguments) tell(out io.Writer, w *refuse.Wish, fates []refuse.Fate) error {
	if a.output == "json" {
		lines := json.NewEncoder(out)
		for i := range fates {
			if err := lines.Encode(&fates[i]); err != nil {
				return err
			}
		}
		return nil
	}
	p := page.New(out)
	p.Text("", "  ", "Refused: "+w.Words()+".")
	if !w.Each {
		f := &fates[0]
		p.Line("  signal %s, on contact.signals, partition %d", f.Signal, f.Partition)
		for _, said := range []struct {
			is   bool
			text string
		}{
			{f.Acknowledged, "acknowledged at " + f.At + " by all replicas in sync: it counts"},
			{f.Audited, "written down on contact.audit"},
			{f.Stands, "it stands: contact.standing has it"},
			{a.wait == 0 && f.Acknowledged, "not waited for contact.standing"},
		} {
			if said.is {
				p.Line("  %s", said.text)
			}
		}
		return p.Err()
	}
	var acknowledged, audited, stands int
	for i := range fates {
		f := &fates[i]
		for _, n := range []struct {
			is bool
			of *int
		}{{f.Acknowledged, &acknowledged}, {f.Audited, &audited}, {f.Stands, &stands}} {
			if n.is {
				*n.of++
			}
		}
	}
	p.Line("  ids %s-…, for %s", w.ID, page.Count(len(fates), "person", "people"))
	p.Line("  %s acknowledged, %s audited, %s stand", page.Number(acknowledged), page.Number(audited), page.Number(stands))
	for i := range fates {
		if f := &fates[i]; !f.Good(a.wait > 0) {
			p.Line("  %s: %s", f.Person, f.Error)
		}
	}
	return p.Err()
}
