package verify

import "slices"

// asks is the type of the signal by which a worker asks, just before a contact. It is
// no word of the person.
const asks = "redeem"

// takeRedemption keeps an answer. What carries the id of a question again is another
// answer to that, or to one that was asked again under the same id.
func (p *part) takeRedemption(r *Record, e *entry) *entry {
	a, err := readRedemption(r, e)
	if err != nil {
		p.breach(Misfiled, &a.entry, nil, "this is no answer to a worker: %v", err)
		return &a.entry
	}
	p.once(&a.person, &a.worker, &a.reason)
	if id, there := r.header("ce_id"); there && id != a.id || !there && !p.o.Recording || a.person != a.key {
		p.breach(BadHeaders, &a.entry, nil, "the key or the header ce_id is missing or not that of the answer")
	}
	p.redemptions = append(p.redemptions, a)
	p.newest = later(p.newest, a.answered)
	return &a.entry
}

// checkRedemptions: every worker that asks has one answer; and a yes is for one
// worker, in time, while the approval is good and nothing refuses it.
func (p *part) checkRedemptions() {
	questions := make(map[int64]*signal)
	for _, s := range p.signals {
		if s.kind == asks && s.readable && p.buried[s.Place] == nil {
			questions[s.Offset] = s
			p.checkAnswered(s)
		}
	}
	for i, r := range p.redemptions {
		p.checkAsked(r, questions)
		if i == 0 {
			continue
		}
		switch last := p.redemptions[i-1]; {
		case r.asked >= 0 && r.asked < last.asked:
			p.breach(BatchOrder, &r.entry, &last.entry, "it answers what was asked before what is answered before it")
		case r.answered.Before(last.answered):
			p.breach(TimeBack, &r.entry, &last.entry, "it was answered %s before what was answered before it", last.answered.Sub(r.answered))
		}
	}
	yeses := make(map[string][]*redemption)
	for _, r := range p.redemptions {
		if r.ok {
			p.checkYes(r, yeses[r.decision])
			yeses[r.decision] = append(yeses[r.decision], r)
		}
	}
}

// checkAnswered: a question that was heard has its answer. While a lost memory is
// made anew nobody is told anything that the log does not say: then it is missing.
func (p *part) checkAnswered(s *signal) {
	p.looked(LostAnswer)
	answers := p.replies[s.Offset]
	for _, other := range answers[min(1, len(answers)):] {
		p.breach(DoubleAnswer, &other.entry, &answers[0].entry, "both answer the worker that asks at %s", s.Place)
	}
	by, heard := p.heardBy(s)
	switch {
	case len(answers) > 0:
	case p.first[Redeemed] > 0 && (len(p.redemptions) == 0 || s.Offset < p.redemptions[0].asked):
		p.skip("questions of workers whose answers may not be kept any more")
	case !p.o.Settled && (!heard || p.young(by)):
		p.skip("questions of workers that nobody has come to yet")
	default:
		p.breach(LostAnswer, &s.entry, nil, "a worker asked whether it may, and there is no answer")
	}
}

// checkAsked: an answer is to a record of the signals, and repeats what that says.
func (p *part) checkAsked(r *redemption, questions map[int64]*signal) {
	p.looked(Invented)
	at, ok := parsePlace(r.source)
	switch q := questions[r.asked]; {
	case r.recorded:
	case !ok && p.o.Recording:
		p.breach(Invented, &r.entry, nil, "no line of the recording asks for it")
	case !ok: // told with the headers
	case at.Topic != Signals || at.Partition != p.number:
		p.breach(BadHeaders, &r.entry, nil, "it says that it came from %q, which is none of the signals here", r.source)
	case at.Offset < p.first[Signals]:
		p.skip("answers to workers whose questions are not kept any more")
	case q == nil:
		p.breach(Invented, &r.entry, nil, "no worker asks at %s", at)
	case q.id != r.id || q.person != r.person || q.intent != r.intent || q.worker != r.worker:
		p.breach(Miscopied, &r.entry, &q.entry, "id, person, intent or worker are not those of the question")
	}
}

// checkYes: a worker may only while the approval is good. Before are the yeses that
// were said to the same approval before.
func (p *part) checkYes(r *redemption, before []*redemption) {
	p.looked(FalseYes)
	d := p.byID[r.decision]
	switch {
	case d == nil && p.first[Approved] > 0:
		p.skip("answers to workers about approvals that may not be kept any more")
		return
	case d == nil || !d.approved():
		p.breach(FalseYes, &r.entry, nil, "it says yes to what was never approved")
		return
	}
	who := p.person(d.person)
	switch {
	case d.intent != r.intent || d.person != r.person && !who.merged:
		p.breach(FalseYes, &r.entry, &d.entry, "the approval is of another person or intent")
	case d.before(&r.entry) > 0 || d.decided.After(r.answered):
		p.breach(FalseYes, &r.entry, &d.entry, "it says yes to what was not approved yet")
	case !r.answered.Before(d.notAfter):
		p.breach(LateYes, &r.entry, &d.entry, "it was answered at %s, and the approval is good until %s", stamp(r.answered), stamp(d.notAfter))
	case !r.notAfter.Equal(d.notAfter):
		p.breach(LateYes, &r.entry, &d.entry, "it says that the contact may begin until %s, and the approval is good until %s", stamp(r.notAfter), stamp(d.notAfter))
	}
	p.checkOneWorker(r, before)
	p.checkStillGood(who, r, d)
}

// checkOneWorker: an approval is for one worker, which is told when it had it before.
func (p *part) checkOneWorker(r *redemption, before []*redemption) {
	p.looked(SecondYes)
	switch {
	case len(before) > 0 && (before[0].worker != r.worker || r.worker == ""):
		p.breach(SecondYes, &r.entry, &before[0].entry, "another worker may already")
	case len(before) > 0 && !r.again:
		p.breach(SecondYes, &r.entry, &before[0].entry, "the worker may already, and it is not told that this is the same contact again")
	case len(before) == 0 && r.again && p.first[Redeemed] == 0 && !p.askedBefore(r):
		p.breach(FalseYes, &r.entry, nil, "it says that the worker asked before, and it did not")
	}
}

// askedBefore says whether the worker had asked about the intent before.
func (p *part) askedBefore(r *redemption) bool {
	return slices.ContainsFunc(p.person(r.person).signals, func(s *signal) bool {
		return s.kind == asks && s.Offset < r.asked && s.intent == r.intent && s.worker == r.worker
	})
}

// checkStillGood: what was taken back, has an outcome, or is refused by then, is not
// for any worker.
func (p *part) checkStillGood(who *person, r *redemption, d *decision) {
	p.looked(YesAfterNo)
	if v := p.taken[d.id]; v != nil && v.before(&r.entry) < 0 {
		p.breach(FalseYes, &r.entry, &v.entry, "it says yes to what was taken back")
		return
	}
	if s := p.outcomeBefore(who, d, r.asked); s != nil {
		p.breach(FalseYes, &r.entry, &s.entry, "it says yes to what has its outcome")
		return
	}
	noes := append(p.refusals(who), p.stopped()...)
	for i := range noes {
		n := &noes[i]
		if n.by.Offset < r.asked && p.forbids(&n.no, d) && !p.lifted(who, n.early(), d, r.asked) && !p.excused(who, d) {
			p.breach(YesAfterNo, &r.entry, &n.by.entry, "it says yes to what was refused before the worker asked at %s", r.source)
			return
		}
	}
}

// outcomeBefore is an outcome of the approval that was said before the offset, nil
// where there is none.
func (p *part) outcomeBefore(who *person, d *decision, offset int64) *signal {
	for _, s := range who.signals {
		if s.kind == "outcome" && s.readable && !s.again && s.Offset < offset && p.outcomeOf(who, s) == d {
			return s
		}
	}
	return nil
}

// takenBefore says whether a worker had the approval when the other was decided.
func (p *part) takenBefore(b, d *decision) bool {
	yes := p.yes[b.id]
	return yes != nil && yes.before(&d.entry) < 0
}
