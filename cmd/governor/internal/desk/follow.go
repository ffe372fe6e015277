package desk

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/schemas"
)

// followed are the topics that a desk reads: what stands for people last, so that of
// what was read of the others every no is known.
func followed() []string {
	return []string{
		governor.VetoRates, governor.Redemption, governor.Leaked, governor.Revoked, governor.Approved, governor.Vetoed,
		governor.Standing,
	}
}

const (
	atATime   = 4               // partitions that are read at a time
	beginning = 5 * time.Minute // how much earlier than what is kept it begins: of a minute's counts the latest stands
)

// follower reads.
type follower struct {
	desk  *Desk
	log   consumer.Reader // of records
	kafka *kafkaio.Reader // of places
	admin *kafkaio.Admin
	slots map[consumer.Slot]*slot
}

// slot is how far a topic's partition was read.
type slot struct {
	topic string // as the contract names it
	consumer.Slot
	began bool
	cut   bool // it began later than what is kept
	told  bool // a record of it could not be read
	next  int64
}

// follow reads until ctx ends.
func (f *follower) follow(ctx context.Context) {
	partitions := f.partitions(ctx)
	f.slots = make(map[consumer.Slot]*slot)
	for p := range partitions {
		for _, topic := range followed() {
			s := consumer.Slot{Topic: f.desk.o.Prefix + topic, Partition: p}
			f.slots[s] = &slot{topic: topic, Slot: s}
		}
	}
	for ctx.Err() == nil {
		began := time.Now()
		more, err := f.pass(ctx, partitions)
		if ctx.Err() != nil {
			return
		}
		f.desk.fares(err)
		if !more || err != nil {
			f.pause(ctx, f.desk.o.Every-time.Since(began))
		}
	}
}

func (f *follower) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(max(d, 10*time.Millisecond)):
	}
}

// partitions asks how many there are, until there is an answer.
func (f *follower) partitions(ctx context.Context) int32 {
	for ctx.Err() == nil {
		n, err := f.admin.Partitions(ctx, f.desk.o.Prefix+governor.Approved)
		if err == nil {
			f.desk.begin(int32(n))
			return int32(n)
		}
		if ctx.Err() == nil {
			f.desk.fares(err)
			f.pause(ctx, f.desk.o.Every)
		}
	}
	return 0
}

// pass reads what is new in every partition, and says whether there is more.
func (f *follower) pass(ctx context.Context, partitions int32) (more bool, err error) {
	var mu sync.Mutex
	var working sync.WaitGroup
	turns := make(chan struct{}, atATime)
	for p := range partitions {
		turns <- struct{}{}
		working.Go(func() {
			defer func() { <-turns }()
			atEnd, wrong := f.read(ctx, p)
			if ctx.Err() == nil {
				f.desk.read(p, atEnd && wrong == nil)
			}
			mu.Lock()
			defer mu.Unlock()
			more = more || !atEnd
			if err == nil {
				err = wrong
			}
		})
	}
	working.Wait()
	return more, err
}

// read reads what is new in one partition: one fetch of each topic, then what stands for
// people to its end, and only then what was fetched counts. So every no is known.
func (f *follower) read(ctx context.Context, partition int32) (atEnd bool, err error) {
	atEnd = true
	var waiting []held
	for _, topic := range followed() {
		s := f.slots[consumer.Slot{Topic: f.desk.o.Prefix + topic, Partition: partition}]
		if topic == governor.Standing {
			whole, wrong := f.readSlot(ctx, s, true, func(records []consumer.Record) { f.take(s, records) })
			if wrong != nil {
				err = errors.Join(err, wrong)
			}
			atEnd = atEnd && whole
			continue
		}
		whole, wrong := f.readSlot(ctx, s, false, func(records []consumer.Record) { waiting = append(waiting, held{s, records}) })
		if wrong != nil {
			err = errors.Join(err, wrong)
		}
		atEnd = atEnd && whole
	}
	for _, h := range waiting {
		f.take(h.slot, h.records)
	}
	return atEnd, err
}

// held are records that wait for their turn. They are valid until their slot is fetched
// from again.
type held struct {
	slot    *slot
	records []consumer.Record
}

// readSlot fetches once, or until it is at the end, and says whether it is.
func (f *follower) readSlot(ctx context.Context, s *slot, whole bool, took func([]consumer.Record)) (atEnd bool, err error) {
	if !s.began {
		if err := f.begin(ctx, s); err != nil {
			return false, err
		}
	}
	for {
		got, err := f.log.Fetch(ctx, s.Slot, s.next, 0)
		if errors.Is(err, consumer.ErrOutOfRange) {
			s.began = false // retention was faster, or the topic was made anew
			f.desk.mu.Lock()
			f.desk.fold.seen.Forget(consumer.Slot{Topic: s.topic, Partition: s.Partition})
			f.desk.mu.Unlock()
		}
		if err != nil {
			return false, err
		}
		took(got.Records)
		s.next = got.Next
		if atEnd = got.Next >= got.Stable; atEnd || !whole {
			return atEnd, nil
		}
	}
}

// begin finds where to begin: what stands for people is read whole, the rest as far
// back as it is kept, or as it may be read.
func (f *follower) begin(ctx context.Context, s *slot) error {
	first, stable, err := f.log.Bounds(ctx, s.Slot)
	if err != nil {
		return err
	}
	s.next = first
	if s.topic != governor.Standing {
		kept, err := f.kafka.Since(ctx, s.Slot, f.desk.o.Clock().Add(-f.desk.o.Kept-beginning))
		if err != nil {
			return err
		}
		s.next = max(first, kept, stable-f.desk.o.MostRecords)
		s.cut = s.next > max(first, kept)
	}
	s.began = true
	return nil
}

// take takes records in.
func (f *follower) take(s *slot, records []consumer.Record) {
	if len(records) == 0 {
		return
	}
	d := f.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.news = true
	d.fold.advance(d.o.Clock())
	if s.cut {
		s.cut = false
		d.fold.begun = max(d.fold.begun, schemas.TimeOf(records[0].Time))
	}
	for i := range records {
		if err := d.fold.take(s.topic, s.Partition, &records[i]); err != nil && !s.told {
			s.told = true
			d.o.Log.Warn("the desk cannot read a record, and reads over it and others like it", zap.String("topic", s.Topic), zap.Int32("partition", s.Partition),
				zap.Int64("offset", records[i].Offset), zap.Error(err))
		}
	}
}
