package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// appender appends for many at once: what comes while records are on their way goes
// out together, so that 64 workers do not make 64 requests. It becomes another producer
// after an error, for then nobody knows what landed, and after a long rest, for brokers
// forget who was silent.
type appender struct {
	open     func() consumer.Writer
	patience time.Duration // for one request
	jobs     chan job
	ended    chan struct{} // closed: nothing is taken any more
	once     sync.Once
	working  sync.WaitGroup
}

// job is a record to append.
type job struct {
	slot   consumer.Slot
	record consumer.Record
	done   chan error // takes one
}

const (
	mostJobs = 500         // records in one request
	longRest = time.Minute // after which a producer is not the same any more
)

var errClosing = errors.New("the process is about to end: send it again, to another one")

func newAppender(open func() consumer.Writer, patience time.Duration) *appender {
	a := &appender{open: open, patience: patience, jobs: make(chan job), ended: make(chan struct{})}
	a.working.Go(a.work)
	return a
}

// close ends it, when what is under way is acknowledged or given up.
func (a *appender) close() {
	a.once.Do(func() { close(a.ended) })
	a.working.Wait()
}

// append appends records, and returns when all replicas in sync have them. After an
// error nobody knows whether they do.
func (a *appender) append(ctx context.Context, slots []consumer.Slot, record consumer.Record) error {
	done := make(chan error, len(slots))
	for _, slot := range slots {
		select {
		case a.jobs <- job{slot, record, done}:
		case <-a.ended:
			return errClosing
		case <-ctx.Done():
			return fmt.Errorf("append: %w", ctx.Err())
		}
	}
	for range slots {
		select {
		case err := <-done:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return fmt.Errorf("append: %w", ctx.Err())
		}
	}
	return nil
}

func (a *appender) work() {
	var writer consumer.Writer
	var last time.Time
	shut := func() {
		if writer != nil {
			writer.Close()
			writer = nil
		}
	}
	defer shut()
	for {
		var jobs []job
		select {
		case first := <-a.jobs:
			jobs = a.gather(first)
		case <-a.ended:
			return
		}
		if time.Since(last) > longRest {
			shut()
		}
		if writer == nil {
			writer = a.open()
		}
		err := a.send(writer, jobs)
		last = time.Now()
		if err != nil {
			shut()
		}
		for _, j := range jobs {
			j.done <- err
		}
	}
}

// gather takes what else has come by now.
func (a *appender) gather(first job) []job {
	jobs := []job{first}
	for len(jobs) < mostJobs {
		select {
		case next := <-a.jobs:
			jobs = append(jobs, next)
		default:
			return jobs
		}
	}
	return jobs
}

// send sends what there is, of each slot in the order in which it came. Whoever waits
// no longer has it sent all the same.
func (a *appender) send(writer consumer.Writer, jobs []job) error {
	ctx, cancel := context.WithTimeout(context.Background(), a.patience)
	defer cancel()
	var batch []consumer.Append
	at := make(map[consumer.Slot]int)
	for _, j := range jobs {
		i, there := at[j.slot]
		if !there {
			i, at[j.slot] = len(batch), len(batch)
			batch = append(batch, consumer.Append{Slot: j.slot})
		}
		batch[i].Records = append(batch[i].Records, j.record)
	}
	return writer.Produce(ctx, batch)
}
