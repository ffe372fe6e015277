package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A registered campaign has said how it begins, how it is left and when it ends, in
// the policy or otherwise (Intent.Registered). Where both say something both hold.
// All of these leave the exempt classes alone.

// Registration is what was said of a campaign otherwise than in the policy. It is not
// changed once it is made, so that many may share it.
type Registration struct {
	Unfit        string // what is wrong with it, in words that begin after "the campaign's"; "" if nothing is
	Ends         Date   // its last day; the zero value: it is not registered
	MostAttempts int    // for each person
	Killed       bool   // stopped for good, registered or not
}

// Register is what follows from what a campaign says of itself.
func Register(c *CampaignSpec) Registration {
	return Registration{Unfit: strings.Join(Fitness(c), "; "), Ends: c.Ends, MostAttempts: c.MostAttempts, Killed: c.Killed}
}

// unfit stops a campaign that is harder to leave than to join, or whose way out
// begs, mocks or stalls; and, where only registered ones may run, any other.
type unfit struct {
	meta
	why        map[Campaign]string // of the registered ones; "" for those that are fit
	registered bool                // the rule of those that are not registered
}

func (r *unfit) free(q *question, at Instant) Instant {
	why, known := r.said(q)
	if q.class.Exempt() || (r.registered && known) || (!r.registered && why == "") {
		return at
	}
	return Never
}

// said is what is wrong with the intent's campaign, and whether it is registered.
func (r *unfit) said(q *question) (why string, known bool) {
	why, known = r.why[q.in.Campaign]
	if own := q.in.Registered; own != nil {
		why, known = cmp.Or(why, own.Unfit), known || own.Ends != (Date{})
	}
	return why, known
}

func (r *unfit) detail(q *question) string {
	if r.registered {
		return "the campaign is not registered, and only registered ones may run: name its end, its way in and its way out in the policy"
	}
	why, _ := r.said(q)
	return "the campaign's " + why
}

// ended stops a campaign after its last day, which ends where it ends first of the
// places where the person may be.
type ended struct {
	meta
	last map[Campaign]Date
}

func (r *ended) free(q *question, at Instant) Instant {
	if at < r.end(q) {
		return at
	}
	return Never
}

// end is when the campaign ends; Never if it does not, or not for this intent.
func (r *ended) end(q *question) Instant {
	end := Never
	last := r.day(q)
	if last == (Date{}) || q.class.Exempt() {
		return end
	}
	for i := range q.places {
		end = min(end, q.places[i].midnight(last.days()+1))
	}
	return end
}

// day is the last day of the intent's campaign; the zero value if it has none.
func (r *ended) day(q *question) Date {
	last := r.last[q.in.Campaign]
	if own := q.in.Registered; own != nil && own.Ends != (Date{}) && (last == (Date{}) || own.Ends.days() < last.days()) {
		return own.Ends
	}
	return last
}

func (r *ended) edge(q *question, _ Instant) Instant { return r.end(q) }

func (r *ended) detail(q *question) string {
	last := r.day(q)
	return fmt.Sprintf("the campaign's last day was %04d-%02d-%02d", last.Year, last.Month, last.Day)
}

// attempts ends a campaign for a person to whom it came as often as it may.
type attempts struct {
	meta
	most map[Campaign]int
}

func (r *attempts) free(q *question, at Instant) Instant {
	t := r.tally(q, at)
	if !t.objects() {
		return at
	}
	return freeBelow(t.limit, at, func(add func(Instant)) {
		for i := range q.who.Contacts {
			if c := &q.who.Contacts[i]; r.counted(q, c) {
				add(c.countsUntil())
			}
		}
	})
}

func (r *attempts) counted(q *question, c *Contact) bool {
	return c.Campaign == q.in.Campaign && !c.Class.Exempt()
}

func (r *attempts) tally(q *question, at Instant) tally {
	most := r.most[q.in.Campaign]
	if own := q.in.Registered; own != nil && own.MostAttempts > 0 && (most == 0 || own.MostAttempts < most) {
		most = own.MostAttempts
	}
	if most == 0 || q.class.Exempt() {
		return tally{}
	}
	t := tally{limit: most, binds: true}
	for i := range q.who.Contacts {
		if c := &q.who.Contacts[i]; r.counted(q, c) && c.CountsAt(at) {
			t.used++
		}
	}
	return t
}

// keeps what counts toward what the policy says. What a campaign says otherwise counts
// what is remembered anyhow.
func (r *attempts) keeps(_ *Policy, _ *Person, c *Contact) bool { return r.most[c.Campaign] > 0 }

func (r *attempts) detail(q *question) string {
	return fmt.Sprintf("the campaign came to this person %d times, and that is its end", r.tally(q, q.now).used)
}

// killed stops a campaign at once and for good.
type killed struct {
	meta
	campaigns []Campaign
}

func (r *killed) free(q *question, at Instant) Instant {
	own := q.in.Registered
	if stopped := own != nil && own.Killed || slices.Contains(r.campaigns, q.in.Campaign); stopped && !q.class.Exempt() {
		return Never
	}
	return at
}

func (r *killed) detail(*question) string { return "the campaign was stopped by its owner" }

func (c *compiler) campaigns() {
	s := c.spec
	core := func(reason Reason) meta {
		return meta{reason: reason, name: string(reason), tacit: len(s.Campaigns) == 0}
	}
	bad := &unfit{meta: core(CampaignUnfit), why: map[Campaign]string{}}
	over := &ended{core(CampaignEnded), map[Campaign]Date{}}
	often := &attempts{core(CampaignEnded), map[Campaign]int{}}
	often.counting, often.name = true, string(CampaignEnded)+".attempts"
	stopped := &killed{core(CampaignKilled), nil}
	for i := range s.Campaigns {
		r := &s.Campaigns[i]
		c.campaign(i, r)
		bad.why[r.Name] = strings.Join(Fitness(r), "; ")
		over.last[r.Name], often.most[r.Name] = r.Ends, r.MostAttempts
		if r.Killed {
			stopped.campaigns = append(stopped.campaigns, r.Name)
		}
	}
	for _, r := range []rule{bad, over, often, stopped} {
		c.add(&Terms{}, r)
	}
}

// registered lets only those campaigns through that the spec registers.
func (c *compiler) registered(s *Spec) {
	known := map[Campaign]string{}
	for i := range s.Campaigns {
		known[s.Campaigns[i].Name] = ""
	}
	c.add(&s.Registered.Terms, &unfit{c.meta(CampaignUnfit, "registered_only", &s.Registered.Terms), known, true})
}

func (c *compiler) campaign(i int, r *CampaignSpec) {
	if first := slices.IndexFunc(c.spec.Campaigns, func(o CampaignSpec) bool { return o.Name == r.Name }); first < i {
		c.wrong(r.Line, "campaign %q is registered twice, first at line %d: keep one", r.Name, c.spec.Campaigns[first].Line.Line)
	}
	if !r.Ends.exists() || r.Ends.Year == 0 {
		c.wrong(r.Line, "campaign %q must name its last day: write for example ends: 2026-06-30", r.Name)
	}
	if r.MostAttempts < 1 {
		c.wrong(r.Line, "campaign %q must name how often it comes to a person at most: write 1 or more", r.Name)
	}
	for _, way := range []WaySpec{r.WayIn, r.WayOut} {
		if way.Steps < 1 {
			c.wrong(way.Line, "campaign %q has a way of %d steps: the shortest has one, the press of a button", r.Name, way.Steps)
		}
	}
}
