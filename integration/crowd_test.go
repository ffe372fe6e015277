//go:build integration

package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// crowd is what goes on at a place while something fails there: engines ask for contacts, now and then twice, people say
// no and yes again, and workers tell what became of approvals. Everybody is told apart from the others: the crowd knows
// what was asked and what was answered.
type crowd struct {
	place  *place
	client *kgo.Client
	poison bool // one record of a hundred cannot be read

	engine, worker func() // end them
	sending        sync.WaitGroup

	mu       sync.Mutex
	asked    map[string]string // by intent, whom it is for
	answered map[string]bool
	approved int  // of them
	refused  int  // of them, vetoed for a no
	poisoned int  // records that cannot be read
	telling  bool // workers tell outcomes
}

// pace is the pause between two things that happen in a crowd.
const pace = 20 * time.Millisecond

// startCrowd lets a crowd in, until it is sent away or the test ends.
func startCrowd(t *testing.T, p *place, random *rand.Rand, poison bool) *crowd {
	t.Helper()
	c := &crowd{place: p, poison: poison, telling: true, client: p.kafka.client(t, kgo.ProducerLinger(5*time.Millisecond)),
		asked: make(map[string]string), answered: make(map[string]bool)}
	c.engine = inBackground(t, func(ctx context.Context) { c.live(ctx, t, random) })
	reader := p.kafka.client(t, kgo.ConsumeTopics(p.topic("contact.approved"), p.topic("contact.vetoed")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	c.worker = inBackground(t, func(ctx context.Context) { c.work(ctx, t, reader) })
	return c
}

// inBackground runs something until it is ended, with the test at the latest.
func inBackground(t *testing.T, run func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	end = func() { cancel(); running.Wait() }
	t.Cleanup(end)
	running.Go(func() { run(ctx) })
	return end
}

// live is one thing after the other. Those whom it happens to change slowly, so that there is always somebody who may
// still be contacted, and whoever is has a while in which to say no.
func (c *crowd) live(ctx context.Context, t *testing.T, random *rand.Rand) {
	channels := []string{"email", "sms", "push", "in_app", "chat"}
	purposes := []string{"marketing", "marketing", "newsletter", "survey", "service"}
	var last intent
	for n := 0; ctx.Err() == nil; n++ {
		person := fmt.Sprintf("%s-%d", c.place.group, n/8+random.IntN(40))
		channel := channels[random.IntN(len(channels))]
		at := stamp(time.Now())
		said := func(kind string) signal {
			return signal{ID: fmt.Sprintf("s%d", n), Person: person, Type: kind, At: at, Channel: channel, Source: "test"}
		}
		switch dice := random.IntN(100); {
		case c.poison && dice == 0:
			c.spoil(t, n, person)
		case dice < 8:
			c.tell(t, person, said("refusal"))
		case dice < 10:
			all := said("refusal")
			all.Channel = ""
			c.tell(t, person, all)
		case dice < 12:
			c.tell(t, person, signal{ID: fmt.Sprintf("s%d", n), Person: person, Type: "reply", At: at, Channel: channel, Text: "STOP"})
		case dice < 15:
			yes := said("consent")
			yes.Source = "settings"
			c.tell(t, person, yes)
		case dice < 16:
			c.tell(t, person, said("conversation"))
		case dice < 19 && last.ID != "":
			c.ask(t, last) // again
		default:
			last = marketing(fmt.Sprintf("i%d", n), person, channel, fmt.Sprintf("c%d", random.IntN(1000)))
			last.Purpose = purposes[random.IntN(len(purposes))]
			c.ask(t, last)
		}
		time.Sleep(pace)
	}
}

func (c *crowd) ask(t *testing.T, in intent) {
	c.mu.Lock()
	c.asked[in.ID] = in.Person
	c.mu.Unlock()
	c.publish(t, "contact.intents", in.Person, in)
}

func (c *crowd) tell(t *testing.T, person string, s signal) {
	c.publish(t, "contact.signals", person, s)
}

func (c *crowd) publish(t *testing.T, topic, person string, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
		return
	}
	c.send(topic, person, text)
}

// send publishes a record. The client goes on trying while the broker is away, and where the client gives up, the engine
// that uses it does not: it publishes again.
func (c *crowd) send(topic, key string, value []byte) {
	c.sending.Add(1)
	c.produce(&kgo.Record{Topic: c.place.topic(topic), Key: []byte(key), Value: value})
}

func (c *crowd) produce(r *kgo.Record) {
	c.client.Produce(context.Background(), r, func(_ *kgo.Record, err error) {
		switch {
		case err == nil, errors.Is(err, kgo.ErrClientClosed):
			c.sending.Done()
		default:
			time.AfterFunc(100*time.Millisecond, func() {
				c.produce(&kgo.Record{Topic: r.Topic, Key: r.Key, Value: r.Value})
			})
		}
	})
}

// spoil publishes something that cannot be read.
func (c *crowd) spoil(t *testing.T, n int, person string) {
	c.mu.Lock()
	c.poisoned++
	c.mu.Unlock()
	for i, bad := range []struct{ topic, value string }{
		{"contact.intents", `{"id":`},
		{"contact.intents", fmt.Sprintf(`{"id":"bad%d","person":"somebody-else","channel":"email","purpose":"marketing","campaign":"c","at":%q}`, n, stamp(time.Now()))},
		{"contact.signals", "\xff\x00"},
		{"contact.signals", fmt.Sprintf(`{"id":"bad%d","person":%q,"type":"refusal","at":"yesterday"}`, n, person)},
	} {
		if i == n%4 {
			c.send(bad.topic, person, []byte(bad.value))
		}
	}
}

// outcome is what a worker tells of an approval.
type outcome struct {
	ID     string `json:"id"`
	Person string `json:"person"`
	Type   string `json:"type"`
	At     string `json:"at"`
	Intent string `json:"intent"`
	Result string `json:"result"`
}

// question is what a worker asks that is about to contact somebody.
type question struct {
	ID     string `json:"id"`
	Person string `json:"person"`
	Type   string `json:"type"`
	At     string `json:"at"`
	Intent string `json:"intent"`
	Worker string `json:"worker"`
}

// work reads the answers, asks for every approval whether it still may, and tells what became of every second one.
func (c *crowd) work(ctx context.Context, t *testing.T, reader *kgo.Client) {
	for ctx.Err() == nil {
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			var d decision
			if err := json.Unmarshal(r.Value, &d); err != nil {
				t.Error(err)
				return
			}
			redeem, tell := c.note(d)
			if redeem {
				c.redeem(t, d)
			}
			if tell {
				c.tellOutcome(t, d)
			}
		})
	}
}

// note counts an answer, and says whether the approval is to be redeemed, and its outcome to be told.
func (c *crowd) note(d decision) (redeem, tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answered[d.Intent] {
		return false, false
	}
	c.answered[d.Intent] = true
	if d.Verdict != "approved" {
		if d.Reason == "refused.state" {
			c.refused++
		}
		return false, false
	}
	c.approved++
	return c.telling, c.telling && c.approved%2 == 0
}

// redeem has two workers ask for an approval, one of them twice: its answer was lost.
func (c *crowd) redeem(t *testing.T, d decision) {
	for n, worker := range []string{"w1", "w2", "w1"} {
		c.publish(t, "contact.signals", d.Person, question{
			ID: fmt.Sprintf("q%d-%s", n, d.Intent), Person: d.Person, Type: "redeem", At: stamp(time.Now()), Intent: d.Intent, Worker: worker,
		})
	}
}

func (c *crowd) tellOutcome(t *testing.T, d decision) {
	result := "delivered"
	if d.Channel == "call" || d.Channel == "mail" {
		result = "sent"
	}
	c.publish(t, "contact.signals", d.Person, outcome{ID: "o-" + d.Intent, Person: d.Person, Type: "outcome", At: stamp(time.Now()), Intent: d.Intent, Result: result})
}

// progress is how many intents have an answer.
func (c *crowd) progress() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.answered)
}

// wanted is how many intents there are.
func (c *crowd) wanted() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

// matters says whether so many contacts were approved, and so many vetoed because the person had said no.
func (c *crowd) matters(approved, refused int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.approved >= approved && c.refused >= refused
}

// open is how many intents have no answer yet.
func (c *crowd) open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for id := range c.asked {
		if !c.answered[id] {
			n++
		}
	}
	return n
}

// leave sends the crowd away and returns when all of its intents are answered. The last intents come after all that was
// said, for many people, so that there is one on each partition: what was said is heard when they are answered.
func (c *crowd) leave(t *testing.T) {
	t.Helper()
	c.engine()
	c.sent(t)
	waitAtLength(t, "the intents to be decided", func() bool { return c.open() == 0 })
	c.mu.Lock()
	c.telling = false
	c.mu.Unlock()
	c.sent(t)
	for n := range 40 {
		person := fmt.Sprintf("%s-last-%d", c.place.group, n)
		c.ask(t, marketing("last-"+person, person, "email", "c"))
	}
	c.sent(t)
	waitAtLength(t, "the last intents to be decided", func() bool { return c.open() == 0 })
	c.worker()
}

// sent waits until all that was published is acknowledged.
func (c *crowd) sent(t *testing.T) {
	t.Helper()
	done := make(chan struct{})
	go func() { c.sending.Wait(); close(done) }()
	waitAtLength(t, "everything to be published", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
}
