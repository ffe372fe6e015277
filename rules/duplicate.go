package rules

import (
	"fmt"
	"time"
)

// again answers an id that is known: the same content is a duplicate, another
// one a conflict, and in both cases the first decision stands. Ids of approved
// intents stay known as long as their contact is remembered, those of held ones
// while they wait, those of vetoed ones for 24 h.
func again(who *Person, in *Intent, now Instant) (Decision, bool) {
	content, original, known := who.knows(in.ID, now)
	if !known {
		return Decision{}, false
	}
	o := Objection{Reason: Duplicate, Rule: "duplicate", Detail: "this id was decided before; to ask again, use a new id"}
	if content != in.Fingerprint() {
		o = Objection{Reason: Conflict, Rule: "intent.conflict", Detail: "this id was used before for another contact; use a new id"}
	}
	return Decision{Verdict: Vetoed, Objections: []Objection{o}, Original: original}, true
}

// Knows says whether the id is known at the given instant.
func (p *Person) Knows(id IntentID, now Instant) bool {
	_, _, known := p.knows(id, now)
	return known
}

func (p *Person) knows(id IntentID, now Instant) (content uint64, original DecisionID, known bool) {
	for i := range p.Contacts {
		if c := &p.Contacts[i]; c.Intent == id {
			return c.Content, c.Decision, true
		}
	}
	for i := range p.Held {
		if h := &p.Held[i]; h.Intent.ID == id {
			return h.Intent.Fingerprint(), h.Decision, true
		}
	}
	if k := p.Known.latest(id); k != nil && now < k.At.Add(MemoryOfVetoes) {
		return k.Content, k.Decision, true
	}
	return 0, "", false
}

// sameContent keeps the same message from the same person for a while, under
// whatever id, campaign or channel. What was vetoed was not seen and does not
// count.
type sameContent struct {
	meta
	within time.Duration
}

func (r *sameContent) free(q *question, at Instant) Instant {
	if q.in.Message == "" {
		return at
	}
	free := at
	for c, over := range recent(q.who, r.within, at) {
		if c.Message == q.in.Message {
			free = max(free, min(over, c.countsUntil()))
		}
	}
	return free
}

func (r *sameContent) detail(*question) string {
	return fmt.Sprintf("the same message went to this person within the last %s", span(r.within))
}
