package verify_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
)

// memory is a log in memory, to plant faults in.
type memory map[string][]verify.Record // by topic and partition

func (m memory) Partitions() []int32 { return []int32{0, 1} }

func (m memory) Read(_ context.Context, topic string, partition int32, visit func(*verify.Record) error) (int64, error) {
	records := m[fmt.Sprint(topic, partition)]
	for i := range records {
		if err := visit(&records[i]); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// healthy is the dump of the real governor's log.
func healthy(t *testing.T) memory {
	t.Helper()
	dump, err := verify.OpenDump("testdata", "")
	if err != nil {
		t.Fatal(err)
	}
	defer dump.Close()
	return remembered(t, dump)
}

// remembered is all of a log.
func remembered(t *testing.T, log verify.Log) memory {
	t.Helper()
	m := memory{}
	for _, partition := range log.Partitions() {
		for _, topic := range verify.Topics() {
			_, err := log.Read(t.Context(), topic, partition, func(r *verify.Record) error {
				r.Headers = slices.Clone(r.Headers)
				m[fmt.Sprint(topic, partition)] = append(m[fmt.Sprint(topic, partition)], *r)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// check runs the checker and collects what it tells.
func check(t *testing.T, log verify.Log, o verify.Options) (found []verify.Breach, summary verify.Summary) {
	t.Helper()
	summary, err := verify.Check(t.Context(), log, o, func(b verify.Breach) { found = append(found, b) })
	if err != nil {
		t.Fatal(err)
	}
	if summary.Found() != len(found) {
		t.Errorf("%d breaches were told, and the summary has %d", len(found), summary.Found())
	}
	return found, summary
}
