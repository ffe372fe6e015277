package verify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Options say what is known beside the logs.
type Options struct {
	// Limits are the policy's. Without them the house's own are taken, for those
	// policies whose evidence names them.
	Limits *Limits

	// Settled says that nothing is under way: every question must have its answer.
	Settled bool

	// Margin is how young a record may be and still be under way. Default 30 s.
	Margin time.Duration

	// Slack is how much earlier than an intent a no must have been appended to be
	// surely acknowledged before it. It covers what brokers take to acknowledge, and
	// how far their clocks are apart. Default 1 s.
	Slack time.Duration

	// TrustTimes says that producers' timestamps are as good as the brokers'.
	TrustTimes bool

	// Partitions is how many there are; 0 where nobody knows.
	Partitions int32

	// Recording says that the log is a replay's: no batches, no partitions, and
	// everything was heard when it came.
	Recording bool
}

// checker is one run.
type checker struct {
	o       Options
	limits  Limits
	tell    func(Breach)
	summary Summary
	told    map[batchPlace]bool // places that records for other partitions have
	audited map[string]Place    // what the audit calls people
	gaps    []gap
}

// batchPlace is a place in a batch of a partition.
type batchPlace struct {
	partition    int32
	batch, index int64
}

// Check reads a log once, and tells every breach as it finds it. The error is the
// log's, or ctx's; what was found before is told all the same.
func Check(ctx context.Context, log Log, o Options, tell func(Breach)) (Summary, error) {
	if o.Margin == 0 {
		o.Margin = 30 * time.Second
	}
	if o.Slack == 0 {
		o.Slack = time.Second
	}
	c := &checker{o: o, tell: tell, told: make(map[batchPlace]bool), audited: make(map[string]Place), summary: Summary{
		Records: make(map[string]int), Breaches: make(map[string]int), Skipped: make(map[string]int), Checked: make(map[string]int),
	}}
	if err := c.readAudit(ctx, log); err != nil {
		return c.summary, err
	}
	c.limits = NoMeansNo()
	if o.Limits != nil {
		c.limits = *o.Limits
	}
	for _, number := range log.Partitions() {
		p, err := c.read(ctx, log, number)
		if err != nil {
			return c.summary, err
		}
		p.check()
	}
	c.closeGaps()
	return c.summary, nil
}

func (c *checker) skip(why string) { c.summary.Skipped[why]++ }

func (c *checker) looked(name string) { c.summary.Checked[name]++ }

// part is what is kept of one partition while it is checked.
type part struct {
	*checker
	number int32
	first  map[string]int64    // from where on a topic is kept
	seen   map[string][]*entry // the outputs in the order of their topics, exact repeats dropped

	intents     []*intent // by offset
	signals     []*signal
	decisions   []*decision // in the order in which they were made, repeats dropped
	revocations []*revocation
	redemptions []*redemption
	leaks       []*leak
	standings   []*standing
	sealed      bool // somebody who was erased stands under a name that nobody can tell
	letters     []*letter
	rates       map[rateSort]toldRate // as they are told

	people  map[string]*person
	stops   []*signal // by which campaigns were stopped
	bySpot  map[int64]*intent
	buried  map[Place]*letter
	newest  time.Time // the latest time that anything tells
	past    time.Time // until when it was decided by the clock of the events; zero where nothing was
	heard   int64     // the signals before this offset were heard
	answers map[int64][]*decision
	byID    map[string]*decision
	taken   map[string]*revocation  // by decision
	yes     map[string]*redemption  // the first, by decision
	leaked  map[string]*leak        // the first, by decision
	replies map[int64][]*redemption // by the offset of what asked
	ends    []hearing
	words   map[string]string // each kept once
}

// person is all that concerns one.
type person struct {
	signals   []*signal
	decisions []*decision
	standings []*standing
	merged    bool // with another record
	erased    bool
}

// read collects a partition.
func (c *checker) read(ctx context.Context, log Log, number int32) (*part, error) {
	p := &part{
		checker: c, number: number, first: make(map[string]int64), seen: make(map[string][]*entry), words: make(map[string]string),
		people: make(map[string]*person), bySpot: make(map[int64]*intent), buried: make(map[Place]*letter),
		answers: make(map[int64][]*decision), byID: make(map[string]*decision), taken: make(map[string]*revocation),
		yes: make(map[string]*redemption), leaked: make(map[string]*leak), replies: make(map[int64][]*redemption),
		rates: make(map[rateSort]toldRate),
	}
	copies := make(map[string]*entry)
	for _, topic := range Topics() {
		prints := make(map[[32]byte]bool)
		first, err := log.Read(ctx, topic, number, func(r *Record) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			c.summary.Records[topic]++
			p.take(r, prints, copies)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read %s, partition %d: %w", topic, number, err)
		}
		p.first[topic] = first
	}
	p.settle()
	return p, nil
}

// once is the same text, of which only one is kept.
func (p *part) once(texts ...*string) {
	for _, t := range texts {
		kept, known := p.words[*t]
		if !known {
			kept = *t
			p.words[kept] = kept
		}
		*t = kept
	}
}

// take keeps of a record what is compared.
func (p *part) take(r *Record, prints map[[32]byte]bool, copies map[string]*entry) {
	e := newEntry(r)
	p.note(&e)
	p.once(&e.key)
	switch r.Topic {
	case Intents:
		in := readIntent(r, &e)
		p.once(&in.person, &in.channel, &in.purpose, &in.campaign, &in.subject, &in.brand)
		p.intents = append(p.intents, in)
		p.bySpot[in.Offset] = in
		return
	case Signals:
		p.takeSignal(r, &e)
		return
	}
	if prints[e.print] {
		p.summary.Repeats++
		return
	}
	prints[e.print] = true
	kept := &e
	switch r.Topic {
	case Approved, Vetoed:
		kept = p.takeDecision(r, &e, copies)
	case Revoked:
		v, err := readRevocation(r, &e)
		if kept = &v.entry; err != nil {
			p.breach(Misfiled, kept, nil, "this is no revocation: %v", err)
		} else if p.isCopy(copies, v.id, kept) {
			p.revocations = append(p.revocations, v)
			p.newest = later(p.newest, v.revoked)
		}
	case Redeemed:
		kept = p.takeRedemption(r, &e)
	case Leaked:
		l, err := readLeak(r, &e)
		if kept = &l.entry; err != nil {
			p.breach(Misfiled, kept, nil, "this is no leak: %v", err)
		} else if p.isCopy(copies, l.id, kept) {
			p.leaks = append(p.leaks, l)
		}
	case Standing:
		if isAddress(e.key) {
			p.skip("what was refused of addresses, which several people may have")
			break
		}
		if isCampaign(e.key) {
			p.skip("what was said of campaigns, beside the policy")
			break
		}
		if p.sealed = p.sealed || isSealed(e.key); isSealed(e.key) {
			p.skip("what stands for people who were erased, and is sealed")
			break
		}
		s := readStanding(r, &e)
		p.standings, kept = append(p.standings, s), &s.entry
	case VetoRates:
		p.takeRate(r, &e)
	case DeadLetter:
		l := readLetter(r, &e)
		p.letters, kept = append(p.letters, l), &l.entry
	}
	p.seen[r.Topic] = append(p.seen[r.Topic], kept)
}

func (p *part) takeSignal(r *Record, e *entry) {
	if told := toldType(r); told != "" {
		if from := r.number("governor_from"); from >= 0 {
			p.told[batchPlace{int32(from), e.batch, e.index}] = true
		}
		p.skip("signals by which partitions tell one another")
		p.takeStop(r, e, told)
		if told == "governor.record" {
			p.person(e.key).merged = true // with a record that is elsewhere
		}
		return
	}
	s := readSignal(r, e)
	p.once(&s.person, &s.kind, &s.channel, &s.purpose, &s.subject, &s.brand, &s.result)
	p.signals = append(p.signals, s)
}

func (p *part) takeDecision(r *Record, e *entry, copies map[string]*entry) *entry {
	d, err := readDecision(r, e)
	if err != nil {
		p.breach(Misfiled, &d.entry, nil, "this is no decision: %v", err)
		return &d.entry
	}
	p.once(&d.person, &d.channel, &d.purpose, &d.campaign, &d.subject, &d.brand, &d.verdict, &d.policy, &d.engine, &d.reason)
	for i := range d.reasons {
		p.once(&d.reasons[i])
	}
	for i := range d.evidence {
		p.once(&d.evidence[i].Rule)
	}
	if want := map[string]string{Approved: "approved", Vetoed: "vetoed"}[r.Topic]; d.verdict != want {
		p.breach(Misfiled, &d.entry, nil, "the verdict is %q, on a topic for what was %s", d.verdict, want)
	}
	if id, there := r.header("ce_id"); there && id != d.id || !there && !p.o.Recording || d.person != d.key {
		p.breach(BadHeaders, &d.entry, nil, "the key or the header ce_id is missing or not that of the decision")
	}
	if p.isCopy(copies, d.id, &d.entry) {
		p.decisions = append(p.decisions, d)
		p.newest = later(p.newest, d.decided)
	}
	return &d.entry
}

// isCopy says whether it is the first with its id. Whatever carries the id again
// is a copy, byte for byte, and exact copies were dropped before.
func (p *part) isCopy(copies map[string]*entry, id string, e *entry) (first bool) {
	p.looked(Divergent)
	other, again := copies[id]
	switch {
	case !again:
		copies[id] = e
	case other.Topic != e.Topic:
		p.breach(Contradiction, e, other, "two topics have a decision of this id; an id is one decision")
	default:
		p.breach(Divergent, e, other, "the id is the same and the bytes are not; a repeat is byte for byte")
	}
	return !again || other.Topic != e.Topic
}

func (p *part) note(e *entry) {
	p.newest = later(later(p.newest, e.time), e.event)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// settle brings everything into order, once all is read.
func (p *part) settle() {
	for _, l := range p.letters {
		if l.named {
			p.buried[l.from] = l
		}
	}
	slices.SortStableFunc(p.decisions, func(a, b *decision) int { return a.before(&b.entry) })
	slices.SortStableFunc(p.revocations, func(a, b *revocation) int { return a.before(&b.entry) })
	slices.SortStableFunc(p.redemptions, func(a, b *redemption) int { return a.before(&b.entry) })
	slices.SortStableFunc(p.leaks, func(a, b *leak) int { return a.before(&b.entry) })
	for _, d := range p.decisions {
		if _, known := p.byID[d.id]; !known || d.approved() {
			p.byID[d.id] = d
		}
		p.person(d.person).decisions = append(p.person(d.person).decisions, d)
		if at, ok := parsePlace(d.source); ok && at.Topic == Intents && at.Partition == p.number {
			p.answers[at.Offset] = append(p.answers[at.Offset], d)
			d.record = p.bySpot[at.Offset]
		}
	}
	for _, v := range p.revocations {
		p.taken[v.decision] = v
	}
	for _, r := range p.redemptions {
		if !r.recorded {
			p.replies[r.asked] = append(p.replies[r.asked], r)
		}
		if r.ok && p.yes[r.decision] == nil {
			p.yes[r.decision] = r
		}
	}
	for _, l := range p.leaks {
		if p.leaked[l.decision] == nil {
			p.leaked[l.decision] = l
		}
	}
	for _, s := range p.standings {
		p.person(s.key).standings = append(p.person(s.key).standings, s)
	}
	p.settlePast()
	p.settleSignals()
	p.settleHearing()
	p.summary.People += len(p.people)
}

func (p *part) settleSignals() {
	heard := make(map[[2]string]bool)
	for _, s := range p.signals {
		who := s.person
		if !s.readable || p.buried[s.Place] != nil {
			who = s.key
		} else {
			if id := [2]string{s.person, s.id}; s.kind != asks {
				s.again, heard[id] = heard[id], true
			}
		}
		of := p.person(who)
		of.signals = append(of.signals, s)
		if s.readable && !s.again && s.kind == "merge" {
			of.merged = true
			p.person(s.into).merged = true
		}
		of.erased = of.erased || s.kind == "erasure"
	}
}

func (p *part) person(id string) *person {
	who := p.people[id]
	if who == nil {
		who = &person{}
		p.people[id] = who
	}
	return who
}

// before orders records as they were emitted: by their places in batches; by their
// places on the topic where there are no batches.
func (e *entry) before(other *entry) int {
	return cmp.Or(cmp.Compare(e.batch, other.batch), cmp.Compare(e.index, other.index), cmp.Compare(e.Offset, other.Offset))
}

// young says whether what belongs to the time may still be under way.
func (p *part) young(at time.Time) bool {
	return !p.o.Settled && at.After(p.newest.Add(-p.o.Margin))
}

func (p *part) breach(name string, at, with *entry, why string, args ...any) {
	p.summary.Breaches[name]++
	b := Breach{Name: name, At: at.Place.String(), Why: fmt.Sprintf(why, args...)}
	if with != nil {
		b.With = with.Place.String()
	}
	p.tell(b)
}

// check compares everything.
func (p *part) check() {
	p.checkPlaces()
	p.checkBatches()
	p.checkTime()
	p.checkAnswers()
	p.checkLetters()
	for _, id := range slices.Sorted(maps.Keys(p.people)) { // so that two runs tell the same
		who := p.people[id]
		p.checkIDs(who)
		p.checkRefusals(who)
		p.checkTakenBack(who)
		p.checkCaps(who)
		p.checkStanding(who)
	}
	p.checkLives()
	p.checkRevocations()
	p.checkRedemptions()
	p.checkLeaks()
	p.checkRates()
	p.checkAudit()
}
