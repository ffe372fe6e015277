package redisstate

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// BenchmarkSize measures what a person costs: the bytes of the two values, and
// where a real Redis is there (an idle one, else others are measured too) what its
// used_memory grows by for each of 10,000. README.md of package state quotes it.
//
//	GOVERNOR_TEST_REDIS=127.0.0.1:6379 go test -run - -bench Size -benchtime 1x ./state/redisstate
func BenchmarkSize(b *testing.B) {
	const people = 10_000
	for _, c := range []struct{ refusals, contacts, vetoes int }{
		{1, 0, 0}, {0, 1, 0}, {1, 5, 0}, {1, 5, 20}, {3, 50, 0}, {0, 0, 1000},
	} {
		for _, server := range servers() {
			b.Run(fmt.Sprintf("%s/refusals=%d,contacts=%d,vetoes=%d", server.name, c.refusals, c.contacts, c.vetoes), func(b *testing.B) {
				memory := remembered(b, c.refusals, c.contacts, c.vetoes)
				b.ReportMetric(float64(len(memory.Standing)), "standing-B")
				b.ReportMetric(float64(len(memory.Log)), "log-B")
				s := server.open(b, Options{})
				must(b, acquireOnly(b, s, "bench"))
				before, told := usedMemory(b, s.client)
				if !told {
					return
				}
				for n := range people / 1000 {
					batch := &state.Batch{Owner: "bench", Mark: state.Mark{Batch: int64(n + 1)}}
					for i := range 1000 {
						batch.People = append(batch.People, state.Change{
							Person: rules.PersonID(fmt.Sprintf("person-%06d@example.org", 1000*n+i)), Memory: memory, SetStanding: true, SetLog: true,
						})
					}
					must(b, s.Commit(b.Context(), 3, batch))
				}
				after, _ := usedMemory(b, s.client)
				b.ReportMetric((after-before)/people, "redis-B/person")
			})
		}
	}
}

// remembered is a person with so much of a history, in two years.
func remembered(b *testing.B, refusals, contacts, vetoes int) state.Memory {
	b.Helper()
	policy, problems := rules.Compile(&rules.Spec{
		Name: "size", Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "email"}}, Silence: &rules.SpanRule{Within: 90 * 24 * time.Hour},
	})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	var p state.Person
	now := rules.Instant(1_790_000_000_000)
	for i := range refusals {
		now = now.Add(24 * time.Hour)
		state.ApplySignal(policy, &p, &state.Signal{
			ID: rules.SignalID(fmt.Sprintf("sig-0000-%04d", i)), Type: state.Refusal, At: now, Scope: rules.Scope{Brand: rules.Brand(fmt.Sprintf("brand-%d", i))},
		}, now)
	}
	for i := range contacts + vetoes {
		now = now.Add(7 * time.Hour)
		in := rules.Intent{
			ID: rules.IntentID(fmt.Sprintf("intent-0000-%06d", i)), Person: "person-000000@example.org", Channel: "email", Purpose: "marketing",
			Campaign: "spring-2026", Brand: "acme", Address: "person-000000@example.org", At: now,
		}
		d := rules.Decision{Verdict: rules.Approved, NotAfter: now.Add(15 * time.Minute)}
		if i >= contacts {
			d.Verdict = rules.Vetoed
		}
		state.ApplyDecision(policy, &p, &in, rules.DecisionFor(in.Person, in.ID), &d, nil, now)
	}
	p.Prune(policy, now)
	standing, err := state.EncodeStanding("person-000000@example.org", &p)
	must(b, err)
	return state.Memory{Standing: standing, Log: state.EncodeLog(&p)}
}

func usedMemory(b *testing.B, client redis.UniversalClient) (bytes float64, told bool) {
	b.Helper()
	text, err := client.Info(b.Context(), "memory").Result()
	if err != nil {
		return 0, false
	}
	bytes, err = strconv.ParseFloat(regexp.MustCompile(`used_memory:(\d+)`).FindStringSubmatch(text)[1], 64)
	must(b, err)
	return bytes, true
}
