package verify

import (
	"slices"
	"sort"
	"time"
)

// hearing tells that the signals before an offset were heard, by a time.
type hearing struct {
	signals int64
	by      time.Time
}

// settleHearing notes how far the signals were heard, and by when. A decision says
// it of itself. Any other output says how far they were heard at the end of its
// batch, which may be later than itself; but what is of the next batch is later
// than that.
func (p *part) settleHearing() {
	if p.o.Recording {
		p.heard = int64(len(p.signals))
		return
	}
	var all []*entry
	for _, topic := range outputs() {
		all = append(all, p.seen[topic]...)
	}
	slices.SortStableFunc(all, func(a, b *entry) int { return a.before(b) })
	var told []hearing
	var now time.Time
	for _, d := range p.decisions {
		now = later(now, d.decided)
		told = append(told, hearing{d.heard, now})
	}
	before, batch := int64(0), int64(-1)
	now = time.Time{}
	for _, e := range all {
		if e.batch != batch {
			before, batch = p.heard, e.batch
		}
		if now = later(now, e.event); !e.event.IsZero() {
			told = append(told, hearing{before, now})
		}
		p.heard = max(p.heard, e.signals)
	}
	slices.SortStableFunc(told, func(a, b hearing) int { return a.by.Compare(b.by) })
	for _, h := range told {
		if n := len(p.ends); n == 0 || h.signals > p.ends[n-1].signals {
			p.ends = append(p.ends, h)
		}
	}
	for _, l := range p.letters { // a dead letter of a signal was heard, too
		if l.named && l.from.Topic == Signals && l.from.Partition == p.number {
			p.heard = max(p.heard, l.from.Offset+1)
		}
	}
}

// heardBy is a time by which the signal was heard for sure; known is false where
// nothing tells that it was.
func (p *part) heardBy(s *signal) (by time.Time, known bool) {
	if p.o.Recording {
		return s.time, true
	}
	i := sort.Search(len(p.ends), func(i int) bool { return p.ends[i].signals > s.Offset })
	if i == len(p.ends) {
		return time.Time{}, false
	}
	return p.ends[i].by, true
}
