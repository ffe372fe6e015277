package redisstate

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// BenchmarkCommit commits batches in which so many people have changed, both
// parts, as large as those of a person with one no and five contacts. Beside the
// time it reports what Redis itself spent on a batch, where it tells.
func BenchmarkCommit(b *testing.B) {
	for _, server := range servers() {
		for _, people := range []int{100, 500} {
			b.Run(fmt.Sprintf("%s/people=%d", server.name, people), func(b *testing.B) {
				s := server.open(b, Options{})
				if _, err := s.Acquire(b.Context(), 3, "bench"); err != nil {
					b.Fatal(err)
				}
				batch := &state.Batch{Owner: "bench", Outbox: make([]byte, 300*people)}
				batch.Mark.Tails = map[string]int64{"contact.approved": 1, "contact.vetoed": 2, "contact.revoked": 3}
				for i := range people {
					batch.People = append(batch.People, state.Change{
						Person: rules.PersonID(fmt.Sprintf("person-%d@example.org", i)),
						Memory: state.Memory{Standing: make([]byte, 250), Log: make([]byte, 600)}, SetStanding: true, SetLog: true,
					})
				}
				spent := inTransactions(b, s.client)
				for b.Loop() {
					batch.Mark.Batch++
					if err := s.Commit(b.Context(), 3, batch); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
				if spent := inTransactions(b, s.client) - spent; spent > 0 {
					b.ReportMetric(spent/float64(b.N), "redis-µs/op")
				}
			})
		}
	}
}

// BenchmarkLoad loads people of the same size.
func BenchmarkLoad(b *testing.B) {
	for _, server := range servers() {
		for _, people := range []int{100, 500} {
			b.Run(fmt.Sprintf("%s/people=%d", server.name, people), func(b *testing.B) {
				s := server.open(b, Options{})
				if _, err := s.Acquire(b.Context(), 3, "bench"); err != nil {
					b.Fatal(err)
				}
				batch := &state.Batch{Owner: "bench", Mark: state.Mark{Batch: 1}}
				ids := make([]rules.PersonID, people)
				for i := range ids {
					ids[i] = rules.PersonID(fmt.Sprintf("person-%d@example.org", i))
					batch.People = append(batch.People, state.Change{
						Person: ids[i],
						Memory: state.Memory{Standing: make([]byte, 250), Log: make([]byte, 600)}, SetStanding: true, SetLog: true,
					})
				}
				if err := s.Commit(b.Context(), 3, batch); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if _, err := s.Load(b.Context(), 3, ids); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
			})
		}
	}
}

// inTransactions are the microseconds that Redis spent in EXEC so far; 0 if it does
// not tell.
func inTransactions(b *testing.B, client redis.UniversalClient) float64 {
	b.Helper()
	text, err := client.Info(b.Context(), "commandstats").Result()
	if err != nil {
		return 0
	}
	match := regexp.MustCompile(`cmdstat_exec:calls=\d+,usec=(\d+)`).FindStringSubmatch(text)
	if match == nil {
		return 0
	}
	usec, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		b.Fatal(err)
	}
	return usec
}
