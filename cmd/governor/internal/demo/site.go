package demo

import (
	"context"
	"errors"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/embedded"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
)

// partitions is into how many parts the people of a site are divided: as many
// workers as the smallest machine has processors.
const partitions = 2

// site is one governor at work with a Kafka and a Redis of its own, and the ends
// of the topics that engines and dialers hold.
type site struct {
	clock    *clock
	leave    config.Leave // the way out in approvals; set before govern
	show     *Show        // where it is seen; nil: nowhere. Set before govern
	watch    *watch
	services *embedded.Services
	kafka    *kafkaio.Client
	reader   *kafkaio.Reader
	writer   *kafkaio.Writer
	read     map[consumer.Slot]int64 // how far the outputs were read

	governs bool
	stop    context.CancelFunc
	ended   chan struct{} // closed when the governor has ended
	err     error         // what it ended with, once it has

	stamp   string // of this opening, so that no two beats are the same person
	beats   int
	pending []consumer.Append // for the next publish
}

// openSite starts a site's services. An empty folder name keeps everything in
// memory. The governor is started by govern, so that the log can be read before,
// and the clock set.
func openSite(folder string, clock *clock) (*site, error) {
	services, err := embedded.Start(folder)
	if err != nil {
		return nil, err
	}
	s := &site{
		clock: clock, watch: newWatch(), services: services, read: make(map[consumer.Slot]int64),
		stop: func() {}, ended: make(chan struct{}), stamp: strconv.FormatInt(time.Now().UnixMilli(), 36),
	}
	if s.kafka, err = kafkaio.New(kafkaio.Config{Brokers: services.Brokers(), ClientID: "demo"}); err != nil {
		return nil, errors.Join(err, services.Close())
	}
	s.reader, s.writer = s.kafka.NewReader(), s.kafka.NewWriter()
	return s, nil
}

// govern starts the governor and waits until it is about to begin.
func (s *site) govern(ctx context.Context, policy *rules.Policy) error {
	c := config.Default()
	c.Kafka.Brokers, c.Redis.Address = s.services.Brokers(), s.services.Redis()
	c.Kafka.Topics.Partitions, c.Leave = partitions, s.leave
	c.Redis.Timeout = 10 * time.Second // a machine may be slow, and nobody else waits for the partition
	c.API.Rate = 100_000               // by a clock that stands still between two steps
	ready, board := make(chan struct{}), health.NewBoard(s.clock.now)
	a, err := app.New(app.Options{
		Config: c, Policy: policy, Log: zap.NewNop(), Observer: s.watch, Health: board, Embedded: true, Clock: s.clock.now,
		Ready: func() { close(ready) },
	})
	if err != nil {
		return err
	}
	// It outlives ctx, so that close stops it in order.
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop, s.governs = stop, true
	go func() {
		s.err = errors.Join(a.Run(run), a.Close())
		close(s.ended)
	}()
	select {
	case <-ready:
	case <-s.ended:
		return errors.Join(errors.New("the governor ended before it began; if the data folder is of another version, begin afresh with --fresh"), s.err)
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.show.present(s, a, policy, board); err != nil {
		return err
	}
	return s.skip(ctx)
}

// close stops the governor, lets it finish what it has under way, and then stops
// the services.
func (s *site) close() error {
	s.show.leave()
	s.stop()
	if s.governs {
		<-s.ended
	}
	s.kafka.Close()
	return errors.Join(s.err, s.services.Close())
}

// outputs are the topics that the demo reads.
func outputs() []string { return []string{governor.Approved, governor.Vetoed, governor.Revoked} }

// skip passes over what is in the outputs already.
func (s *site) skip(ctx context.Context) error {
	for _, topic := range outputs() {
		for p := range int32(partitions) {
			slot := consumer.Slot{Topic: topic, Partition: p}
			_, end, err := s.reader.Bounds(ctx, slot)
			if err != nil {
				return err
			}
			s.read[slot] = end
		}
	}
	return nil
}

// partitionOf is where a person belongs.
func partitionOf(person string) int32 { return kafkaio.Murmur2Partition([]byte(person), partitions) }
