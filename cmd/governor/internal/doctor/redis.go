package doctor

import (
	"context"
	"crypto/tls"
	"fmt"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/state/redisstate"
)

// examineRedis looks at the memory.
func (p *patient) examineRedis(ctx context.Context, n *notes) {
	where, err := app.Redis(&p.config.Redis)
	if err != nil {
		n.add(Wrong, "redis", err.Error(), "")
		return
	}
	client := redisstate.NewClient(where)
	defer client.Close()
	store, err := redisstate.New(client, redisstate.Options{Prefix: p.config.Redis.Prefix, Wait: redisstate.Wait(p.config.Redis.Wait)})
	if err != nil {
		n.add(Wrong, "redis", err.Error(), "")
		return
	}
	ctx, cancel := p.within(ctx)
	defer cancel()
	answers := true
	for _, s := range store.Look(ctx) {
		answers = p.server(n, &s) && answers
	}
	problems := store.Problems(ctx)
	mend := "" // each has its remedy in it
	if !answers {
		mend = "start Redis, or correct redis.address, redis.tls, and its user"
	}
	for _, problem := range problems {
		n.add(Wrong, "redis", problem, mend)
	}
	if !answers {
		n.unknown("clock of redis", "not looked at, since Redis does not answer")
		return
	}
	if len(problems) == 0 {
		n.ok("redis rights", "the user may do all that is needed, and keys are not evicted")
	}
	p.shown(ctx, n, &where)
	p.redisClock(ctx, n, store)
}

// How full a Redis may be, in percent.
const (
	fullSoon = 80
	full     = 95
)

// server tells of one Redis, and whether it answers.
func (p *patient) server(n *notes, s *redisstate.ServerState) bool {
	what := "redis"
	if s.Err != nil {
		return false // Problems say so, and why
	}
	n.ok(what, "%s, %s %s, %s, %s", s.Address, s.Software, s.Version, s.Role, count(s.Replicas, "replica"))
	if s.Role == "replica" {
		n.add(Wrong, what, s.Address+" is a replica, which takes no writes", "write the address of the primary, or redis.sentinel")
	}
	if want := p.config.Redis.Wait.Replicas; want > s.Replicas {
		n.add(Wrong, what, fmt.Sprintf("%s has %s in line, and redis.wait asks for %d: partitions hold until there are as many", s.Address, count(s.Replicas, "replica"), want), "start replicas, or lower redis.wait.replicas")
	}
	if s.Evicted > 0 {
		n.add(Wrong, what, fmt.Sprintf("%s has evicted %s since it started: what stood for people may be among them", s.Address, count(int(s.Evicted), "key")), "CONFIG SET maxmemory-policy noeviction; then governor rebuild --config "+p.o.File)
	}
	memory(n, what, s)
	persistence(n, what, s)
	return true
}

// memory tells how full it is. A full one takes nothing more, and partitions hold.
func memory(n *notes, what string, s *redisstate.ServerState) {
	most, bound := s.Most, "maxmemory"
	if most == 0 {
		most, bound = s.Machine, "the machine's memory, since maxmemory is not set"
	}
	if most == 0 {
		n.unknown(what+" memory", "%s does not tell its memory", s.Address)
		return
	}
	percent := 100 * s.Used / most
	says := fmt.Sprintf("%s uses %s, %d %% of %s (%s)", s.Address, bytes(s.Used), percent, bytes(most), bound)
	mend := "give it more memory, raise maxmemory, or spread the partitions over a cluster; governor size tells how much"
	switch {
	case percent >= full:
		n.add(Wrong, what+" memory", says+": when it is full, partitions hold", mend)
	case percent >= fullSoon:
		n.add(Warning, what+" memory", says, mend)
	case s.Most > s.Machine && s.Machine > 0:
		n.add(Warning, what+" memory", says+", which is more than the machine has, "+bytes(s.Machine), "lower maxmemory below the machine's memory")
	default:
		n.ok(what+" memory", "%s", says)
	}
}

// persistence tells what a crash of Redis costs.
func persistence(n *notes, what string, s *redisstate.ServerState) {
	what += " persistence"
	switch {
	case !s.Persistence:
		n.unknown(what, "%s does not tell whether it writes down what it has", s.Address)
	case s.Failing:
		n.add(Wrong, what, s.Address+" could not write down what it has, the last time it tried", "look at its log and its disk")
	case !s.AppendOnly:
		n.add(Warning, what, s.Address+" has no append-only file: after a crash the memory is rebuilt from Kafka, and nothing is decided meanwhile",
			"CONFIG SET appendonly yes, and the same in redis.conf")
	default:
		n.ok(what, "%s has an append-only file", s.Address)
	}
}

// shown looks at the certificate of the first address, where there is TLS.
func (p *patient) shown(ctx context.Context, n *notes, where *redisstate.ClientOptions) {
	if where.Dial == nil || len(where.Addrs) == 0 {
		return
	}
	conn, err := where.Dial(ctx, "tcp", where.Addrs[0])
	if err != nil {
		n.add(Wrong, "redis", err.Error(), "")
		return
	}
	defer conn.Close()
	if under, ok := conn.(*tls.Conn); ok {
		if all := under.ConnectionState().PeerCertificates; len(all) > 0 {
			ends(n, "redis", where.Addrs[0]+" shows a certificate", all[0].NotAfter, p.o.Clock(), "give the server another")
		}
	}
}

// bytes is a size for people.
func bytes(n int64) string {
	const unit = 1024
	size, names := float64(n), []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for size >= unit && i < len(names)-1 {
		size, i = size/unit, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", size, names[i])
}
