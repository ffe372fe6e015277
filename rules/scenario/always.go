package scenario

import (
	"fmt"

	"github.com/contactgovernor/governor/rules"
)

// redeemed fails the redeems of a line that were told as a matter of course, and
// were not answered with ok.
func (v *view) redeemed(r *Report, l *line) {
	for i := range v.s.steps {
		s := &v.s.steps[i]
		if s.line != l || !s.must {
			continue
		}
		c := v.own(i, i)
		if c.answer == nil || !c.answer.OK {
			r.Failures = append(r.Failures, Failure{
				At: l.at, Event: v.happening(i), Expected: fmt.Sprintf("%s is redeemed, as the line says", s.id), Came: v.answer(c),
			})
		}
	}
}

// always holds in every scenario: an intent is decided once at most each time it
// comes, under an id of its own, and approved once at most, but for who asked to be
// forgotten, of whom ids are forgotten too.
func (v *view) always(r *Report) {
	type key struct {
		who rules.PersonID
		id  rules.IntentID
	}
	records, decided, approved := map[key]int{}, map[key]int{}, map[key]int{}
	ids := map[string]bool{}
	for i := range v.s.steps {
		if s := &v.s.steps[i]; s.topic == topicIntents {
			records[key{s.who, s.id}]++
		}
	}
	broken := func(o *came, format string, args ...any) {
		r.Failures = append(r.Failures, Failure{
			At: v.s.steps[o.step].line.at, Event: v.happening(o.step),
			Expected: "what holds in every scenario", Came: fmt.Sprintf(format, args...),
		})
	}
	from := 0
	for i := range v.came {
		o := &v.came[i]
		if !o.decides() {
			continue
		}
		for ; from < o.step; from++ {
			if v.s.steps[from].erases {
				clear(approved)
			}
		}
		k := key{o.Person, o.Intent}
		if decided[k]++; decided[k] == records[k]+1 && records[k] > 0 {
			broken(o, "%s of %s is decided more often than it came (%d)", o.Intent, o.Person, records[k])
		}
		if o.topic == topicApproved {
			if approved[k]++; approved[k] == 2 {
				broken(o, "%s of %s is approved a second time", o.Intent, o.Person)
			}
		}
		if ids[o.ID] {
			broken(o, "a second decision with the id %s, on %s of %s", o.ID, o.Intent, o.Person)
		}
		ids[o.ID] = true
	}
}
