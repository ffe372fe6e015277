package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/contactgovernor/governor/rules"
)

// Report is how a scenario came out.
type Report struct {
	Scenario *Scenario
	Failures []Failure // in the order of the file; none if all came as expected

	edits []edit
}

// Failure is something that came out otherwise than expected.
type Failure struct {
	At       rules.Position
	Event    string // the words of the event that it is about
	Expected string
	Came     string
	Because  []string // every objection of the decision that came
}

// view is what came out of a scenario, and how to ask for it.
type view struct {
	s    *Scenario
	came []came
	from []int // of each step: where in came begins what came of it
}

func newView(s *Scenario, list []came) *view {
	v := &view{s: s, came: list, from: make([]int, len(s.steps)+1)}
	for i := range list {
		v.from[list[i].step+1] = i + 1
	}
	for n := 1; n < len(v.from); n++ {
		v.from[n] = max(v.from[n], v.from[n-1])
	}
	return v
}

// of is what came of a step.
func (v *view) of(n int) []came { return v.came[v.from[n]:v.from[n+1]] }

// Judge compares what came out with what the scenario expects: a list for each
// record of the recording, in its order. What nothing is said of may be anything,
// but for three things that hold in every scenario: a record is decided once at
// most, an intent is approved once at most, and no two decisions have one id.
//
// Its error says that what came out cannot be read.
func (s *Scenario) Judge(outputs [][]Output) (*Report, error) {
	if len(outputs) != len(s.steps) {
		return nil, fmt.Errorf("what came out is of %d events, and the scenario has %d", len(outputs), len(s.steps))
	}
	list, err := read(outputs)
	if err != nil {
		return nil, err
	}
	v := newView(s, list)
	r := &Report{Scenario: s}
	for _, l := range s.lines {
		for _, e := range l.expects {
			v.judge(r, l, e)
		}
		v.redeemed(r, l)
	}
	v.always(r)
	return r, nil
}

// judge compares one expectation, for each record or intent that it is about.
func (v *view) judge(r *Report, l *line, e *expectation) {
	cases := v.cases(l, e)
	wrong := false
	for _, c := range cases {
		if v.differs(e, c) {
			wrong = true
			f := Failure{At: e.at, Event: v.event(l, e, c), Expected: e.told, Came: v.seen(e, c)}
			if e.open {
				f.Expected = "nothing yet: --rewrite writes what came"
			}
			if c.decision != nil {
				f.Because = v.because(c.decision)
			}
			r.Failures = append(r.Failures, f)
		}
	}
	if wrong {
		r.edits = append(r.edits, v.edit(l, e, cases))
	}
}

// instance is one thing that an expectation is about: a record of its own line, or an
// intent that it names, as it is when a step is over; or the whole.
type instance struct {
	whole bool

	name string // the intent
	who  rules.PersonID
	step int // of the record
	by   int // the last step that is looked at

	decision *came
	revoked  *came
	answer   *came
	dead     *came
}

// cases are what an expectation is about.
func (v *view) cases(l *line, e *expectation) []instance {
	var out []instance
	if len(e.about) == 0 && l.whole {
		return []instance{{whole: true, by: l.last}}
	}
	if len(e.about) == 0 {
		for i, n := range l.steps {
			by := l.last
			if i+1 < len(l.steps) {
				by = n + (l.last - l.steps[len(l.steps)-1]) // the parts of a line come at one instant, together
			}
			out = append(out, v.own(n, by))
		}
		return out
	}
	for _, about := range e.about {
		for _, id := range each(about) {
			out = append(out, v.named(l, rules.IntentID(id), rules.PersonID(e.of)))
		}
	}
	return out
}

// own is the instance of a record itself.
func (v *view) own(n, by int) instance {
	s := &v.s.steps[n]
	c := instance{name: string(s.id), who: s.who, step: n, by: by}
	of := v.of(n)
	for i := range of {
		o := &of[i]
		switch {
		case o.decides() && s.topic == topicIntents && o.isOf(s.who, s.id) && rules.Instant(o.Decided) == s.at:
			c.decision = o // of several at one instant, the last: one that was due came first
		case o.topic == topicRedeem:
			c.answer = o
		case o.topic == topicDeadLetter:
			c.dead = o
		}
	}
	c.revoked = v.search(n, by, func(o *came) bool { return o.topic == topicRevoked && o.isOf(s.who, s.id) })
	return c
}

// named is the instance of an intent by its name: its first record, or, of this line,
// its own.
func (v *view) named(l *line, id rules.IntentID, who rules.PersonID) instance {
	n := v.s.first(id, who)
	var answer *came
	for _, i := range l.of[string(id)] {
		s := &v.s.steps[i]
		switch {
		case s.topic == topicRedeem:
			answer = v.own(i, i).answer
		case who == "" || s.who == who:
			n = i
		}
	}
	c := v.own(n, l.last)
	c.answer = answer
	if c.decision == nil && c.dead == nil {
		c.decision = v.search(n+1, l.last, func(o *came) bool { // it was held, and decided later
			return o.decides() && o.isOf(c.who, id) && o.Original == ""
		})
	}
	return c
}

// first is the first record of an intent, which there is: to that person, or, if nobody
// is named, to anybody.
func (s *Scenario) first(id rules.IntentID, who rules.PersonID) int {
	records := s.records[id]
	i := slices.IndexFunc(records, func(n int) bool { return who == "" || s.steps[n].who == who })
	return records[max(i, 0)]
}

// search is the first of what came of the steps, the last of them included, that is
// as wanted.
func (v *view) search(from, to int, wanted func(*came) bool) *came {
	for i := v.from[from]; i < v.from[to+1]; i++ {
		if wanted(&v.came[i]) {
			return &v.came[i]
		}
	}
	return nil
}

// differs says whether what came is not what is expected.
func (v *view) differs(e *expectation, c instance) bool {
	switch {
	case e.open:
		return true
	case e.totals != nil:
		return slices.ContainsFunc(e.totals, func(t total) bool { return v.total(t.what, c.by) != t.n })
	case e.nothing:
		return len(v.during(c.step)) > 0
	case e.dead:
		return c.dead == nil || !strings.Contains(c.dead.headers[headerMessage], e.says)
	case e.answer != nil:
		return c.answer == nil || c.answer.OK != *e.answer || !like(e.reason, c.answer.Reason)
	}
	if e.revoked != nil && (*e.revoked != (c.revoked != nil) || c.revoked != nil && !like(e.because, c.revoked.Reason)) {
		return true
	}
	switch {
	case e.verdict == "":
		return false
	case e.verdict == "held":
		return c.decision != nil || c.dead != nil
	}
	return c.decision == nil || v.decisionDiffers(e, c)
}

func (v *view) decisionDiffers(e *expectation, c instance) bool {
	d := c.decision
	arrived := v.s.steps[c.step].at
	at := func(want *moment, got when) bool { return want == nil || want.of(arrived) == rules.Instant(got) }
	if d.Verdict != e.verdict || !like(e.reason, d.Reason) || e.good && !d.Final || e.from != nil && d.Final ||
		!at(e.from, d.Earliest) || !at(e.until, d.NotAfter) || !at(e.decided, d.Decided) {
		return true
	}
	if e.original && !v.isOriginal(d) || !among(e.reasons, d.Reasons) || !among(e.shadow, d.Shadow) {
		return true
	}
	if e.items != nil && !slices.Equal(sorted(e.items), sorted(d.Items)) {
		return true
	}
	return slices.ContainsFunc(e.counted, func(want count) bool {
		return !slices.Contains(d.Evidence, evidence{want.rule, want.used, want.limit, want.waived})
	})
}

// isOriginal says whether the decision names the one that its intent got first.
func (v *view) isOriginal(d *came) bool {
	return slices.ContainsFunc(v.came, func(o came) bool {
		return o.decides() && o.isOf(d.Person, d.Intent) && o.ID == d.Original && o.Original == ""
	})
}

// during is what came of a step, but for what stands for a person.
func (v *view) during(n int) (out []*came) {
	of := v.of(n)
	for i := range of {
		if o := &of[i]; o.decides() || o.topic == topicRevoked || o.topic == topicDeadLetter {
			out = append(out, o)
		}
	}
	return out
}

// total counts distinct intents of people, or dead letters.
func (v *view) total(topic string, by int) int {
	type who struct {
		rules.PersonID
		rules.IntentID
	}
	n, seen := 0, map[who]bool{}
	for i := range v.came {
		o := &v.came[i]
		if o.topic != topic || o.step > by || topic != topicDeadLetter && seen[who{o.Person, o.Intent}] {
			continue
		}
		seen[who{o.Person, o.Intent}] = true
		n++
	}
	return n
}

// like says whether a reason is the one that is wanted, or, where that ends in *,
// begins like it. Nothing wanted is any.
func like(want, got string) bool {
	if prefix, open := strings.CutSuffix(want, "*"); open {
		return strings.HasPrefix(got, prefix)
	}
	return want == "" || got == want
}

// among says whether each reason that is wanted is there, each by another objection.
func among(want []string, got []objection) bool {
	left := slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(left, func(o objection) bool { return like(w, o.Reason) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
