package rules

import (
	"fmt"
	"time"
)

// cooldown keeps predictive dialers away from a person who was called and then
// left without anybody to talk to.
type cooldown struct {
	meta
	after time.Duration
}

func (r *cooldown) free(q *question, at Instant) Instant {
	if q.in.Mode != ModePredictive || q.who.Abandoned == 0 {
		return at
	}
	return max(at, q.who.Abandoned.Add(r.after))
}

func (r *cooldown) detail(*question) string {
	return fmt.Sprintf("a call to this person was abandoned less than %s ago; a human may dial", span(r.after))
}
