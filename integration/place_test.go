//go:build integration

package integration

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// place is where one test works: topics under a prefix, a consumer group and a Redis database that no other test uses.
type place struct {
	kafka    *kafkaServer
	redis    *redisServer
	prefix   string // of topic names
	group    string
	database int

	// Of places where that fails which others share; nil elsewhere.
	switchboard *switchboard // between the governors and Redis
	other       *redisServer // beside the one in use
	brokers     []*server    // of Kafka, by node id from 1
	keeper      *server      // of the disk under the broker
	asking      *kadm.Client // about the brokers
}

// newPlace returns a place on the shared servers, its topics made with four partitions.
func newPlace(t *testing.T) *place {
	t.Helper()
	return newPlaceOn(t, sharedKafka, sharedRedis)
}

// newPlaceOn returns a place on servers of the test's own.
func newPlaceOn(t *testing.T, kafka *kafkaServer, redis *redisServer) *place {
	t.Helper()
	p := emptyPlaceOn(t, kafka, redis)
	for cleanup, topics := range contractTopics {
		var here []string
		for _, topic := range topics {
			here = append(here, p.topic(topic))
		}
		kafka.createTopics(t, 4, cleanup, here...)
	}
	return p
}

// emptyPlaceOn returns a place whose topics are not made yet.
func emptyPlaceOn(t *testing.T, kafka *kafkaServer, redis *redisServer) *place {
	t.Helper()
	name := strings.ToLower(rand.Text()[:10])
	return &place{kafka: kafka, redis: redis, prefix: name + ".", group: name, database: redis.newDatabase(t)}
}

// contractTopics are the governor's topics, by how they forget.
var contractTopics = map[string][]string{
	"delete": {"contact.intents", "contact.signals", "contact.approved", "contact.vetoed", "contact.revoked", "contact.redeemed", "contact.leaked",
		"contact.deadletter"},
	"compact": {"contact.standing", "contact.veto-rates"},
}

// topic returns the name that the topic of the contract has here.
func (p *place) topic(name string) string { return p.prefix + name }

// send publishes values to a topic of the contract under one key, in order, and returns when they are acknowledged.
func (p *place) send(t *testing.T, topic, key string, values ...string) {
	t.Helper()
	var records []*kgo.Record
	for _, v := range values {
		records = append(records, &kgo.Record{Topic: p.topic(topic), Key: []byte(key), Value: []byte(v)})
	}
	p.kafka.produce(t, records...)
}

// read returns all that a topic of the contract holds.
func (p *place) read(t *testing.T, topic string) []*kgo.Record {
	t.Helper()
	return p.kafka.read(t, p.topic(topic))
}

// decidedSoFar is how many answers there are, repeats included. It is cheap: nothing is read.
func (p *place) decidedSoFar(t *testing.T) int {
	t.Helper()
	return p.kafka.count(t, p.topic("contact.approved"), p.topic("contact.vetoed"))
}

// config returns the configuration of a governor that works here.
func (p *place) config() config {
	memory := p.redis.Addr
	if p.switchboard != nil {
		memory = p.switchboard.Addr
	}
	return config{
		"kafka": config{
			"brokers": p.kafka.addresses(),
			"group":   p.group,
			"topics":  config{"prefix": p.prefix, "replication": max(1, p.kafka.copies)},
		},
		"redis": config{"address": memory, "database": p.database},
	}
}
