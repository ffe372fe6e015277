package demo

import (
	"sync/atomic"
	"time"
)

// clock is the simulated time. Many may read it, one moves it.
type clock struct{ ms atomic.Int64 }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.ms.Store(at.UnixMilli())
	return c
}

func (c *clock) now() time.Time { return time.UnixMilli(c.ms.Load()).UTC() }

// moveTo moves the clock on. It does not go back.
func (c *clock) moveTo(at time.Time) { c.ms.Store(max(c.ms.Load(), at.UnixMilli())) }
