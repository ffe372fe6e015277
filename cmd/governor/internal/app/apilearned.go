package app

import (
	"context"
	"sync"
	"time"
)

// learned is something that is found out once. What failed is not tried again for a
// moment, so that many who wait for it do not try one after another.
type learned struct {
	mu     sync.Mutex
	known  bool
	failed error
	at     time.Time // when it failed
}

const (
	learnWithin = 5 * time.Second
	learnAgain  = time.Second
)

// by finds it out, unless it is known. Whoever asks first and hangs up does not spoil it
// for the others.
func (l *learned) by(ctx context.Context, find func(context.Context) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known || l.failed != nil && time.Since(l.at) < learnAgain {
		return l.failed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), learnWithin)
	defer cancel()
	l.failed = find(ctx)
	l.known, l.at = l.failed == nil, time.Now()
	return l.failed
}
