package simulation_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/consumer/governor"
)

// people is how many persons there are: few, so that much happens to each.
const people = 12

// crowd is everybody outside: the engine, the people, the dialers, and whoever
// reads along.
type crowd struct {
	world  *world
	chance *rand.Rand // of the engine only
	client *kgo.Client

	mu      sync.Mutex
	acks    int64
	order   map[string]int64 // of what the engine sent: place → how many acknowledgements before it
	poison  map[string]bool
	entries map[string][]*entry // by topic
	read    map[string]int64    // by topic/partition, how far
	answers map[string]bool     // places of what has an answer
	open    map[string]bool     // places of intents that have none yet
	reader  sync.WaitGroup
	next    int // number of an intent or a signal
}

func newCrowd(w *world, chance *rand.Rand) *crowd {
	c := &crowd{
		world: w, chance: chance, order: make(map[string]int64), poison: make(map[string]bool),
		entries: make(map[string][]*entry), read: make(map[string]int64),
		answers: make(map[string]bool), open: make(map[string]bool),
	}
	client, err := kgo.NewClient(kgo.SeedBrokers("localhost:9092"), kgo.Dialer(dialOutside(w)), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0), kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.MetadataMinAge(100*time.Millisecond),
		kgo.ConsumeTopics(append(inputs(), outputs()...)...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(2*time.Second))
	if err != nil {
		w.t.Fatal(err)
	}
	c.client = client
	c.reader.Go(c.follow)
	return c
}

// dialOutside refuses, where nobody listens, in the words of a kernel: a client then
// tries again.
func dialOutside(w *world) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := w.network.DialContext(ctx, network, address)
		if err != nil {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return conn, nil
	}
}

func (c *crowd) close() {
	c.client.Close()
	c.reader.Wait()
}

// follow reads along. Of what was approved a worker asks whether it still may, now and
// then twice, or another does too; who may does it, soon: the outcome tells.
func (c *crowd) follow() {
	dialer := rand.New(rand.NewPCG(1, 2))
	done, asked, calls := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	ask := func(m *message, worker string) {
		c.client.Produce(context.Background(), c.record(governor.Signals, m.Person, time.Now(), fmt.Sprintf(
			`{"id":"q%s-%s","person":%q,"type":"redeem","at":%q,"intent":%q,"worker":%q}`, worker, m.ID, m.Person, stamp(time.Now()), m.Intent, worker)), nil)
	}
	for {
		fetched := c.client.PollFetches(c.world.t.Context())
		if fetched.IsClientClosed() || c.world.t.Context().Err() != nil {
			return
		}
		fetched.EachRecord(func(r *kgo.Record) {
			e, slot := newEntry(r), fmt.Sprintf("%s/%d", r.Topic, r.Partition)
			c.mu.Lock()
			again := r.Offset < c.read[slot] // after a leader moved a client may be told to go back
			if !again {
				c.entries[e.topic] = append(c.entries[e.topic], e)
				c.read[slot] = r.Offset + 1
				c.tick(e)
			}
			c.mu.Unlock()
			if again {
				return
			}
			m := &e.message
			if e.topic == governor.Approved && !asked[m.ID] {
				asked[m.ID], calls[m.ID] = true, m.Channel == "call"
				workers := []string{"w1"}
				switch dialer.IntN(6) {
				case 0:
					workers = []string{"w1", "w1"} // as if the answer was lost
				case 1:
					workers = []string{"w2", "w1"}
				case 2:
					workers = nil // it is left to expire
				}
				for _, w := range workers {
					ask(m, w)
				}
			}
			if e.topic == governor.Redemption && m.OK && !done[m.Decision] {
				done[m.Decision] = true
				result, more := "sent", time.Duration(dialer.IntN(2000))*time.Millisecond
				switch n := dialer.IntN(20); {
				case calls[m.Decision]:
					result = []string{"answered", "answered", "answered", "abandoned"}[n%4]
				case n == 0:
					return // and nobody ever hears what became of it
				case n == 1:
					result = "not_sent"
				case n < 5:
					result = "delivered"
				}
				c.client.Produce(context.Background(), c.record(governor.Signals, m.Person, time.Now().Add(more), fmt.Sprintf(
					`{"id":"o-%s","person":%q,"type":"outcome","at":%q,"intent":%q,"result":%q}`, m.Decision, m.Person, stamp(time.Now()), m.Intent, result)), nil)
			}
		})
	}
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func (c *crowd) record(topic, person string, at time.Time, value string) *kgo.Record {
	return &kgo.Record{Topic: topic, Key: []byte(person), Value: []byte(value), Timestamp: at, Partition: home([]byte(person))}
}

// send returns when all are acknowledged. Only the engine calls it, so that what was
// acknowledged by an earlier call was acknowledged before anything of this one was.
func (c *crowd) send(records ...*kgo.Record) error {
	if err := c.client.ProduceSync(c.world.over, records...).FirstErr(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acks++
	for _, r := range records {
		c.order[place(r.Topic, r.Partition, r.Offset)] = c.acks
	}
	return nil
}

func place(topic string, partition int32, offset int64) string {
	return fmt.Sprintf("%s/%d/%d", topic, partition, offset)
}

// publish is one turn of the engine: some say something, then some are to be
// contacted, some of whom had just said no.
func (c *crowd) publish() error {
	var said, wanted []*kgo.Record
	for range c.chance.IntN(3) {
		said = append(said, c.word(fmt.Sprint("p", c.chance.IntN(people))))
	}
	for range 1 + c.chance.IntN(6) {
		wanted = append(wanted, c.intent(fmt.Sprint("p", c.chance.IntN(people))))
	}
	for _, r := range said {
		wanted = append(wanted, c.intent(string(r.Key)))
	}
	if len(said) > 0 {
		if err := c.send(said...); err != nil {
			return err
		}
	}
	return c.send(wanted...)
}

func (c *crowd) number() int { c.next++; return c.next }

func (c *crowd) pick(of ...string) string { return of[c.chance.IntN(len(of))] }

// word is what a person says.
func (c *crowd) word(person string) *kgo.Record {
	now, n := time.Now(), c.number()
	value := func(kind, more string) *kgo.Record {
		return c.record(governor.Signals, person, now, fmt.Sprintf(`{"id":"s%d","person":%q,"type":%q,"at":%q%s}`, n, person, kind, stamp(now), more))
	}
	switch c.chance.IntN(12) {
	case 0, 1, 2:
		return value("refusal", fmt.Sprintf(`,"channel":%q`, c.pick("email", "sms", "push")))
	case 3:
		return value("refusal", "")
	case 4, 5, 6, 7:
		return value("consent", `,"source":"settings"`)
	case 8:
		return value("refusal", fmt.Sprintf(`,"subject":%q`, c.pick("x", "y")))
	case 9:
		return value("resolved", `,"subject":"x"`)
	case 10:
		return c.record(governor.Signals, person, now, `{"type":"engagement"`)
	default:
		return value("engagement", `,"kind":"open","actor":"human"`)
	}
}

// intent is what an engine wants of a person.
func (c *crowd) intent(person string) *kgo.Record {
	n, now := c.number(), time.Now()
	return c.wish(person, fmt.Sprint("i", n), now)
}

func (c *crowd) wish(person, id string, now time.Time) *kgo.Record {
	value := func(channel, purpose, more string) *kgo.Record {
		return c.record(governor.Intents, person, now, fmt.Sprintf(`{"id":%q,"person":%q,"channel":%q,"purpose":%q,"campaign":"spring","at":%q%s}`,
			id, person, channel, purpose, stamp(now), more))
	}
	switch c.chance.IntN(24) {
	case 0:
		return c.record(governor.Intents, person, now, `{"id":`)
	case 1: // the same again, or something else under its name
		id = fmt.Sprint("i", 1+c.chance.IntN(c.next))
		return value(c.pick("email", "sms", "push"), "marketing", "")
	case 2, 3:
		return value(c.pick("email", "push"), "reminder", fmt.Sprintf(`,"subject":%q`, c.pick("x", "y")))
	case 4:
		return value("call", "reminder", `,"mode":"predictive"`)
	case 5:
		return value("email", "receipt", "")
	case 6, 7:
		return value(c.pick("email", "sms", "push"), "marketing", fmt.Sprintf(`,"subject":%q`, c.pick("x", "y")))
	default:
		return value(c.pick("email", "sms", "push"), "marketing", "")
	}
}

// probe wants everything of everybody: whatever no was forgotten shows.
func (c *crowd) probe() error {
	var wanted []*kgo.Record
	for p := range people {
		person, now := fmt.Sprint("p", p), time.Now()
		for _, channel := range []string{"email", "sms", "push"} {
			wanted = append(wanted, c.record(governor.Intents, person, now, fmt.Sprintf(
				`{"id":"probe%d","person":%q,"channel":%q,"purpose":"marketing","campaign":"probe","at":%q}`, c.number(), person, channel, stamp(now))))
		}
	}
	return c.send(wanted...)
}

// caughtUp says whether everything that there is was read along.
func (c *crowd) caughtUp() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, topic := range append(inputs(), outputs()...) {
		for p := range int32(partitions) {
			if info := c.world.kafka.PartitionInfo(topic, p); c.read[fmt.Sprintf("%s/%d", topic, p)] < info.HighWatermark {
				return false
			}
		}
	}
	return true
}

// history is what the checker looks at.
func (c *crowd) history() *history {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := &history{topics: make(map[string][]*entry)}
	for topic, entries := range c.entries {
		for _, e := range entries {
			copied := *e
			copied.order = c.order[e.where()]
			h.topics[topic] = append(h.topics[topic], &copied)
		}
	}
	return h
}

// tick notes which intents have an answer.
func (c *crowd) tick(e *entry) {
	switch e.topic {
	case governor.Intents:
		if !c.answers[e.where()] {
			c.open[e.where()] = true
		}
	case governor.Approved, governor.Vetoed, governor.DeadLetter:
		c.answers[e.source()] = true
		delete(c.open, e.source())
	}
}

// undecided lists some of the intents that have no answer yet, and says how many
// there are.
func (c *crowd) undecided() (n int, some []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Sorted(maps.Keys(c.open))
	return len(all), all[:min(len(all), 5)]
}

// decided is how many answers there are.
func (c *crowd) decided() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.answers)
}
