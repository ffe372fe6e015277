package consumer

import "time"

// Tracer is told of every batch when it is over, for traces: an Observer counts, a
// Tracer may look at each thing that was done. Without one nothing is measured and nothing
// is kept for it.
//
// It is called from the workers' goroutines and must not block, nor keep what it is given:
// that is good until it returns.
type Tracer interface {
	// Batch: one batch is remembered and emitted, or it ended with b.Err and will be
	// looked at anew.
	Batch(partition int32, b *BatchTrace)
}

// BatchTrace is what one batch took and brought about. Its times are those of this
// machine's clock, not of the one that decisions are made by.
type BatchTrace struct {
	Began, Ended time.Time
	Stages       []Stage // in their order, without a gap; of a batch with very many the first
	Intents      int     // records read
	Signals      int
	Emitted      []Emitted // in their order; nil with an Err
	Err          error     // what the partition is held for now. It may name a person
}

// Emitted is a record that was emitted. Its headers tell which record it came from, of
// which trace it is part, and, of what is no standing, its id. Its key is a person.
type Emitted struct {
	Topic  string // as the contract names it
	Record *Record
}

// Stage is a part of a batch: the same one may come several times.
type Stage struct {
	Name         StageName
	Began, Ended time.Time
}

// StageName says what was done.
type StageName string

// The stages of a batch.
const (
	StageFetch  StageName = "fetch"  // records, from the log
	StageLoad   StageName = "load"   // people and how campaigns fare, from the memory
	StageDecide StageName = "decide" // nothing is asked of anybody
	StageWait   StageName = "wait"   // until other partitions have counted what a decision goes by
	StageCommit StageName = "commit" // to the memory, after a look at the clocks and at where the outputs end
	StageEmit   StageName = "emit"   // to the log
)

// mostStages bounds what is kept of one batch.
const mostStages = 100

// laps measure the stages of a term's batches, for a Tracer. A nil one measures nothing,
// and costs nothing.
type laps struct {
	tracer Tracer
	last   time.Time // when the stage before was over
	trace  BatchTrace
}

func newLaps(tracer Tracer) *laps {
	if tracer == nil {
		return nil
	}
	l := &laps{tracer: tracer}
	l.begin()
	return l
}

// begin begins a batch.
func (l *laps) begin() {
	if l == nil {
		return
	}
	l.last = time.Now()
	l.trace = BatchTrace{Began: l.last, Stages: l.trace.Stages[:0], Emitted: l.trace.Emitted[:0]}
}

// over notes what has been done since the stage before was over.
func (l *laps) over(stage StageName) {
	if l == nil {
		return
	}
	now := time.Now()
	switch n := len(l.trace.Stages); {
	case n > 0 && l.trace.Stages[n-1].Name == stage:
		l.trace.Stages[n-1].Ended = now
	case n < mostStages:
		l.trace.Stages = append(l.trace.Stages, Stage{stage, l.last, now})
	}
	l.last = now
}

// tell tells of the batch, and begins the next.
func (l *laps) tell(partition int32, report *BatchReport, out []emission, err error) {
	if l == nil {
		return
	}
	b := &l.trace
	b.Ended, b.Intents, b.Signals, b.Err = time.Now(), report.Intents, report.Signals, err
	for i := range out {
		if err == nil {
			b.Emitted = append(b.Emitted, Emitted{out[i].topic, &out[i].record})
		}
	}
	l.tracer.Batch(partition, b)
	clear(b.Emitted)
	l.begin()
}
