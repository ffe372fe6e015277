package leave

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// crowd bounds how often one address may come, so that one machine that guesses at
// links, or is out of order, leaves room for people. It is so high that no person
// meets it, and no mail provider that passes on what its people pressed: behind the
// bound, a no would be late.
//
// A person's no is never bounded by what somebody else does, so an address for which
// there is no room in memory passes.
type crowd struct {
	each  float64 // a second
	burst float64
	most  int // addresses in memory

	mu    sync.Mutex
	seen  map[netip.Prefix]bucket
	swept time.Time
}

// bucket is what an address has left, as of then.
type bucket struct {
	left float64
	then time.Time
}

const (
	comesEach  = 100
	comesBurst = 3000
	comesMost  = 20_000
)

func newCrowd() *crowd {
	return &crowd{each: comesEach, burst: comesBurst, most: comesMost, seen: make(map[netip.Prefix]bucket)}
}

// admits says whether who is at the remote address may come now.
func (c *crowd) admits(remote string, now time.Time) bool {
	who, ok := subscriber(remote)
	if !ok {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b, known := c.seen[who]
	if !known {
		if len(c.seen) >= c.most && !c.forget(now) {
			return true
		}
		b = bucket{c.burst, now}
	}
	b.left = c.filled(b, now)
	b.then = now
	if b.left < 1 {
		c.seen[who] = b
		return false
	}
	b.left--
	c.seen[who] = b
	return true
}

func (c *crowd) filled(b bucket, now time.Time) float64 {
	return min(c.burst, b.left+max(0, now.Sub(b.then).Seconds())*c.each)
}

// forget drops the addresses that have all of theirs left, once a second at most,
// and says whether there is room then.
func (c *crowd) forget(now time.Time) bool {
	if now.Sub(c.swept) < time.Second {
		return false
	}
	c.swept = now
	for who, b := range c.seen {
		if c.filled(b, now) >= c.burst {
			delete(c.seen, who)
		}
	}
	return len(c.seen) < c.most
}

// subscriber is an address, of IPv6 the half that one subscriber has.
func subscriber(remote string) (netip.Prefix, bool) {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return netip.Prefix{}, false
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}, false
	}
	address = address.Unmap().WithZone("")
	bits := 32
	if address.Is6() {
		bits = 64
	}
	p, err := address.Prefix(bits)
	return p, err == nil
}
