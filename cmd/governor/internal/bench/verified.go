package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify/kafkalog"
)

// verified asks governor verify, which shares no code with what decides, how many promises
// were broken, and notes it with the run. Limits are those of the policy; nil where they are
// not known.
func (p *place) verified(ctx context.Context, run *Run, limits *verify.Limits) error {
	if !p.bench.o.Verify && !p.bench.o.Quick {
		return nil
	}
	way := app.Kafka(&p.bench.o.Config.Kafka)
	log, err := kafkalog.Open(ctx, kafkalog.Options{Brokers: way.Brokers, Prefix: p.name + ".", Dial: way.Dial, SASL: way.SASL})
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer log.Close()
	o := verify.Options{Partitions: int32(p.partitions), Settled: true, Slack: time.Second, Limits: limits}
	found := 0
	summary, err := verify.Check(ctx, log, o, func(b verify.Breach) {
		if found++; found <= 5 {
			p.bench.tell("%s %s: %s", b.At, b.Name, b.Why)
		}
	})
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	n := summary.Found()
	run.Breaches = &n
	p.bench.tell("verify looked at %d records and found %d breaches", summary.Read(), n)
	return nil
}
