package verify_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
)

// past makes of the log one that was decided by the clock of the events: it has the
// same decisions, and its rates are counted by the day.
func (l *lab) past() {
	l.t.Helper()
	for _, partition := range l.Partitions() {
		for _, topic := range []string{verify.Approved, verify.Vetoed} {
			records := l.memory[fmt.Sprint(topic, partition)]
			for i := range records {
				l.edit(&records[i], `"policy":"`, `"policy":"event-`)
			}
		}
		counts, days := map[string]int64{}, map[string]int64{} // by what is counted, in a minute and in a day
		rates := l.memory[fmt.Sprint(verify.VetoRates, partition)]
		for i := range rates {
			r := &rates[i]
			var m struct {
				Minute time.Time
				Count  int64
			}
			if err := json.Unmarshal(r.Value, &m); err != nil {
				l.t.Fatal(err)
			}
			minute := m.Minute.Format(`"minute":"2006-01-02T15:04:05.000Z"`)
			day := m.Minute.Truncate(24 * time.Hour).Format(`"minute":"2006-01-02T15:04:05.000Z"`)
			count := fmt.Sprintf(`"count":%d`, m.Count)
			sort := strings.TrimSuffix(string(r.Value), count+"}")
			counted := strings.Replace(sort, minute, day, 1)
			days[counted] += m.Count - counts[sort]
			counts[sort] = m.Count
			l.edit(r, minute, day, count, fmt.Sprintf(`"count":%d`, days[counted]))
		}
	}
}

// The log of a policy that is for the past is as sound as any, and what is false in
// it is found: its rates are by the day, and those of any other by the minute.
func ofThePast() []fault {
	const last = `"minute":"2026-05-12T00:00:00.000Z"`
	var (
		hour = strings.Replace(last, "T00:00", "T12:00", 1)
		rate = func(l *lab) *verify.Record {
			return l.find(verify.VetoRates, last, `"purpose":"marketing"`, `"approved"`)
		}
	)
	return []fault{
		{"harmless: a log of the past", (*lab).past, ""},
		{"harmless: a count of the past that is told again", func(l *lab) {
			l.past()
			again := copied(rate(l))
			l.memory[fmt.Sprint(again.Topic, again.Partition)] = append(l.memory[fmt.Sprint(again.Topic, again.Partition)], *again)
			l.number(fmt.Sprint(again.Topic, again.Partition))
		}, ""},
		{"a decision of the past that is counted twice", func(l *lab) { l.past(); l.edit(rate(l), `"count":1`, `"count":2`) }, "false-rate"},
		{"a decision of the past that is not counted", func(l *lab) { l.past(); l.drop(rate(l)) }, "false-rate batch-gap"},
		{"a decision of the past that is counted by the minute", func(l *lab) { l.past(); l.edit(rate(l), last, hour) }, "false-rate"},
		{"a decision of today that is counted by the day", func(l *lab) {
			l.edit(l.find(verify.VetoRates, hour, `"purpose":"marketing"`, `"approved"`), hour, last)
		}, "false-rate"},
	}
}
