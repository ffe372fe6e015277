package rules

import "fmt"

// cooldown keeps predictive dialers away from a person who was called and then
// left without anybody to talk to.
type cooldown struct {
	meta
	after Window
}

func (r *cooldown) free(q *question, at Instant) Instant {
	if q.in.Mode != ModePredictive || q.who.Abandoned == 0 {
		return at
	}
	return max(at, q.who.Abandoned.Add(r.after.Length))
}

func (r *cooldown) detail(*question) string {
	return fmt.Sprintf("a call to this person was abandoned less than %s ago; a human may dial", r.after)
}

// abandonRate stops a campaign's predictive calls for the rest of a period in
// which too many of those who answered found nobody to talk to. It is a matter of
// all people, so what it goes by comes with the intent (Intent.Rates).
type abandonRate struct {
	meta
	most int // in thousandths
}

func (r *abandonRate) free(q *question, at Instant) Instant {
	if q.in.Mode != ModePredictive {
		return at
	}
	rate := r.rate(q)
	if at < rate.Until && rate.Abandoned*1000 > r.most*rate.Answered {
		return rate.Until
	}
	return at
}

// rate is how the campaign fares; the zero value where nobody was called yet.
func (r *abandonRate) rate(q *question) Rate {
	for i := range q.in.Rates {
		if q.in.Rates[i].Rule == r.name {
			return q.in.Rates[i]
		}
	}
	return Rate{}
}

func (r *abandonRate) detail(q *question) string {
	rate := r.rate(q)
	return fmt.Sprintf("%d of %d answered calls of this campaign were abandoned, more than %s; a human may dial", rate.Abandoned, rate.Answered, share(r.most))
}

// share writes thousandths as a policy does: 3%.
func share(thousandths int) string {
	if thousandths%10 == 0 {
		return fmt.Sprintf("%d%%", thousandths/10)
	}
	return fmt.Sprintf("%d.%d%%", thousandths/10, thousandths%10)
}

// RatePeriod is a period over which a rate is taken.
type RatePeriod struct {
	Rule   string // as Rate.Rule names it
	window Window
	place  place // whose calendar it is
}

// Rates lists over which periods the governor has to take the rates of campaigns.
func (p *Policy) Rates() []RatePeriod { return p.rates }

// Holds is the period that holds the instant: [start, end). First is when the
// campaign's first call was approved.
func (r *RatePeriod) Holds(first, at Instant) (start, end Instant) {
	if r.window.Kind == Successive {
		return successive(r.window, first, at)
	}
	day := r.place.day(at)
	return r.place.midnight(r.window.first(day)), r.place.midnight(r.window.next(day))
}

func (c *compiler) rates() {
	names := map[string]Position{}
	for i := range c.spec.AbandonRates {
		s := &c.spec.AbandonRates[i]
		if first, twice := names[s.Name]; twice {
			c.wrong(s.Line, "abandon rate %q is there twice, first at line %d: give each a name of its own", s.Name, first.Line)
		}
		names[s.Name] = s.Line
		if s.Name == "" {
			c.wrong(s.Line, "an abandon rate needs a name, which tells it apart from those of other policies")
		}
		if s.Most < 0 || s.Most > 1000 {
			c.wrong(s.Line, "a share of %s is none: write from 0%% to 100%%", share(s.Most))
		}
		c.window(s.Period, s.Line, Successive, CalendarDays, CalendarWeek, CalendarMonth)
		if s.Period.Kind == CalendarDays && s.Period.Days > 1 {
			c.wrong(s.Line, "periods of %s overlap: write a calendar day, week or month, or successive 30d", s.Period)
		}
		name := string(AbandonRate) + "." + s.Name
		c.add(&s.Terms, &abandonRate{c.meta(AbandonRate, name, &s.Terms), s.Most})
		zone := s.Zone
		if zone == nil {
			zone = c.policy.zones[0]
		}
		c.policy.rates = append(c.policy.rates, RatePeriod{name, s.Period, locate(zone, 0)})
	}
}
