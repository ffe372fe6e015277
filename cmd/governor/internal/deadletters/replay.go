package deadletters

import (
	"context"
	"errors"
	"fmt"

	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// The headers that a record gets that is sent back, beside those that it came with.
const (
	HeaderReplayed = "governor_replayed" // the letter: contact.deadletter/partition/offset
	HeaderMended   = "governor_mended"   // which fields are not as they were
)

// Sending says how letters are sent back.
type Sending struct {
	Mend  Mend
	Try   bool   // only see whether they would be read
	Again bool   // though they were sent before
	By    string // who does it, for the audit
}

// Fate is what became of one letter.
type Fate struct {
	Letter  Place
	From    governor.Source // where it came from
	Reads   bool            // the governor would read it now
	Why     string          // why it would not, or was not sent
	Sent    bool
	Topic   string // where it was sent, or would be
	To      int32  // the partition there
	Before  string // topic/partition/offset where it was sent before, "" where it was not
	Audited bool
	SaidNo  bool   // it refused somebody everything, and that still stands
	Mended  string // which fields are not as they were
	Note    string // what becomes of it when it is read
}

// Good says whether there is nothing more to do.
func (f *Fate) Good(s *Sending) bool {
	return f.Reads && (s.Try || f.Sent && f.Audited)
}

// Send sends letters back, in their order, and says of each what became of it. It goes on
// after one that cannot be sent, but not after one of which nobody knows whether it was.
func (b *Box) Send(ctx context.Context, letters []*Letter, s *Sending, told func(*Fate) error) error {
	n, err := b.Log.Partitions(ctx)
	if err != nil {
		return err
	}
	sent, err := b.sent(ctx, letters, s, n)
	if err != nil {
		return fmt.Errorf("look whether they were sent before: %w", err)
	}
	for i, l := range letters {
		f := b.prepare(ctx, l, s, n, sent)
		if f.fate.Reads && !s.Try && f.fate.Why == "" {
			if err := b.send(ctx, l, s, f); err != nil {
				return errors.Join(err, told(&f.fate))
			}
			sent[l.Place] = fmt.Sprintf("%s/%d", f.fate.Topic, f.fate.To)
		}
		if err := told(&f.fate); err != nil {
			return err
		}
		b.tell(int64(i+1), int64(len(letters)))
	}
	return nil
}

// outgoing is a letter on its way back.
type outgoing struct {
	fate   Fate
	record consumer.Record
}

// prepare makes the record, and sees whether it would be read.
func (b *Box) prepare(ctx context.Context, l *Letter, s *Sending, partitions int32, sent map[Place]string) *outgoing {
	o := &outgoing{fate: Fate{Letter: l.Place, From: l.From, Topic: l.From.Topic, To: -1, Before: sent[l.Place], SaidNo: len(l.SaidNo) > 0, Mended: s.Mend.Words()}}
	f := &o.fate
	if !l.Named {
		f.Why = "it does not say which topic it came from: no governor wrote it"
		return o
	}
	whole, err := b.whole(ctx, l)
	if err != nil {
		f.Why = err.Error()
		return o
	}
	o.record = consumer.Record{Key: whole.Key, Value: whole.Value, Headers: append([]consumer.Header(nil), whole.Headers...)}
	if s.Mend.HasKey {
		o.record.Key = []byte(s.Mend.Key)
	}
	if len(s.Mend.Set)+len(s.Mend.Unset) > 0 {
		if o.record.Value, err = s.Mend.apply(whole.Plain); err != nil {
			f.Why = err.Error()
			return o
		}
	}
	f.To = b.place(l, &o.record, partitions)
	if f.Note, err = b.Reads(ctx, l.From.Topic, &o.record); err != nil {
		f.Why = "it would be a dead letter again: " + err.Error()
		return o
	}
	f.Reads = true
	o.record.Headers = append(o.record.Headers, consumer.Header{Key: HeaderReplayed, Value: []byte(mark(l.Place))})
	if f.Mended != "" {
		o.record.Headers = append(o.record.Headers, consumer.Header{Key: HeaderMended, Value: []byte(f.Mended)})
	}
	if f.Before != "" && !s.Again {
		f.Why = "it was sent before, and is at " + f.Before + ": --again sends it once more"
	}
	return o
}

// mark names a letter in the header of what is sent.
func mark(p Place) string { return governor.DeadLetter + "/" + p.String() }

// place is the partition that a record belongs to: its key's, or, of what one partition
// told another, the one that it was told.
func (b *Box) place(l *Letter, r *consumer.Record, partitions int32) int32 {
	if len(r.Key) == 0 || told(r) {
		return l.From.Partition
	}
	return b.Log.PartitionOf(r.Key, partitions)
}

func (b *Box) send(ctx context.Context, l *Letter, s *Sending, o *outgoing) error {
	f := &o.fate
	o.record.Time = b.Clock()
	err := b.Log.Append(ctx, f.Topic, f.To, o.record)
	f.Sent = err == nil
	audit := b.Log.Audit(context.WithoutCancel(ctx), leave.Said{By: s.By, Action: "replay", Person: b.whose(l, &o.record), Signal: mark(l.Place), Stored: f.Sent})
	f.Audited = audit == nil
	switch {
	case err != nil:
		f.Why = "it was not acknowledged, so nobody knows whether it is there: type the same again, which looks before it sends"
		return fmt.Errorf("send %s: %w", l.Place, err)
	case audit != nil:
		f.Why = "it is sent, but " + "contact.audit does not say by whom: " + audit.Error()
	}
	return nil
}

// whose names for the audit whom the record is about: its key, or nobody if it is told.
func (b *Box) whose(l *Letter, r *consumer.Record) string {
	if told(r) {
		return ""
	}
	return string(r.Key)
}

// sent finds where letters were sent before. It reads from behind the letter's source on,
// in the partition where the letter would go now: what is sent is appended later than
// what it repeats. Where it would go to another partition than it came from, nothing is
// known of the order there, and all that is kept is read.
func (b *Box) sent(ctx context.Context, letters []*Letter, s *Sending, partitions int32) (map[Place]string, error) {
	type slot struct {
		topic     string
		partition int32
	}
	from := make(map[slot]int64)
	wanted := make(map[string]Place, len(letters))
	note := func(at slot, offset int64) {
		if old, there := from[at]; !there || offset < old {
			from[at] = offset
		}
	}
	for _, l := range letters {
		if !l.Named {
			continue
		}
		wanted[mark(l.Place)] = l.Place
		note(slot{l.From.Topic, l.From.Partition}, l.From.Offset+1)
		if s.Mend.HasKey || b.Log.PartitionOf(l.Key, partitions) != l.From.Partition {
			for p := range partitions {
				if p != l.From.Partition {
					note(slot{l.From.Topic, p}, 0)
				}
			}
		}
	}
	found := make(map[Place]string)
	for at, offset := range from {
		first, end, err := b.Log.Bounds(ctx, at.topic, at.partition)
		if err != nil {
			return nil, err
		}
		if err := b.Log.Read(ctx, at.topic, at.partition, max(first, offset), end, func(r *consumer.Record) error {
			for _, h := range r.Headers {
				if h.Key != HeaderReplayed {
					continue
				}
				if place, is := wanted[string(h.Value)]; is {
					found[place] = fmt.Sprintf("%s/%d/%d", at.topic, at.partition, r.Offset)
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Try says of one letter whether it would be read now, and whether it was sent before.
func (b *Box) Try(ctx context.Context, l *Letter) (Fate, error) {
	var out Fate
	err := b.Send(ctx, []*Letter{l}, &Sending{Try: true, Again: true}, func(f *Fate) error {
		out = *f
		return nil
	})
	return out, err
}
