package desk

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
)

// cluster is an in-process Kafka with the topics.
type cluster struct {
	fake   *kfake.Cluster
	client *kgo.Client
	sent   int // records of the world
}

func newCluster(t *testing.T, topics ...string) *cluster {
	t.Helper()
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, topics...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(fake.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &cluster{fake: fake, client: client}
}

func prefixed(topics []string) (all []string) {
	for _, topic := range topics {
		all = append(all, "here."+topic)
	}
	return all
}

// append appends what the world wrote since.
func (c *cluster) append(t *testing.T, w *world) {
	t.Helper()
	for ; c.sent < len(w.log); c.sent++ {
		r := w.log[c.sent]
		out := &kgo.Record{Topic: "here." + r.topic, Partition: r.partition, Key: r.record.Key, Value: r.record.Value, Timestamp: r.record.Time}
		for _, h := range r.record.Headers {
			out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
		}
		if err := c.client.ProduceSync(t.Context(), out).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// open runs a desk until the test ends.
func (c *cluster) open(t *testing.T, now func() time.Time, change ...func(*Options)) *Desk {
	t.Helper()
	o := Options{Kafka: kafkaio.Config{Brokers: c.fake.ListenAddrs()}, Prefix: "here.", Every: time.Millisecond, Clock: now}
	for _, f := range change {
		f(&o)
	}
	d := New(o)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return d
}

// until waits for a view of which it is true.
func until(t *testing.T, d *Desk, what string, is func(*View) bool) *View {
	t.Helper()
	patience := time.After(2 * time.Minute)
	for {
		changed := d.Changed()
		if v := d.View(); is(v) {
			return v
		}
		select {
		case <-changed:
		case <-patience:
			t.Fatalf("never: %s; last: %+v", what, d.View())
		}
	}
}

func caughtUp(v *View) bool { return v.CaughtUp }

// What is in the topics is in the view, as if it had been folded; and what comes
// later too.
func TestADeskFollowsTheTopics(t *testing.T) {
	c := newCluster(t, prefixed(followed())...)
	w := newWorld()
	w.decides(mail("old"))
	w.pass(30 * time.Hour)
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 0)
	w.decides(mail("ana"), "refused.state")
	c.append(t, w)
	end := w.now.Add(time.Hour)
	d := c.open(t, func() time.Time { return end })
	same := func(v *View) {
		t.Helper()
		want := foldAll(t, w.log).view(end)
		want.CaughtUp = true
		if diff := cmp.Diff(want, v, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-folded +read):\n%s", diff)
		}
	}
	same(until(t, d, "caught up", caughtUp))
	w.pass(time.Minute)
	w.decides(mail("ana"), "refused.state")
	w.decides(mail("ben"))
	w.leaks("ana", "d7", "s1")
	c.append(t, w)
	same(until(t, d, "what came later", func(v *View) bool {
		return v.Figures.Leaked == 1 && len(v.Recent) == 3 && len(v.ByCampaign) == 1 && v.ByCampaign[0].Approved == 1 && v.ByCampaign[0].Vetoed == 2
	}))
}

// Nobody waits for a desk to be set up: where the topics are not there yet it says so,
// and reads them when they are.
func TestADeskWaitsForTheTopics(t *testing.T) {
	c := newCluster(t, "something.else")
	d := c.open(t, func() time.Time { return noon })
	v := until(t, d, "told why", func(v *View) bool { return v.Trouble != "" })
	if v.CaughtUp || !strings.Contains(v.Trouble, "here.contact.approved") {
		t.Errorf("%+v", v)
	}
	for _, topic := range prefixed(followed()) {
		if err := c.fake.CreateTopic(topic, 3, nil); err != nil {
			t.Fatal(err)
		}
	}
	if v := until(t, d, "caught up", caughtUp); v.Trouble != "" {
		t.Errorf("%+v", v)
	}
}

// "Where a bound bites the view says so": of a long log the end is read, and Since says
// from when on. What stands for people is read whole.
func TestOfALongLogTheEndIsRead(t *testing.T) {
	c := newCluster(t, prefixed(followed())...)
	w := newWorld()
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 0)
	for range 20 {
		w.pass(time.Minute)
		w.decides(mail("ana"), "refused.state")
	}
	w.says(t, "ben", "s2", rules.Refused, rules.Scope{}, 0)
	c.append(t, w)
	d := c.open(t, func() time.Time { return w.now }, func(o *Options) { o.MostRecords = 5 })
	v := until(t, d, "caught up", caughtUp)
	if want := noon.Add(16 * time.Minute); !v.Since.Equal(want) || len(v.Recent) != 5 || v.Figures.Exits != 2 || v.Figures.CleanExits != 1 {
		t.Errorf("since %s, want %s; %d recent; %+v", v.Since, want, len(v.Recent), v.Figures)
	}
}

// Whoever reads is not told twice what a topic holds, and a topic that was made anew is
// read from its beginning.
func TestATopicThatWasMadeAnewIsReadAgain(t *testing.T) {
	c := newCluster(t, prefixed(followed())...)
	w := newWorld()
	w.decides(mail("ana"))
	w.decides(mail("ana"))
	c.append(t, w)
	d := c.open(t, func() time.Time { return w.now.Add(time.Hour) })
	until(t, d, "two", func(v *View) bool { return v.CaughtUp && len(v.Recent) == 2 })
	if err := c.fake.DeleteTopic("here." + governor.Approved); err != nil {
		t.Fatal(err)
	}
	until(t, d, "told that it is gone", func(v *View) bool { return v.Trouble != "" })
	if err := c.fake.CreateTopic("here."+governor.Approved, 3, nil); err != nil {
		t.Fatal(err)
	}
	c.client.PurgeTopicsFromClient("here." + governor.Approved)
	anew := newWorld()
	anew.pass(time.Minute)
	anew.decides(mail("ben"))
	c.sent = 0
	c.append(t, anew)
	until(t, d, "the new one", func(v *View) bool { return v.CaughtUp && len(v.Recent) == 3 })
}

// A mistake in the options is told.
func TestADeskNeedsABroker(t *testing.T) {
	if err := New(Options{}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "brokers") {
		t.Error(err)
	}
}
