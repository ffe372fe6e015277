//go:build integration

package integration

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// abortOne aborts a transaction of a producer: what was in it was never said. Every third transaction is committed, so
// that there are decisions between the markers.
func abortOne(r *trial) {
	client := r.place.kafka.client(r.T, kgo.TransactionalID(r.place.prefix+"engine"))
	for r.again() {
		for turn := range 3 {
			must(r.T, client.BeginTransaction())
			person := fmt.Sprintf("%s-transaction-%d-%d", r.place.group, r.tried, turn)
			in := marketing("t-"+person, person, "email", "c")
			no := signal{ID: "no-" + person, Person: person, Type: "refusal", At: stamp(time.Now()), Source: "test"}
			end := kgo.TryAbort
			records := []*kgo.Record{r.place.record(r.T, "contact.intents", person, in), r.place.record(r.T, "contact.signals", person, no)}
			if turn == 2 {
				end, records = kgo.TryCommit, records[:1]
				r.crowd.mu.Lock()
				r.crowd.asked[in.ID] = person
				r.crowd.mu.Unlock()
			}
			must(r.T, client.ProduceSync(patiently(r.T), records...).FirstErr())
			r.rest(100 * time.Millisecond)
			must(r.T, client.EndTransaction(patiently(r.T), end))
		}
		r.tried++ // two were aborted
		r.decides("to be decided after a transaction", 1)
	}
}

// poisonOne waits for the crowd to publish something that cannot be read.
func poisonOne(r *trial) {
	for r.again() {
		waitAtLength(r.T, "a record that cannot be read", func() bool {
			r.crowd.mu.Lock()
			defer r.crowd.mu.Unlock()
			return r.crowd.poisoned >= r.tried
		})
	}
}
