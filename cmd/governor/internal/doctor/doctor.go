package doctor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Options say how to look.
type Options struct {
	File    string           // the configuration
	Version string           // of this program
	Timeout time.Duration    // how long each question may take
	Clock   func() time.Time // nil: time.Now
}

// Examine looks at everything. It ends within a few times the timeout, whatever is
// away. A configuration that is wrong is all that it then tells: what it says of the
// rest cannot be believed.
func Examine(ctx context.Context, o Options) *Report {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	var all notes
	all.ok("governor", "%s, %s/%s, %d processors", o.Version, runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	c, err := config.Load(o.File)
	if err != nil {
		mistakes(&all, err)
		return all.report()
	}
	all.ok("configuration", "%s has no mistakes", o.File)
	policy := examinePolicy(&all, c.Policy)
	all = append(all, examineFiles(&c, o.Clock())...)

	patient := &patient{o: o, config: &c, policy: policy}
	var kafka, redis, issuer, beside notes
	var looked sync.WaitGroup
	looked.Go(func() { patient.examineKafka(ctx, &kafka) })
	looked.Go(func() { patient.examineRedis(ctx, &redis) })
	looked.Go(func() { patient.examineIssuer(ctx, &issuer) })
	looked.Go(func() { patient.examineBeside(ctx, &beside) })
	looked.Wait()
	all = slices.Concat(all, kafka, redis, issuer, beside)
	return all.report()
}

// patient is what is looked at.
type patient struct {
	o      Options
	config *config.Config
	policy *rules.Policy // nil: it has mistakes
}

// within bounds one question.
func (p *patient) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, p.o.Timeout)
}

// mistakes tells each mistake of the configuration on its own.
func mistakes(n *notes, err error) {
	var all *strictyaml.Errors
	if !errors.As(err, &all) {
		n.add(Wrong, "configuration", err.Error(), "")
		return
	}
	for line := range strings.Lines(err.Error()) {
		n.add(Wrong, "configuration", line, "")
	}
}

// shownHash is how much of a hash is enough to tell policies apart.
const shownHash = 12

func examinePolicy(n *notes, names string) *rules.Policy {
	policy, err := policyfile.Load(names)
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			n.add(Wrong, "policy", line, "")
		}
		return nil
	}
	hash := policy.Hash()
	n.ok("policy", "%s, %s, looks back %s", policy.Name(), hash[:min(len(hash), shownHash)], days(policy.Memory()))
	if policy.EventClock() {
		n.add(Warning, "policy clock", "every intent is judged at the time that its engine wrote, so nothing that is approved may reach anybody",
			"for live traffic take clock: event out of the policy")
	}
	return policy
}

// days is a long time in days, a short one as it is.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", int(d/day))
	case d >= time.Minute:
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}
