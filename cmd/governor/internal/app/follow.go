package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Source is where the policy is from, so that what changes there can be followed.
type Source struct {
	// Names are files and built-in policies, with commas between them.
	Names string

	// Load reads and checks them.
	Load func() (*rules.Policy, error)

	// Every is how often the files are looked at. What changed is read when it has
	// rested for as long, since a file that is being written may be a policy that
	// lacks its end. Default a second.
	Every time.Duration

	// Again asks for the files to be read at once, whether they changed or not. It
	// may be nil.
	Again <-chan os.Signal
}

// follow adopts the policy whenever its files have changed, until ctx ends. One that
// has mistakes is told, once, and the one before stays in force.
func (a *App) follow(ctx context.Context, s *Source) {
	f := follower{app: a, source: s, last: s.content()} // it is read once, for it may have changed since it was loaded
	every := s.Every
	if every <= 0 {
		every = time.Second
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.Again:
			if f.last = s.content(); f.read(ctx) {
				a.o.Log.Info("the policy has not changed", zap.String("policy", a.policy.Load().Name()), zap.String("hash", a.policy.Load().Hash()))
			}
		case <-ticker.C:
			content := s.content()
			rested := content == f.last
			f.last = content
			if rested && content != f.done {
				f.read(ctx)
			}
		}
	}
}

// content stands for what is in the files now, or for why they cannot be read.
func (s *Source) content() (sum [sha256.Size]byte) {
	h := sha256.New()
	for name := range strings.SplitSeq(s.Names, ",") {
		name = strings.TrimSpace(name)
		if _, builtIn := packs.Find(name); builtIn {
			continue
		}
		text, err := os.ReadFile(name)
		fmt.Fprintf(h, "%q %q %v\n", name, text, err)
	}
	return [sha256.Size]byte(h.Sum(sum[:0]))
}

// follower knows what was made of the files.
type follower struct {
	app    *App
	source *Source
	last   [sha256.Size]byte // as they were looked at last
	done   [sha256.Size]byte // as they were read last
	broken bool              // and had mistakes
}

// read reads the policy and adopts it. It says whether that is the one in force.
func (f *follower) read(ctx context.Context) (same bool) {
	log, now := f.app.o.Log, f.app.policy.Load()
	policy, err := f.source.Load()
	if f.source.content() != f.last {
		return false // it changed meanwhile, and is read again when it rests
	}
	f.done = f.last
	if err == nil {
		err = sameClock(now, policy)
	}
	switch {
	case err != nil:
		f.broken = true
		log.Error("the policy cannot be used, and the one before stays in force: mend it",
			zap.Strings("mistakes", mistakes(err)), zap.String("in_force", now.Hash()))
		return false
	case policy.Hash() != now.Hash():
		f.app.adopt(policy)
		log.Info("policy adopted", zap.String("policy", policy.Name()), zap.String("hash", policy.Hash()), zap.String("before", now.Hash()))
		f.app.remind(ctx, now, policy)
	case f.broken:
		log.Info("the policy is in order again, and is the one in force", zap.String("policy", now.Name()), zap.String("hash", now.Hash()))
	default:
		same = true
	}
	f.broken = false
	return same
}

// mistakes are what is wrong, each with file, line and column where it has them.
func mistakes(err error) (lines []string) {
	var all *strictyaml.Errors
	if !errors.As(err, &all) {
		return []string{err.Error()}
	}
	for _, p := range all.Problems {
		lines = append(lines, p.String())
	}
	return lines
}

// remind warns where the topics were made for a policy that looks back less far.
func (a *App) remind(ctx context.Context, before, now *rules.Policy) {
	if now.Memory() <= before.Memory() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, mostPause)
	defer cancel()
	if err := a.kafka.Admin().Ensure(ctx, topics(&a.o.Config.Kafka, now, 0)); err != nil {
		a.o.Log.Warn("the policy looks back further than the one before, and the topics may not be kept so long",
			zap.Duration("looks_back", now.Memory()), zap.Error(err))
	}
}
