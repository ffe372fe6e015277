package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/schemas"
)

// An engine publishes an intent for everybody, with the person as the key, and tells what was decided of its own, and of no
// others.
func TestAnEngineTellsWhatBecameOfItsIntents(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "contact.intents", "contact.approved", "contact.vetoed", "contact.revoked", "contact.leaked"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	brokers := strings.Join(cluster.ListenAddrs(), ",")
	people := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(people, []byte("person,email,phone,zone\nada,ada@example.org,+491,Europe/Berlin\nben,ben@example.org,+492,Europe/Berlin\ncem,cem@example.org,+493,Europe/Berlin\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e := &engine{kafka: brokers, name: "engine-1", people: people, campaign: "spring", channel: "call", purpose: "marketing", mode: "predictive", out: &out}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	governed := make(chan error, 1)
	go func() { governed <- govern(ctx, brokers) }()
	if err := e.run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-governed; err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	slices.Sort(got)
	want := []string{
		"spring-1 approved until 2026-05-01T10:15:00.000Z",
		"spring-2 vetoed for good: refused.state",
		"spring-3 vetoed: quiet.hours, not before 2026-05-02T07:00:00.000Z",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s", &out)
	}
}

// govern decides three intents in a way that a test can know, and somebody else's before.
func govern(ctx context.Context, brokers string) error {
	p := &kafka.Writer{Addr: kafka.TCP(brokers), Balancer: kafka.Murmur2Balancer{}, BatchTimeout: time.Millisecond}
	defer p.Close()
	others := schemas.Decision{ID: "d0", Intent: "spring-1", Person: "eve", Engine: "engine-2", Verdict: schemas.Vetoed, Reason: "silence", Final: true, Decided: 1}
	if err := p.WriteMessages(ctx, kafka.Message{Topic: "contact.vetoed", Key: []byte("eve"), Value: others.AppendJSON(nil)}); err != nil {
		return err
	}
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{brokers}, GroupID: "governor", Topic: "contact.intents", StartOffset: kafka.FirstOffset, MaxWait: 100 * time.Millisecond})
	defer r.Close()
	until, err := schemas.ParseTime("2026-05-01T10:15:00Z")
	if err != nil {
		return err
	}
	morning, err := schemas.ParseTime("2026-05-02T07:00:00Z")
	if err != nil {
		return err
	}
	for range 3 {
		m, err := r.ReadMessage(ctx)
		if err != nil {
			return err
		}
		in, _, err := schemas.DecodeIntent(m.Value)
		if err != nil {
			return err
		}
		if string(m.Key) != in.Person || in.Mode != "predictive" || in.Address[:3] != "+49" {
			return fmt.Errorf("an intent with the key %s: %s", m.Key, m.Value)
		}
		d := schemas.Decision{ID: "d-" + in.ID, Intent: in.ID, Person: in.Person, Engine: in.Engine, Verdict: schemas.Vetoed, Decided: in.At}
		switch in.Person {
		case "ada":
			d.Verdict, d.NotAfter = schemas.Approved, until
		case "ben":
			d.Reason, d.Final = "refused.state", true
		case "cem":
			d.Reason, d.Earliest = "quiet.hours", morning
		}
		topic := "contact." + string(d.Verdict)
		if err := p.WriteMessages(ctx, kafka.Message{Topic: topic, Key: m.Key, Value: d.AppendJSON(nil)}); err != nil {
			return err
		}
	}
	return nil
}

func TestAnEngineWithNobodyToContactSaysSo(t *testing.T) {
	people := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(people, []byte("person,email,phone,zone\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := &engine{people: people}
	if err := e.run(t.Context()); err == nil || !strings.Contains(err.Error(), "names nobody") {
		t.Errorf("it says %v", err)
	}
}
