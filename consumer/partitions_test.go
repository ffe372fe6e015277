package consumer_test

import (
	"errors"
	"testing"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// "A changed partition count" (issue 5): people belong elsewhere then than where
// they are remembered, and somebody who said no would be taken for one who never
// did. It is held, whether the memory is there or has to be rebuilt.
func TestAChangedNumberOfPartitionsIsRefused(t *testing.T) {
	for name, after := range map[string]func(state.Store) state.Store{
		"remembered": func(was state.Store) state.Store { return was },
		"lost":       func(state.Store) state.Store { return memstate.New() },
	} {
		t.Run(name, func(t *testing.T) {
			log, c, w, store := newFakeLog(), newClock(noon), &watcher{}, memstate.New()
			log.publish(signal("no", "ana", "refusal", noon), intent("i", "ana", "email", "marketing", noon))
			first := newFakeProcess(log, store)
			r := start(t, config(first, c, nil), first)
			until(t, "it decides", func() bool { return log.size(governor.Vetoed) == 1 })
			r.stop()
			r.wait()

			second := newFakeProcess(log, after(store))
			cfg := config(second, c, w)
			cfg.Partitions, cfg.PartitionOf = 2, func([]byte) int32 { return 1 }
			log.publish(intent("j", "ana", "email", "marketing", noon))
			start(t, cfg, second)
			until(t, "it holds", func() bool { return w.count("held") > 2 })
			if !errors.Is(w.why(), consumer.ErrPartitions) {
				t.Errorf("it said: %v", w.why())
			}
			if n := log.size(governor.Approved); n != 0 {
				t.Errorf("%d approvals", n)
			}
		})
	}
}
