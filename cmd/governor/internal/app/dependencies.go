package app

import (
	"github.com/redis/go-redis/v9/logging"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/state/redisstate"
)

// Redis is how connections to Redis are made: where to, whether under TLS, and as
// whom. The files that the configuration names are read for each connection, but for
// the password of the Sentinels, which is read now.
//
// Like New it silences what the Redis client would write to standard error by itself.
func Redis(c *config.Redis) (redisstate.ClientOptions, error) {
	logging.Disable()
	return redisClient(c)
}
