package explain

import (
	"slices"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// tell writes down what the rules had to say, if they were asked.
func (s *search) tell(d *schemas.Decision) {
	s.x.decided(d)
	a := asked{policy: s.q.Policy, moment: &s.moment}
	switch reason := rules.Reason(d.Reason); {
	case reason == rules.Duplicate:
		s.x.Unasked = "About a known id no rule is asked; this is what they would have said."
	case reason == rules.Conflict:
		s.x.Unasked = "About a known id no rule is asked; this is what they would have said."
	case reason == rules.Coalesced:
		s.x.Unasked = "One notice goes out, and it carries this one; this is what the rules say of it."
	case reason == rules.Moot:
		s.x.Unasked = "It was still waiting, and no rule was asked."
		return
	case rules.Instant(d.Decided) != s.moment.Now:
		s.x.Unasked = "It was still waiting, and no rule was asked."
		return
	}
	s.x.Rules = a.rules()
	outranked(s.x.Rules, d)
	if d.Verdict == schemas.Vetoed && s.x.Unasked == "" {
		s.x.Channels = a.channels()
	}
}

// asked is a moment, of which more can be asked.
type asked struct {
	policy *rules.Policy
	moment *governor.Moment
}

// opinions are what every rule says if one thing is different.
func (a *asked) opinions(change func(*rules.Person, *rules.Intent)) []rules.Opinion {
	who, in := a.moment.Person, a.moment.Intent
	change(&who, &in)
	return rules.Opinions(a.policy, &who, &in, a.moment.Now)
}

// rules tells what every rule says, and why.
func (a *asked) rules() []Rule {
	opinions := a.opinions(func(*rules.Person, *rules.Intent) {})
	out := make([]Rule, len(opinions))
	for i := range opinions {
		o := &opinions[i]
		out[i] = Rule{
			Reason: string(o.Reason), Rule: o.Rule, Line: o.Line.String(), Cites: o.Cites, Unverified: o.Unverified, Trial: o.Shadow,
			Objects: o.Objects, Detail: o.Detail, Until: instant(o.Earliest),
		}
		if o.Counts {
			out[i].Counts = &Count{o.Evidence.Used, o.Evidence.Limit, o.Evidence.Waived}
		}
	}
	a.contacts(opinions, out)
	a.noes(opinions, out)
	a.changes(opinions, out)
	return out
}

// contacts finds out which contacts each rule counted: those without which it
// counts fewer. Of a rule that objects and does not count it is those that it
// objects because of: each without the others, or not without it.
func (a *asked) contacts(opinions []rules.Opinion, out []Rule) {
	contacts := a.moment.Person.Contacts
	none := a.without(func(int) bool { return true })
	for n := range contacts {
		c := &contacts[n]
		without, alone := a.without(func(i int) bool { return i == n }), a.without(func(i int) bool { return i != n })
		for i := range opinions {
			o := &opinions[i]
			counted := o.Counts && without[i].Evidence.Used < o.Evidence.Used
			because := !o.Counts && o.Objects && !none[i].Objects &&
				(alone[i].Objects || !without[i].Objects || without[i].Earliest != o.Earliest)
			if counted || because {
				out[i].Contacts = append(out[i].Contacts, contactOf(c, a.moment.Now))
			}
		}
	}
}

// without asks as if some of the contacts had never happened: to somebody else, of
// whom nothing counts. They stay where they are, for periods may begin with them.
func (a *asked) without(some func(int) bool) []rules.Opinion {
	return a.opinions(func(who *rules.Person, _ *rules.Intent) {
		who.Contacts = slices.Clone(who.Contacts)
		for i := range who.Contacts {
			if some(i) {
				who.Contacts[i].Fate |= rules.WrongNumber
			}
		}
	})
}

func contactOf(c *rules.Contact, now rules.Instant) Contact {
	return Contact{At: instant(c.At), Intent: string(c.Intent), Channel: string(c.Channel), Campaign: string(c.Campaign), State: fate(c, now)}
}

// Fate is what became of a contact by now, in words.
func Fate(c *rules.Contact, now rules.Instant) string { return fate(c, now) }

// fate is what became of a contact, in a word.
func fate(c *rules.Contact, now rules.Instant) string {
	switch state := c.State(now); state {
	case rules.StateWrongNumber:
		return "wrong number"
	case rules.StateOptedOut:
		return "stopped by the provider"
	case rules.StateNotSent:
		return "not sent"
	case rules.StateRevoked:
		return "taken back"
	case rules.StateApproved:
		return "approved, may be redeemed until " + c.NotAfter.String()
	default:
		return string(state)
	}
}

// noes finds out which noes a rule objects because of: those that it would object
// because of if there were no other.
func (a *asked) noes(opinions []rules.Opinion, out []Rule) {
	none := a.opinions(func(who *rules.Person, in *rules.Intent) { who.Noes, in.AddressNoes = nil, nil })
	note := func(no *rules.No, others bool, alone []rules.Opinion) {
		for i := range opinions {
			if opinions[i].Objects && alone[i].Objects && !none[i].Objects {
				out[i].Noes = append(out[i].Noes, noOf(no, others))
			}
		}
	}
	for n := range a.moment.Person.Noes {
		note(&a.moment.Person.Noes[n], false, a.opinions(func(who *rules.Person, in *rules.Intent) {
			who.Noes, in.AddressNoes = who.Noes[n:n+1], nil
		}))
	}
	for n := range a.moment.Intent.AddressNoes {
		note(&a.moment.Intent.AddressNoes[n].No, true, a.opinions(func(who *rules.Person, in *rules.Intent) {
			who.Noes, in.AddressNoes = nil, in.AddressNoes[n:n+1]
		}))
	}
}

func noOf(no *rules.No, others bool) No {
	kind := string(no.Kind)
	switch {
	case others:
		kind = "refusal of somebody else at the address"
	case no.Kind == rules.Unreachable:
		kind = "the address bounced, or is not the person's"
	}
	out := No{At: instant(no.At), Kind: kind, Scope: scope(&no.Scope), Signal: string(no.Signal)}
	if others {
		out.Signal = ""
	}
	return out
}

// channels asks what would become of the intent on every other channel, where the
// address is another one too.
func (a *asked) channels() []Channel {
	var out []Channel
	for _, channel := range a.policy.Channels() {
		if channel == a.moment.Intent.Channel {
			continue
		}
		in := a.moment.Intent
		in.ID, in.Channel, in.Mode, in.Address, in.AddressNoes, in.NumberZones, in.Rates = "", channel, rules.ModeManual, "", nil, nil, nil
		d := rules.Decide(a.policy, &a.moment.Person, &in, a.moment.Now)
		c := Channel{Channel: string(channel), Verdict: string(d.Verdict), Until: instant(d.Earliest)}
		for _, o := range d.Objections {
			if !slices.Contains(c.Reasons, string(o.Reason)) {
				c.Reasons = append(c.Reasons, string(o.Reason))
			}
		}
		out = append(out, c)
	}
	return out
}
