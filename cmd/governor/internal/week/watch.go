package week

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// timeline is what a kind of contact hears in the course of a week.
type timeline struct {
	spans  []Span
	always []cause
}

// cause is what stops a kind of contact whatever the hour.
type cause struct {
	reason rules.Reason
	why    string
	trial  bool
}

// key tells timelines apart, what is always there aside.
func (t *timeline) key() string {
	var b strings.Builder
	for i := range t.spans {
		s := &t.spans[i]
		fmt.Fprintln(&b, s.From.UnixMilli(), reasons(s.Reasons), "/", reasons(s.Trial))
	}
	return b.String()
}

// heard is what the decision says at an instant.
type heard struct {
	at             rules.Instant
	reasons, trial []rules.Reason
}

// watch asks from start to end.
func watch(q *Question, k kind, start, end time.Time) *timeline {
	in := rules.Intent{
		ID: "week", Channel: k.channel, Purpose: k.purpose, Mode: k.mode, Zones: q.Zones, Priority: 50,
	}
	if in.Mode == "" {
		in.Mode = rules.ModeManual
	}
	var all []heard
	causes := map[string]*counted{}
	last := rules.At(end)
	trials := slices.ContainsFunc(rules.Opinions(q.Policy, &rules.Person{}, &in, last), func(o rules.Opinion) bool { return o.Shadow })
	for at := rules.At(start); at < last; {
		in.At = at
		d := rules.Decide(q.Policy, &rules.Person{}, &in, at)
		all = append(all, heard{at, codes(d.Objections, false, causes), codes(d.Shadow, true, causes)})
		at = q.next(&d, at, last, trials)
	}
	return settle(all, causes, last)
}

// counted is a cause, and how often it was heard.
type counted struct {
	cause
	times int
}

// codes are the reasons of the objections, each once. What no hour lifts is counted
// among the causes; that hours of two places never meet is a matter of hours.
func codes(objections []rules.Objection, trial bool, causes map[string]*counted) (out []rules.Reason) {
	for _, o := range objections {
		if slices.Contains(out, o.Reason) {
			continue
		}
		out = append(out, o.Reason)
		if o.Earliest != 0 || ofHours(o.Reason) {
			continue
		}
		key := fmt.Sprint(trial, o.Reason)
		if causes[key] == nil {
			causes[key] = &counted{cause: cause{o.Reason, o.Detail, trial}}
		}
		causes[key].times++
	}
	return out
}

// next is the next instant at which the answer may be another one: no later than
// the quarter of an hour, at which days and rules begin anywhere on earth; than the
// end of the approval, which never lives past an edge; than the instant from which
// on a rule objects no longer. Where nobody tells an edge (no hour lifts the
// objection, or there are rules on trial), it is the next minute: rules begin and
// end at whole ones. Where hours never meet, it is closed whatever else is the case,
// and only a midnight may change the reasons.
func (q *Question) next(d *rules.Decision, at, end rules.Instant, blind bool) rules.Instant {
	const minute, quarter = 60_000, 15 * 60_000
	to := after(at, quarter)
	if slices.ContainsFunc(d.Shadow, func(o rules.Objection) bool { return o.Earliest == 0 && ofHours(o.Reason) }) {
		blind = false // what never opens is long to ask
	}
	if d.Verdict == rules.Approved {
		to = min(to, d.NotAfter)
	}
	for _, o := range d.Objections {
		switch {
		case o.Earliest != 0:
			to = min(to, o.Earliest)
		case ofHours(o.Reason):
			return min(end, q.midnight(at))
		default:
			blind = true
		}
	}
	if blind {
		to = min(to, after(at, minute))
	}
	return min(end, max(to, after(at, minute)))
}

// after is the first instant after at that is a multiple of the step.
func after(at, step rules.Instant) rules.Instant { return at - at%step + step }

// midnight is the next one in any of the zones.
func (q *Question) midnight(at rules.Instant) rules.Instant {
	next := rules.Never
	for _, z := range q.Zones {
		year, month, of := at.Time().In(z).Date()
		if m := rules.At(time.Date(year, month, of+1, 0, 0, 0, 0, z)); m > at {
			next = min(next, m)
		}
	}
	return next
}

// ofHours says whether the reason is a matter of hours, even if these never meet.
func ofHours(r rules.Reason) bool { return strings.HasPrefix(string(r), "quiet.") }

// settle takes out what was said every time, and joins what does not change.
func settle(all []heard, causes map[string]*counted, end rules.Instant) *timeline {
	t := &timeline{}
	constant := map[bool][]rules.Reason{}
	for _, key := range slices.Sorted(maps.Keys(causes)) {
		if c := causes[key]; c.times == len(all) {
			t.always = append(t.always, c.cause)
			constant[c.trial] = append(constant[c.trial], c.reason)
		}
	}
	for i := range all {
		h := &all[i]
		s := Span{From: h.at.Time(), Reasons: without(h.reasons, constant[false]), Trial: without(h.trial, constant[true])}
		s.Open = len(s.Reasons) == 0
		if n := len(t.spans); n > 0 {
			last := &t.spans[n-1]
			last.To = s.From
			if slices.Equal(last.Reasons, s.Reasons) && slices.Equal(last.Trial, s.Trial) {
				continue
			}
		}
		t.spans = append(t.spans, s)
	}
	t.spans[len(t.spans)-1].To = end.Time()
	return t
}

func without(list, out []rules.Reason) []rules.Reason {
	return slices.DeleteFunc(list, func(r rules.Reason) bool { return slices.Contains(out, r) })
}
