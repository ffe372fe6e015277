package kafkaio

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/consumer"
)

// everything is done once: topics, records there and back, a group.
func everything(t *testing.T, c *kfake.Cluster, change ...func(*Config)) {
	t.Helper()
	client := newClient(t, c, change...)
	must(t, client.Admin().Ping(within(t)))
	must(t, client.Admin().Ensure(within(t), []TopicSpec{{Name: slot0.Topic, Partitions: 2, Cleanup: "delete"}}))
	must(t, client.NewWriter().Produce(within(t), one(numbered(0, 100))))
	if got := readAll(t, client.NewReader(), slot0, 0); len(got) != 100 {
		t.Errorf("got %d records", len(got))
	}
	g := next(t, join(t, client, quick("g", slot0.Topic)), 2)
	must(t, g.Commit(within(t), map[consumer.Slot]int64{slot0: 100}))
}

// ping is one connection of a client of its own.
func ping(t *testing.T, c *kfake.Cluster, m sasl.Mechanism) error {
	t.Helper()
	return newClient(t, c, func(c *Config) { c.SASL = m }).Admin().Ping(within(t))
}

// file is a secret that changes.
type file struct{ atomic.Pointer[string] }

func newFile(text string) *file {
	f := new(file)
	f.Store(&text)
	return f
}

func (f *file) read() (string, error) { return *f.Load(), nil }

// "Kafka: SASL PLAIN, SCRAM-256/512; passwords from files, re-read": what the file
// has when a connection is made, is what counts.
func TestEverythingWorksUnderEachMechanism(t *testing.T) {
	for name, mechanism := range map[string]func(string, Secret) sasl.Mechanism{
		"PLAIN": Plain, "SCRAM-SHA-256": ScramSHA256, "SCRAM-SHA-512": ScramSHA512,
	} {
		t.Run(name, func(t *testing.T) {
			c := fakeCluster(t, kfake.NumBrokers(2), kfake.EnableSASL(), kfake.Superuser(name, "governor", "pass,word=1"))
			password := newFile("pass,word=1")
			m := mechanism("governor", password.read)
			if m.Name() != name {
				t.Errorf("its name is %s", m.Name())
			}
			everything(t, c, func(c *Config) { c.SASL = m })

			wrong := "canary"
			password.Store(&wrong)
			err := ping(t, c, m)
			if err == nil || !strings.Contains(err.Error(), "SASL") || strings.Contains(err.Error(), wrong) {
				t.Errorf("with a wrong password: %v", err)
			}
			right := "pass,word=1"
			password.Store(&right)
			must(t, ping(t, c, m))

			gone := errors.New("open /run/secrets/kafka: no such file or directory")
			err = ping(t, c, mechanism("governor", func() (string, error) { return "", gone }))
			if !errors.Is(err, gone) {
				t.Errorf("without its file: %v", err)
			}
		})
	}
}

// A connection that stands is not broken by a password that is not there any more.
func TestAConnectionOutlivesItsPassword(t *testing.T) {
	c := fakeCluster(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "governor", "secret"), kfake.SeedTopics(1, slot0.Topic))
	password := newFile("secret")
	client := newClient(t, c, func(c *Config) { c.SASL = Plain("governor", password.read) })
	w := client.NewWriter()
	must(t, w.Produce(within(t), one(numbered(0, 1))))
	wrong := "wrong"
	password.Store(&wrong)
	must(t, w.Produce(within(t), one(numbered(1, 1))))
}

// "Secrets never stand in errors": not even one letter of one.
func TestASecretThatCannotBeOneIsNotTold(t *testing.T) {
	secret := func(s string) Secret { return func() (string, error) { return s, nil } }
	for _, c := range []struct {
		m    sasl.Mechanism
		want string
	}{
		{Plain("governor", secret("can\x00ary")), "SASL PLAIN: PLAIN takes no NUL in a user or a password: choose another"},
		{ScramSHA256("governor", secret("canary\u0007")), "SASL SCRAM-SHA-256: SCRAM does not take every letter in a user or a password: choose others, without control characters"},
		{OAuthBearer(secret("")), "SASL OAUTHBEARER: the token is empty, or has letters that no bearer token has: it is letters, digits and -._~+/ with = at its end"},
		{OAuthBearer(secret("canary\x01auth=Bearer other")), "SASL OAUTHBEARER: the token is empty, or has letters that no bearer token has: it is letters, digits and -._~+/ with = at its end"},
	} {
		_, _, err := c.m.Start(t.Context())
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v", c.m.Name(), err)
		}
	}
}

// "OAUTHBEARER (own sasl.Mechanism, token from a file)": the token that is there
// when a connection is made.
func TestEverythingWorksWithAToken(t *testing.T) {
	const good, expired = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJnb3Zlcm5vciJ9.", "eyJhbGciOiJub25lIn0.expired."
	gate := &gate{token: good}
	c := fakeCluster(t, kfake.NumBrokers(2), kfake.ListenFn(gate.listen))
	token := newFile(good)
	m := OAuthBearer(token.read)
	everything(t, c, func(c *Config) { c.SASL = m })
	if gate.opened.Load() == 0 {
		t.Error("nobody was asked for a token")
	}

	old := expired
	token.Store(&old)
	err := ping(t, c, m)
	if err == nil || !strings.Contains(err.Error(), "invalid_token") || strings.Contains(err.Error(), expired) {
		t.Errorf("with an expired token: %v", err)
	}
	renewed := good
	token.Store(&renewed)
	must(t, ping(t, c, m))

	gate.endless.Store(true)
	token.Store(&old)
	if err := ping(t, c, m); err == nil || !strings.Contains(err.Error(), "did not end the conversation") {
		t.Errorf("by a broker that asks for ever: %v", err)
	}
	if err := ping(t, c, Plain("governor", func() (string, error) { return "x", nil })); err == nil {
		t.Error("PLAIN is taken by a broker that knows only tokens")
	}
}

// Brokers end connections when their token does. Whoever writes does not notice, and
// the partitions are shared anew.
func TestConnectionsEndWithTheirToken(t *testing.T) {
	gate := &gate{token: "token", lifetime: 400 * time.Millisecond}
	c := fakeCluster(t, kfake.NumBrokers(2), kfake.ListenFn(gate.listen), kfake.SeedTopics(1, slot0.Topic))
	client := newClient(t, c, func(c *Config) { c.SASL = OAuthBearer(newFile("token").read) })
	m := join(t, client, quick("g", slot0.Topic))
	next(t, m, 1)
	w := client.NewWriter()
	const batches, size = 20, 10
	for i := range batches {
		must(t, w.Produce(within(t), one(numbered(size*i, size))))
		time.Sleep(100 * time.Millisecond)
	}
	next(t, m, 1)
	var got []string
	r := client.NewReader()
	for from := int64(0); from < batches*size; { // whoever reads tries again
		if read, err := r.Fetch(within(t), slot0, from, 100*time.Millisecond); err == nil {
			got, from = append(got, values(read.Records)...), read.Next
		}
	}
	if want := values(numbered(0, batches*size)); !slices.Equal(got, want) {
		t.Errorf("got %d records, want %d in their order, each once", len(got), len(want))
	}
	if opened := gate.opened.Load(); opened < 8 {
		t.Errorf("%d connections were opened; this test is about more", opened)
	}
}

// A broker that takes a connection and then never says whether it knows us holds
// nothing up for longer than any other that does not answer.
func TestABrokerThatFallsSilentOverSASL(t *testing.T) {
	gate := &gate{token: "token"}
	gate.mute.Store(true)
	c := fakeCluster(t, kfake.ListenFn(gate.listen), kfake.SeedTopics(1, slot0.Topic))
	client := newClient(t, c, func(c *Config) {
		c.SASL = OAuthBearer(newFile("token").read)
		c.DialTimeout, c.RequestTimeout = 300*time.Millisecond, 300*time.Millisecond
	})
	m := join(t, client, quick("g", slot0.Topic))
	if err := client.Admin().Ping(within(t)); err == nil {
		t.Error("there is an answer")
	}
	for before := gate.asked.Load(); gate.asked.Load() < before+3; {
		if _, err := m.Next(within(t)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the group waits for who says nothing: %v", err)
		}
	}
	gate.mute.Store(false)
	must(t, client.Admin().Ping(within(t)))
	next(t, m, 1)
}
