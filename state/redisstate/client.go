package redisstate

import (
	"crypto/tls"
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

	DB  int         // number of the database; a cluster has only 0
	TLS *tls.Config // nil: no TLS

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
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: o.Addrs, IsClusterMode: o.Cluster, MasterName: o.MasterName,
		Username: o.Username, Password: o.Password,
		SentinelUsername: o.SentinelUsername, SentinelPassword: o.SentinelPassword,
		DB: o.DB, TLSConfig: o.TLS,
		MaxRetries: -1, DialerRetries: 1,
		ContextTimeoutEnabled: true,
		DialTimeout:           timeout, ReadTimeout: timeout, WriteTimeout: timeout,
		PipelinePoolSize: -1, // nothing is pipelined
		// Nothing is said to Redis that we do not need, and that an old one or a
		// narrow user would refuse.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}
