package consumer

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
)

// Where nobody traces and no record is part of a trace, tracing is nothing: it takes no
// memory, in any step that a batch goes through.
func TestNoTracerTakesNothing(t *testing.T) {
	var off *laps
	var report BatchReport
	record := Record{Headers: []Header{{"content-type", []byte("application/json")}, {"ce_id", []byte("i1")}}}
	in := readIntent{src: governor.Source{Topic: governor.Intents}, record: &record}
	var headers paper
	out := []emission{{governor.Approved, 0, record}}
	if n := testing.AllocsPerRun(100, func() {
		off.begin()
		off.over(StageFetch)
		off.over(StageCommit)
		if src := in.from(); src.Trace != "" {
			t.Error("it is part of a trace")
		}
		headers.trace("")
		off.tell(0, &report, out, nil)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if newLaps(nil) != nil {
		t.Error("somebody measures for nobody")
	}
}

// What is kept of a batch is bounded, and used again for the next.
func TestABatchOfManyStages(t *testing.T) {
	heard := 0
	l := newLaps(tracerFunc(func(_ int32, b *BatchTrace) {
		heard++
		if len(b.Stages) > mostStages || b.Stages[0].Name != StageFetch || b.Ended.Before(b.Stages[len(b.Stages)-1].Ended) {
			t.Errorf("%d stages from %s on", len(b.Stages), b.Stages[0].Name)
		}
	}))
	for range 3 {
		l.over(StageFetch)
		for range mostStages {
			l.over(StageLoad)
			l.over(StageDecide)
		}
		l.tell(0, &BatchReport{}, nil, nil)
	}
	if heard != 3 || cap(l.trace.Stages) > 2*mostStages {
		t.Errorf("%d batches, room for %d stages", heard, cap(l.trace.Stages))
	}
}

type tracerFunc func(int32, *BatchTrace)

func (f tracerFunc) Batch(partition int32, b *BatchTrace) { f(partition, b) }

// What the port costs a batch of a hundred decisions: nothing at all where it is off.
func BenchmarkLaps(b *testing.B) {
	out := make([]emission, 100)
	for name, l := range map[string]*laps{"off": nil, "on": newLaps(tracerFunc(func(int32, *BatchTrace) {}))} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.begin()
				for _, stage := range []StageName{StageFetch, StageLoad, StageDecide, StageCommit, StageEmit} {
					l.over(stage)
				}
				l.tell(0, &BatchReport{Took: time.Second}, out, nil)
			}
		})
	}
}
