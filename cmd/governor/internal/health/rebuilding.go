package health

import (
	"cmp"
	"slices"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// Rebuild is how far the memory of a partition has been made anew.
type Rebuild struct {
	Partition   int32
	Done, Total int64         // records of the log
	People      int           // found so far
	For         time.Duration // since it began
	Left        time.Duration // as estimated; 0: that is open
}

// Rebuilding implements consumer.Observer.
func (b *Board) Rebuilding(partition int32, p consumer.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	of := b.partition(partition)
	if of.rebuild == nil {
		of.since = b.clock()
	}
	of.acquired, of.rebuild = false, &p
}

// rebuilds are those under way. b.mu is held.
func (b *Board) rebuilds(now time.Time) (out []Rebuild) {
	for number, p := range b.partitions {
		if r := p.rebuild; r != nil {
			out = append(out, Rebuild{number, r.Done, r.Total, r.People, max(0, now.Sub(r.Began)), r.Left(now)})
		}
	}
	slices.SortFunc(out, func(a, b Rebuild) int { return cmp.Compare(a.Partition, b.Partition) })
	return out
}

func (a all) Rebuilding(partition int32, p consumer.Progress) {
	for _, o := range a {
		o.Rebuilding(partition, p)
	}
}
