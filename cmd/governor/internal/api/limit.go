package api

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// mostLimits bounds for how many it is remembered how often they asked.
const mostLimits = 4096

// limits is how often each of many asked. It keeps the latest: of two generations the
// older is dropped when the younger is full.
type limits struct {
	each  rate.Limit
	burst int
	clock func() time.Time

	mu         sync.Mutex
	young, old map[string]*rate.Limiter
}

func newLimits(perSecond int, clock func() time.Time) *limits {
	return &limits{each: rate.Limit(perSecond), burst: 2 * perSecond, clock: clock, young: make(map[string]*rate.Limiter)}
}

// allow says whether one may ask once more now.
func (l *limits) allow(who string) bool { return l.of(who).AllowN(l.clock(), 1) }

func (l *limits) of(who string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.young[who]; one != nil {
		return one
	}
	one := l.old[who]
	if one == nil {
		one = rate.NewLimiter(l.each, l.burst)
	}
	if len(l.young) >= mostLimits {
		l.old, l.young = l.young, make(map[string]*rate.Limiter)
	}
	l.young[who] = one
	return one
}

// place is from where a request came: its address, or of IPv6 the network that one
// subscriber has.
func place(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is6() {
		network, _ := addr.Prefix(64) // of an IPv6 address it cannot fail
		return network.String()
	}
	return addr.String()
}
