package explain

import (
	"fmt"
	"strings"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
)

// remedy is what somebody could do, and what the rules say if they do.
type remedy struct {
	consent  []rules.Opinion // the person says yes to exactly this, now
	act      []rules.Opinion // the person does something, now
	closed   []rules.Opinion // every complaint of the person is closed
	address  []rules.Opinion // another address of the person on the same channel; nil if the intent names none
	dialled  []rules.Opinion // a human dials; nil if one does
	plain    []rules.Opinion // it sells nothing; nil if it does not
	priority []rules.Opinion // it is as urgent as can be
}

// remedies tries out what somebody could do.
func (a *asked) remedies() *remedy {
	r := &remedy{
		consent: a.opinions(func(who *rules.Person, in *rules.Intent) {
			yes := rules.Consent{At: a.moment.Now, Effective: true, Scope: scopeOf(in)}
			who.Consents = append(who.Consents[:len(who.Consents):len(who.Consents)], yes)
			yes.At++ // a tie is a no
			who.Consents = append(who.Consents, yes)
		}),
		act: a.opinions(func(who *rules.Person, _ *rules.Intent) { who.HumanAct = a.moment.Now }),
		closed: a.opinions(func(who *rules.Person, _ *rules.Intent) {
			who.Cases = nil
		}),
		priority: a.opinions(func(_ *rules.Person, in *rules.Intent) { in.Priority = 100 }),
	}
	if a.moment.Intent.Address != "" {
		r.address = a.opinions(func(_ *rules.Person, in *rules.Intent) {
			in.Address, in.AddressNoes = "another one", nil
		})
	}
	if a.moment.Intent.Mode == rules.ModePredictive {
		r.dialled = a.opinions(func(_ *rules.Person, in *rules.Intent) { in.Mode = rules.ModeManual })
	}
	if a.moment.Intent.Promotes {
		r.plain = a.opinions(func(_ *rules.Person, in *rules.Intent) { in.Promotes = false })
	}
	return r
}

func scopeOf(in *rules.Intent) rules.Scope {
	return rules.Scope{Channel: in.Channel, Purpose: in.Purpose, Subject: in.Subject, Brand: in.Brand, Address: in.Address}
}

// lifts says whether what was tried out is an end to the objection.
func lifts(tried []rules.Opinion, i int) bool { return tried != nil && !tried[i].Objects }

// changes says, of every rule that objects, what would have to change.
func (a *asked) changes(opinions []rules.Opinion, out []Rule) {
	var r *remedy
	for i := range opinions {
		if !opinions[i].Objects {
			continue
		}
		if r == nil {
			r = a.remedies()
		}
		out[i].Change = a.change(&opinions[i], &out[i], r, i)
	}
}

// change is what would have to change, in plain words: what the rule is about first,
// then what would do as well.
func (a *asked) change(o *rules.Opinion, told *Rule, r *remedy, i int) []string {
	var lines []string
	say := func(text string, args ...any) { lines = append(lines, fmt.Sprintf(text, args...)) }
	if about := a.about(o, told, r, i); about != "" {
		say("%s", about)
	}
	if o.Earliest != 0 {
		say("Wait until %s.", o.Earliest)
	}
	yes := "a consent to exactly this (" + scope(new(scopeOf(&a.moment.Intent))) + "), in the settings or with evidence"
	family, _, _ := strings.Cut(string(o.Reason), ".")
	switch {
	case !lifts(r.consent, i):
	case family == "refused" && len(told.Noes) > 0:
		say("Only the person can lift it, by %s, later than the no. Not time, not other words, not another campaign.", yes)
	case family == "cap":
		say("Or the person gives %s: it sets the rule aside.", yes)
	default:
		say("It takes %s, that the person gives.", yes)
	}
	if lifts(r.dialled, i) {
		say("Or a human dials: mode manual, or preview.")
	}
	if lifts(r.address, i) && family != "cap" {
		say("Or another address, if it is the person's and they gave it.")
	}
	if lifts(r.plain, i) {
		say("Or it sells nothing: without contains_promotion, if that is true.")
	}
	if o.Reason == rules.Outranked && lifts(r.priority, i) {
		say("Or a priority of %d or more, if it is that urgent.", a.priority(i))
	}
	if len(lines) == 0 {
		say("Nothing: no time, no consent and no other way of asking changes it.")
	}
	return lines
}

// about says what the rule is about, and whose it is to change that.
func (a *asked) about(o *rules.Opinion, told *Rule, r *remedy, i int) string {
	switch o.Reason {
	case rules.SameContent:
		return "The same words under another id are the same words."
	case rules.ConfirmOnce:
		return "One confirmation of an opt-out is all there is."
	case rules.ConfirmLate:
		return "Nothing: a confirmation answers an opt-out, at once or not at all."
	case rules.ConfirmPromo:
		return "A confirmation of an opt-out does not sell: take the promotion out."
	case rules.RefusedTombstone:
		return "The person asked to be forgotten. Nobody but them begins anew."
	case rules.RefusedReask, rules.RefusedReprompt:
		return "Do not ask for it again. Let the person find it in the settings."
	case rules.RefusedAddress:
		return a.unreachable(r, i)
	case rules.ConsentVoid:
		return "The address is somebody else's now."
	case rules.Inhibited:
		if lifts(r.closed, i) {
			return "Close the complaint first, " + a.cases() + ": a case_closed signal ends it, and nobody else's opinion."
		}
	case rules.Silence, rules.SilenceWinback, rules.SilenceStreak:
		if lifts(r.act, i) {
			return "Only the person ends it, by doing something: a reply, a click, a login, a talk. More messages do not, and time does not."
		}
	case rules.NotYet:
		return "The intent itself says not before."
	case rules.QuietPerson:
		return "The person drew this line; only their own preference moves it."
	case rules.BudgetPerson:
		return "The person named the number; only their own preference changes it."
	case rules.AbandonRate:
		return "Too many people answered, and nobody was there."
	case rules.CampaignUnfit:
		return "Mend the campaign, or register it, in the policy."
	case rules.CampaignEnded:
		return "The campaign is over for this person. Its owner said so, in the policy."
	case rules.CampaignKilled:
		return "Its owner stopped it, and only they start it again, in the policy."
	case rules.Stale:
		return "Make a new intent, if it still matters."
	}
	if o.Earliest == 0 && o.Evidence.Limit == 0 && o.Counts {
		return "The policy allows none at all."
	}
	if o.Earliest == 0 && o.Counts {
		return fmt.Sprintf("Nothing: %d is all that there is, for good.", o.Evidence.Limit)
	}
	if strings.HasPrefix(string(o.Reason), "custom.") {
		return "The policy's own rule says no: read it at " + told.Line + "."
	}
	return ""
}

func (a *asked) unreachable(r *remedy, i int) string {
	switch {
	case lifts(r.consent, i):
		return ""
	case len(a.moment.Intent.AddressNoes) > 0:
		return "Somebody else said no at this address, and only they can lift it."
	}
	return "No consent lifts it: the address bounced, or is somebody else's."
}

// cases are the open complaints that mute the intent.
func (a *asked) cases() string {
	var out []string
	for _, c := range a.moment.Person.Cases {
		if c.Open && (c.Brand == "" || c.Brand == a.moment.Intent.Brand) {
			out = append(out, scope(&rules.Scope{Subject: c.Subject, Brand: c.Brand}))
		}
	}
	return page.And(out)
}

// priority is the least from which on the rule does not object.
func (a *asked) priority(i int) int {
	for p := a.moment.Intent.Priority; p < 100; p++ {
		if lifts(a.opinions(func(_ *rules.Person, in *rules.Intent) { in.Priority = p }), i) {
			return p
		}
	}
	return 100
}

// scope is what a no or a yes names, in words and without an address.
func scope(s *rules.Scope) string {
	var named []string
	for _, field := range [...]struct{ name, value string }{
		{"channel", string(s.Channel)}, {"purpose", string(s.Purpose)}, {"subject", string(s.Subject)}, {"brand", string(s.Brand)},
	} {
		if field.value != "" {
			named = append(named, field.name+" "+field.value)
		}
	}
	if s.Address != "" {
		named = append(named, "one address")
	}
	if named == nil {
		return "everything"
	}
	return strings.Join(named, ", ")
}

// Scope is what a no or a yes names, in words and without an address.
func Scope(s *rules.Scope) string { return scope(s) }
