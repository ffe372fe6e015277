package sealed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// BenchmarkHide is what hiding adds to the loading and saving of one person, of whom
// as much is kept as README.md of package state says of one refusal and 5 contacts.
func BenchmarkHide(b *testing.B) {
	for name, o := range map[string]Options{"nobody": {}, "erased": {Keys: keys(b, 1)}, "everybody": hashed(b, 1), "everybody, two keys": hashed(b, 2, 1)} {
		b.Run(name, func(b *testing.B) {
			s := store(b, memstate.New(), o)
			owner := "bench"
			if _, err := s.Acquire(b.Context(), at, owner); err != nil {
				b.Fatal(err)
			}
			standing, log := strings.Repeat("s", 270), strings.Repeat("l", 789)
			var people []rules.PersonID
			batch := state.Batch{Owner: owner}
			for i := range 100 {
				id := rules.PersonID(fmt.Sprint("person-", i))
				people, batch.People = append(people, id), append(batch.People, both(id, standing, log))
			}
			for b.Loop() {
				batch.Mark.Batch++
				if err := s.Commit(b.Context(), at, &batch); err != nil {
					b.Fatal(err)
				}
				if _, err := s.Load(b.Context(), at, people); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(people)), "ns/person")
		})
	}
}
