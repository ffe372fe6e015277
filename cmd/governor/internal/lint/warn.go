package lint

import (
	"fmt"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
)

// soon is how long before its end a campaign is warned about.
const soon = 14

// warner finds what the owner of a policy should look at.
type warner struct {
	spec *rules.Spec
	file string
	on   time.Time
	out  []Warning
}

func (w *warner) warn(at rules.Position, format string, args ...any) {
	if at == (rules.Position{}) {
		at = rules.Position{File: w.file, Line: 1, Column: 1}
	}
	w.out = append(w.out, Warning{At: at.String(), What: fmt.Sprintf(format, args...), place: at})
}

func (w *warner) all(told []Rule) {
	w.clock()
	w.zones()
	w.exempt()
	w.phrases()
	w.campaigns()
	for i := range told {
		r := &told[i]
		switch {
		case r.Over:
			w.warn(r.at, "the last day of this rule was %s: take it out, or renew it", r.Until)
		case r.NotYet:
			w.warn(r.at, "this rule is not in force before %s", r.From)
		}
		if r.Trial {
			w.warn(r.at, "this rule is on trial: it is reported and protects nobody; end the trial when you know enough")
		}
		if r.Unverified {
			w.warn(r.at, "nobody read the source of this rule itself: read it, and take unverified away")
		}
	}
}

func (w *warner) clock() {
	if w.spec.Clock == rules.ByEvent {
		w.warn(w.spec.ClockLine, "clock: event is for what is over: engines choose the hour at which they are judged; take it out before a dialer or a mailer reads what is approved")
	}
}

func (w *warner) zones() {
	if len(w.spec.Zones) == 0 {
		w.warn(rules.Position{}, "no default_zones: of whom nothing is known is taken to be where clocks show UTC, and may be called at night; name your region")
	}
	for _, z := range w.spec.Zones {
		if z.Zone.String() == "UTC" {
			w.warn(z.Line, "default_zones is UTC: of whom nothing is known is taken to be where clocks show UTC, and may be called at night; name your region")
		}
	}
}

// exempt lists what passes refusals, silence and quiet hours.
func (w *warner) exempt() {
	for _, class := range []rules.Class{rules.ByPerson, rules.Legal} {
		var found []string
		var at rules.Position
		for _, p := range w.spec.Purposes {
			if p.Class != class {
				continue
			}
			if len(found) == 0 {
				at = p.Line
			}
			found = append(found, string(p.Name))
		}
		if len(found) > 0 {
			w.warn(at, "%s: class %s passes a no to everything, silence and quiet hours; review that nobody sells under it", page.And(found), class)
		}
	}
}

func (w *warner) phrases() {
	if n := len(w.spec.OptInPhrases); n > 0 {
		w.warn(rules.Position{}, "%s can lift a refusal: %s; let a second person read them", page.Count(n, "opt-in phrase"), names(w.spec.OptInPhrases))
	}
}

func (w *warner) campaigns() {
	for i := range w.spec.Campaigns {
		c := &w.spec.Campaigns[i]
		for _, fault := range rules.Fitness(c) {
			w.warn(c.Line, "campaign %s is unfit, so that none of it is approved: its %s", c.Name, fault)
		}
		switch left := int(midnight(c.Ends).Sub(w.on).Hours() / 24); {
		case left < 0:
			w.warn(c.Line, "the last day of campaign %s was %s: take it out", c.Name, date(c.Ends))
		case left <= soon:
			w.warn(c.Line, "campaign %s ends on %s, in %s", c.Name, date(c.Ends), page.Count(left, "day"))
		}
	}
}

// uncapped finds channels on which no cap binds a solicitation. It asks the rules.
func (w *warner) uncapped(p *rules.Policy) {
	var free []string
	for _, channel := range p.Channels() {
		bound, any := false, false
		for _, purpose := range p.Purposes() {
			in := rules.Intent{ID: "check", Channel: channel, Purpose: purpose, Mode: rules.ModeManual, At: rules.At(w.on)}
			if p.Judged(&in) != rules.Solicitation {
				continue
			}
			any = true
			for _, o := range rules.Opinions(p, &rules.Person{}, &in, in.At) {
				bound = bound || (o.Counts && !o.Shadow && strings.HasPrefix(string(o.Reason), "cap."))
			}
		}
		if any && !bound {
			free = append(free, string(channel))
		}
	}
	if len(free) > 0 {
		w.warn(rules.Position{}, "no cap binds solicitations by %s: nothing counts them, however many", page.Or(free))
	}
}
