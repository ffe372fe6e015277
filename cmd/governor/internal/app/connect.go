package app

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/segmentio/kafka-go/sasl"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/tlsdial"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/state/redisstate"
)

// Kafka is how connections to Kafka are made: where to, whether under TLS, and as
// whom. The files that the configuration names are read for each connection.
func Kafka(c *config.Kafka) kafkaio.Config {
	way := kafkaio.Config{Brokers: c.Brokers, ClientID: c.ClientID, SASL: mechanism(&c.SASL)}
	if c.TLS.Enabled {
		way.Dial = files(&c.TLS).Dial
	}
	return way
}

func mechanism(c *config.SASL) sasl.Mechanism {
	switch c.Mechanism {
	case config.Plain:
		return kafkaio.Plain(c.Username, secretIn(c.PasswordFile))
	case config.ScramSHA256:
		return kafkaio.ScramSHA256(c.Username, secretIn(c.PasswordFile))
	case config.ScramSHA512:
		return kafkaio.ScramSHA512(c.Username, secretIn(c.PasswordFile))
	case config.OAuthBearer:
		return kafkaio.OAuthBearer(secretIn(c.TokenFile))
	}
	return nil
}

// redisClient is how connections to Redis are made. The password of the Sentinels
// is the one thing that is read now; the rest is read for each connection.
func redisClient(c *config.Redis) (redisstate.ClientOptions, error) {
	o := redisstate.ClientOptions{
		Addrs: []string{c.Address}, Username: c.Username, DB: c.Database, Timeout: c.Timeout,
		SentinelUsername: c.Sentinel.Username, MasterName: c.Sentinel.Master,
	}
	switch {
	case c.Sentinel.Master != "":
		o.Addrs = c.Sentinel.Addresses
	case len(c.Cluster) > 0:
		o.Addrs, o.Cluster = c.Cluster, true
	}
	if c.TLS.Enabled {
		o.Dial = files(&c.TLS).Dial
	}
	if c.PasswordFile != "" {
		o.Secret = secretIn(c.PasswordFile)
		if _, err := o.Secret(); err != nil {
			return o, fmt.Errorf("redis.password_file: %w", err)
		}
	}
	if c.Sentinel.PasswordFile != "" {
		var err error
		if o.SentinelPassword, err = secretIn(c.Sentinel.PasswordFile)(); err != nil {
			return o, fmt.Errorf("redis.sentinel.password_file: %w", err)
		}
	}
	return o, nil
}

// redisAt is where Redis is, for people.
func redisAt(c *config.Redis) string {
	switch {
	case c.Sentinel.Master != "":
		return c.Sentinel.Master + " of the Sentinels " + strings.Join(c.Sentinel.Addresses, ", ")
	case len(c.Cluster) > 0:
		return "the cluster of " + strings.Join(c.Cluster, ", ")
	}
	return c.Address
}

func files(c *config.TLS) tlsdial.Files {
	return tlsdial.Files{CA: c.CAFile, ServerName: c.ServerName, Cert: c.CertFile, Key: c.KeyFile}
}

// secretIn reads the secret that is in the file when it is asked.
func secretIn(file string) func() (string, error) {
	return func() (string, error) {
		b, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		secret := strings.TrimRight(string(b), "\r\n")
		if secret == "" {
			return "", errors.New(file + " is empty")
		}
		return secret, nil
	}
}
