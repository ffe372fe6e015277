package config

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

type (
	entry = strictyaml.Entry
	field = strictyaml.Field
)

// Every key may be left out.
const may = strictyaml.May

// The bounds of what is sensible. What is beyond them was meant otherwise: a
// unit that was mistaken, a zero too many.
const (
	mostPartitions  = 10_000
	mostReplication = 100
	mostDatabase    = 1_000_000
	leastRetention  = time.Hour
	mostRetention   = 36_500 * 24 * time.Hour
	leastTimeout    = 10 * time.Millisecond
	mostTimeout     = 10 * time.Second // well below the group's session, after which a worker is taken for dead
)

func (r *reader) file(n *yaml.Node) {
	c := &r.config
	r.Mapping(strictyaml.Root(n, "policy: no-means-no"), "the configuration",
		field{Key: "policy", Write: "no-means-no", Need: may, Read: r.policy},
		field{Key: "kafka", Write: "{brokers: [kafka:9092]}", Need: may, Read: r.kafka},
		field{Key: "redis", Write: "{address: redis:6379}", Need: may, Read: r.redis},
		field{Key: "log", Write: "{level: info}", Need: may, Read: func(e entry) {
			r.Mapping(e, "log",
				field{Key: "level", Write: "info", Need: may, Read: r.word(&c.Log.Level, "log level", "debug", "info", "warn", "error")},
				field{Key: "format", Write: "json", Need: may, Read: r.word(&c.Log.Format, "log format", "json", "console")},
			)
		}},
	)
}

func (r *reader) kafka(e entry) {
	k := &r.config.Kafka
	r.Mapping(e, "kafka",
		field{Key: "brokers", Write: "[kafka-1:9092, kafka-2:9092]", Need: may, Read: r.addresses(&k.Brokers)},
		field{Key: "client_id", Write: "contact-governor", Need: may, Read: r.name(&k.ClientID)},
		field{Key: "group", Write: "contact-governor", Need: may, Read: r.name(&k.Group)},
		field{Key: "topics", Write: "{partitions: 8}", Need: may, Read: r.topics},
	)
}

func (r *reader) topics(e entry) {
	t := &r.config.Kafka.Topics
	r.Mapping(e, "kafka.topics",
		field{Key: "prefix", Write: "staging.", Need: may, Read: r.topicPrefix(&t.Prefix)},
		field{Key: "create", Write: "false", Need: may, Read: r.yes(&t.Create)},
		field{Key: "partitions", Write: "8", Need: may, Read: r.whole(&t.Partitions, 1, mostPartitions)},
		field{Key: "replication", Write: "3", Need: may, Read: r.whole(&t.Replication, 1, mostReplication)},
		field{Key: "retention", Write: "400d", Need: may, Read: r.duration(&t.Retention, leastRetention, mostRetention)},
	)
}

func (r *reader) redis(e entry) {
	c := &r.config.Redis
	var user *yaml.Node
	var password bool
	r.Mapping(e, "redis",
		field{Key: "address", Write: "redis:6379", Need: may, Read: r.address(&c.Address)},
		field{Key: "username", Write: "governor", Need: may, Read: func(e entry) {
			c.Username, _ = r.MaybeText(e)
			user = e.Value
		}},
		field{Key: "password_file", Write: "/run/secrets/redis", Need: may, Read: func(e entry) {
			password = true
			r.passwordFile(&c.PasswordFile)(e)
		}},
		field{Key: "database", Write: "0", Need: may, Read: r.whole(&c.Database, 0, mostDatabase)},
		field{Key: "prefix", Write: "'gov:'", Need: may, Read: r.keyPrefix(&c.Prefix)},
		field{Key: "timeout", Write: "1s", Need: may, Read: r.duration(&c.Timeout, leastTimeout, mostTimeout)},
	)
	if c.Username != "" && !password {
		r.Wrong(user, "\"username\" means nothing to Redis without a password: add password_file, or leave username out")
	}
}
