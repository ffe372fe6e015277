package app

import (
	"slices"
	"sync"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/rules"
)

// adoptions are the policies that were in force since the process began.
type adoptions struct {
	mu  sync.Mutex
	all []api.Adopted
}

// mostAdoptions bounds them. The first is always there.
const mostAdoptions = 1000

// adopt puts a policy in force.
func (a *App) adopt(p *rules.Policy) {
	a.policy.Store(p)
	a.since.note(p, a.clock())
}

// clock is the present.
func (a *App) clock() time.Time {
	if a.o.Clock != nil {
		return a.o.Clock()
	}
	return time.Now()
}

func (a *adoptions) note(p *rules.Policy, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.all) == mostAdoptions {
		a.all = slices.Delete(a.all, 1, 2)
	}
	a.all = append(a.all, api.Adopted{Name: p.Name(), Hash: p.Hash(), Since: at})
}

func (a *adoptions) list() []api.Adopted {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.all)
}
