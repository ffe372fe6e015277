package kafkaio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/sasl"
)

// Config says how to reach Kafka. The zero value of every field but Brokers is
// usable.
type Config struct {
	// Brokers lists the addresses, host:port, that are asked first. At least one.
	Brokers []string

	// ClientID names this program in the brokers' logs and quotas.
	// Default "contact-governor".
	ClientID string

	// Topics limits the metadata that is polled to these topics. They must then
	// be all that the client reads and writes. Empty polls the metadata of every
	// topic of the cluster, which is a burden on clusters with thousands of them.
	Topics []string

	// TLS encrypts every connection, where it is set.
	TLS *tls.Config

	// SASL authenticates every connection, where it is set: Plain, ScramSHA256,
	// ScramSHA512, OAuthBearer, or another.
	SASL sasl.Mechanism

	// Dial opens connections. Default: net.Dialer. One that is under TLS already, with
	// certificates that are read anew each time, needs no TLS besides.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// DialTimeout bounds opening one connection, TLS and SASL included. Default 3 s.
	DialTimeout time.Duration

	// RequestTimeout bounds one exchange with a broker, over and above the time
	// that a fetch may wait for records. Default 5 s.
	RequestTimeout time.Duration

	// MetadataTTL is how long a leader is believed at most. Default 1 s.
	MetadataTTL time.Duration

	// FetchBytes bounds what one fetch asks of one slot. One larger batch still
	// comes through, alone. Default 1 MiB.
	FetchBytes int

	// BatchBytes bounds a record batch before compression; one larger record still
	// goes out, alone. Default 900 KiB, which fits a broker's default
	// max.message.bytes of 1 MiB.
	BatchBytes int

	// Compression of record batches: "none", "gzip", "snappy", "lz4" or "zstd".
	// Default "lz4": it makes the decisions of BenchmarkEncode seven times smaller on
	// the wire, the disks and every replica, for 0.6 µs a record; snappy and zstd
	// cost more. A batch below 1 KiB, or one that does not shrink, is sent as it is.
	Compression string
}

// The defaults of Config.
const (
	DefaultClientID       = "contact-governor"
	DefaultDialTimeout    = 3 * time.Second
	DefaultRequestTimeout = 5 * time.Second
	DefaultMetadataTTL    = time.Second
	DefaultFetchBytes     = 1 << 20
	DefaultBatchBytes     = 900 << 10
	DefaultCompression    = "lz4"
)

// maxMessage bounds requests and answers. Brokers refuse requests above
// socket.request.max.bytes, 100 MiB by default, so no batch can be larger.
const maxMessage = 100 << 20

func (c Config) withDefaults() Config {
	orDuration := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	orInt := func(n *int, otherwise int) {
		if *n == 0 {
			*n = otherwise
		}
	}
	if c.ClientID == "" {
		c.ClientID = DefaultClientID
	}
	if c.Compression == "" {
		c.Compression = DefaultCompression
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	orDuration(&c.DialTimeout, DefaultDialTimeout)
	orDuration(&c.RequestTimeout, DefaultRequestTimeout)
	orDuration(&c.MetadataTTL, DefaultMetadataTTL)
	orInt(&c.FetchBytes, DefaultFetchBytes)
	orInt(&c.BatchBytes, DefaultBatchBytes)
	return c
}

// validate reports every mistake, one a line. It expects the defaults filled in.
func (c Config) validate() error {
	var bad []error
	wrong := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }
	if len(c.Brokers) == 0 {
		wrong("kafka brokers: none given; name at least one as host:port")
	}
	for _, b := range c.Brokers {
		if host, port, err := net.SplitHostPort(b); err != nil || host == "" || port == "" {
			wrong("kafka broker %q: write it as host:port", b)
		}
	}
	for _, d := range []struct {
		name string
		is   time.Duration
	}{{"dial timeout", c.DialTimeout}, {"request timeout", c.RequestTimeout}, {"metadata TTL", c.MetadataTTL}} {
		if d.is < time.Millisecond || d.is > time.Hour {
			wrong("kafka %s: %v is not between 1ms and 1h", d.name, d.is)
		}
	}
	if c.FetchBytes < 1 || c.FetchBytes > maxMessage {
		wrong("kafka fetch bytes: %d is not between 1 and %d", c.FetchBytes, maxMessage)
	}
	if c.BatchBytes < 1 || c.BatchBytes > maxMessage {
		wrong("kafka batch bytes: %d is not between 1 and %d", c.BatchBytes, maxMessage)
	}
	if _, ok := codecNamed(c.Compression); !ok {
		wrong("kafka compression: %q is unknown; write none, gzip, snappy, lz4 or zstd", c.Compression)
	}
	return errors.Join(bad...)
}

func codecNamed(name string) (compress.Compression, bool) {
	if name == "none" {
		return compress.None, true
	}
	for c := compress.Gzip; c <= compress.Zstd; c++ {
		if c.String() == name {
			return c, true
		}
	}
	return compress.None, false
}

// Client holds the connections to one Kafka cluster. It may be used from many
// goroutines; one is enough for a process.
type Client struct {
	config Config
	codec  compress.Compression
	zstd   *zstd.Decoder // shared by the readers' slots

	// A fetch that waits for records holds its connection, so fetches have a
	// pool of their own and nothing else queues behind them.
	fetches *link
	others  *link

	closed context.Context // what goes on by itself (Wait) ends with it
	close  context.CancelFunc
	begun  sync.WaitGroup
}

// New returns a client. It connects when it is first used; [Admin.Ping] tells
// whether that works.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	codec, _ := codecNamed(config.Compression)
	decoder, err := newZstd()
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	closed, end := context.WithCancel(context.Background())
	return &Client{
		closed:  closed,
		close:   end,
		config:  config,
		codec:   codec,
		zstd:    decoder,
		fetches: newLink(config),
		others:  newLink(config),
	}, nil
}

// Close closes the connections as they become idle. Close the readers' and
// writers' users first.
func (c *Client) Close() {
	c.close()
	c.begun.Wait()
	c.fetches.close()
	c.others.close()
}

// transport returns a connection pool of its own for the given topics; none
// means all.
func (c Config) transport(topics []string) *kafka.Transport {
	return &kafka.Transport{
		Dial:           c.dialBounded,
		DialTimeout:    c.DialTimeout,
		MetadataTTL:    c.MetadataTTL,
		MetadataTopics: topics,
		ClientID:       c.ClientID,
		TLS:            c.TLS,
		SASL:           c.SASL,
	}
}

func (c Config) addresses() string { return strings.Join(c.Brokers, ",") }
