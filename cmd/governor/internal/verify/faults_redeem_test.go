package verify_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
)

// answer is what a worker heard that asked.
func (l *lab) answer(question string) *verify.Record {
	l.t.Helper()
	return l.find(verify.Redeemed, fmt.Sprintf(`"id":%q`, question))
}

// yes makes a yes of a no, by a governor that overlooked something.
func (l *lab) yes(question string, fields string) *verify.Record {
	l.t.Helper()
	r := l.answer(question)
	reason, _, _ := strings.Cut(after(string(r.Value), `"reason":"`), `"`)
	l.edit(r, `"ok":false`, `"ok":true`, `"reason":"`+reason+`"`, `"reason":"","not_after":"2026-05-04T12:15:00.000Z"`+fields)
	return r
}

// say appends a signal that nobody has heard yet.
func (l *lab) say(s said) {
	for _, partition := range l.Partitions() {
		slot := fmt.Sprint(verify.Signals, partition)
		for i := range l.memory[slot] {
			if r := l.memory[slot][i]; string(r.Key) == s.key || s.key == "bob" && partition == 0 {
				at := int64(len(l.memory[slot]))
				r.Offset, r.Headers, r.Key = l.memory[slot][at-1].Offset+1, nil, []byte(s.key)
				r.Value = []byte(strings.ReplaceAll(s.value, `"@"`, `"`+endOfStory+`"`))
				l.memory[slot] = append(l.memory[slot], r)
				return
			}
		}
	}
	l.t.Fatalf("%s said nothing in the story", s.key)
}

// stop has a campaign stopped, in the place of a signal.
func (l *lab) stop(instead, campaign string) {
	r := l.find(verify.Signals, fmt.Sprintf(`"id":%q`, instead))
	r.Key = []byte("\x1d" + campaign)
	r.Value = fmt.Appendf(nil, `{"id":"k1","person":"\u001d%[1]s","type":"governor.campaign","at":%[2]q,"campaign":{"campaign":%[1]q,"killed":%[2]q}}`, campaign, noon.Format(time.RFC3339))
	header(r, "governor_from", "api")
}

// audit appends a record of the doors.
func (l *lab) audit(key, fields string) {
	slot := fmt.Sprint(verify.Audit, 0)
	l.memory[slot] = append(l.memory[slot], verify.Record{
		Place: verify.Place{Topic: verify.Audit, Offset: int64(len(l.memory[slot]))}, Key: []byte(key),
		Value: fmt.Appendf(nil, `{"id":"a-1","who":"desk","action":"refuse",%s,"outcome":"done"}`, fields),
	})
}

func ofWorkers() []fault {
	return []fault{
		{"a worker that was not answered", func(l *lab) { l.drop(l.answer("q11")) }, "lost-answer batch-gap"},
		{"a worker that nobody came to", func(l *lab) { l.say(signal("q99", "pat", "redeem", "intent:r4", "worker:w1")) }, "lost-answer"},
		{"a worker that was answered twice", func(l *lab) {
			r := copied(l.answer("q10"))
			l.edit(r, "already_redeemed", "expired", "2026-05-04T12:05:00.000Z", endOfStory)
			l.next(r)
		}, "double-answer"},
		{"an answer to a question whose transaction was aborted", func(l *lab) { l.lose(l.find(verify.Signals, `"id":"q11"`)) }, "invented"},
		{"an answer to another worker", func(l *lab) { l.edit(l.answer("q11"), `"w1"`, `"w9"`) }, "miscopied"},
		{"an answer that is no JSON", func(l *lab) { l.edit(l.answer("q11"), `{`, ``) }, "misfiled lost-answer"},
		{"a no without a reason", func(l *lab) { l.edit(l.answer("q11"), `"expired"`, `""`) }, "misfiled lost-answer"},
		{"an answer that does not say to what", func(l *lab) { header(l.answer("q11"), "governor_source", "") }, "bad-headers lost-answer"},
		{"an answer without the id of its event", func(l *lab) { header(l.answer("q11"), "ce_id", "") }, "bad-headers"},
		{"answers that go back in time", func(l *lab) { l.edit(l.answer("q10"), "12:05:00.000Z", "12:01:00.000Z") }, "time-back"},
		{"answers out of the order of their questions", func(l *lab) {
			a, b := l.answer("q2"), l.answer("q5")
			a.Value, b.Value = b.Value, a.Value
			a.Key, b.Key = b.Key, a.Key
			for _, name := range []string{"ce_id", "governor_source"} {
				x, y := headerOf(a, name), headerOf(b, name)
				header(a, name, y)
				header(b, name, x)
			}
		}, "batch-order"},
		{"a yes to what was never approved", func(l *lab) { l.yes("q6", "") }, "false-yes"},
		{"a yes to a veto", func(l *lab) {
			r := l.yes("q6", "")
			l.edit(r, `"intent":"r9"`, fmt.Sprintf(`"intent":"r9","decision":%q`, headerOf(l.vetoed("c1"), "ce_id")))
		}, "false-yes"},
		{"a yes to somebody else's approval", func(l *lab) {
			l.edit(l.answer("q9"), headerOf(l.approved("r8"), "ce_id"), headerOf(l.approved("r4"), "ce_id"))
		}, "false-yes"},
		{"a yes before the approval", func(l *lab) {
			l.edit(l.approved("r5"), "2026-05-04T12:00:00.000Z", "2026-05-04T12:02:00.001Z")
		}, "false-yes time-back"},
		{"a yes to what was taken back", func(l *lab) { l.yes("q8", "") }, "false-yes"},
		{"a yes to what has its outcome", func(l *lab) { l.yes("q10", `,"again":true`) }, "false-yes"},
		{"a yes that came again without having been", func(l *lab) { l.edit(l.answer("q7"), `"answered"`, `"again":true,"answered"`) }, "false-yes"},
		{"a yes to two workers", func(l *lab) { l.yes("q2", "") }, "second-yes"},
		{"a yes that came again and does not say so", func(l *lab) { l.edit(l.answer("q3"), `,"again":true`, ``) }, "second-yes"},
		{"a yes at the very end", func(l *lab) { l.edit(l.yes("q11", ""), "12:20:00.000Z", "12:15:00.000Z") }, "late-yes"},
		{"a yes that is good for longer than the approval", func(l *lab) {
			l.edit(l.answer("q9"), "12:15:00.000Z", "12:15:00.001Z")
		}, "late-yes"},
		{"a yes after the no", func(l *lab) { l.yes("q5", `,"again":true`) }, "yes-after-refusal"},
		{"a yes for a campaign that was stopped", func(l *lab) {
			l.drop(l.answer("q2"))
			l.stop("q2", "spring")
		}, "yes-after-refusal approval-after-refusal batch-gap"},
		{"a revocation of what a worker had", func(l *lab) {
			r := copied(l.find(verify.Revoked, `"r3"`))
			l.edit(r, headerOf(l.approved("r3"), "ce_id"), headerOf(l.approved("r8"), "ce_id"), `"r3"`, `"r8"`, `"oda"`, `"rex"`, "2026-05-04T12:02:00.000Z", endOfStory)
			r.Key = []byte("rex")
			l.next(r)
		}, "false-revocation"},
		{"an audit whose key is a person", func(l *lab) { l.audit("cyd", `"person":"h-FbSvBTnLqnl0hCBqc_5nJfPW"`) }, "named-person"},
		{"an audit that names a person of another partition", func(l *lab) { l.audit("h-1", `"person":"ada"`) }, "named-person"},
	}
}

func ofLeaks() []fault {
	leak := func(l *lab) *verify.Record { return l.find(verify.Leaked, `"r2"`) }
	return []fault{
		{"a hidden leak", func(l *lab) { l.drop(leak(l)) }, "hidden-leak batch-gap"},
		{"a leak that is no JSON", func(l *lab) { l.edit(leak(l), `{`, ``) }, "misfiled hidden-leak"},
		{"a leak that was told twice", func(l *lab) {
			r := copied(leak(l))
			l.edit(r, `"id":"ld-`, `"id":"ldd-`)
			l.next(r)
		}, "false-leak"},
		{"a leak that was told again, otherwise", func(l *lab) {
			r := copied(leak(l))
			l.edit(r, `"reason":"refused.state"`, `"reason":"refused.address"`)
			l.next(r)
		}, "divergent"},
		{"a leak whose seconds are beautified", func(l *lab) {
			l.edit(leak(l), `"refused":"2026-05-04T12:02:00.000Z"`, `"refused":"2026-05-04T12:02:07.250Z"`)
		}, "false-leak"},
		{"a leak that says when another worker had it", func(l *lab) {
			l.edit(leak(l), `"redeemed":"2026-05-04T12:02:00.000Z"`, `"redeemed":"2026-05-04T12:01:00.000Z"`, `"seconds":0`, `"seconds":60`)
		}, "false-leak"},
		{"a leak of what was over", func(l *lab) {
			l.edit(leak(l), `"refused":"2026-05-04T12:02:00.000Z"`, `"refused":"2026-05-04T12:15:00.000Z"`, `"seconds":0`, `"seconds":780`)
		}, "false-leak"},
		{"a leak of what no worker had", func(l *lab) { l.leakOf("r4", "pat", "") }, "false-leak"},
		{"a leak of what was never approved", func(l *lab) {
			l.edit(l.leakOf("r4", "pat", ""), headerOf(l.approved("r4"), "ce_id"), "d-"+strings.Repeat("7", 32))
		}, "false-leak"},
		{"a leak of somebody else's", func(l *lab) { l.edit(l.leakOf("r8", "rex", ""), `"intent":"r8"`, `"intent":"r4"`) }, "false-leak"},
		{"a leak of what has its outcome", func(l *lab) { l.leakOf("r8", "rex", "s16") }, "false-leak"},
	}
}

// leakOf is a leak that the story does not have, brought about by a signal.
func (l *lab) leakOf(intent, person, by string) *verify.Record {
	l.t.Helper()
	r := copied(l.find(verify.Leaked, `"r2"`))
	l.edit(r, headerOf(l.approved("r2"), "ce_id"), headerOf(l.approved(intent), "ce_id"), `"r2"`, fmt.Sprintf("%q", intent), `"ned"`, fmt.Sprintf("%q", person))
	r.Key, r.Partition = []byte(person), l.approved(intent).Partition
	header(r, "governor_source", "")
	if by != "" {
		header(r, "governor_source", l.find(verify.Signals, fmt.Sprintf(`"id":%q`, by)).Place.String())
	}
	return l.next(r)
}
