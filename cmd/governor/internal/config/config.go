// Package config is how the process is set up: where Kafka and Redis are, which
// policy holds. It is not the policy; that is the owner's of the people, this is
// the operator's.
package config

import "time"

// Config is a checked configuration. Load makes one from a file; Default is what
// an empty file means.
type Config struct {
	Policy string // file or built-in names, as governor replay takes them
	Kafka  Kafka
	Redis  Redis
	Log    Log
}

// Kafka says where the log is and what it must be like.
type Kafka struct {
	Brokers  []string // host:port, at least one
	ClientID string
	Group    string // shared by all governors of one deployment
	Topics   Topics
}

// Topics says how the topics are named and made.
type Topics struct {
	Prefix      string        // before every topic's name
	Create      bool          // make those that are missing; otherwise they must be there
	Partitions  int           // of the topics that are made
	Replication int           // of the topics that are made, and at least of those that are there
	Retention   time.Duration // of intents, decisions and dead letters that are made; decisions and signals must be kept at least as long as the policy remembers
}

// Redis says where the memory is.
type Redis struct {
	Address      string // host:port
	Username     string
	PasswordFile string // read at start; a password is never in the configuration
	Database     int
	Prefix       string // before every key, so that several governors may share a Redis
	Timeout      time.Duration
}

// Log says what the process tells, on standard error.
type Log struct {
	Level  string // debug, info, warn, error
	Format string // json, or console for people
}

// Default is the configuration of an empty file: everything on this machine.
func Default() Config {
	return Config{
		Policy: "no-means-no",
		Kafka: Kafka{
			Brokers: []string{"127.0.0.1:9092"}, ClientID: "contact-governor", Group: "contact-governor",
			Topics: Topics{Create: true, Partitions: 8, Replication: 1, Retention: 400 * 24 * time.Hour},
		},
		Redis: Redis{Address: "127.0.0.1:6379", Timeout: time.Second},
		Log:   Log{Level: "info", Format: "json"},
	}
}
