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
	mostReplicas    = 100
	leastWait       = 10 * time.Millisecond
	leastFetch      = 16 << 10
	mostFetch       = 64 << 20
	leastPeople     = 100
	mostPeople      = 10_000_000
	mostWait        = 5 * time.Second // it comes on top of the command's own time
)

func (r *reader) file(n *yaml.Node) {
	c := &r.config
	r.Mapping(strictyaml.Root(n, "policy: no-means-no"), "the configuration",
		strictyaml.May("policy", "no-means-no", r.policy),
		strictyaml.May("kafka", "{brokers: [kafka:9092]}", r.kafka),
		strictyaml.May("redis", "{address: redis:6379}", r.redis),
		strictyaml.May("identity", "{mode: hashed, key_file: /run/secrets/governor-identity}", r.identity),
		strictyaml.May("log", "{level: info}", func(e entry) {
			r.Mapping(e, "log",
				strictyaml.May("level", "info", r.word(&c.Log.Level, "log level", "debug", "info", "warn", "error")),
				strictyaml.May("format", "json", r.word(&c.Log.Format, "log format", "json", "console")),
			)
		}),
		strictyaml.May("tracing", "{endpoint: "+exampleEndpoint+"}", r.tracing),
		strictyaml.May("registry", "{urls: ["+exampleRegistry+"]}", r.registry),
		strictyaml.May("leave", "{base_url: https://leave.example.org, key_file: /run/secrets/leave}", r.leave),
		strictyaml.May("api", "{listen: 127.0.0.1:8471}", r.api),
		strictyaml.May("limits", "{people: 5000}", func(e entry) {
			r.Mapping(e, "limits",
				strictyaml.May("people", "5000", r.whole(&c.Limits.People, leastPeople, mostPeople)),
				strictyaml.May("fetch_bytes", "1048576", r.whole(&c.Limits.FetchBytes, leastFetch, mostFetch)),
			)
		}),
		strictyaml.May("http", "{listen: 127.0.0.1:8470}", func(e entry) {
			r.Mapping(e, "http", strictyaml.May("listen", "127.0.0.1:8470", r.listen(&c.HTTP.Listen)))
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
		strictyaml.May("tls", "{enabled: true, ca_file: ca.pem}", r.tls(&k.TLS, "kafka.tls")),
		strictyaml.May("sasl", "{mechanism: SCRAM-SHA-512, username: governor, password_file: /run/secrets/kafka}", r.sasl),
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
