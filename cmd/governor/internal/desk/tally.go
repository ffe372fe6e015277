package desk

import "strings"

// tally is what adds up over a time: a minute, or all that is kept.
type tally struct {
	approved, vetoed, revoked, leaked int64

	reasons, lines      map[string]int64
	campaigns, channels map[string]yesNo
	pester              map[pair]pressed
}

// yesNo counts verdicts.
type yesNo struct{ approved, vetoed int64 }

// pair is who is told apart in the pester index.
type pair struct{ campaign, engine string }

// pressed is how much a pair wanted, and how much of it after a no.
type pressed struct{ intents, afterNo int64 }

func newTally() *tally {
	return &tally{
		reasons: make(map[string]int64), lines: make(map[string]int64),
		campaigns: make(map[string]yesNo), channels: make(map[string]yesNo), pester: make(map[pair]pressed),
	}
}

// add adds decisions of one sort, or takes them away.
func (t *tally) add(s *cell, n int64) {
	var d yesNo
	if s.approved {
		d.approved = n
	} else {
		d.vetoed = n
		count(t.reasons, s.reason, n)
	}
	t.approved += d.approved
	t.vetoed += d.vetoed
	t.campaigns[s.campaign] = t.campaigns[s.campaign].plus(d)
	t.channels[s.channel] = t.channels[s.channel].plus(d)
	p := pressed{intents: n}
	if s.afterNo() {
		p.afterNo = n
	}
	of := pair{s.campaign, s.engine}
	t.pester[of] = t.pester[of].plus(p)
}

// take takes away what another tally has.
func (t *tally) take(o *tally) {
	t.approved -= o.approved
	t.vetoed -= o.vetoed
	t.revoked -= o.revoked
	t.leaked -= o.leaked
	for name, n := range o.reasons {
		count(t.reasons, name, -n)
	}
	for line, n := range o.lines {
		count(t.lines, line, -n)
	}
	less(t.campaigns, o.campaigns)
	less(t.channels, o.channels)
	for of, p := range o.pester {
		if left := t.pester[of].plus(pressed{-p.intents, -p.afterNo}); left == (pressed{}) {
			delete(t.pester, of)
		} else {
			t.pester[of] = left
		}
	}
}

func count(in map[string]int64, name string, n int64) {
	if in[name] += n; in[name] == 0 {
		delete(in, name)
	}
}

func less(in, by map[string]yesNo) {
	for name, d := range by {
		if left := in[name].plus(yesNo{-d.approved, -d.vetoed}); left == (yesNo{}) {
			delete(in, name)
		} else {
			in[name] = left
		}
	}
}

func (a yesNo) plus(b yesNo) yesNo { return yesNo{a.approved + b.approved, a.vetoed + b.vetoed} }

func (a pressed) plus(b pressed) pressed {
	return pressed{a.intents + b.intents, a.afterNo + b.afterNo}
}

// cell is what decisions of one sort have in common.
type cell struct {
	campaign, channel, purpose, engine string
	approved                           bool
	reason                             string
}

// afterNo says whether the decisions are vetoes for a no of the person.
func (s *cell) afterNo() bool { return !s.approved && isNo(s.reason) }

// isNo says whether the reason is a no of the person: the family of refused.*.
func isNo(reason string) bool { return strings.HasPrefix(reason, "refused.") }
