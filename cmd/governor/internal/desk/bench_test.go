package desk

import (
	"fmt"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// What a decision costs, with its count, and what a view does: of a day in which 200,000
// people do not answer and 2,000 of them said no.
func BenchmarkDesk(b *testing.B) {
	w := newWorld()
	for i := range 2000 {
		w.says(b, fmt.Sprint("p", i), fmt.Sprint("s", i), rules.Refused, rules.Scope{}, 0)
	}
	for i := range 5000 {
		w.pass(17 * time.Second)
		w.decides(mail(fmt.Sprint("p", i)), "refused.state", "cap.any")
	}
	f := foldAll(b, w.log)
	for i := range uint64(190_000) {
		f.people.silent[i] = 1
	}
	b.Run("record", func(b *testing.B) {
		records := w.log[2000:]
		for i := range b.N {
			r := records[i%len(records)]
			r.record.Headers = nil // it is new each time
			if err := f.take(r.topic, 0, &r.record); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("view", func(b *testing.B) {
		for range b.N {
			f.view(w.now)
		}
	})
}
