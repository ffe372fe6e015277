package bench

import (
	"context"
	"fmt"
	"os"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
)

// Load makes topics under the name, loads them with the peers' work, and leaves them there,
// for whoever wants to look at a governor that is at work, with a profiler for instance. It
// writes a configuration and the policy for governor run, and says nothing more. Unload
// takes all of it away.
func Load(ctx context.Context, o Options, name, file string) error {
	b, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer b.close()
	p := &place{bench: b, name: name, partitions: o.Partitions}
	if err := p.make(ctx); err != nil {
		return err
	}
	if err := p.loadWork(ctx, b.o.work()); err != nil {
		return err
	}
	policy := absolute(file) + ".policy.yaml"
	if err := os.WriteFile(policy, peersPolicy, 0o600); err != nil {
		return fmt.Errorf("write the policy: %w", err)
	}
	made, err := p.configure("by-hand", policy, p.group("governors"))
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text(made)), 0o600)
}

// Judged holds what a governor decided of the work that Load loaded against the oracle.
func Judged(ctx context.Context, o Options, name string) (peerwork.Verdict, error) {
	b, err := open(ctx, o)
	if err != nil {
		return peerwork.Verdict{}, err
	}
	defer b.close()
	p := &place{bench: b, name: name, partitions: o.Partitions}
	verdict, _, err := p.judge(ctx, b.o.work())
	return verdict, err
}

// Unload takes away what Load made, and what a governor made there.
func Unload(ctx context.Context, o Options, name string) error {
	b, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer b.close()
	p := &place{bench: b, name: name, partitions: o.Partitions}
	p.group("governors")
	return p.remove(ctx)
}
