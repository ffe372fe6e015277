package verify

import (
	"slices"
	"strings"
	"time"
)

// judges says whether the limits are those of the decision's policy: they were
// given as such, or its evidence names no other.
func (p *part) judges(d *decision) bool {
	if p.o.Limits != nil {
		return true
	}
	for _, e := range d.evidence {
		if name, isCap := cutCap(e.Rule); isCap && !e.Shadow {
			if c := p.limits.cap(name); c == nil || c.Most != e.Limit {
				return false
			}
		}
	}
	return true
}

func cutCap(rule string) (name string, isCap bool) { return strings.CutPrefix(rule, "cap.") }

func (l *Limits) cap(name string) *Cap {
	for i := range l.Caps {
		if l.Caps[i].Name == name {
			return &l.Caps[i]
		}
	}
	return nil
}

// checkCaps: an approval is within every window, by the most careful count of what
// surely counts; and a veto for a window that is full found it full, by the most
// generous one.
func (p *part) checkCaps(who *person) {
	var approvals []*decision // distinct, in order
	for _, d := range who.decisions {
		if d.approved() {
			approvals = append(approvals, d)
		}
	}
	for _, d := range who.decisions {
		p.checkEvidence(d)
		if !p.judges(d) {
			p.skip("decisions by policies whose caps are not those of the limits: say --limits")
			continue
		}
		class, known := p.classOf(d)
		if !known {
			p.skip("decisions about purposes that the limits do not name")
			continue
		}
		for i := range p.limits.Caps {
			c := &p.limits.Caps[i]
			if !slices.Contains(c.Of, class) || c.Channel != "" && c.Channel != d.channel {
				continue
			}
			switch {
			case d.approved() && p.names(d, c):
				p.checkFull(who, d, c, approvals)
			case !d.approved() && slices.Contains(d.reasons, c.rule()):
				p.checkFounded(who, d, c, approvals)
			}
		}
	}
}

// checkEvidence: what an approval counted itself is below the limit that it names.
func (p *part) checkEvidence(d *decision) {
	for _, e := range d.evidence {
		if _, isCap := cutCap(e.Rule); !isCap || !d.approved() {
			continue
		}
		if p.looked(CapExceeded); e.Used >= e.Limit && !e.Waived && !e.Shadow {
			p.breach(CapExceeded, &d.entry, nil, "its own evidence counts %d under %s, of which %d are the most", e.Used, e.Rule, e.Limit)
		}
	}
}

// classOf is how the intent of a decision is judged. One that is not kept any more
// is taken by its purpose.
func (p *part) classOf(d *decision) (class string, known bool) {
	return p.limits.class(d.purpose, d.record != nil && d.record.promotes)
}

// names says whether the cap binds the approval: by its evidence, or because the
// limits were given as those of the policy.
func (p *part) names(d *decision, c *Cap) bool {
	for _, e := range d.evidence {
		if e.Rule == c.rule() {
			return !e.Waived && !e.Shadow
		}
	}
	return p.o.Limits != nil
}

// counts says whether the contact is of the kind that counts toward the cap, in the
// window that ends with the other. Of what is not known the answer is doubt.
func (p *part) counts(b, d *decision, c *Cap, doubt bool) bool {
	class, known := p.classOf(b)
	if !known || b.record == nil {
		return doubt
	}
	counting := c.Counting
	if counting == nil {
		counting = c.Of
	}
	for _, e := range b.evidence {
		if e.Rule == c.rule() && e.Waived {
			return false
		}
	}
	return slices.Contains(counting, class) && (c.Channel == "" || c.Channel == b.channel) &&
		(!c.Campaign || b.campaign == d.campaign) && (c.Within == 0 || d.decided.Sub(b.decided) < c.Within)
}

func (p *part) checkFull(who *person, d *decision, c *Cap, approvals []*decision) {
	p.looked(CapExceeded)
	if who.erased {
		p.skip("people whose contacts were forgotten at their own wish")
		return
	}
	used := 0
	var oldest *decision
	for _, b := range approvals {
		if b == d {
			break // what comes behind it does not count
		}
		if b.id != d.id && p.counts(b, d, c, false) && p.surelyCounts(who, b, d) {
			used++
			if oldest == nil {
				oldest = b
			}
		}
	}
	if used >= c.Most {
		at := &d.entry
		if oldest != nil {
			at = &oldest.entry
		}
		p.breach(CapExceeded, &d.entry, at, "it is number %d under %s, of which %d are the most within %s", used+1, c.rule(), c.Most, window(c.Within))
	}
}

func window(w time.Duration) string {
	if w == 0 {
		return "all time"
	}
	return w.String()
}

// surelyCounts says whether the approval counts when the other is decided: it was
// not taken back, and it is still out, or a worker has it, or it is known to have
// happened.
func (p *part) surelyCounts(who *person, b, d *decision) bool {
	if v := p.taken[b.id]; v != nil && !v.revoked.After(d.decided) {
		return false
	}
	happened, given := false, false
	for _, s := range who.signals {
		if s.kind != "outcome" || !s.readable || s.again || s.Offset >= d.heard {
			continue
		}
		if s.result == "wrong_number" {
			return false // it may have been at this address
		}
		if p.outcomeOf(who, s) != b {
			continue
		}
		switch s.result {
		case "not_sent", "opted_out", "busy":
			given = true
		default:
			happened = true
		}
	}
	return happened || !given && (d.decided.Before(b.notAfter) || p.takenBefore(b, d))
}

// checkFounded: a veto names a window that may have been full.
func (p *part) checkFounded(who *person, d *decision, c *Cap, approvals []*decision) {
	p.looked(UnfoundedVeto)
	most := c.Most
	for _, e := range d.evidence {
		if e.Rule == c.rule() {
			most = e.Limit
		}
	}
	if who.merged || p.first[Approved] > 0 {
		p.skip("vetoes for windows that may hold what is not here")
		return
	}
	used := 0
	for _, b := range approvals {
		if !b.decided.After(d.decided) && p.counts(b, d, c, true) {
			used++
		}
	}
	if used < most {
		p.breach(UnfoundedVeto, &d.entry, nil, "it objects by %s, whose window of %s holds %d contacts at most, and %d are allowed", c.rule(), window(c.Within), used, most)
	}
}
