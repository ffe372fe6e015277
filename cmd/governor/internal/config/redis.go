package config

import (
	"github.com/contactgovernor/governor/rules/strictyaml"
)

func (r *reader) redis(e entry) {
	c := &r.config.Redis
	there := keys{}
	r.Mapping(e, "redis", there.noted(
		strictyaml.May("address", "redis:6379", r.address(&c.Address)),
		strictyaml.May("sentinel", "{master: governor, addresses: [sentinel-1:26379, sentinel-2:26379]}", r.sentinel),
		strictyaml.May("cluster", "[redis-1:6379, redis-2:6379]", r.maybeAddresses(&c.Cluster)),
		strictyaml.May("username", "governor", r.maybeText(&c.Username)),
		strictyaml.May("password_file", "/run/secrets/redis", r.secretFile(&c.PasswordFile, "password")),
		strictyaml.May("database", "0", r.whole(&c.Database, 0, mostDatabase)),
		strictyaml.May("prefix", "'gov:'", r.keyPrefix(&c.Prefix)),
		strictyaml.May("timeout", "1s", r.duration(&c.Timeout, leastTimeout, mostTimeout)),
		strictyaml.May("tls", "{enabled: true, ca_file: ca.pem}", r.tls(&c.TLS, "redis.tls")),
		strictyaml.May("wait", "{replicas: 1}", func(e entry) {
			r.Mapping(e, "redis.wait",
				strictyaml.May("replicas", "1", r.whole(&c.Wait.Replicas, 0, mostReplicas)),
				strictyaml.May("timeout", "500ms", r.duration(&c.Wait.Timeout, leastWait, mostWait)),
			)
		}),
	)...)
	r.oneRedis(there)
	if there.has("username") && !there.has("password_file") {
		r.Wrong(there["username"].Value, "\"username\" means nothing to Redis without a password: add password_file, or leave username out")
	}
}

// oneRedis makes sure that there is one place to go to.
func (r *reader) oneRedis(there keys) {
	c := &r.config.Redis
	sentinel := len(c.Sentinel.Addresses) > 0 || c.Sentinel.Master != ""
	cluster := len(c.Cluster) > 0
	for _, two := range []struct {
		both    bool
		one, or string
	}{
		{sentinel && there.has("address"), "sentinel", "address"},
		{cluster && there.has("address"), "cluster", "address"},
		{cluster && sentinel, "cluster", "sentinel"},
	} {
		if two.both {
			r.Wrong(there[two.one].Key, "%q and %q are two places for one memory: keep one", two.one, two.or)
		}
	}
	if sentinel || cluster {
		c.Address = "" // the default
	}
	if cluster && c.Database != 0 {
		r.Wrong(there["database"].Value, "a cluster has no database but 0, not %d: leave database out, and take a prefix instead", c.Database)
	}
}

func (r *reader) sentinel(e entry) {
	s := &r.config.Redis.Sentinel
	there := keys{}
	whole := r.Mapping(e, "redis.sentinel", there.noted(
		strictyaml.May("master", "governor", r.maybeText(&s.Master)),
		strictyaml.May("addresses", "[sentinel-1:26379, sentinel-2:26379]", r.maybeAddresses(&s.Addresses)),
		strictyaml.May("username", "governor", r.maybeText(&s.Username)),
		strictyaml.May("password_file", "/run/secrets/sentinel", r.secretFile(&s.PasswordFile, "password")),
	)...)
	switch {
	case !whole:
	case s.Master == "" && len(s.Addresses) == 0:
		r.idle(there, "without Sentinels: add master and addresses", "username", "password_file")
	case s.Master == "":
		r.Wrong(e.Value, "redis.sentinel needs the name by which the Sentinels know the primary: write for example master: governor")
	case len(s.Addresses) == 0:
		r.Wrong(e.Value, "redis.sentinel needs addresses of Sentinels: write for example addresses: [sentinel-1:26379, sentinel-2:26379]")
	case there.has("username") && !there.has("password_file"):
		r.Wrong(there["username"].Value, "\"username\" means nothing to a Sentinel without a password: add password_file, or leave username out")
	}
}
