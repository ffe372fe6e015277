package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
)

// learned is something that is found out once, for all who wait for it. What failed is
// not tried again for a moment.
type learned struct {
	find func(context.Context) error
	life context.Context // while there is somebody to find it out for

	mu     sync.Mutex
	known  bool
	failed error
	at     time.Time     // when it failed
	asking chan struct{} // closed when what is under way is over; nil: nothing is
	work   sync.WaitGroup
}

const (
	learnWithin = 5 * time.Second
	learnAgain  = time.Second
)

// wait finds it out, unless it is known. Whoever asks first and hangs up does not spoil
// it for the others.
func (l *learned) wait(ctx context.Context) error {
	l.mu.Lock()
	if l.known || l.failed != nil && time.Since(l.at) < learnAgain {
		defer l.mu.Unlock()
		return l.failed
	}
	if l.asking == nil {
		l.asking = make(chan struct{})
		l.work.Go(l.ask)
	}
	asking := l.asking
	l.mu.Unlock()
	select {
	case <-asking:
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.failed
	case <-ctx.Done():
		return errors.Join(api.ErrNoAnswer, ctx.Err())
	}
}

func (l *learned) ask() {
	ctx, cancel := context.WithTimeout(l.life, learnWithin)
	defer cancel()
	err := l.find(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed, l.known, l.at = err, err == nil, time.Now()
	close(l.asking)
	l.asking = nil
}
