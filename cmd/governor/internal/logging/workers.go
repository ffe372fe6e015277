package logging

import (
	"math"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/consumer"
)

// Workers is a consumer.Observer that tells what the partition workers do. A
// hold is told when it begins, then once a minute, and when it ends.
func Workers(log *zap.Logger) consumer.Observer {
	return &workers{log: log, told: make(map[int32]told)}
}

// again is how often a hold that goes on is told.
const again = time.Minute

type workers struct {
	log  *zap.Logger
	mu   sync.Mutex
	told map[int32]told
}

// told is the last word on a hold.
type told struct {
	what string
	at   time.Time
}

func (w *workers) Acquired(partition int32, epoch int64) {
	w.log.Info("partition acquired", zap.Int32("partition", partition), zap.Int64("epoch", epoch))
}

func (w *workers) Released(partition int32) {
	w.log.Info("partition released", zap.Int32("partition", partition))
}

func (w *workers) Rebuilding(partition int32, p consumer.Progress) {
	now := time.Now()
	w.log.Info("rebuilding the memory from the log: nothing is decided meanwhile", zap.Int32("partition", partition),
		zap.Int64("records", p.Done), zap.Int64("of", p.Total), zap.Int("people", p.People),
		zap.Float64("a_second", math.Round(p.Rate(now))), zap.Duration("left", p.Left(now).Round(time.Second)))
}

func (w *workers) Held(partition int32, why error, since time.Time) {
	now := time.Now()
	w.mu.Lock()
	last := w.told[partition]
	quiet := last.what == why.Error() && now.Sub(last.at) < again
	if !quiet {
		w.told[partition] = told{why.Error(), now}
	}
	w.mu.Unlock()
	if !quiet {
		w.log.Warn("partition held: nothing is decided until this is mended",
			zap.Int32("partition", partition), zap.String("error", health.Words(why)), zap.String("class", string(health.ClassOf(why))), zap.Time("since", since))
	}
}

func (w *workers) Resumed(partition int32, after time.Duration) {
	w.mu.Lock()
	delete(w.told, partition)
	w.mu.Unlock()
	w.log.Info("partition resumed", zap.Int32("partition", partition), zap.Duration("held", after))
}

func (w *workers) Committed(partition int32, b consumer.BatchReport) {
	if b.DeadLetters > 0 {
		w.log.Warn("records that cannot be read went to the dead letters, where their headers say why",
			zap.Int32("partition", partition), zap.Int("records", b.DeadLetters))
	}
	w.log.Debug("batch", zap.Int32("partition", partition), zap.Int("intents", b.Intents), zap.Int("signals", b.Signals),
		zap.Any("emitted", b.Emitted), zap.Int("ignored_fields", b.Ignored), zap.Duration("took", b.Took))
}
