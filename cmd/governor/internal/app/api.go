package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/httpserver"
	"github.com/contactgovernor/governor/cmd/governor/internal/tracing"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// Audit is the topic of the audit. Only the doors write it.
const Audit = "contact.audit"

// Doors are what the API reaches the log by. They have connections of their own, so
// that whoever asks much does not slow down who decides; they hold them until they are
// closed. Nothing is connected before somebody asks.
type Doors struct {
	app   *App
	kafka *kafkaio.Client
	frame Framing
	say   *appender
	heard *answers

	registry registry      // of campaigns
	looking  chan struct{} // one for each who looks for records of people

	end        context.CancelFunc
	partitions int32    // once counted
	counted    *learned // how many partitions there are
	audited    *learned // that the topic of the audit is there

	hash func(person string) string // how the audit names people
}

var (
	_ api.Log       = (*Doors)(nil)
	_ api.Campaigns = (*Doors)(nil)
)

// Doors makes them.
func (a *App) Doors() (*Doors, error) {
	return a.doorsTo(append(names(&a.o), a.topic(Audit)))
}

// doorsTo are the doors to some topics.
func (a *App) doorsTo(topics []string) (*Doors, error) {
	hash, err := auditHash(&a.o.Config.API)
	if err != nil {
		return nil, err
	}
	way := Kafka(&a.o.Config.Kafka)
	way.Topics, way.FetchBytes = topics, a.o.Config.Limits.FetchBytes
	client, err := kafkaio.New(way)
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	frame, err := NewFraming(&a.o.Config)
	if err != nil {
		client.Close()
		return nil, err
	}
	d := &Doors{
		app: a, kafka: client, frame: frame, hash: hash, looking: make(chan struct{}, mostLooking),
		say:   newAppender(func() consumer.Writer { return client.NewWriter() }, a.o.Config.API.Timeout),
		heard: newAnswers(frame.Reader(client.NewReader()), func(p int32) consumer.Slot { return consumer.Slot{Topic: a.topic(governor.Redemption), Partition: p} }),
	}
	life, end := context.WithCancel(context.Background())
	d.end, d.counted, d.audited = end, &learned{find: d.count, life: life}, &learned{find: d.ensureAudit, life: life}
	return d, nil
}

// Close ends the connections. Close what serves the API first.
func (d *Doors) Close() {
	d.end()
	d.counted.work.Wait()
	d.audited.work.Wait()
	d.heard.close()
	d.say.close()
	d.kafka.Close()
}

// reader is a new one, nobody else's.
func (d *Doors) reader() consumer.Reader { return d.frame.Reader(d.kafka.NewReader()) }

func (a *App) topic(name string) string { return a.o.Config.Kafka.Topics.Prefix + name }

// Inside is what is beside the API, at the same address, reaches it by: whoever is let in there
// is let in here.
type Inside struct {
	API      http.Handler // asked with api.As
	Gate     *access.Gate
	Policies api.Policies
	Hash     func(person string) string // how the audit names people
	Clock    func() time.Time
}

// Serve begins to serve the API, as the configuration says, and beside it what beside makes: it
// answers whatever is no route of the API.
func (a *App) Serve(d *Doors, health http.Handler, beside func(Inside) (http.Handler, error)) (*httpserver.Server, error) {
	doors, err := a.Handler(d, health, beside)
	if err != nil {
		return nil, err
	}
	c := &a.o.Config.API
	return api.Listen(c.Listen, a.o.Tracing.Handler(doors), api.Certificate{Cert: c.TLS.CertFile, Key: c.TLS.KeyFile}, api.NewLimits(c.Timeout), a.o.Log)
}

// Handler is what Serve serves.
func (a *App) Handler(d *Doors, health http.Handler, beside func(Inside) (http.Handler, error)) (http.Handler, error) {
	c := &a.o.Config.API
	gate, err := gate(c, a.clock, a.o.Log)
	if err != nil {
		return nil, err
	}
	var doors http.Handler // made below, before anybody asks
	inside := Inside{
		API:  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { doors.ServeHTTP(w, r) }),
		Gate: gate, Policies: policies{a}, Hash: d.hash, Clock: a.clock,
	}
	public, err := beside(inside)
	if err != nil {
		return nil, err
	}
	doors, err = api.Handler(api.Options{
		Log: d, Memory: a.memory, Policies: inside.Policies, Campaigns: d, Clock: a.clock, PartitionOf: kafkaio.Murmur2Partition,
		Gate: gate, Hash: d.hash, Health: health, Public: public, Rate: c.Rate, Timeout: c.Timeout, Tell: a.o.Log.Named("api"),
	})
	if err != nil {
		return nil, err
	}
	return doors, nil
}

// gate is who is let in.
func gate(c *config.API, clock func() time.Time, log *zap.Logger) (*access.Gate, error) {
	g := &access.Gate{}
	if c.TokensFile != "" {
		var err error
		if g.Tokens, err = access.OpenTokens(c.TokensFile, clock, func(err error) {
			log.Error("the tokens of the API cannot be used, and those before stay: mend api.tokens_file", zap.Strings("mistakes", mistakes(err)))
		}); err != nil {
			return nil, fmt.Errorf("api.tokens_file: %w", err)
		}
	}
	if c.OIDC.Issuer != "" {
		g.OIDC = access.NewOIDC(access.OIDCOptions{Issuer: c.OIDC.Issuer, Audience: c.OIDC.Audience, RoleClaim: c.OIDC.RoleClaim, Clock: clock})
	}
	return g, nil
}

// auditHash is how people are named in the audit.
func auditHash(c *config.API) (func(string) string, error) {
	if c.AuditKeyFile == "" {
		return api.Hasher([]byte(rand.Text())), nil
	}
	key, err := secretIn(c.AuditKeyFile)()
	if err != nil {
		return nil, fmt.Errorf("api.audit_key_file: %w", err)
	}
	return api.Hasher([]byte(key)), nil
}

// policies are those of the app.
type policies struct{ app *App }

// InForce implements api.Policies.
func (p policies) InForce() *rules.Policy { return p.app.InForce() }

// History implements api.Policies.
func (p policies) History() []api.Adopted { return p.app.since.list() }

// Partitions implements api.Log.
func (d *Doors) Partitions(ctx context.Context) (int32, error) {
	if err := d.counted.wait(ctx); err != nil {
		return 0, err
	}
	return d.partitions, nil
}

func (d *Doors) count(ctx context.Context) error {
	n, err := d.kafka.Admin().Partitions(ctx, d.app.topic(governor.Intents))
	if err == nil {
		d.partitions = int32(n)
	}
	return err
}

// place is the slot of a key.
func (d *Doors) place(ctx context.Context, topic, key string) (consumer.Slot, error) {
	n, err := d.Partitions(ctx)
	return consumer.Slot{Topic: d.app.topic(topic), Partition: kafkaio.Murmur2Partition([]byte(key), n)}, err
}

// Append implements api.Log.
func (d *Doors) Append(ctx context.Context, person rules.PersonID, signal []byte) error {
	slot, err := d.place(ctx, governor.Signals, string(person))
	if err != nil {
		return err
	}
	return d.say.append(ctx, []consumer.Slot{slot}, consumer.Record{Key: []byte(person), Value: signal, Headers: tracing.Headers(ctx)})
}

// Signal implements leave.Publisher.
func (d *Doors) Signal(ctx context.Context, person string, value []byte) error {
	return d.Append(ctx, rules.PersonID(person), value)
}

// Redeem implements api.Log.
func (d *Doors) Redeem(ctx context.Context, person rules.PersonID, id string, signal []byte) (schemas.Redemption, error) {
	slot, err := d.place(ctx, governor.Signals, string(person))
	if err != nil {
		return schemas.Redemption{}, err
	}
	defer d.heard.leave(slot.Partition, id)
	answer, err := d.heard.expect(ctx, slot.Partition, id)
	if err != nil {
		return schemas.Redemption{}, err
	}
	if err := d.say.append(ctx, []consumer.Slot{slot}, consumer.Record{Key: []byte(person), Value: signal, Headers: tracing.Headers(ctx)}); err != nil {
		return schemas.Redemption{}, err
	}
	select {
	case r := <-answer:
		if r.Person != string(person) {
			return schemas.Redemption{}, fmt.Errorf("the answer is about somebody else: %w", api.ErrNoAnswer)
		}
		return r, nil
	case <-ctx.Done():
		return schemas.Redemption{}, fmt.Errorf("partition %d: %w", slot.Partition, api.ErrNoAnswer)
	}
}

// Audit implements api.Log.
func (d *Doors) Audit(ctx context.Context, key string, record []byte) error {
	slot, err := d.place(ctx, Audit, key)
	if err == nil {
		err = d.audited.wait(ctx)
	}
	if err != nil {
		return err
	}
	return d.say.append(ctx, []consumer.Slot{slot}, consumer.Record{Key: []byte(key), Value: record})
}

// ensureAudit makes the topic of the audit, if it may and must.
func (d *Doors) ensureAudit(ctx context.Context) error {
	c, admin := &d.app.o.Config.Kafka, d.kafka.Admin()
	_, err := admin.Partitions(ctx, d.app.topic(Audit))
	if missing := errors.Is(err, kafka.UnknownTopicOrPartition); missing && !c.Topics.Create {
		return fmt.Errorf("%w; make it, with as many partitions as %s, or set kafka.topics.create", err, d.app.topic(governor.Intents))
	} else if err != nil && !missing {
		return err
	}
	intents := d.app.topic(governor.Intents)
	return admin.Ensure(ctx, []kafkaio.TopicSpec{
		{Name: intents}, {
			Name: d.app.topic(Audit), SameAs: intents, Replication: c.Topics.Replication, Cleanup: "delete", MinRetention: c.Topics.Retention,
		}})
}

// SignalsEnd implements api.Log.
func (d *Doors) SignalsEnd(ctx context.Context, partition int32) (int64, error) {
	_, end, err := d.kafka.NewReader().Bounds(ctx, consumer.Slot{Topic: d.app.topic(governor.Signals), Partition: partition})
	return end, err
}

// mostLooking is how many may look for records of people at a time: each goes through
// a good part of several topics.
const mostLooking = 4

// Records implements api.Log.
func (d *Doors) Records(ctx context.Context, partition int32, people []rules.PersonID, topics []string, most int64) (api.Found, error) {
	select {
	case d.looking <- struct{}{}:
		defer func() { <-d.looking }()
	case <-ctx.Done():
		return api.Found{}, fmt.Errorf("%d look for records already: %w", mostLooking, ctx.Err())
	}
	all := make([][]api.Record, len(topics))
	whole, errs := make([]bool, len(topics)), make([]error, len(topics))
	var working sync.WaitGroup
	for i, topic := range topics {
		working.Go(func() {
			slot := consumer.Slot{Topic: d.app.topic(topic), Partition: partition}
			all[i], whole[i], errs[i] = find(ctx, d.reader(), slot, people, most)
		})
	}
	working.Wait()
	found := api.Found{Whole: true}
	for i, topic := range topics {
		for _, r := range all[i] {
			r.Topic = topic
			found.Records = append(found.Records, r)
		}
		found.Whole = found.Whole && whole[i]
	}
	return found, errors.Join(errs...)
}
