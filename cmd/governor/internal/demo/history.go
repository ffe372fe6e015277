package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// played is what became of a campaign.
type played struct {
	campaign *campaign
	through  [][]bool // of every person, whether their n-th call got through
	example  tally    // of the person who was called most
	took     time.Duration
}

// playHistory has the engine want every call of the campaign, and makes those
// that the governor approves. Its site is kept in memory: who was called in 2008
// is nobody's business after the demo.
func playHistory(ctx context.Context, policy *rules.Policy, c *campaign, show *Show, all *tally, progress *progress) (*played, error) {
	s, err := openSite("", newClock(c.steps[0].at))
	if err != nil {
		return nil, err
	}
	s.show = show
	p := &played{campaign: c, through: make([][]bool, len(c.people))}
	for i := range c.people {
		p.through[i] = make([]bool, c.people[i].calls)
	}
	if err = s.govern(ctx, policy); err == nil {
		err = p.play(ctx, s, all, progress)
	}
	if end := s.close(); err == nil {
		err = end
	}
	return p, err
}

func (p *played) play(ctx context.Context, s *site, all *tally, progress *progress) error {
	began := time.Now()
	progress.begin("calls", p.campaign.calls)
	defer progress.end()
	for i := range p.campaign.steps {
		if len(p.campaign.steps[i].calls) == 0 {
			continue
		}
		if err := p.step(ctx, s, &p.campaign.steps[i], all); err != nil {
			return err
		}
		progress.add(len(p.campaign.steps[i].calls))
	}
	if _, err := s.decide(ctx); err != nil { // the outcomes of the last step are heard too
		return err
	}
	p.took = time.Since(began)
	return nil
}

// step plays what happens at one time: the engine's intents, the governor's
// answers, and what came of the calls that were approved. That is published, and
// will be heard before the next step's intents are decided.
func (p *played) step(ctx context.Context, s *site, at *step, all *tally) error {
	s.clock.moveTo(at.at)
	calls := make(map[string]call, len(at.calls))
	for _, x := range at.calls {
		in := schemas.Intent{
			ID: p.campaign.intent(x), Person: p.campaign.people[x.person].id, Channel: schemas.ChannelCall, Purpose: "marketing",
			Campaign: bankCampaign, Subject: "term-deposit", Brand: "bank", Engine: bankEngine,
			Zones: []string{bankZone}, Mode: schemas.ModeManual, At: schemas.TimeOf(at.at), Priority: schemas.DefaultPriority,
		}
		calls[in.ID] = x
		s.intend(&in)
		all.want(bankEngine)
		if p.isExample(x.person) {
			p.example.want(bankEngine)
		}
	}
	decisions, err := s.decide(ctx)
	if err != nil {
		return err
	}
	for i := range decisions {
		d := &decisions[i]
		x, ours := calls[d.Intent]
		if !ours {
			return fmt.Errorf("a decision on %s, which nobody asked for now", d.Intent)
		}
		delete(calls, d.Intent)
		all.note(d)
		if p.isExample(x.person) {
			p.example.note(d)
		}
		if d.Verdict == schemas.Approved {
			p.through[x.person][x.number-1] = true
			s.signal(p.outcome(x, d))
		}
	}
	if len(calls) > 0 {
		return fmt.Errorf("%d intents of %s got no decision", len(calls), at.at)
	}
	return nil
}

// isExample says whether it is the person who was called most, the table's last.
func (p *played) isExample(person int) bool { return person == len(p.campaign.people)-1 }

// outcome is what came of a call. The table knows only how often somebody was
// called, and it was no more after the last; so that one is taken for the talk,
// and nobody picked up before.
func (p *played) outcome(x call, d *schemas.Decision) *schemas.Signal {
	result := schemas.ResultNoAnswer
	if x.number == p.campaign.people[x.person].calls {
		result = schemas.ResultConversation
	}
	return &schemas.Signal{
		ID: "outcome-" + d.Intent, Person: d.Person, Type: schemas.TypeOutcome, Decision: d.ID, Result: result,
		At: d.Decided + schemas.Time(2*time.Minute/time.Millisecond),
	}
}

// summary is the history in figures.
func (p *played) summary(t table) History {
	h := History{
		People: t.people(), Calls: t.calls(t.most()), Yes: t.yes(t.most()),
		YesWithinThree: t.yes(enough), CallsAfterThree: t.calls(t.most()) - t.calls(enough),
		PlayedPeople: len(p.campaign.people), PlayedCalls: p.campaign.calls,
		Seconds: seconds(p.took), CallsPerSecond: float64(p.campaign.calls) / max(p.took.Seconds(), 1e-9),
	}
	h.YesAfterThree = h.Yes - h.YesWithinThree
	h.ShareWithinThree = float64(h.YesWithinThree) / float64(h.Yes)
	h.CallsPerYesWithinThree = ratio(t.calls(enough), h.YesWithinThree)
	h.CallsPerYesAfterThree = ratio(h.CallsAfterThree, h.YesAfterThree)
	h.PeopleAfterThree = t.reached(enough + 1)
	h.ByCall = make([]CallNumber, enough+1)
	for i := range h.ByCall {
		h.ByCall[i] = CallNumber{From: i + 1, To: i + 1}
	}
	h.ByCall[enough].To = t.most()
	for i, who := range p.campaign.people {
		for n, through := range p.through[i] {
			row := &h.ByCall[min(n, enough)]
			row.Wanted++
			said := who.yes && n+1 == who.calls
			if said {
				row.Yes++
			}
			if through {
				row.Through++
				if said {
					row.YesThrough++
				}
			}
		}
	}
	for i := range h.ByCall {
		h.ByCall[i].CallsPerYes = ratio(h.ByCall[i].Wanted, h.ByCall[i].Yes)
		h.YesKept += h.ByCall[i].YesThrough
	}
	h.YesLost = h.ByCall[0].Yes + h.ByCall[1].Yes + h.ByCall[2].Yes + h.ByCall[3].Yes - h.YesKept
	e := p.example.engine(bankEngine)
	h.MostCalled = MostCalled{e.wanted, e.through, e.refused, counted(p.example.reasons, p.example.named)}
	return h
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
