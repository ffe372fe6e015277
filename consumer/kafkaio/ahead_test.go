package kafkaio

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/consumer"
)

// A signal need not wait until an intent comes: whoever waits at both places goes on
// with whichever is first, and neither loses nor repeats what comes at the other.
func TestWhateverComesFirstEndsTheWait(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "intents", "signals"))
	r, ctx := newClient(t, c).NewReader(), within(t)
	intents, signals := consumer.Place{Slot: consumer.Slot{Topic: "intents"}}, consumer.Place{Slot: consumer.Slot{Topic: "signals"}}
	client := franz(t, c)
	take := func(p *consumer.Place, want ...string) {
		t.Helper()
		f, err := r.Fetch(ctx, p.Slot, p.From, 0)
		must(t, err)
		var got []string
		for _, rec := range f.Records {
			got = append(got, string(rec.Value))
		}
		if len(got) != len(want) || len(got) == 1 && got[0] != want[0] {
			t.Fatalf("%s from %d: got %q, want %q", p.Topic, p.From, got, want)
		}
		p.From = f.Next
	}
	for _, value := range []string{"first", "second"} {
		published := make(chan error, 1)
		go func() {
			time.Sleep(20 * time.Millisecond) // so that the wait has begun; if not, it ends at once
			published <- client.ProduceSync(ctx, &kgo.Record{Topic: "signals", Value: []byte(value)}).FirstErr()
		}()
		r.Wait(ctx, 10*time.Second, intents, signals)
		must(t, <-published)
		take(&intents)
		take(&signals, value)
	}
	must(t, client.ProduceSync(ctx, &kgo.Record{Topic: "intents", Value: []byte("third")}).FirstErr()) // its fetch is still under way
	r.Wait(ctx, 10*time.Second, intents, signals)
	take(&signals)
	take(&intents, "third")
	r.Wait(ctx, time.Millisecond, intents, signals) // nothing comes
	take(&intents)
	take(&signals)
}

// What was begun somewhere else is given up: a slot is read from where it is asked for.
func TestAPlaceThatIsNotAskedForIsGivenUp(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "intents", "signals"))
	r, ctx := newClient(t, c).NewReader(), within(t)
	signals := consumer.Slot{Topic: "signals"}
	must(t, franz(t, c).ProduceSync(ctx, &kgo.Record{Topic: "signals", Value: []byte("one")}, &kgo.Record{Topic: "signals", Value: []byte("two")}).FirstErr())
	r.Wait(ctx, time.Millisecond, consumer.Place{Slot: consumer.Slot{Topic: "intents"}}, consumer.Place{Slot: signals, From: 2})
	f, err := r.Fetch(ctx, signals, 1, time.Second)
	if err != nil || len(f.Records) != 1 || string(f.Records[0].Value) != "two" {
		t.Fatalf("got %v, %v", f, err)
	}
	r.Wait(ctx, time.Millisecond, consumer.Place{Slot: consumer.Slot{Topic: "intents"}}, consumer.Place{Slot: signals, From: 2})
	r.Wait(ctx, 10*time.Second, consumer.Place{Slot: consumer.Slot{Topic: "intents"}}, consumer.Place{Slot: signals, From: 0})
	f, err = r.Fetch(ctx, signals, 0, 0)
	if err != nil || len(f.Records) != 2 {
		t.Fatalf("got %v, %v", f, err)
	}
}

// Whoever is told to stop does not wait, and hears why when it asks.
func TestAWaitEndsWithItsContext(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "intents", "signals"))
	r := newClient(t, c).NewReader()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	intents := consumer.Place{Slot: consumer.Slot{Topic: "intents"}}
	r.Wait(ctx, time.Hour, intents, consumer.Place{Slot: consumer.Slot{Topic: "signals"}})
	if _, err := r.Fetch(ctx, intents.Slot, 0, time.Hour); err == nil {
		t.Error("it fetched all the same")
	}
}

// What goes wrong at one place does not end the wait: nobody may ask for it, and whoever
// waits would go round and round. It is tried again with the next wait.
func TestAnErrorDoesNotEndTheWait(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "intents"))
	r, ctx := newClient(t, c).NewReader(), within(t)
	intents, nowhere := consumer.Place{Slot: consumer.Slot{Topic: "intents"}}, consumer.Place{Slot: consumer.Slot{Topic: "nowhere"}}
	r.Wait(ctx, time.Millisecond, intents, nowhere)
	client, published := franz(t, c), make(chan error, 1)
	go func() {
		time.Sleep(50 * time.Millisecond)
		published <- client.ProduceSync(ctx, &kgo.Record{Topic: "intents", Value: []byte("one")}).FirstErr()
	}()
	r.Wait(ctx, 10*time.Second, intents, nowhere)
	must(t, <-published)
	if f, err := r.Fetch(ctx, intents.Slot, 0, 0); err != nil || len(f.Records) != 1 {
		t.Errorf("got %v, %v", f, err)
	}
	if _, err := r.Fetch(ctx, nowhere.Slot, 0, time.Second); err == nil {
		t.Error("who asks is not told")
	}
}
