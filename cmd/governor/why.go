package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/why"
	"github.com/contactgovernor/governor/rules"
)

// mostBack is how many of the latest records of each topic and partition are looked at.
const mostBack = 200_000

// whyCommand tells why somebody was contacted, or left alone.
func whyCommand() *cobra.Command {
	var a whyArguments
	cmd := &cobra.Command{
		Use:   "why (ID | --person ID) --config FILE",
		Short: "Tell why somebody was contacted, or left alone",
		Long: `Why tells from the topics what happened to one intent, by its id or by that of its
decision: what was wanted, which rule on which line of which policy decided, what was
counted, what became of it, and what would have had to change. With --person alone it
tells all that happened to a person, in the order of time.

It needs Kafka only, and no governor needs to run. Where the person is given it reads
their partition only; else it looks for the id in all of them. It looks at the latest
records of each topic and partition, as many as --last says; with 0 at all that is kept.
What would have had to change is asked of the rules as 'governor explain' asks them, over
what the log keeps of the person: not where another policy decided, and not where more
was known then than the log keeps of the person.

Whoever typed a person's id sees it; else it is hashed as on contact.audit, unless
--show-person is given. No address, no words and no evidence are told.

Exit status: 0 told; 1 nothing was found (how far it looked is said), or reading failed;
2 used wrongly, or several people have an intent of that id.`,
		Example: `  governor why spring-4711 --config deploy/governor.example.yaml
  governor why d-7a10b0576c0ca46513757ee7cf89e06e --config deploy/governor.example.yaml -o json
  governor why spring-4711 --person p9f31 --config deploy/governor.example.yaml
  governor why --person p9f31 --config deploy/governor.example.yaml --last 0`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.run(cmd, args) },
	}
	f := cmd.Flags()
	f.StringVar(&a.config, "config", "", "configuration file, as of governor run (required)")
	f.StringVar(&a.person, "person", "", "whose it is; alone: all that happened to them")
	f.BoolVar(&a.show, "show-person", false, "print the ids of people as they are")
	f.Int64Var(&a.last, "last", mostBack, "how many of the latest records of each topic and partition to look at; 0: all that is kept")
	f.StringVarP(&a.output, "output", "o", "text", "text or json")
	return cmd
}

// whyArguments is what was typed.
type whyArguments struct {
	config, person, output string
	show                   bool
	last                   int64
}

func (a *whyArguments) run(cmd *cobra.Command, args []string) error {
	wrong := func(format string, args ...any) error { return &usageError{fmt.Errorf("why: "+format, args...)} }
	if err := textOrJSON("why", a.output); err != nil {
		return err
	}
	switch {
	case len(args) > 1:
		return wrong("which one? Write one id, of an intent or of a decision")
	case len(args) == 1 && args[0] == "":
		return wrong("the id is empty: write that of an intent or of a decision")
	case cmd.Flags().Changed("person") && a.person == "":
		return wrong("--person is empty: write the id of a person")
	case len(args) == 0 && a.person == "":
		return wrong("about what? Write the id of an intent or of a decision, or --person ID")
	case a.last < 0:
		return wrong("--last %d: write how many records, or 0 for all that is kept", a.last)
	}
	hand, policy, err := takeHand(cmd, "why", a.config)
	if err != nil {
		return err
	}
	defer hand.Close()
	bar := newPassing(cmd.ErrOrStderr(), "records")
	q := &why.Question{Person: rules.PersonID(a.person), Last: a.last, Policy: policy, Now: rules.At(time.Now()), Told: bar.tell}
	if len(args) == 1 {
		q.ID = args[0]
	}
	answer, err := why.Ask(cmd.Context(), hand, q)
	bar.end()
	switch {
	case errors.Is(err, why.ErrWhose):
		return wrong("several people have an intent %q: write --person too", q.ID)
	case errors.Is(err, why.ErrNotThere):
		return a.nothing(answer, q)
	case err != nil:
		return fmt.Errorf("why: %w", err)
	}
	name := func(id rules.PersonID) string {
		if a.show || string(id) == a.person {
			return string(id)
		}
		return hand.Hash(string(id))
	}
	if a.output == "json" {
		for i := range answer.Stories {
			answer.Stories[i].Person = rules.PersonID(name(answer.Stories[i].Person))
		}
		return writeJSON(cmd.OutOrStdout(), answer)
	}
	return answer.Write(cmd.OutOrStdout(), policy.Name(), name)
}

// nothing says that there is nothing, and how far back that is known.
func (a *whyArguments) nothing(answer *why.Answer, q *why.Question) error {
	for _, l := range answer.Letters {
		return fmt.Errorf("why: %q is in dead letter %s: %s. It was never decided: governor dlt show %s", q.ID, l.Letter, l.Reason, l.Letter)
	}
	what, more := fmt.Sprintf("%q", q.ID), ""
	if q.ID == "" {
		what = "this person"
	}
	if q.Person != "" && q.ID != "" {
		what += " of this person"
	}
	for _, l := range answer.Looked {
		if !l.Whole {
			more = " Write --last 0 to look at all that is kept."
		}
	}
	return fmt.Errorf("why: there is nothing about %s: ids are told apart to the letter, and what is older than the topics keep is gone. %s%s", what, answer.Back(), more)
}
