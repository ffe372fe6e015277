package redisstate

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// DefaultTimeout is how long a command may take where ClientOptions say nothing.
const DefaultTimeout = time.Second

// ClientOptions say where Redis is.
type ClientOptions struct {
	// Addrs are host:port: of the one Redis, of some nodes of a cluster (Cluster),
	// or of the Sentinels (MasterName). Default 127.0.0.1:6379.
	Addrs []string

	Cluster    bool   // Addrs are nodes of a Redis Cluster; more than one address means so too
	MasterName string // Addrs are Sentinels that watch a primary of this name

	Username, Password                 string
	SentinelUsername, SentinelPassword string

	// Secret is asked for the password at each connection to Redis, in place of
	// Password, so that a new one holds from the next connection on. Its errors must
	// not have it in them. It may be nil.
	Secret func() (string, error)

	DB  int         // number of the database; a cluster has only 0
	TLS *tls.Config // nil: no TLS

	// Dial opens connections to Redis and to Sentinels, in place of TLS, for example
	// under TLS with certificates that are read anew each time. It may be nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Timeout bounds the dialling, and each command; 0 is DefaultTimeout. It must
	// stay well below the time after which Kafka takes a worker for dead.
	Timeout time.Duration
}

// NewClient makes a client that sends every command once. What has no answer in
// time is reported as an error at once, since a command of unknown fate that is
// sent again would be counted twice. It keeps ctx's deadlines. It dials when first
// used; the caller closes it.
func NewClient(o ClientOptions) redis.UniversalClient {
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	options := &redis.UniversalOptions{
		Addrs: o.Addrs, IsClusterMode: o.Cluster, MasterName: o.MasterName,
		Username: o.Username, Password: o.Password, CredentialsProviderContext: o.credentials(),
		SentinelUsername: o.SentinelUsername, SentinelPassword: o.SentinelPassword,
		DB: o.DB, TLSConfig: o.TLS, Dialer: o.dialer(timeout),
		MaxRetries: -1, DialerRetries: 1,
		ContextTimeoutEnabled: true,
		DialTimeout:           timeout, ReadTimeout: timeout, WriteTimeout: timeout,
		PipelinePoolSize: -1, // nothing is pipelined
		// Nothing is said to Redis that we do not need, and that an old one or a
		// narrow user would refuse.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if o.MasterName != "" || !o.Cluster && len(o.Addrs) < 2 {
		return redis.NewUniversalClient(options)
	}
	ofCluster := options.Cluster()
	ofCluster.DisableRoutingPolicies = true // for which it would ask for a list of all commands
	return redis.NewClusterClient(ofCluster)
}

// unconnected is why there is no connection, so that nothing was sent.
type unconnected struct{ error }

// Unwrap lets the cause be found.
func (u unconnected) Unwrap() error { return u.error }

// credentials asks for the password as it is now.
func (o *ClientOptions) credentials() func(context.Context) (string, string, error) {
	if o.Secret == nil {
		return nil
	}
	return func(context.Context) (string, string, error) {
		password, err := o.Secret()
		if err != nil {
			return "", "", unconnected{err}
		}
		return o.Username, password, nil
	}
}

// dialer bounds a dial by the timeout, which the client leaves to it.
func (o *ClientOptions) dialer(timeout time.Duration) func(context.Context, string, string) (net.Conn, error) {
	if o.Dial == nil {
		return nil
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		conn, err := o.Dial(ctx, network, address)
		if err != nil {
			return nil, unconnected{err}
		}
		return conn, nil
	}
}
