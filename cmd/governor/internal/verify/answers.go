package verify

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// checkAnswers: every intent has one answer, and every answer its intent.
func (p *part) checkAnswers() {
	last := int64(-1) // whoever stood before it was passed
	for offset := range p.answers {
		last = max(last, offset)
	}
	for from := range p.buried {
		if from.Topic == Intents && from.Partition == p.number {
			last = max(last, from.Offset)
		}
	}
	for _, in := range p.intents {
		answers, letter := p.answers[in.Offset], p.buried[in.Place]
		p.looked(LostIntent)
		for _, other := range answers[min(1, len(answers)):] {
			if other.id != answers[0].id {
				p.breach(DoubleAnswer, &other.entry, &answers[0].entry, "both decide the intent at %s", in.Place)
			}
		}
		switch {
		case len(answers) > 0 && letter != nil:
			p.breach(DoubleAnswer, &answers[0].entry, &letter.entry, "the intent at %s was decided, and is a dead letter too", in.Place)
		case len(answers) > 0 || letter != nil:
		case in.Offset > last && !p.o.Settled:
			p.skip("intents that nobody has come to yet")
		case p.mayWait(in):
			p.skip("intents that may be held still")
		default:
			p.breach(LostIntent, &in.entry, nil, "it was passed without a decision or a dead letter")
		}
	}
	for _, d := range p.decisions {
		p.checkQuestion(d)
	}
}

// mayWait says whether the intent may be held: as a notice, or for the last slot of a
// cap.
func (p *part) mayWait(in *intent) bool {
	class, known := p.limits.class(in.purpose, in.promotes)
	if !in.readable {
		return false
	}
	at, now := p.asked(in)
	if at.Add(p.arbitration(in, class, known)).After(now) {
		return true
	}
	if in.subject == "" || in.channel == "call" {
		return false
	}
	if !known || p.person(in.person).merged {
		return true
	}
	due := at.Add(p.limits.NoticeWait + p.limits.NoticeRepeat)
	return (class == "service" || class == "collection") && due.After(now)
}

// mostArbitration is the longest that any policy lets an intent wait for the last
// slot of a cap.
const mostArbitration = 24 * time.Hour

// arbitration is for how long the intent may be held for the last slot of a cap. Of a
// policy that is not known it is the longest that there may be. Several caps may keep
// it waiting, and the wait of one may end with that of another.
func (p *part) arbitration(in *intent, class string, known bool) time.Duration {
	if p.o.Limits == nil && slices.ContainsFunc(p.decisions, func(d *decision) bool { return !p.judges(d) || d.outranked() }) {
		return mostArbitration
	}
	for i := range p.limits.Caps {
		c := &p.limits.Caps[i]
		if c.Arbitrates && (!known || slices.Contains(c.Of, class)) && (c.Channel == "" || c.Channel == in.channel) {
			return mostArbitration
		}
	}
	return 0
}

// checkQuestion: a decision is about a record of the intents, and repeats what
// that says.
func (p *part) checkQuestion(d *decision) {
	p.looked(Invented)
	at, ok := parsePlace(d.source)
	switch in := d.record; {
	case !ok && p.o.Recording:
		p.breach(Invented, &d.entry, nil, "no line of the recording asks for it")
	case !ok: // told with the headers
	case at.Topic != Intents || at.Partition != p.number:
		p.breach(BadHeaders, &d.entry, nil, "it says that it came from %q, which is none of the intents here", d.source)
	case at.Offset < p.first[Intents]:
		p.skip("decisions whose intent is not kept any more")
	case in == nil:
		p.breach(Invented, &d.entry, nil, "no intent is at %s, whatever a transaction that was aborted left there", at)
	case !in.readable:
		p.breach(Invented, &d.entry, &in.entry, "it decides what cannot be read")
	case in.id != d.intent || in.person != d.person || in.channel != d.channel || in.purpose != d.purpose ||
		in.campaign != d.campaign || in.subject != d.subject || in.brand != d.brand:
		p.breach(Miscopied, &d.entry, &in.entry, "intent, person, channel, purpose, campaign, subject or brand are not those of the intent")
	}
}

// The known ids: how long the id of a vetoed intent is known, half-open, and how
// long at least that of an approved one.
const (
	knownVetoed   = 24 * time.Hour
	knownApproved = 400 * 24 * time.Hour
)

// checkIDs: an id is decided once while it is known, and ids follow from what is
// decided.
func (p *part) checkIDs(who *person) {
	if who.erased {
		p.skip("people whose ids were forgotten at their own wish")
		return
	}
	first := make(map[string]*decision)   // intent → its latest decision that is no repetition
	carried := make(map[string]*decision) // intent → the approval that carries it
	for _, d := range who.decisions {
		p.looked(WrongID)
		p.checkID(d)
		if d.original != "" {
			if o := p.byID[d.original]; o != nil && (o.person != d.person || o.intent != d.intent) && !who.merged {
				p.breach(WrongOriginal, &d.entry, &o.entry, "it names as its original a decision about another intent")
			}
			continue
		}
		p.looked(DoubleApproval)
		before, carrier := first[d.intent], carried[d.intent]
		switch {
		case before != nil && before.approved() && d.decided.Sub(before.decided) < knownApproved && d.approved():
			p.breach(DoubleApproval, &d.entry, &before.entry, "the intent's id was approved before, under another decision")
		case carrier != nil && carrier.intent != d.intent && d.approved() && d.decided.Sub(carrier.decided) < knownVetoed:
			p.breach(DoubleApproval, &d.entry, &carrier.entry, "the intent was carried by another approval")
		case before != nil && (before.approved() && d.decided.Sub(before.decided) < knownApproved || d.decided.Sub(before.decided) < knownVetoed):
			p.breach(AskedAgain, &d.entry, &before.entry, "the intent's id was known for %s, and it was judged anew", d.decided.Sub(before.decided))
		}
		if before == nil || !before.approved() || d.approved() {
			first[d.intent] = d
		}
		if d.approved() {
			for _, item := range d.items {
				if other := carried[item]; other != nil && d.decided.Sub(other.decided) < knownVetoed {
					p.breach(DoubleApproval, &d.entry, &other.entry, "both carry the same intent")
				}
				carried[item] = d
			}
			if len(d.items) > 0 && !slices.Contains(d.items, d.intent) {
				p.breach(Miscopied, &d.entry, nil, "it carries several intents, and its own is none of them")
			}
		}
	}
}

// isOurs says whether an id looks like a decision's.
func isOurs(id string) bool {
	digits, is := strings.CutPrefix(id, "d-")
	return is && len(digits) == 32 && strings.Trim(digits, "0123456789abcdef") == ""
}

// checkID: the id follows from person and intent; of a repetition, or of an id that
// was forgotten, also from the place of its record.
func (p *part) checkID(d *decision) {
	if !isOurs(d.id) {
		p.skip("ids of another form")
		return
	}
	if d.id != idOf(d.person, d.intent) && d.id != idOf(d.person, d.intent, d.source) {
		p.breach(WrongID, &d.entry, nil, "its id follows neither from person and intent nor from their record's place, so a repeat would have another")
	}
}

// idOf is how an id follows from what it is about.
func idOf(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(part)))) // writing to a hash never fails
		h.Write([]byte(part))
	}
	return "d-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// checkLives: an approval is good from now on, for no longer than the policy says,
// and not beyond what its engine asked for.
func (p *part) checkLives() {
	for _, d := range p.decisions {
		if !d.approved() {
			continue
		}
		p.looked(LongLife)
		life := d.notAfter.Sub(d.decided)
		switch {
		case life <= 0:
			p.breach(LongLife, &d.entry, nil, "it was never good: its not_after is not later than its decision")
		case d.record != nil && !d.record.notAfter.IsZero() && d.notAfter.After(d.record.notAfter):
			p.breach(LongLife, &d.entry, &d.record.entry, "it is good beyond the intent's own not_after")
		case p.o.Limits != nil && p.limits.Live > 0 && life > p.limits.Live:
			p.breach(LongLife, &d.entry, nil, "it is good for %s, and %s is the most", life, p.limits.Live)
		}
	}
}

// checkRevocations: only approvals are taken back, the person's own, afterwards.
func (p *part) checkRevocations() {
	for _, v := range p.revocations {
		p.looked(FalseRevoke)
		d := p.byID[v.decision]
		switch {
		case d == nil && p.first[Approved] > 0:
			p.skip("revocations of approvals that may not be kept any more")
		case d == nil:
			p.breach(FalseRevoke, &v.entry, nil, "no decision has the id that it takes back")
		case !d.approved():
			p.breach(FalseRevoke, &v.entry, &d.entry, "what it takes back was never approved")
		case d.person != v.person || d.intent != v.intent || v.key != v.person:
			p.breach(FalseRevoke, &v.entry, &d.entry, "it is about another person or intent than the approval")
		case p.yes[d.id] != nil && p.yes[d.id].before(&v.entry) < 0:
			p.breach(FalseRevoke, &v.entry, &p.yes[d.id].entry, "it takes back what a worker had taken: that is a leak")
		case v.revoked.Before(d.decided):
			p.breach(FalseRevoke, &v.entry, &d.entry, "it takes back what was not approved yet")
		}
	}
}

// checkLetters: a dead letter says where it came from and why, and is the original,
// byte for byte; and what nobody can read is one.
func (p *part) checkLetters() {
	inputs := make(map[Place]*entry, len(p.intents)+len(p.signals))
	for _, in := range p.intents {
		inputs[in.Place] = &in.entry
	}
	for _, s := range p.signals {
		inputs[s.Place] = &s.entry
	}
	for _, l := range p.letters {
		p.looked(BadLetter)
		in := inputs[l.from]
		switch {
		case !l.named || l.mute:
			p.breach(BadLetter, &l.entry, nil, "it does not say from where it came, and why")
		case l.from.Partition != l.Partition || l.from.Topic != Intents && l.from.Topic != Signals:
			p.breach(BadLetter, &l.entry, nil, "it came from %s, which is another partition or no input", l.from)
		case in == nil && l.from.Offset < p.first[l.from.Topic]:
			p.skip("dead letters whose original is not kept any more")
		case in == nil:
			p.breach(Invented, &l.entry, nil, "nothing is at %s, from where it says that it came", l.from)
		case p.o.Recording: // the line of a replay has no bytes to compare
		case l.cut >= 0 && l.cut != int64(in.size):
			p.breach(AlteredLetter, &l.entry, in, "it says that the original has %d bytes, and it has %d", l.cut, in.size)
		case l.cut < 0 && l.original != in.print:
			p.breach(AlteredLetter, &l.entry, in, "key, value or headers are not those of the original")
		}
	}
	for _, s := range p.signals {
		if s.readable || s.Offset >= p.heard {
			continue
		}
		if p.looked(LostLetter); p.buried[s.Place] == nil {
			p.breach(LostLetter, &s.entry, nil, "nobody can read it, it was heard, and it is in no dead letter")
		}
	}
}
