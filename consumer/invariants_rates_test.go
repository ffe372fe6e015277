package consumer_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// checkRates: "exact after crashes: add them up against the decisions". The highest
// count of a key stands, and it is never told of more than there were.
func (h *history) checkRates(v *violations, decisions []entry) {
	type rate struct {
		Minute                                              time.Time
		Partition                                           int32
		Campaign, Channel, Purpose, Engine, Verdict, Reason string
	}
	decisions = distinct(decisions)
	slices.SortStableFunc(decisions, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.number("governor_batch"), b.number("governor_batch")),
			cmp.Compare(a.number("governor_index"), b.number("governor_index")))
	})
	made, latest := make(map[rate]int64), make(map[int32]time.Time)
	for _, e := range decisions {
		var r rate
		if json.Unmarshal(e.value, &r) != nil {
			continue
		}
		cell := time.Minute
		if strings.HasPrefix(e.message().Policy, "event-") {
			cell = 24 * time.Hour
		}
		if minute := e.message().Decided.Truncate(cell); minute.After(latest[e.partition]) {
			latest[e.partition] = minute
		}
		r.Minute, r.Partition = latest[e.partition], e.partition
		made[r]++
	}
	told := make(map[rate]int64)
	for _, e := range h.topics["contact.veto-rates"] {
		var r rate
		var n struct{ Count int64 }
		if json.Unmarshal(e.value, &r) != nil || json.Unmarshal(e.value, &n) != nil {
			v.add("rates", "%s is no rate", e.where())
		}
		told[r] = max(told[r], n.Count)
		if r.Partition != e.partition {
			v.add("rates", "%s is of partition %d", e.where(), r.Partition)
		}
	}
	for r, n := range made {
		if told[r] != n {
			v.add("rates", "%+v is told to be %d, and is %d", r, told[r], n)
		}
	}
	for r, n := range told {
		if made[r] == 0 {
			v.add("rates", "%+v is told to be %d, and there is none", r, n)
		}
	}
}
