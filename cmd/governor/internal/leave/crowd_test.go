package leave

import (
	"fmt"
	"testing"
	"time"
)

func TestACrowdIsBoundedInMemory(t *testing.T) {
	c := newCrowd()
	c.most, c.burst, c.each = 10, 2, 1
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for i := range 100 {
		if remote := fmt.Sprintf("192.0.2.%d:80", i); !c.admits(remote, now) {
			t.Errorf("%s is kept out by others", remote)
		}
	}
	if len(c.seen) != 10 {
		t.Errorf("%d addresses in memory", len(c.seen))
	}
	now = now.Add(time.Minute)
	if !c.admits("198.51.100.1:80", now) || len(c.seen) != 1 {
		t.Errorf("a minute later %d addresses are in memory", len(c.seen))
	}
}

// Whoever has one IPv6 network has all of its addresses.
func TestANetworkIsOneAddress(t *testing.T) {
	c := newCrowd()
	c.burst = 2
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for _, s := range []struct {
		remote string
		admits bool
	}{
		{"[2001:db8::1]:80", true}, {"[2001:db8::2]:80", true}, {"[2001:db8::3]:80", false}, {"[2001:db8:0:1::3]:80", true},
		{"192.0.2.1:1", true}, {"[::ffff:192.0.2.1]:2", true}, {"192.0.2.1:3", false},
		{"", true}, {"@", true}, {"pipe:1", true}, {"", true}, {"[fe80::1%eth0]:80", true},
	} {
		if got := c.admits(s.remote, now); got != s.admits {
			t.Errorf("%q: %v", s.remote, got)
		}
		now = now.Add(-time.Second) // a clock that goes back gives nothing, and takes nothing
	}
}
