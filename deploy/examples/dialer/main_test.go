package main

import (
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

// "Reports answered/no_answer/busy/abandoned/hold_timeout so that abandonment shows": who is put on hold is not called answered.
func TestTheHoldQueue(t *testing.T) {
	for name, c := range map[string]struct {
		agents int
		phones []string
		want   map[schemas.Result]int
	}{
		"an agent for everybody": {2, []string{"+491", "+492"}, map[schemas.Result]int{schemas.ResultAnswered: 2}},
		"nobody there":           {0, []string{"+490", "+491", "+493", "+494"}, map[schemas.Result]int{schemas.ResultAbandoned: 4}},
		"the dialer hangs up":    {0, []string{"+495", "+499"}, map[schemas.Result]int{schemas.ResultHoldTimeout: 2}},
		"one waits long enough":  {1, []string{"+493", "+493"}, map[schemas.Result]int{schemas.ResultAnswered: 2}},
		"two do not":             {1, []string{"+492", "+492", "+492"}, map[schemas.Result]int{schemas.ResultAnswered: 1, schemas.ResultAbandoned: 2}},
		"not everybody picks up": {0, []string{"+497", "+498"}, map[schemas.Result]int{schemas.ResultBusy: 1, schemas.ResultNoAnswer: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHall(c.agents, 20, time.Second)
				var mu sync.Mutex
				got := make(map[schemas.Result]int)
				var calls sync.WaitGroup
				for _, phone := range c.phones {
					calls.Go(func() {
						result := h.call(phone)
						mu.Lock()
						got[result]++
						mu.Unlock()
					})
				}
				calls.Wait()
				if !maps.Equal(got, c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
				if len(h.agents) != 0 {
					t.Error("an agent talks on after the last call")
				}
			})
		})
	}
}
