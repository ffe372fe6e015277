package verify

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// refusal is a no as a signal said it.
type refusal struct {
	no
	by         *signal
	unreadable bool
}

// The kinds of noes, as contact.standing names them.
const (
	refused     = "refusal"
	cancelled   = "cancellation"
	complained  = "complaint"
	unreachable = "unreachable"
)

// stopped is the kind of no that is to a campaign, and everybody's.
const stopped = "stopped"

// refusals are the noes that the person's signals said, in order.
func (p *part) refusals(who *person) (all []refusal) {
	for _, s := range who.signals {
		n := no{kind: refused, channel: s.channel, purpose: s.purpose, subject: s.subject, brand: s.brand, address: s.address, at: s.at}
		buried := p.buried[s.Place]
		switch {
		case !s.readable || buried != nil:
			if s.vague {
				p.skip("unreadable signals that may be no refusal")
				continue
			}
			if p.o.Partitions > 0 && partitionOf(s.key, p.o.Partitions) != p.number {
				continue // whoever it is of, she is not here
			}
			all = append(all, refusal{no{kind: refused, at: p.came(s)}, s, true})
			continue
		case s.again:
			continue
		case s.kind == "cancellation":
			n = no{kind: cancelled, subject: s.subject, brand: s.brand, at: s.at}
		case s.kind == "complaint":
			n = no{kind: complained, channel: s.channel, brand: s.brand, at: s.at}
		case s.kind == "reply":
			subject, isNo := optOut(s.text)
			if s.auto || !isNo {
				continue
			}
			n = no{kind: refused, channel: s.channel, brand: s.brand, at: s.at}
			if subject != "" {
				n.subject, n.brand = subject, ""
			}
		case s.kind == "outcome":
			about := p.outcomeOf(who, s)
			switch {
			case about == nil:
				continue
			case who.erasedBefore(s) || p.came(s).Sub(about.decided) >= knownApproved:
				p.skip("outcomes of contacts that were forgotten")
				continue
			case s.result == "opted_out":
				n = no{kind: refused, channel: about.channel, at: s.at}
			case (s.result == "bounced" || s.result == "wrong_number") && about.record != nil && about.record.address != "":
				n = no{kind: unreachable, address: about.record.address, at: s.at}
			default:
				continue
			}
		case s.kind != "refusal":
			continue
		}
		all = append(all, refusal{no: n, by: s})
	}
	return all
}

// erasedBefore says whether the person was forgotten at her own wish before the
// signal was heard.
func (who *person) erasedBefore(s *signal) bool {
	return slices.ContainsFunc(who.signals, func(e *signal) bool { return e.kind == "erasure" && e.Offset < s.Offset })
}

// optOut says whether the whole text is one of the words that the semantics name,
// and which subject the digits behind a stop name.
func optOut(text string) (subject string, yes bool) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	plain := strings.Join(words, " ")
	if len(words) == 2 && words[0] == "stop" && strings.Trim(words[1], "0123456789") == "" {
		return words[1], true
	}
	return "", slices.Contains([]string{"stop", "stopall", "stop all", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe"}, plain)
}

// optIn says whether the text may be a yes.
func optIn(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "start") || strings.Contains(text, "unstop")
}

// outcomeOf is the approval that an outcome is about: one that was made before it
// was heard.
func (p *part) outcomeOf(who *person, s *signal) *decision {
	var carrier *decision
	for _, d := range who.decisions {
		switch {
		case !d.approved() || d.heard > s.Offset:
		case s.intent == "" && d.id == s.decision, s.intent != "" && d.intent == s.intent:
			return d
		case s.intent != "" && slices.Contains(d.items, s.intent):
			carrier = d
		}
	}
	return carrier
}

// forbids says whether the no means what was approved.
func (p *part) forbids(n *no, d *decision) bool {
	promotes := d.record != nil && d.record.promotes
	class, _ := p.limits.class(d.purpose, promotes)
	address := ""
	if d.record != nil {
		address = d.record.address
	}
	ours := n.brand == "" || n.brand == d.brand
	switch {
	case n.kind == stopped:
		return !exempt(class) && n.campaign == d.campaign
	case n.kind == unreachable:
		return class != "legal" && n.address == address
	case exempt(class):
		return false
	case n.kind == complained:
		return class == "solicitation" && ours
	case n.kind == cancelled:
		winback := slices.Contains(p.limits.Winback, d.purpose)
		return class == "solicitation" && (n.subject != "" && n.subject == d.subject || (n.subject == "" || winback) && ours)
	case n.purpose != "" && n.purpose != d.purpose:
		return false // whether it asks for consent to it is not looked at
	case n.subject != "":
		return n.subject == d.subject
	}
	return (n.channel == "" || n.channel == d.channel) && ours && (n.address == "" || address == "" || n.address == address)
}

// lifted says whether the person may have taken the no back for what was approved:
// by a later yes that covers it, and that was heard before the offset.
func (p *part) lifted(who *person, n *no, d *decision, before int64) bool {
	if n.kind == unreachable || n.kind == stopped {
		return false
	}
	address := ""
	if d.record != nil {
		address = d.record.address
	}
	fits := func(named, is string) bool { return named == "" || named == is }
	for _, s := range who.signals {
		yes := s.kind == "consent" && s.effective || s.kind == "reply" && !s.auto && optIn(s.text)
		if yes && s.readable && !s.again && s.Offset < before && s.at.After(n.at) && fits(s.channel, d.channel) && fits(s.brand, d.brand) &&
			(s.kind == "reply" || fits(s.purpose, d.purpose) && fits(s.subject, d.subject) && fits(s.address, address)) {
			return true
		}
	}
	return false
}

// excused says whether the rules let the approval through in spite of a no, or may
// have, for reasons that are not looked at here.
func (p *part) excused(who *person, d *decision) bool {
	switch {
	case p.limits.Purposes[d.purpose] == "":
		p.skip("approvals of purposes that the limits do not name")
	case who.merged:
		p.skip("approvals of people of several records, whose yes may stand on another")
	case d.record == nil:
		p.skip("approvals whose intent is not kept any more")
	case p.limits.AnswerOnce && d.record.replyTo != "":
		p.skip("answers to what a person asked")
	default:
		return false
	}
	return true
}

// checkRefusals: who said no, and was heard before the intent was decided, or was
// acknowledged before it, is not approved for it.
func (p *part) checkRefusals(who *person) {
	noes := append(p.refusals(who), p.stopped()...)
	if len(noes) == 0 {
		return
	}
	for _, d := range who.decisions {
		for i := range noes {
			if n := &noes[i]; d.approved() && p.forbids(&n.no, d) && p.checkRefusal(who, d, n) {
				break // one is enough
			}
		}
	}
}

func (p *part) checkRefusal(who *person, d *decision, n *refusal) (found bool) {
	p.looked(AfterNo)
	heard := n.by.Offset < d.heard
	if !heard && (d.record == nil || !p.acknowledgedBefore(&n.by.entry, &d.record.entry)) {
		return false
	}
	if p.lifted(who, n.early(), d, d.heard) || p.excused(who, d) {
		return false
	}
	if heard {
		p.breach(AfterNo, &d.entry, &n.by.entry, "it approves what was refused, and it had heard the signals to %d", d.heard)
	} else {
		p.breach(Overtaken, &d.entry, &n.by.entry, "the no was acknowledged before the intent at %s was, and the approval had heard the signals to %d only", d.record.Place, d.heard)
	}
	return true
}

// early is the no at the earliest time that it may have been taken to be of: one
// that is ahead of its time is taken as said when it was heard.
func (n *refusal) early() *no {
	out := n.no
	if out.at.After(n.by.time) {
		out.at = n.by.time
	}
	return &out
}

// acknowledgedBefore says whether one record surely was before the other.
func (p *part) acknowledgedBefore(a, b *entry) bool {
	p.looked(Overtaken)
	switch {
	case a.order > 0 && b.order > 0:
		return a.order < b.order
	case p.o.Recording:
		return false // told by what was heard
	case !a.appended || !b.appended:
		if !p.o.TrustTimes {
			p.skip("noes and approvals whose times are the producers'")
			return false
		}
	}
	return b.time.Sub(a.time) > p.o.Slack
}

// checkTakenBack: a no that was heard while an approval was out takes it back; and if
// a worker had taken it by then, and nothing was heard of the contact, it leaks.
func (p *part) checkTakenBack(who *person) {
	noes := p.refusals(who)
	if len(noes) == 0 {
		return
	}
	for _, d := range who.decisions {
		if !d.approved() || p.taken[d.id] != nil || p.leaked[d.id] != nil {
			continue
		}
		for i := range noes {
			if n := &noes[i]; n.by.Offset >= d.heard && p.forbids(&n.no, d) {
				p.checkEnded(who, d, n)
			}
		}
	}
}

// checkEnded: the no ends an approval that neither a revocation nor a leak is of.
func (p *part) checkEnded(who *person, d *decision, n *refusal) {
	yes, name := p.yes[d.id], LeftStanding
	if yes != nil && yes.asked <= n.by.Offset {
		name = HiddenLeak
	}
	p.looked(name)
	by, known := p.heardBy(n.by)
	switch {
	case !known:
		p.skip("noes of which nothing tells that they were heard yet")
	case !by.Before(d.notAfter) || p.young(by) || p.outcomeBefore(who, d, n.by.Offset+1) != nil,
		name == HiddenLeak && n.by.result == "wrong_number", // that is an outcome of every contact at the address
		p.lifted(who, n.early(), d, int64(1)<<62) || p.excused(who, d):
	case who.erased:
		p.skip("approvals of people who were forgotten at their own wish")
	case name == HiddenLeak:
		p.breach(HiddenLeak, &d.entry, &n.by.entry, "a worker had it since %s, the no was heard by %s, and nobody was told", stamp(yes.answered), stamp(by))
	default:
		p.breach(LeftStanding, &d.entry, &n.by.entry, "the no was heard by %s, the approval is good until %s, and neither a revocation nor an outcome ends it", stamp(by), stamp(d.notAfter))
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// checkStanding: what stood once stands, and every no that was heard is in the
// last standing of the person.
func (p *part) checkStanding(who *person) {
	var last *standing
	for _, s := range who.standings {
		p.looked(ForgottenNo)
		switch {
		case s.tombstone && p.sealed && (who.erased || who.merged): // it is under another name now
		case s.tombstone && last != nil && len(last.noes) > 0, s.tombstone && p.first[Standing] == 0:
			p.breach(ForgottenNo, &s.entry, nil, "it deletes what stands, and a no has no end")
		case s.tombstone:
		case !s.readable || s.person != s.key:
			p.breach(Misfiled, &s.entry, nil, "it cannot be read, or its key is not the person's")
			continue
		case last != nil:
			for i := range last.noes {
				if !s.has(&last.noes[i]) {
					p.breach(ForgottenNo, &s.entry, &last.entry, "a %s that stood does not stand any more", last.noes[i].kind)
				}
			}
		}
		last = s
	}
	switch {
	case who.merged:
		p.skip("people of several records, whose noes may stand on another")
		return
	case who.erased && p.sealed:
		p.skip("noes of people who were erased, which may be sealed")
		return
	}
	for _, n := range p.refusals(who) {
		if n.by.Offset >= p.heard || p.young(n.by.time) {
			continue
		}
		p.looked(LostNo)
		early := n.early()
		if n.unreadable && p.buried[n.by.Place] == nil {
			continue // told as a letter that was lost
		}
		if last == nil {
			p.breach(LostNo, &n.by.entry, nil, "it was heard, and nothing stands for the person on %s", Standing)
		} else if !last.has(early) {
			p.breach(LostNo, &n.by.entry, &last.entry, "it was heard, and it is not in the last that stands for the person")
		}
	}
}

// has says whether the no stands: itself, a later one of the same scope, or one of
// everything, into which those of people who said very much are put together.
func (s *standing) has(n *no) bool {
	for _, other := range s.noes {
		same := other.kind == n.kind && other.channel == n.channel && other.purpose == n.purpose &&
			other.subject == n.subject && other.brand == n.brand && other.address == n.address
		all := other.kind == refused && n.kind != unreachable && other == no{kind: refused, at: other.at}
		if (same || all) && !other.at.Before(n.at.Truncate(time.Millisecond)) {
			return true
		}
	}
	return false
}
