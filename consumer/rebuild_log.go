package consumer

import (
	"context"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
)

// decisionLog reads approvals and vetoes side by side, in the order of their batches.
type decisionLog struct {
	*rebuilding
	topics []decisionTopic
}

// decisionTopic is one of them.
type decisionTopic struct {
	name     string
	from, to int64
	page     []landed
}

func (r *rebuilding) open(ctx context.Context) (*decisionLog, error) {
	l := &decisionLog{rebuilding: r}
	for _, topic := range []string{governor.Approved, governor.Vetoed} {
		first, end, err := r.bounds(ctx, topic)
		if err != nil {
			return nil, err
		}
		l.topics = append(l.topics, decisionTopic{name: topic, from: first, to: end})
	}
	return l, nil
}

// next is the next chunk of decisions, none at the end.
func (l *decisionLog) next(ctx context.Context) ([]landed, error) {
	batch := make([]landed, 0, chunk)
	for len(batch) < chunk {
		earliest := (*decisionTopic)(nil)
		for i := range l.topics {
			d := &l.topics[i]
			if err := l.turn(ctx, d); err != nil {
				return nil, err
			}
			if len(d.page) > 0 && (earliest == nil || d.page[0].before(earliest.page[0].place)) {
				earliest = d
			}
		}
		if earliest == nil {
			return batch, nil
		}
		batch, earliest.page = append(batch, earliest.page[0]), earliest.page[1:]
	}
	return batch, nil
}

// turn reads the topic's next page, if this one is used up.
func (l *decisionLog) turn(ctx context.Context, d *decisionTopic) error {
	for len(d.page) == 0 && d.from < d.to {
		f, err := l.fetch(ctx, d.name, d.from)
		if err != nil {
			return err
		}
		for i := range f.Records {
			if r := &f.Records[i]; r.Offset < d.to {
				l.progress.Done++
				if decision, readable := readLanded(r); readable {
					d.page = append(d.page, decision)
				}
			}
		}
		d.from = f.Next
	}
	return nil
}

// contentLog reads the intents that decisions are on: a decision does not say
// everything that is remembered of them. The zero value has read nothing.
type contentLog struct {
	*rebuilding
	next    int64                   // offset to read
	waiting map[int64]*rules.Intent // read, and not decided yet
}

// mostWaiting bounds those; what is decided later is read again.
const mostWaiting = 20_000

// of are the intents of decisions, by offset, without those that are not kept any
// more.
func (c *contentLog) of(ctx context.Context, batch []landed) (map[int64]*rules.Intent, error) {
	first, end, err := c.bounds(ctx, governor.Intents)
	if err != nil {
		return nil, err
	}
	if c.waiting == nil {
		c.waiting, c.next = make(map[int64]*rules.Intent), max(first, lowest(batch))
	}
	last := int64(-1)
	for i := range batch {
		last = max(last, batch[i].source)
	}
	if err := c.readTo(ctx, min(last+1, end)); err != nil {
		return nil, err
	}
	out := make(map[int64]*rules.Intent, len(batch))
	for i := range batch {
		offset := batch[i].source
		in, there := c.waiting[offset]
		delete(c.waiting, offset)
		if !there && offset >= first && offset < end {
			if err := c.term.read(ctx, governor.Intents, offset, offset+1, func(r *Record) { in = c.intent(r) }); err != nil {
				return nil, err
			}
		}
		if in != nil {
			out[offset] = in
		}
	}
	return out, nil
}

func lowest(batch []landed) int64 {
	least := batch[0].source
	for i := range batch {
		least = min(least, batch[i].source)
	}
	return least
}

func (c *contentLog) readTo(ctx context.Context, to int64) error {
	err := c.term.read(ctx, governor.Intents, c.next, to, func(r *Record) {
		if r.Offset >= c.next {
			c.waiting[r.Offset] = c.intent(r)
		}
	})
	c.next = max(c.next, to)
	if len(c.waiting) > mostWaiting {
		for offset := range c.waiting {
			if offset < c.next-mostWaiting/2 {
				delete(c.waiting, offset)
			}
		}
	}
	return err
}

// intent is what the record says, nil if it cannot be read.
func (c *contentLog) intent(r *Record) *rules.Intent {
	value, err := c.unwrap(r)
	if err != nil {
		return nil
	}
	in, _, err := c.reader.Intent(value, c.arrival())
	if err != nil {
		return nil
	}
	return &in
}

// offsets is a set of offsets of one slot, a bit for each. The zero value is empty.
type offsets struct {
	base int64 // of the first word, in words
	bits []uint64
}

func (s *offsets) add(offset int64) {
	if offset < 0 {
		return
	}
	word := offset / 64
	switch {
	case s.bits == nil:
		s.base = word
	case word < s.base:
		s.bits = append(make([]uint64, s.base-word), s.bits...)
		s.base = word
	}
	for int64(len(s.bits)) <= word-s.base {
		s.bits = append(s.bits, 0)
	}
	s.bits[word-s.base] |= 1 << (offset % 64)
}

func (s *offsets) has(offset int64) bool {
	word := offset/64 - s.base
	return word >= 0 && word < int64(len(s.bits)) && s.bits[word]&(1<<(offset%64)) != 0
}
