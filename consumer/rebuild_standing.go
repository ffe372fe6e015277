package consumer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/sealed"
)

// telling is what contact.standing says of somebody.
type telling struct {
	place
	sum [16]byte // of the words
}

// sumOf is enough to see whether two standings are the same.
func sumOf(standing []byte) [16]byte {
	sum := sha256.Sum256(standing)
	return [16]byte(sum[:16])
}

// stand gives the store what stands for everybody, for addresses and campaigns, the latest of
// each. A repeat by one who had lost the partition may lie behind what came after
// it: the latest is that of the latest batch.
func (r *rebuilding) stand(ctx context.Context) error {
	first, end, err := r.bounds(ctx, governor.Standing)
	if err != nil {
		return err
	}
	changes := make(map[rules.PersonID]state.Change, chunk)
	save := func() error {
		batch := state.Batch{People: slices.Collect(maps.Values(changes))}
		clear(changes)
		return r.save(ctx, &batch)
	}
	var failed error
	err = r.read(ctx, governor.Standing, first, end, func(record *Record) {
		id, at := rules.PersonID(record.Key), placeOf(record)
		nobody := state.IsNobody(id) || sealed.IsTombstone(id) // whose place cannot be told from it
		if failed == nil && !nobody && at.batch >= 0 && !r.belongs(string(id)) {
			failed = fmt.Errorf("contact.standing has somebody at offset %d whose place is another partition: %w", record.Offset, ErrPartitions)
		}
		if told, known := r.told[id]; failed != nil || known && at.before(told.place) {
			return
		}
		r.told[id] = telling{at, sumOf(record.Value)}
		if r.cfg.Keys != nil && !nobody && bytes.Contains(record.Value, []byte(`"erased":"`)) {
			r.alive[id] = struct{}{} // to be looked at, and buried: there was no key when they were erased
		}
		changes[id] = state.Change{Person: id, SetStanding: true, Memory: state.Memory{Standing: clone(record.Value)}}
		if len(changes) == chunk {
			failed = save()
			r.report(false)
		}
	})
	if err == nil {
		err = failed
	}
	if err == nil && len(changes) > 0 {
		err = save()
	}
	return err
}

// tell emits what stands for those for whom it is not what contact.standing says.
func (r *rebuilding) tell(ctx context.Context) error {
	for people := range slices.Chunk(slices.Sorted(maps.Keys(r.untold)), chunk) {
		memories, err := r.cfg.Store.Load(ctx, r.partition, people)
		if err != nil {
			return fmt.Errorf("load people: %w", err)
		}
		var out []emission
		for i, id := range people {
			standing := memories[i].Standing
			if memories[i].Under != "" {
				standing = nil // it stands under another name
			}
			told, known := r.told[id]
			if !known && len(standing) == 0 || known && told.sum == sumOf(standing) {
				continue
			}
			o := governor.Output{Topic: governor.Standing, Person: id, At: r.governor.Now(), Value: standing}
			out = r.emissions(out, &o, r.next())
		}
		if len(out) == 0 {
			continue
		}
		if err := r.emit(ctx, out); err != nil {
			return err
		}
		if err := r.save(ctx, &state.Batch{}); err != nil { // the number is used
			return err
		}
	}
	return nil
}

// before says whether a record stands before another among all that the partition
// emitted.
func (p place) before(other place) bool { return p.compare(other) < 0 }
