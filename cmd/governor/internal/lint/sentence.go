package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
)

// told are all rules of the policy, in the order of the text.
func told(s *rules.Spec, on time.Time) []Rule {
	t := teller{on: on}
	t.people(s)
	t.hours(s)
	t.counts(s)
	t.campaigns(s)
	slices.SortStableFunc(t.out, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(a.at.Line, b.at.Line), cmp.Compare(a.at.Column, b.at.Column))
	})
	return t.out
}

type teller struct {
	on  time.Time
	out []Rule
}

// say adds a rule with its terms.
func (t *teller) say(terms *rules.Terms, format string, args ...any) {
	r := Rule{
		Line: terms.Line.Line, Text: capital(fmt.Sprintf(format, args...)), Cites: terms.Cites, Trial: terms.Shadow, Unverified: terms.Unverified,
		at: terms.Line,
	}
	if terms.From != (rules.Date{}) {
		r.From, r.NotYet = date(terms.From), t.on.Before(midnight(terms.From))
	}
	if terms.Until != (rules.Date{}) {
		r.Until, r.Over = date(terms.Until), !t.on.Before(midnight(terms.Until).AddDate(0, 0, 1))
	}
	t.out = append(t.out, r)
}

// people are the rules about what the person said, or did not.
func (t *teller) people(s *rules.Spec) {
	for i := range s.ConsentRequired {
		r := &s.ConsentRequired[i]
		t.say(&r.Terms, "%s: only with a consent of the person that covers it.", what(&r.Binds))
	}
	if r := s.AnswerOnce; r != nil {
		t.say(&r.Terms, "whoever asks something through a medium that they refused is answered there, once.")
	}
	if r := s.SameMessage; r != nil {
		t.say(&r.Terms, "the same message reaches a person once within %s, whatever its id, campaign or channel.", span(r.Within))
	}
	if r := s.Silence; r != nil {
		t.say(&r.Terms, "after %s without an answer nobody solicits any more, until the person does something.", span(r.Within))
	}
	if r := s.Streak; r != nil {
		t.say(&r.Terms, "after %s of a campaign without an answer there is no next.", page.Count(r.Most, "solicitation"))
	}
	if r := s.Notices; r != nil {
		t.say(&r.Terms, "notices about one subject wait %s for each other and go out as one, and the next no sooner than %s later.", span(r.Wait), span(r.Repeat))
	}
}

func (t *teller) hours(s *rules.Spec) {
	for i := range s.Hours {
		r := &s.Hours[i]
		var open []string
		for _, o := range r.Open {
			open = append(open, days(o.Days)+" "+clock(o.From)+"-"+clock(o.To))
		}
		t.say(&r.Terms, "%s: only %s, where the person is.", what(&r.Binds), strings.Join(open, ", "))
	}
	for i := range s.Holidays {
		r := &s.Holidays[i]
		var closed []string
		for _, d := range r.Days {
			closed = append(closed, holiday(&d))
		}
		t.say(&r.Terms, "%s: not on %s, where the person is.", what(&r.Binds), strings.Join(closed, ", "))
	}
}

// counts are the rules that count contacts, or wait.
func (t *teller) counts(s *rules.Spec) {
	for i := range s.Caps {
		t.cap(&s.Caps[i])
	}
	for i := range s.Pauses {
		r := &s.Pauses[i]
		about := ""
		if len(r.Per) > 0 {
			about = " per " + keys(r.Per)
		}
		t.say(&r.Terms, "%s: not for %s after a conversation%s%s (cap.%s).", what(&r.Binds), window(r.For), about, waiver(r.Waiver), r.Name)
	}
	for i := range s.Gaps {
		r := &s.Gaps[i]
		t.say(&r.Terms, "%s: at least %s apart%s.", what(&r.Binds), span(r.Least), counting(&r.Binds, &r.Counts))
	}
	if r := s.OneChannel; r != nil {
		t.say(&r.Terms, "a campaign keeps to one channel within %s.", span(r.Within))
	}
	if r := s.Abandoned; r != nil {
		t.say(&r.Terms, "after a call with nobody there no predictive call to this person for %s.", span(r.Within))
	}
	for i := range s.AbandonRates {
		r := &s.AbandonRates[i]
		t.say(&r.Terms, "a campaign of whose answered calls more than %s were abandoned in %s makes no predictive call until that is over (%s).", share(r.Most), window(r.Period), r.Name)
	}
	for i := range s.Custom {
		r := &s.Custom[i]
		t.say(&r.Terms, "%s: not if the policy's own expression says so, there (custom.%s).", what(&r.Binds), r.Name)
	}
}

func (t *teller) cap(r *rules.CapSpec) {
	within := " within " + window(r.In)
	if r.In.Kind == rules.Ever {
		within = ", ever"
	}
	per := ""
	if len(r.Per) > 0 {
		per = " per " + keys(r.Per)
	}
	reserve := ""
	if r.Reserve != nil {
		reserve = fmt.Sprintf(", the last %d of them for a priority of %d or more", r.Reserve.Slots, r.Reserve.Priority)
	}
	if r.Arbitrate != 0 {
		reserve += ", the last waits " + span(r.Arbitrate) + " for what is more urgent"
	}
	most := fmt.Sprintf("at most %d%s", r.Most, within)
	if r.Most == 0 {
		most = "none at all"
	}
	t.say(&r.Terms, "%s: %s%s%s%s%s (cap.%s).", what(&r.Binds), most, per, counting(&r.Binds, &r.Counts), reserve, waiver(r.Waiver), r.Name)
}

func (t *teller) campaigns(s *rules.Spec) {
	for i := range s.Campaigns {
		r := &s.Campaigns[i]
		killed := ""
		if r.Killed {
			killed = " It is stopped."
		}
		t.say(&rules.Terms{Line: r.Line}, "campaign %s: until %s, at most %s to a person; in by %q, %s, out by %q, %s.%s", r.Name, date(r.Ends),
			page.Count(r.MostAttempts, "time"), r.WayIn.Label, page.Count(r.WayIn.Steps, "step"), r.WayOut.Label, page.Count(r.WayOut.Steps, "step"), killed)
	}
	if r := s.Registered; r != nil {
		t.say(&r.Terms, "only campaigns that are registered here.")
	}
}

// core is what every policy has, and this one its own measure of.
func core(s *rules.Spec) []string {
	or := func(s rules.Span, otherwise time.Duration) string {
		if s == (rules.Span{}) {
			return span(otherwise) + " (by default)"
		}
		return span(s.Of)
	}
	out := []string{
		"An approval may be redeemed for " + or(s.ApprovalLife, rules.DefaultApprovalLife) + ".",
		"An intent is stale after " + or(s.MaxAge, rules.DefaultMaxAge) + ".",
		"An opt-out may be confirmed for " + or(s.Confirmation, rules.DefaultConfirmation) + ".",
	}
	if s.Clock == rules.ByEvent {
		out = append(out, "An intent is judged at its own time (at), or that of what came before it, and not when it comes.")
	}
	if n := len(s.OptOutPhrases); n > 0 {
		out = append(out, page.Count(n, "reply is", "replies are")+" a no, beside STOP and its kind.")
	}
	if n := len(s.OptInPhrases); n > 0 {
		out = append(out, page.Count(n, "reply is", "replies are")+" a yes, beside START and UNSTOP.")
	}
	return out
}
