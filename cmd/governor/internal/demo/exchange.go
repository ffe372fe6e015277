package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// patience is how long the governor may take to decide what was published last.
const patience = 30 * time.Second

// beat is the engine of the demo's own intents. One is published behind
// everything else, and when its approval is read, everything before was decided,
// and was due until then. It is a receipt, which a person asked for: it is
// logged, and counts toward nothing.
const beat = "demo-beat"

// metronome tells when the governor is done with a step.
type metronome struct {
	partition int32
	id        string
}

// intend adds intents to what is published next.
func (s *site) intend(in *schemas.Intent) {
	s.put(governor.Intents, in.Person, in.AppendJSON(nil))
}

// signal adds a signal to what is published next.
func (s *site) signal(sig *schemas.Signal) {
	s.put(governor.Signals, sig.Person, sig.AppendJSON(nil))
}

func (s *site) put(topic, person string, value []byte) {
	slot := consumer.Slot{Topic: topic, Partition: partitionOf(person)}
	r := consumer.Record{Key: []byte(person), Value: value}
	for i := range s.pending {
		if s.pending[i].Slot == slot {
			s.pending[i].Records = append(s.pending[i].Records, r)
			return
		}
	}
	s.pending = append(s.pending, consumer.Append{Slot: slot, Records: []consumer.Record{r}})
}

// decide publishes what was put, signals first, waits until the governor has
// answered all of it, and returns the decisions. With nothing put it lets the
// time that the clock has moved on take effect, for everybody.
func (s *site) decide(ctx context.Context) ([]schemas.Decision, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errPatience)
	defer cancel()
	ctx, stop := s.untilLost(ctx)
	defer stop()

	var concerned []int32
	var ends []metronome
	for p := range int32(partitions) {
		if len(s.pending) == 0 || s.concerns(p) {
			concerned = append(concerned, p)
		}
	}
	for _, p := range concerned {
		ends = append(ends, s.addBeat(p))
	}
	var signals, intents []consumer.Append
	for _, a := range s.pending {
		if a.Topic == governor.Signals {
			signals = append(signals, a)
		} else {
			intents = append(intents, a)
		}
	}
	s.pending = nil
	for _, batch := range [][]consumer.Append{signals, intents} {
		if err := s.writer.Produce(ctx, batch); err != nil {
			return nil, s.explain(ctx, err)
		}
	}
	var out []schemas.Decision
	for _, m := range ends {
		var err error
		if out, err = s.await(ctx, m, out); err != nil {
			return nil, s.explain(ctx, err)
		}
	}
	return out, nil
}

// concerns says whether anything was put for the partition.
func (s *site) concerns(partition int32) bool {
	return slices.ContainsFunc(s.pending, func(a consumer.Append) bool { return a.Partition == partition })
}

var errPatience = errors.New("nothing was decided for too long")

// untilLost ends the context when the governor has ended, or cannot go on.
func (s *site) untilLost(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case err := <-s.watch.lost:
			cancel(err)
		case <-s.ended:
			cancel(errors.Join(errors.New("the governor ended"), s.err))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// explain says why a step failed.
func (s *site) explain(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case cause == nil:
		return err
	case errors.Is(cause, errPatience):
		return s.watch.holds()
	default:
		return cause
	}
}

// addBeat puts a beat behind what is put for the partition.
func (s *site) addBeat(partition int32) metronome {
	person := ""
	for {
		s.beats++
		person = beat + "-" + s.stamp + "-" + strconv.Itoa(s.beats)
		if partitionOf(person) == partition {
			break
		}
	}
	in := schemas.Intent{
		ID: person, Person: person, Channel: "in_app", Purpose: "receipt", Campaign: beat, Engine: beat,
		At: schemas.TimeOf(s.clock.now()), Priority: schemas.DefaultPriority,
	}
	s.intend(&in)
	return metronome{partition, in.ID}
}

// await reads the approvals until the beat, and then what was emitted beside
// them, since the governor emits a batch to all its topics at once.
func (s *site) await(ctx context.Context, m metronome, out []schemas.Decision) ([]schemas.Decision, error) {
	approved := consumer.Slot{Topic: governor.Approved, Partition: m.partition}
	for beaten := false; !beaten; {
		list, err := s.fetch(ctx, approved, time.Second)
		if err != nil {
			return out, err
		}
		for i := range list {
			switch d := &list[i]; {
			case d.Intent == m.id:
				beaten = true
			case d.Engine != beat:
				out = append(out, *d)
			}
		}
	}
	vetoed := consumer.Slot{Topic: governor.Vetoed, Partition: m.partition}
	_, end, err := s.reader.Bounds(ctx, vetoed)
	if err != nil {
		return out, err
	}
	for s.read[vetoed] < end {
		list, err := s.fetch(ctx, vetoed, 0)
		if err != nil {
			return out, err
		}
		for i := range list {
			switch d := &list[i]; {
			case d.Intent == m.id:
				return out, fmt.Errorf("the demo's own beat was vetoed: %s", d.Reason)
			case d.Engine != beat:
				out = append(out, *d)
			}
		}
	}
	return out, nil
}

// fetch reads the next decisions of a slot.
func (s *site) fetch(ctx context.Context, slot consumer.Slot, wait time.Duration) ([]schemas.Decision, error) {
	f, err := s.reader.Fetch(ctx, slot, s.read[slot], wait)
	if err != nil {
		return nil, err
	}
	out := make([]schemas.Decision, 0, len(f.Records))
	for i := range f.Records {
		d, err := schemas.DecodeDecision(f.Records[i].Value)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", slot.Topic, err)
		}
		out = append(out, d)
	}
	s.read[slot] = f.Next
	return out, nil
}

// rest reads what a topic has beyond what was read. It has what the last step brought,
// since the governor emits a batch to all its topics at once.
func (s *site) rest(ctx context.Context, topic string) (values [][]byte, err error) {
	for p := range int32(partitions) {
		slot := consumer.Slot{Topic: topic, Partition: p}
		_, end, err := s.reader.Bounds(ctx, slot)
		if err != nil {
			return nil, err
		}
		for s.read[slot] < end {
			f, err := s.reader.Fetch(ctx, slot, s.read[slot], 0)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", topic, err)
			}
			for i := range f.Records {
				values = append(values, f.Records[i].Value)
			}
			if f.Next <= s.read[slot] {
				return nil, fmt.Errorf("read %s: no progress at offset %d", topic, s.read[slot])
			}
			s.read[slot] = f.Next
		}
	}
	return values, nil
}

// history reads a topic from its beginning, in order within each partition. One
// that is not there is empty.
func (s *site) history(ctx context.Context, topic string, each func(value []byte)) error {
	if !s.services.HasTopic(topic) {
		return nil
	}
	for p := range int32(partitions) {
		slot := consumer.Slot{Topic: topic, Partition: p}
		at, end, err := s.reader.Bounds(ctx, slot)
		if err != nil {
			return err
		}
		for at < end {
			f, err := s.reader.Fetch(ctx, slot, at, 0)
			if err != nil {
				return err
			}
			for i := range f.Records {
				each(f.Records[i].Value)
			}
			if f.Next <= at {
				return fmt.Errorf("read %s: no progress at offset %d", topic, at)
			}
			at = f.Next
		}
	}
	return nil
}
