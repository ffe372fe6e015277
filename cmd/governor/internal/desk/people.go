package desk

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/stands"
	"github.com/contactgovernor/governor/schemas"
)

// What is kept of people, at most.
const (
	mostNoes  = 32     // of one person, the latest
	mostYeses = 32     // of one person, the latest
	mostTries = 64     // of one person, the latest
	mostLate  = 20_000 // tries that no no was known for yet: topics are not read in step
	mostTaken = 20_000 // approvals that were taken back, and why
)

// people are those who said no in the time that is kept, and those who do not answer.
type people struct {
	most   int
	oneIn  uint64
	since  schemas.Time            // what was before is not kept any more
	silent map[uint64]schemas.Time // since when
	left   map[uint64]*leaver
	late   ring[try]
	taken  map[string]back // by the decision
	order  ring[string]    // decisions in taken, the oldest first
}

// back is an approval that was taken back.
type back struct {
	signal string // for which
	at     schemas.Time
}

// leaver is one who said no.
type leaver struct {
	noes  []stands.No
	yeses []stands.Yes
	tries []try
}

func newPeople(most int) people {
	return people{
		most: most, oneIn: 1, silent: make(map[uint64]schemas.Time), left: make(map[uint64]*leaver),
		late: ring[try]{most: mostLate}, taken: make(map[string]back), order: ring[string]{most: mostTaken},
	}
}

// hashOf stands for a person. The last bits are as good as any.
func hashOf(person string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(person)) // writing to a hash never fails
	n := h.Sum64()
	n ^= n >> 33
	n *= 0xff51afd7ed558ccd
	return n ^ n>>33
}

// looked says whether the person is one of those that are looked at.
func (p *people) looked(who uint64) bool { return who%p.oneIn == 0 }

// stands takes in what stands for a person now.
func (p *people) stands(who uint64, w *stands.Word) {
	if w.Silent == 0 {
		delete(p.silent, who)
	} else {
		p.silent[who] = w.Silent
	}
	l := p.left[who]
	if l == nil {
		if len(w.Noes) > 0 {
			l = &leaver{}
			p.left[who] = l
			p.late.each(func(t *try) {
				if t.who == who {
					l.tried(*t)
				}
			})
		}
	}
	if l != nil {
		l.said(w)
	}
	p.thin()
}

// forget is for a person for whom nothing stands any more: who was erased.
func (p *people) forget(who uint64) {
	delete(p.silent, who)
	delete(p.left, who)
}

// thin looks at half of the people where there are too many.
func (p *people) thin() {
	for len(p.silent)+len(p.left) > p.most {
		p.oneIn *= 2
		for who := range p.silent {
			if !p.looked(who) {
				delete(p.silent, who)
			}
		}
		for who := range p.left {
			if !p.looked(who) {
				delete(p.left, who)
			}
		}
	}
}

// tried takes an attempt in.
func (p *people) tried(t try) {
	if !p.looked(t.who) {
		return
	}
	if l := p.left[t.who]; l != nil {
		l.tried(t)
		return
	}
	p.late.push(t)
}

// tookBack remembers for which signal an approval was taken back.
func (p *people) tookBack(decision, signal string, at schemas.Time) {
	if _, known := p.taken[decision]; known {
		return
	}
	p.taken[decision] = back{signal, at}
	if oldest, full := p.order.push(decision); full {
		delete(p.taken, oldest)
	}
}

// expire drops what became known before an instant, and what was tried before it.
func (p *people) expire(before schemas.Time) {
	p.since = before
	maps.DeleteFunc(p.taken, func(_ string, b back) bool { return b.at < before })
	for who, l := range p.left {
		l.noes = slices.DeleteFunc(l.noes, func(n stands.No) bool { return n.Known < before })
		if len(l.noes) > 0 {
			continue
		}
		delete(p.left, who)
		for _, t := range l.tries { // a later no may be known before long
			p.late.push(t)
		}
	}
}

// said takes in what the person said. What a later no of the same scope took the place
// of was said all the same.
func (l *leaver) said(w *stands.Word) {
	for i := range w.Noes {
		if !slices.ContainsFunc(l.noes, func(n stands.No) bool { return same(&n, &w.Noes[i]) }) {
			l.noes = append(l.noes, w.Noes[i])
		}
	}
	slices.SortFunc(l.noes, func(a, b stands.No) int {
		return cmp.Or(cmp.Compare(a.Known, b.Known), cmp.Compare(a.Signal, b.Signal))
	})
	l.noes = latest(l.noes, mostNoes)
	slices.SortFunc(w.Yeses, func(a, b stands.Yes) int { return cmp.Compare(a.Said, b.Said) })
	l.yeses = latest(w.Yeses, mostYeses)
}

func (l *leaver) tried(t try) {
	i, _ := slices.BinarySearchFunc(l.tries, t, func(a, b try) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id), cmp.Compare(a.how, b.how))
	})
	l.tries = latest(slices.Insert(l.tries, i, t), mostTries)
}

func latest[T any](list []T, most int) []T { return list[max(0, len(list)-most):] }

// fared adds up how the exits went, and who is in silence.
func (p *people) fared(f *Figures, now schemas.Time, silence time.Duration) {
	var quiet, honour []time.Duration
	by := func(decision string) string { return p.taken[decision].signal }
	for _, l := range p.left {
		for i := range l.noes {
			n := &l.noes[i]
			f.Exits++
			var last, stopped schemas.Time
			clean := true
			for j := range l.tries {
				t := &l.tries[j]
				if t.at < p.since || !means(n, t, l.yeses, by) {
					continue
				}
				clean, last = false, max(last, t.at)
				if t.how == blocked || t.how == turned {
					stopped = max(stopped, t.at)
				}
			}
			if clean {
				f.CleanExits++
				continue
			}
			quiet = append(quiet, since(n.Known, last))
			if stopped > 0 {
				honour = append(honour, since(n.Known, stopped))
			}
		}
	}
	if silence > 0 {
		f.InSilence = p.quiet(now - schemas.Time(silence/time.Millisecond))
	}
	f.OneIn = int64(p.oneIn)
	f.ToQuiet, f.ToHonour = quantiles(quiet), quantiles(honour)
	for _, n := range [...]*int64{&f.Exits, &f.CleanExits, &f.InSilence, &f.ToQuiet.N, &f.ToHonour.N} {
		*n *= f.OneIn
	}
}

// quiet is how many did not answer since an instant, or for longer.
func (p *people) quiet(at schemas.Time) (n int64) {
	for _, from := range p.silent {
		if from <= at {
			n++
		}
	}
	return n
}

// since is how long it took; nothing, if the clocks of two partitions differ.
func since(from, to schemas.Time) time.Duration {
	return time.Duration(max(0, to-from)) * time.Millisecond
}

// quantiles are by nearest rank: the smallest that so many are not above.
func quantiles(all []time.Duration) Quantiles {
	if len(all) == 0 {
		return Quantiles{}
	}
	slices.Sort(all)
	rank := func(percent int) time.Duration { return all[(len(all)*percent+99)/100-1] }
	return Quantiles{N: int64(len(all)), P50: rank(50), P99: rank(99)}
}
