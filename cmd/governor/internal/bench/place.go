package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state/redisstate"
)

// place is where one governor is measured: topics, a group and keys that nobody else has.
type place struct {
	bench      *bench
	name       string // before every topic and key
	partitions int
	stamped    bool // the broker stamps intents too
	groups     []string
}

// place makes the topics that are measured by. The others are made by the governor, as
// it makes them for everybody.
func (b *bench) place(ctx context.Context, partitions int, stamped bool) (*place, error) {
	b.places++
	p := &place{bench: b, name: b.tag + "-" + strconv.Itoa(b.places), partitions: partitions, stamped: stamped}
	if err := p.make(ctx); err != nil {
		return nil, errors.Join(err, p.remove(ctx))
	}
	return p, nil
}

func (p *place) make(ctx context.Context) error {
	admin := p.bench.admin
	err := admin.make(ctx, p.partitions, p.stamped, p.topic(governor.Intents))
	if err == nil {
		err = admin.make(ctx, p.partitions, false, p.topic(governor.Signals))
	}
	if err == nil {
		err = admin.make(ctx, p.partitions, true, p.outputs()...)
	}
	return err
}

// outputs are the topics that decisions go to.
func (p *place) outputs() []string {
	return []string{p.topic(governor.Approved), p.topic(governor.Vetoed)}
}

func (p *place) topic(name string) string { return p.name + "." + name }

// group is a consumer group of this place.
func (p *place) group(name string) string {
	group := p.name + "." + name
	p.groups = append(p.groups, group)
	return group
}

// configure writes a configuration of governor run that works here, under the policy, and
// returns its path.
func (p *place) configure(name, policy, group string) (string, error) {
	file := filepath.Join(p.bench.folder, p.name+"-"+name+".json")
	c := p.bench.o.Config
	text, err := json.MarshalIndent(written(&c, policy, group, p.name, p.partitions), "", "  ")
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("write a configuration: %w", err)
	}
	return file, nil
}

// written is a configuration as it is written, which JSON is too: the ways to Kafka and
// Redis, and what else costs time, are those of the user; the rest is the default.
func written(c *config.Config, policy, group, prefix string, partitions int) map[string]any {
	kafka := map[string]any{
		"brokers": c.Kafka.Brokers, "client_id": c.Kafka.ClientID, "group": group,
		"topics": map[string]any{"prefix": prefix + ".", "partitions": partitions, "replication": c.Kafka.Topics.Replication},
	}
	if c.Kafka.TLS.Enabled {
		kafka["tls"] = writtenTLS(&c.Kafka.TLS)
	}
	if s := &c.Kafka.SASL; s.Mechanism != "" {
		kafka["sasl"] = some(map[string]any{"mechanism": s.Mechanism, "username": s.Username, "password_file": absolute(s.PasswordFile), "token_file": absolute(s.TokenFile), "plaintext": s.Plaintext})
	}
	redis := some(map[string]any{
		"address": c.Redis.Address, "username": c.Redis.Username, "password_file": absolute(c.Redis.PasswordFile),
		"prefix": prefix + ":", "timeout": c.Redis.Timeout.String(),
	})
	if c.Redis.Database != 0 {
		redis["database"] = c.Redis.Database
	}
	if s := &c.Redis.Sentinel; s.Master != "" {
		redis["sentinel"] = some(map[string]any{"master": s.Master, "addresses": s.Addresses, "username": s.Username, "password_file": absolute(s.PasswordFile)})
	}
	if len(c.Redis.Cluster) > 0 {
		redis["cluster"] = c.Redis.Cluster
	}
	if c.Redis.TLS.Enabled {
		redis["tls"] = writtenTLS(&c.Redis.TLS)
	}
	if w := c.Redis.Wait; w.Replicas > 0 {
		redis["wait"] = map[string]any{"replicas": w.Replicas, "timeout": w.Timeout.String()}
	}
	return map[string]any{
		"policy": policy, "kafka": kafka, "redis": redis,
		"identity": some(map[string]any{"mode": c.Identity.Mode, "key_file": absolute(c.Identity.KeyFile)}),
		"limits":   map[string]any{"people": c.Limits.People, "fetch_bytes": c.Limits.FetchBytes},
	}
}

func writtenTLS(c *config.TLS) map[string]any {
	return some(map[string]any{
		"enabled": true, "ca_file": absolute(c.CAFile), "server_name": c.ServerName,
		"cert_file": absolute(c.CertFile), "key_file": absolute(c.KeyFile),
	})
}

// some is what says something.
func some(all map[string]any) map[string]any {
	for key, value := range all {
		if value == "" || value == false {
			delete(all, key)
		}
	}
	return all
}

// absolute is a path that means the same from another folder.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return whole
}

// remove takes everything away that was made here.
func (p *place) remove(ctx context.Context) error {
	ctx, cancel := after(ctx)
	defer cancel()
	return errors.Join(p.bench.admin.remove(ctx, p.name+".", p.groups...), p.forget(ctx))
}

// scanned is how many keys are looked at in one step.
const scanned = 5000

// forget takes the keys away.
func (p *place) forget(ctx context.Context) error {
	if p.bench.cluster() {
		return p.forgetPartitions(ctx)
	}
	return p.bench.forget(ctx, p.name+":")
}

// forget takes away every key whose name begins so, in the one Redis that there is.
func (b *bench) forget(ctx context.Context, prefix string) error {
	for cursor := uint64(0); ; {
		keys, next, err := b.redis.Scan(ctx, cursor, prefix+"*", scanned).Result()
		if err == nil && len(keys) > 0 {
			err = b.redis.Unlink(ctx, keys...).Err()
		}
		if err != nil {
			return fmt.Errorf("remove the keys %s* from Redis: %w", prefix, err)
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// forgetPartitions is for a cluster, where nobody has all the keys. Of each partition one
// small key is left, which says that nothing is known.
func (p *place) forgetPartitions(ctx context.Context) error {
	store, err := redisstate.New(p.bench.redis, redisstate.Options{Prefix: p.name + ":"})
	if err != nil {
		return err
	}
	for partition := range p.partitions {
		err = errors.Join(err, store.Forget(ctx, int32(partition)), p.bench.redis.Del(ctx, fmt.Sprintf("%s:{p%d}:meta", p.name, partition)).Err())
	}
	return err
}
