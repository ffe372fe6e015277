package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// used is what had been used at an instant.
type used struct {
	at                 time.Time
	own, broker, redis float64 // processor seconds
	resident           float64 // MiB, the most so far
	commands           float64 // of Redis, with those in transactions and scripts
	memory             float64 // of Redis, bytes
}

// use takes a snapshot. Processes are those of the subject.
func (b *bench) use(ctx context.Context, processes ...Process) (used, error) {
	u := used{at: time.Now()}
	for _, p := range processes {
		seconds, resident := processor(p.ID())
		u.own += seconds
		u.resident = max(u.resident, resident)
	}
	if b.broker > 0 {
		u.broker, _ = processor(b.broker)
	}
	if b.cluster() {
		return u, nil // one node of several would tell half of it
	}
	b.asked++
	info, err := b.redis.Info(ctx, "cpu", "stats", "memory").Result()
	if err != nil {
		return used{}, fmt.Errorf("ask Redis what it used: %w", err)
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		n, _ := strconv.ParseFloat(value, 64) // what is no number is not looked at
		switch name {
		case "used_cpu_sys", "used_cpu_user":
			u.redis += n
		case "total_commands_processed":
			u.commands = n - b.asked
		case "used_memory":
			u.memory = n
		}
	}
	return u, nil
}

// cluster says whether the memory is spread over several Redis.
func (b *bench) cluster() bool { return len(b.o.Config.Redis.Cluster) > 0 }
