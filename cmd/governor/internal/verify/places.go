package verify

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// checkPlaces: a person is on the same partition number everywhere, and what was
// put elsewhere is a dead letter.
func (p *part) checkPlaces() {
	if p.o.Partitions <= 0 {
		if !p.o.Recording {
			p.skip("partitions whose number of all is not known, so that nobody knows who belongs there")
		}
		return
	}
	for _, topic := range []string{Approved, Vetoed, Revoked, Redeemed, Leaked, Standing} {
		for i := range p.seen[topic] {
			e := p.seen[topic][i]
			if isAddress(e.key) || isCampaign(e.key) || isSealed(e.key) {
				continue // it is wherever somebody may be contacted, or everywhere, or whoever was erased
			}
			p.looked(WrongPartition)
			if belongs := partitionOf(e.key, p.o.Partitions); belongs != p.number {
				p.breach(WrongPartition, e, nil, "its key belongs to partition %d of %d", belongs, p.o.Partitions)
			}
		}
	}
	astray := func(e *entry, heard bool) {
		p.looked(WrongPartition)
		belongs := partitionOf(e.key, p.o.Partitions)
		if belongs != p.number && heard && p.buried[e.Place] == nil {
			p.breach(WrongPartition, e, nil, "its key belongs to partition %d of %d, and it is in no dead letter", belongs, p.o.Partitions)
		}
	}
	for _, in := range p.intents {
		astray(&in.entry, len(p.answers[in.Offset]) > 0)
	}
	for _, s := range p.signals {
		astray(&s.entry, s.Offset < p.heard)
	}
}

// partitionOf is the Java client's: murmur2 of the key.
func partitionOf(key string, partitions int32) int32 {
	const m = 0x5bd1e995
	data := []byte(key)
	h := uint32(0x9747b28c) ^ uint32(len(data))
	for len(data) >= 4 {
		k := binary.LittleEndian.Uint32(data) * m
		k = (k ^ k>>24) * m
		h = h*m ^ k
		data = data[4:]
	}
	for i := len(data) - 1; i >= 0; i-- {
		h ^= uint32(data[i]) << (8 * i)
		if i == 0 {
			h *= m
		}
	}
	h = (h ^ h>>13) * m
	h ^= h >> 15
	return int32(h&0x7fffffff) % partitions
}

// gap is a place in a batch that nobody had, so far.
type gap struct {
	batchPlace
	at entry // the record behind it
}

// checkBatches: an output says of which batch it is, at which place, how far the
// signals were heard, and where it came from. A place belongs to one record; on
// every topic places and positions go forward; and none is empty.
func (p *part) checkBatches() {
	if p.o.Recording {
		return
	}
	have := make(map[batchPlace]*entry)
	most := make(map[int64]*entry) // the last record of each batch
	for _, topic := range outputs() {
		var last *entry
		for i := range p.seen[topic] {
			e := p.seen[topic][i]
			p.looked(BatchOrder)
			if e.batch < 1 || e.index < 0 || topic != DeadLetter && e.signals < 0 || (topic == Approved || topic == Vetoed || topic == Redeemed) && e.source == "" {
				p.breach(BadHeaders, e, nil, "the headers do not say of which batch it is, at which place, what was heard, and where it came from")
			}
			if e.batch < 1 || e.index < 0 {
				continue
			}
			place := batchPlace{p.number, e.batch, e.index}
			if other := have[place]; other != nil {
				p.breach(BatchClash, e, other, "both are place %d of batch %d", e.index, e.batch)
			}
			have[place] = e
			if m := most[e.batch]; m == nil || m.index < e.index {
				most[e.batch] = e
			}
			if last != nil && (e.batch < last.batch || e.batch == last.batch && e.index < last.index) {
				p.breach(BatchOrder, e, last, "it is place %d of batch %d, behind place %d of batch %d", e.index, e.batch, last.index, last.batch)
			}
			if last != nil && topic != DeadLetter && e.signals >= 0 && e.signals < last.signals {
				p.breach(BatchOrder, e, last, "it had heard the signals to %d, behind a record that had heard them to %d", e.signals, last.signals)
			}
			last = e
		}
	}
	for _, batch := range slices.Sorted(maps.Keys(most)) {
		p.checkGaps(most[batch], have)
	}
}

// mostGaps bounds the empty places of one batch that are looked at: an index may say
// anything.
const mostGaps = 1000

// checkGaps looks for empty places before the last record of a batch.
func (p *part) checkGaps(last *entry, have map[batchPlace]*entry) {
	if p.young(later(last.time, last.event)) {
		return // the rest of it may be on its way
	}
	empty := 0
	for index := range last.index {
		place := batchPlace{p.number, last.batch, index}
		p.looked(BatchGap)
		if have[place] != nil {
			continue
		}
		if empty++; empty > mostGaps {
			p.skip("batches with more empty places than are looked at")
			return
		}
		if !p.mayBeGone(place) {
			p.gaps = append(p.gaps, gap{place, *last})
		}
	}
}

// mayBeGone says whether retention or compaction may have taken the record at the
// place: some topic has a hole there.
func (p *part) mayBeGone(place batchPlace) bool {
	target := &entry{batch: place.batch, index: place.index, Place: Place{Offset: -1}}
	for _, topic := range outputs() {
		seen := p.seen[topic]
		next := sort.Search(len(seen), func(i int) bool { return seen[i].before(target) > 0 })
		compacted, hole := topic == Standing || topic == VetoRates, false
		switch {
		case next == 0:
			hole = p.first[topic] > 0
		case next < len(seen):
			hole = compacted && seen[next].Offset > seen[next-1].Offset+1 // elsewhere it is a repeat, dropped
		}
		if hole || compacted && next == 0 && len(seen) > 0 && seen[0].Offset > 0 {
			p.skip("places of batches that retention or compaction may have emptied")
			return true
		}
	}
	return false
}

// closeGaps tells the places that are still empty when what partitions tell one
// another is known of all of them.
func (c *checker) closeGaps() {
	for i := range c.gaps {
		g := &c.gaps[i]
		if c.told[g.batchPlace] {
			continue
		}
		c.summary.Breaches[BatchGap]++
		c.tell(Breach{Name: BatchGap, At: g.at.Place.String(), Why: fmt.Sprintf("it is place %d of batch %d, and nothing is at place %d before it", g.at.index, g.batch, g.index)})
	}
}

// checkTime: decisions and revocations do not go back in time.
func (p *part) checkTime() {
	var last *decision
	for _, d := range p.decisions {
		p.looked(TimeBack)
		if last != nil && d.decided.Before(last.decided) {
			p.breach(TimeBack, &d.entry, &last.entry, "it was decided %s before what was decided before it", last.decided.Sub(d.decided))
		}
		last = d
	}
	for i, v := range p.revocations {
		p.looked(TimeBack)
		if i > 0 && v.revoked.Before(p.revocations[i-1].revoked) {
			p.breach(TimeBack, &v.entry, &p.revocations[i-1].entry, "it was revoked before what was revoked before it")
		}
	}
}

// isAddress says whether a key is that of an address: no person's has the character
// U+001F.
func isAddress(key string) bool { return strings.HasPrefix(key, "\x1f") }

// isCampaign says whether a key is that of a campaign that was registered or killed: no
// person's has the character U+001D.
func isCampaign(key string) bool { return strings.HasPrefix(key, "\x1d") }

// isSealed says whether a key is that of somebody who was erased: what stands for them
// can be read only with the governor's key.
func isSealed(key string) bool { return strings.HasPrefix(key, "\x1e") }
