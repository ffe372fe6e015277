package rules

import (
	"fmt"
	"time"
)

// notYet waits for the engine's own send window.
type notYet struct{ meta }

func (r *notYet) free(q *question, at Instant) Instant { return max(at, q.in.NotBefore) }

func (r *notYet) detail(q *question) string {
	return "the intent itself says not before " + q.in.NotBefore.String()
}

// stale refuses what waited too long: a contact that comes three weeks late is
// a surprise, not a message.
type stale struct {
	meta
	maxAge time.Duration
}

func (r *stale) free(q *question, at Instant) Instant {
	if at >= q.in.At.Add(r.maxAge) || (q.in.NotAfter != 0 && at >= q.in.NotAfter) {
		return Never
	}
	return at
}

func (r *stale) detail(q *question) string {
	if q.in.NotAfter != 0 && q.now >= q.in.NotAfter {
		return "the intent itself says not from " + q.in.NotAfter.String() + " on"
	}
	return fmt.Sprintf("the intent is %s old or older; make a new one if it still matters", span(r.maxAge))
}
