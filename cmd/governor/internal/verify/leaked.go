package verify

import "math"

// checkLeaks: a leak is of an approval that a worker had taken and of which nothing
// was heard, while it was good; it is told once, and its seconds add up.
func (p *part) checkLeaks() {
	for _, l := range p.leaks {
		p.looked(FalseLeak)
		d, yes := p.byID[l.decision], p.yes[l.decision]
		switch {
		case d == nil && p.first[Approved] > 0 || yes == nil && p.first[Redeemed] > 0:
			p.skip("leaks of approvals that may not be kept any more, or whose redemption may not be")
		case d == nil || !d.approved():
			p.breach(FalseLeak, &l.entry, nil, "what leaked was never approved")
		case d.person != l.person || d.intent != l.intent || l.key != l.person:
			p.breach(FalseLeak, &l.entry, &d.entry, "it is about another person or intent than the approval")
		case yes == nil || l.before(&yes.entry) < 0:
			p.breach(FalseLeak, &l.entry, &d.entry, "no worker had taken what leaked")
		case p.leaked[l.decision] != l:
			p.breach(FalseLeak, &l.entry, &p.leaked[l.decision].entry, "the leak was told before")
		case !l.redeemed.Equal(yes.answered):
			p.breach(FalseLeak, &l.entry, &yes.entry, "it says that a worker took it at %s, and that was at %s", stamp(l.redeemed), stamp(yes.answered))
		case l.refused.Before(l.redeemed) || !l.refused.Before(d.notAfter):
			p.breach(FalseLeak, &l.entry, &d.entry, "it was refused before a worker had it, or when it was good no longer")
		case math.Abs(l.seconds-l.refused.Sub(l.redeemed).Seconds()) > 0.0005:
			p.breach(FalseLeak, &l.entry, nil, "it tells of %g seconds, and there are %g between its times", l.seconds, l.refused.Sub(l.redeemed).Seconds())
		default:
			p.checkOver(l, d)
		}
	}
}

// checkOver: what has its outcome does not leak.
func (p *part) checkOver(l *leak, d *decision) {
	at, named := parsePlace(l.source)
	if !named || at.Topic != Signals {
		return // nothing that was said brought it about
	}
	if s := p.outcomeBefore(p.person(d.person), d, at.Offset); s != nil {
		p.breach(FalseLeak, &l.entry, &s.entry, "what leaked had its outcome")
	}
}
