package health

import "time"

// hold begins a hold, or goes on with one, for the reason that it has now. b.mu is
// held.
func (b *Board) hold(at place, why error, since time.Time) {
	class, now := ClassOf(why), b.clock()
	h := b.holds[at]
	if h == nil {
		h = &hold{class: class, since: since, told: since}
		b.holds[at] = h
		b.begun[class]++
	}
	b.account(h, now)
	h.class, h.why = class, Words(why)
	if p := b.partitions[at.partition]; p != nil {
		p.rebuild = nil // if there was one, it begins again
	}
}

// release ends a hold, if there is one. b.mu is held.
func (b *Board) release(at place) {
	if h := b.holds[at]; h != nil {
		b.account(h, b.clock())
		delete(b.holds, at)
	}
}

// account adds up for how long which class has held something. A clock that is set
// back takes nothing away. b.mu is held.
func (b *Board) account(h *hold, now time.Time) {
	if now.After(h.told) {
		b.held[h.class] += now.Sub(h.told)
	}
	h.told = now
}
