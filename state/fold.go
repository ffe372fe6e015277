package state

import (
	"cmp"
	"slices"

	"github.com/contactgovernor/governor/rules"
)

// ApplySignal folds a signal into the person. It says whether the signal was
// new; one that was heard before changes nothing, whatever it says.
//
// What a signal does to approvals that are out and to notices that are held is
// not decided here: the caller judges those again afterwards (rules.Rejudge).
// Resolved changes nothing in the memory itself, nor does Merge: that is two
// people's, and Join makes one of them.
func ApplySignal(p *rules.Policy, who *Person, s *Signal, now rules.Instant) bool {
	if who.HasHeard(s.ID) {
		return false
	}
	who.Heard = append(who.Heard, Heard{HashSignal(s.ID), now})
	fold(p, who, s, now)
	return true
}

// ReplaySignal folds a signal once more into a person whose standing has heard it,
// but whose log was lost: what it says of contacts, and what it asks. What stands
// it leaves as it is, for that has it already.
func ReplaySignal(p *rules.Policy, who *Person, s *Signal, now rules.Instant) {
	switch s.Type {
	case Outcome, Reply, Conversation:
		fold(p, who, s, now)
	}
}

// fold is what a signal changes. All of it may be done twice: the second time
// changes nothing.
func fold(p *rules.Policy, who *Person, s *Signal, now rules.Instant) {
	at := min(s.At, now) // up to a day ahead of its arrival it is taken as now
	switch s.Type {
	case Refusal:
		optOut(who, said(who, s, s.Scope, at), now)
	case Consent:
		agree(who, rules.Consent{Scope: s.Scope, At: at, Evidence: s.Evidence, Signal: s.ID, Record: who.on(s.Person),
			Effective: s.Source == SourceSettings || s.Evidence != ""})
	case Reply:
		applyReply(p, who, s, at, now)
	case Cancellation:
		no := said(who, s, rules.Scope{Subject: s.Scope.Subject, Brand: s.Scope.Brand}, at)
		no.Kind = rules.Cancelled
		refuse(who, no)
	case Complaint:
		no := said(who, s, rules.Scope{Channel: s.Scope.Channel, Brand: s.Scope.Brand}, at)
		no.Kind = rules.Complained
		refuse(who, no)
	case Outcome:
		applyOutcome(p, who, s, at)
	case Conversation:
		acted(who, at)
		talked(who, s.Scope.Channel, s.Scope.Subject, at)
		asked(who, s, at)
	case Engagement:
		if s.Human {
			acted(who, at)
		}
	case Preference:
		applyPreference(who, s, at)
	case CaseOpened, CaseClosed:
		applyCase(who, s, at)
	case AddressOf:
		applyAddress(who, s, at)
	case Erasure:
		if at > who.Erased { // else everything from before is forgotten already
			erase(who, at)
		}
	case Resolved, Merge, Redemption, ToldRecord, ToldAddress, ToldCampaign:
	}
}

// said is a refusal by the signal, on the record that it names.
func said(who *Person, s *Signal, scope rules.Scope, at rules.Instant) rules.No {
	return rules.No{Kind: rules.Refused, Scope: scope, At: at, Signal: s.ID, Record: who.on(s.Person)}
}

// RefuseEverything is what an unreadable refusal does: nobody knows what the
// person refused, so it is everything, from its arrival on. Doubt is a no.
func RefuseEverything(who *Person, record rules.PersonID, now rules.Instant) {
	optOut(who, rules.No{Kind: rules.Refused, At: now, Record: who.on(record)}, now)
}

// optOut is a refusal in the person's own words, which may be confirmed once. One
// that says nothing new is no further one.
func optOut(who *Person, no rules.No, now rules.Instant) {
	if refuse(who, no) {
		who.OptOut = now
	}
}

// acted notes a sign of life by a human.
func acted(who *Person, at rules.Instant) { who.HumanAct = max(who.HumanAct, at) }

// talked notes a conversation with the person, of which the latest of each kind
// is enough.
func talked(who *Person, channel rules.Channel, subject rules.Subject, at rules.Instant) {
	for i := range who.Talks {
		if t := &who.Talks[i]; t.Channel == channel && t.Subject == subject {
			t.At = max(t.At, at)
			return
		}
	}
	who.Talks = append(who.Talks, rules.Talk{Channel: channel, Subject: subject, At: at})
}

// mostAsked bounds what the person wrote or said that may still be answered.
const mostAsked = 64

// asked notes what the person wrote or said, so that it can be answered: the
// latest of it.
func asked(who *Person, s *Signal, at rules.Instant) {
	ask(who, rules.Request{Signal: s.ID, Channel: s.Scope.Channel, At: at})
}

func ask(who *Person, r rules.Request) {
	i, there := slices.BinarySearchFunc(who.Asked, r, func(a, b rules.Request) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Signal, b.Signal))
	})
	if there {
		return
	}
	who.Asked = slices.Insert(who.Asked, i, r)
	who.Asked = who.Asked[max(0, len(who.Asked)-mostAsked):]
}

// refuse adds a no. Of two with the same scope the later one is enough: what
// lifts it must be later than both. It says whether anything is new.
func refuse(who *Person, no rules.No) bool {
	for i := range who.Noes {
		has := &who.Noes[i]
		switch {
		case has.Kind != no.Kind || has.Scope != no.Scope || has.Record != no.Record:
		case no.At <= has.At:
			return false
		case !has.Erased:
			*has = no
			return true
		}
	}
	who.Noes = append(who.Noes, no)
	return true
}

// agree adds a yes. One without effect is recorded and lifts nothing. One from
// before the person asked to be forgotten is forgotten, however late it comes.
func agree(who *Person, yes rules.Consent) {
	if who.Erased != 0 && yes.At <= who.Erased {
		return
	}
	if yes.Effective {
		acted(who, yes.At)
	}
	for i := range who.Consents {
		c := &who.Consents[i]
		if c.Scope == yes.Scope && c.Effective == yes.Effective && c.Record == yes.Record {
			if yes.At > c.At {
				*c = yes
			}
			return
		}
	}
	who.Consents = append(who.Consents, yes)
}

func applyReply(p *rules.Policy, who *Person, s *Signal, at, now rules.Instant) {
	if s.Auto {
		return // an automatic reply is neither a no nor a sign of life
	}
	// A reply's address binds nobody: the words are the person's own.
	scope := rules.Scope{Channel: s.Scope.Channel, Brand: s.Scope.Brand}
	switch wish := p.Understand(s.Text); {
	case wish.OptOut && wish.Subject != "":
		optOut(who, said(who, s, rules.Scope{Channel: scope.Channel, Subject: wish.Subject}, at), now)
	case wish.OptOut:
		optOut(who, said(who, s, scope, at), now)
		if wish.Channel != "" && wish.Channel != scope.Channel {
			optOut(who, said(who, s, rules.Scope{Channel: wish.Channel, Brand: scope.Brand}, at), now)
		}
	case wish.OptIn:
		agree(who, rules.Consent{Scope: scope, At: at, Effective: true, Evidence: "reply: " + s.Text, Signal: s.ID, Record: who.on(s.Person)})
		asked(who, s, at)
	default:
		acted(who, at)
		asked(who, s, at)
	}
}

func applyOutcome(p *rules.Policy, who *Person, s *Signal, at rules.Instant) {
	if s.Result == Abandoned || s.Result == HoldTimeout {
		who.Abandoned = max(who.Abandoned, at) // whichever call it was
	}
	c := contactOf(who, s)
	if c == nil {
		return // the contact was forgotten, or never was: there is nothing that could have become of it
	}
	if s.Result == Answered || s.Result == Conversed {
		acted(who, at)
	}
	if s.Result == Conversed {
		talked(who, c.Channel, c.Subject, at)
	}
	if c.Channel == rules.ChannelCall {
		fared(c, s.Result, at)
	}
	happened := false
	switch s.Result {
	case NotSent:
		c.Fate |= rules.NotSent
	case OptedOut:
		c.Fate |= rules.OptedOut
		refuse(who, rules.No{Kind: rules.Refused, Scope: rules.Scope{Channel: c.Channel}, At: at, Signal: s.ID, Record: c.Record})
	case Busy:
		c.Fate |= rules.Busy
	case WrongNumber:
		wrongNumber(who, c, at, s.ID)
	case Bounced: // it was sent, and reached nobody
		c.Fate |= rules.Happened
		unreachable(who, c, at, s.ID)
	default:
		c.Fate |= rules.Happened
		happened = true
	}
	if s.Result == Delivered || (happened && !p.ReportsDelivery(c.Channel)) {
		reached(c, at)
	}
}

// fared notes of a call whether it was answered, and by whom: the earliest word of
// either counts, in whatever order they come.
func fared(c *rules.Contact, result Result, at rules.Instant) {
	switch result {
	case Answered, Conversed:
		earliest(&c.Answered, at)
	case Abandoned, HoldTimeout:
		earliest(&c.Abandoned, at)
	}
}

// contactOf finds the contact that an outcome is about, nil if it was forgotten or
// never was. An outcome that names any item of a notice is about the whole of it.
func contactOf(who *Person, s *Signal) *rules.Contact {
	var carrier *rules.Contact
	for i := range who.Contacts {
		switch c := &who.Contacts[i]; {
		case s.Intent == "" && s.Decision != "" && c.Decision == s.Decision, s.Intent != "" && c.Intent == s.Intent:
			return c
		case s.Intent != "" && c.Carries(s.Intent):
			carrier = c // unless the id, forgotten meanwhile, was approved alone
		}
	}
	return carrier
}

// wrongNumber uncounts every contact at the address: they were not this
// person's. Without an address it is the one contact. Approvals that are out are
// left to be taken back by whoever judges them again.
func wrongNumber(who *Person, c *rules.Contact, at rules.Instant, id rules.SignalID) {
	c.Fate |= rules.WrongNumber
	if c.Address == "" {
		return
	}
	for i := range who.Contacts {
		if other := &who.Contacts[i]; other.Address == c.Address && !other.Pending() {
			other.Fate |= rules.WrongNumber
		}
	}
	unreachable(who, c, at, id)
}

func unreachable(who *Person, c *rules.Contact, at rules.Instant, id rules.SignalID) {
	if c.Address != "" {
		refuse(who, rules.No{Kind: rules.Unreachable, Scope: rules.Scope{Address: c.Address}, At: at, Signal: id, Record: c.Record})
	}
}

// applyPreference takes what the person wants; a later preference replaces its
// own fields only.
func applyPreference(who *Person, s *Signal, at rules.Instant) {
	acted(who, at)
	if s.HasQuiet && at >= who.QuietAt {
		who.Quiet, who.QuietAt = s.Quiet, at
	}
	if s.HasZones && at >= who.ZonesAt {
		who.Zones, who.ZonesAt = s.Zones, at
	}
	if s.HasBudget && at >= who.BudgetAt {
		who.Budget, who.BudgetAt = s.Budget, at
	}
}

// applyCase opens or closes; the latest word wins, and a tie is open.
func applyCase(who *Person, s *Signal, at rules.Instant) {
	open := s.Type == CaseOpened
	i := slices.IndexFunc(who.Cases, func(c rules.Case) bool {
		return c.Subject == s.Scope.Subject && c.Brand == s.Scope.Brand
	})
	if i < 0 {
		who.Cases = append(who.Cases, rules.Case{Subject: s.Scope.Subject, Brand: s.Scope.Brand, At: at, Open: open})
		return
	}
	if c := &who.Cases[i]; at > c.At || (at == c.At && open) {
		c.At, c.Open = at, open
	}
}

// applyAddress notes whose an address is; the latest word wins, and a tie is
// somebody else's.
func applyAddress(who *Person, s *Signal, at rules.Instant) {
	if s.Status == Removed {
		return
	}
	reassigned := s.Status == Reassigned
	i := slices.IndexFunc(who.Numbers, func(n rules.Number) bool { return n.Address == s.Scope.Address })
	if i < 0 {
		who.Numbers = append(who.Numbers, rules.Number{Address: s.Scope.Address, At: at, Reassigned: reassigned})
		return
	}
	if n := &who.Numbers[i]; at > n.At || (at == n.At && reassigned) {
		n.At, n.Reassigned = at, reassigned
	}
}

// erase forgets all but the no, and when it did. Which signals were heard and which ids had a
// decision stays, as hashes: else a yes from before, published once more, would
// lift what stands, and two decisions could share an id.
func erase(who *Person, at rules.Instant) {
	kept := rules.Person{Noes: who.Noes, Spent: who.Spent, Merges: who.Merges, Erased: max(who.Erased, at)}
	for i := range kept.Noes {
		kept.Noes[i].Erased = true
	}
	for i := range who.Contacts {
		kept.Spent.Add(who.Contacts[i].Intent)
	}
	for i := range who.Held {
		kept.Spent.Add(who.Held[i].Intent.ID)
	}
	for _, k := range who.Known.All() {
		kept.Spent.Add(k.Intent)
	}
	who.Person = kept
}
