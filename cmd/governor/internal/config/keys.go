package config

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

type entry = strictyaml.Entry

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
		strictyaml.May("policy", "no-means-no", r.policy),
		strictyaml.May("kafka", "{brokers: [kafka:9092]}", r.kafka),
		strictyaml.May("redis", "{address: redis:6379}", r.redis),
		strictyaml.May("log", "{level: info}", func(e entry) {
			r.Mapping(e, "log",
				strictyaml.May("level", "info", r.word(&c.Log.Level, "log level", "debug", "info", "warn", "error")),
				strictyaml.May("format", "json", r.word(&c.Log.Format, "log format", "json", "console")),
			)
		}),
	)
}

func (r *reader) kafka(e entry) {
	k := &r.config.Kafka
	r.Mapping(e, "kafka",
		strictyaml.May("brokers", "[kafka-1:9092, kafka-2:9092]", r.addresses(&k.Brokers)),
		strictyaml.May("client_id", "contact-governor", r.name(&k.ClientID)),
		strictyaml.May("group", "contact-governor", r.name(&k.Group)),
		strictyaml.May("topics", "{partitions: 8}", r.topics),
	)
}

func (r *reader) topics(e entry) {
	t := &r.config.Kafka.Topics
	r.Mapping(e, "kafka.topics",
		strictyaml.May("prefix", "staging.", r.topicPrefix(&t.Prefix)),
		strictyaml.May("create", "false", r.yes(&t.Create)),
		strictyaml.May("partitions", "8", r.whole(&t.Partitions, 1, mostPartitions)),
		strictyaml.May("replication", "3", r.whole(&t.Replication, 1, mostReplication)),
		strictyaml.May("retention", "400d", r.duration(&t.Retention, leastRetention, mostRetention)),
	)
}

func (r *reader) redis(e entry) {
	c := &r.config.Redis
	var user *yaml.Node
	var password bool
	r.Mapping(e, "redis",
		strictyaml.May("address", "redis:6379", r.address(&c.Address)),
		strictyaml.May("username", "governor", func(e entry) {
			c.Username, _ = r.MaybeText(e)
			user = e.Value
		}),
		strictyaml.May("password_file", "/run/secrets/redis", func(e entry) {
			password = true
			r.passwordFile(&c.PasswordFile)(e)
		}),
		strictyaml.May("database", "0", r.whole(&c.Database, 0, mostDatabase)),
		strictyaml.May("prefix", "'gov:'", r.keyPrefix(&c.Prefix)),
		strictyaml.May("timeout", "1s", r.duration(&c.Timeout, leastTimeout, mostTimeout)),
	)
	if c.Username != "" && !password {
		r.Wrong(user, "\"username\" means nothing to Redis without a password: add password_file, or leave username out")
	}
}
