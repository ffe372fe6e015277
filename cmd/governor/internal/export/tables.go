package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

const personDoc = "The person: a keyed hash, the id itself, or nothing, as --persons says."

func decisions() *Table {
	return &Table{
		Name: "decisions", Doc: "What the governor said to each intent: one row a decision, from contact.approved and contact.vetoed.",
		topics: []string{governor.Approved, governor.Vetoed},
		Columns: columns(
			Column{"decided", Time, "When it was decided, by the governor's clock."},
			Column{"verdict", Text, "approved or vetoed."},
			Column{"reason", Text, "The first reason; empty on approval."},
			Column{"final", Yes, "Asking again is pointless until the person acts."},
			Column{"id", Text, "The decision."},
			Column{"intent", Text, "The intent that it is about."},
			Column{"person", Text, personDoc},
			Column{"channel", Text, "Copied from the intent, as the next six are."},
			Column{"purpose", Text, ""},
			Column{"campaign", Text, ""},
			Column{"subject", Text, ""},
			Column{"brand", Text, ""},
			Column{"engine", Text, ""},
			Column{"reasons", Text, "Every reason, with a comma between them, the first one first."},
			Column{"rules", Text, "The rules that gave them, likewise."},
			Column{"lines", Text, "Where those stand in the policy, likewise."},
			Column{"shadow", Text, "Reasons of rules on trial, from which nothing followed."},
			Column{"earliest", Time, "From when on no rule would object; none where time does not help."},
			Column{"not_after", Time, "On approval: to be redeemed before this."},
			Column{"original", Text, "On a duplicate: the decision that the intent got first."},
			Column{"items", Whole, "On an approval that coalesces: how many intents it carries; else 0."},
			Column{"policy", Text, "Hash of the policy."},
			Column{"signals", Whole, "Position in contact.signals that it was made at."},
		),
		read: func(person func(string) string) reading {
			return simple(func(slot consumer.Slot, r *consumer.Record) (dated, error) {
				d, err := schemas.DecodeDecision(r.Value)
				if err != nil {
					return dated{}, err
				}
				of := func(list []schemas.Objection, field func(*schemas.Objection) string) string {
					var all []string
					for i := range list {
						all = append(all, field(&list[i]))
					}
					return strings.Join(all, ",")
				}
				reason := func(o *schemas.Objection) string { return o.Reason }
				return dated{d.Decided.Std(), placed(slot, r,
					d.Decided.Std(), string(d.Verdict), d.Reason, d.Final, d.ID, d.Intent, person(d.Person),
					d.Channel, d.Purpose, d.Campaign, d.Subject, d.Brand, d.Engine,
					of(d.Reasons, reason), of(d.Reasons, func(o *schemas.Objection) string { return o.Rule }),
					of(d.Reasons, func(o *schemas.Objection) string { return o.Line }), of(d.Shadow, reason),
					d.Earliest.Std(), d.NotAfter.Std(), d.Original, int64(len(d.Items)), d.Policy, d.Signals)}, nil
			})
		},
	}
}

func revoked() *Table {
	return &Table{
		Name: "revoked", Doc: "Approvals that were taken back before they were redeemed, from contact.revoked.",
		topics: []string{governor.Revoked},
		Columns: columns(
			Column{"revoked", Time, "When."},
			Column{"reason", Text, "The code that a veto would carry then."},
			Column{"id", Text, "The revocation."},
			Column{"decision", Text, "The approval."},
			Column{"intent", Text, "Its intent."},
			Column{"person", Text, personDoc},
			Column{"signal", Text, "The signal that brought it about."},
		),
		read: func(person func(string) string) reading {
			return simple(func(slot consumer.Slot, r *consumer.Record) (dated, error) {
				v, err := schemas.DecodeRevocation(r.Value)
				return dated{v.Revoked.Std(), placed(slot, r, v.Revoked.Std(), v.Reason, v.ID, v.Decision, v.Intent, person(v.Person), v.Signal)}, err
			})
		},
	}
}

func redeemed() *Table {
	return &Table{
		Name: "redeemed", Doc: "Answers to workers that asked, just before a contact, whether they still may, from contact.redeemed. Which worker asked is left out: it is named by its secret.",
		topics: []string{governor.Redemption},
		Columns: columns(
			Column{"answered", Time, "When."},
			Column{"ok", Yes, "The worker may."},
			Column{"reason", Text, "Why it may not; empty where it may."},
			Column{"id", Text, "The question."},
			Column{"decision", Text, "The approval; empty where there is none."},
			Column{"intent", Text, "What was asked about."},
			Column{"person", Text, personDoc},
			Column{"not_after", Time, "The contact is to begin before this."},
			Column{"again", Yes, "The same worker had asked before."},
		),
		read: func(person func(string) string) reading {
			return simple(func(slot consumer.Slot, r *consumer.Record) (dated, error) {
				v, err := schemas.DecodeRedemption(r.Value)
				return dated{v.Answered.Std(), placed(slot, r, v.Answered.Std(), v.OK, v.Reason, v.ID, v.Decision, v.Intent, person(v.Person), v.NotAfter.Std(), v.Again)}, err
			})
		},
	}
}

func leaked() *Table {
	return &Table{
		Name: "leaked", Doc: "Approvals that a worker had taken, and not told of, when the person said no, from contact.leaked.",
		topics: []string{governor.Leaked},
		Columns: columns(
			Column{"refused", Time, "When the no was heard."},
			Column{"redeemed", Time, "When the worker had taken the approval."},
			Column{"reason", Text, "The code that a veto would carry then."},
			Column{"id", Text, "The leak."},
			Column{"decision", Text, "The approval."},
			Column{"intent", Text, "Its intent."},
			Column{"person", Text, personDoc},
			Column{"signal", Text, "The signal that said no."},
		),
		read: func(person func(string) string) reading {
			return simple(func(slot consumer.Slot, r *consumer.Record) (dated, error) {
				var v struct{ ID, Decision, Intent, Person, Reason, Signal, Redeemed, Refused string }
				if err := json.Unmarshal(r.Value, &v); err != nil {
					return dated{}, fmt.Errorf("is no leak: %T", err) // the error may quote what stands there
				}
				refused, err := schemas.ParseTime(v.Refused)
				taken, wrong := schemas.ParseTime(v.Redeemed)
				if err != nil || wrong != nil {
					return dated{}, errors.New("is no leak: it needs the times refused and redeemed")
				}
				return dated{refused.Std(), placed(slot, r, refused.Std(), taken.Std(), v.Reason, v.ID, v.Decision, v.Intent, person(v.Person), v.Signal)}, nil
			})
		},
	}
}
