// Package config is how the process is set up: where Kafka and Redis are, which
// policy holds. It is not the policy; that is the owner's of the people, this is
// the operator's.
package config

import (
	"time"

	"github.com/contactgovernor/governor/consumer/registry"
)

// Config is a checked configuration. Load makes one from a file; Default is what
// an empty file means.
type Config struct {
	Policy string // file or built-in names, as governor replay takes them
	Kafka  Kafka
	Redis  Redis
	Log    Log
	HTTP   HTTP
	Limits Limits
	Leave  Leave
	API    API

	Identity Identity
	Tracing  Tracing
	Registry Registry
}

// Kafka says where the log is and what it must be like.
type Kafka struct {
	Brokers  []string // host:port, at least one
	ClientID string
	Group    string // shared by all governors of one deployment
	Topics   Topics
	TLS      TLS
	SASL     SASL
}

// TLS says whether connections are encrypted, and by which files. They are read
// for each connection.
type TLS struct {
	Enabled    bool   // without it there is nothing in the rest
	CAFile     string // whom to trust; empty: the authorities of the system
	ServerName string // what the servers' certificates are for; empty: the host that is dialled
	CertFile   string // what to show to servers that ask; only together with KeyFile
	KeyFile    string
}

// SASL says who connects to Kafka. The files are read for each connection; a
// password or a token is never in the configuration.
type SASL struct {
	Mechanism    string // Plain, ScramSHA256, ScramSHA512, OAuthBearer; empty: nobody in particular
	Username     string // but with OAuthBearer
	PasswordFile string // likewise
	TokenFile    string // of OAuthBearer
	Plaintext    bool   // what can be read on the wire may go without TLS
}

// The mechanisms of SASL.
const (
	Plain       = "PLAIN"
	ScramSHA256 = "SCRAM-SHA-256"
	ScramSHA512 = "SCRAM-SHA-512"
	OAuthBearer = "OAUTHBEARER"
)

// Topics says how the topics are named and made.
type Topics struct {
	Prefix      string        // before every topic's name
	Create      bool          // make those that are missing; otherwise they must be there
	Partitions  int           // of the topics that are made
	Replication int           // of the topics that are made, and at least of those that are there
	Retention   time.Duration // of intents, decisions and dead letters that are made; decisions and signals must be kept at least as long as the policy remembers
}

// Redis says where the memory is: at an Address, where the Sentinels say, or in a
// Cluster.
type Redis struct {
	Address      string // host:port; empty with Sentinel or Cluster
	Sentinel     Sentinel
	Cluster      []string // host:port of some of its nodes
	Username     string
	PasswordFile string // read for each connection; a password is never in the configuration
	Database     int
	Prefix       string // before every key, so that several governors may share a Redis
	Timeout      time.Duration
	TLS          TLS // of the Sentinels too
	Wait         Wait
}

// Sentinel says who knows which Redis is the primary.
type Sentinel struct {
	Master       string   // the name by which they know it; empty: there are none
	Addresses    []string // host:port
	Username     string   // of theirs, not of the Redis
	PasswordFile string   // likewise; read at start
}

// Wait says how many replicas must have what was written before it is told to
// anybody.
type Wait struct {
	Replicas int           // 0: none, nothing is waited for
	Timeout  time.Duration // how long before they are too few
}

// Log says what the process tells, on standard error.
type Log struct {
	Level  string // debug, info, warn, error
	Format string // json, or console for people
}

// HTTP says where the process tells how it fares.
type HTTP struct {
	Listen string // host:port; empty: nowhere
}

// Identity says how people are kept in Redis.
type Identity struct {
	Mode    string // PlainIDs or Hashed
	KeyFile string // read at start; Hashed needs one, and without one the erased are kept under their ids
}

// The modes of Identity.
const (
	PlainIDs = "plain"
	Hashed   = "hashed"
)

// Limits bound the memory of the process. Each partition that it has needs this
// much at most, whatever the lag is and however slow Redis.
type Limits struct {
	People     int // that are remembered between two batches
	FetchBytes int // that one fetch asks for; a larger record comes alone
}

// Default is the configuration of an empty file: everything on this machine.
func Default() Config {
	return Config{
		Policy: "no-means-no",
		Kafka: Kafka{
			Brokers: []string{"127.0.0.1:9092"}, ClientID: "contact-governor", Group: "contact-governor",
			Topics: Topics{Create: true, Partitions: 8, Replication: 1, Retention: 400 * 24 * time.Hour},
		},
		Redis:  Redis{Address: "127.0.0.1:6379", Timeout: time.Second, Wait: Wait{Timeout: 500 * time.Millisecond}},
		Log:    Log{Level: "info", Format: "json"},
		Limits: Limits{People: 5_000, FetchBytes: 1 << 20},
		Leave:  Leave{Channels: []string{"email"}},
		API:    API{OIDC: OIDC{RoleClaim: "roles"}, Rate: 200, Timeout: 5 * time.Second},

		Identity: Identity{Mode: PlainIDs},
		Tracing:  Tracing{Ratio: 0.1},
		Registry: Registry{Outputs: string(registry.Plain), Timeout: 5 * time.Second},
	}
}
