package simulation_test

// The checker. It imports nothing that decides, decodes JSON by itself, and compares
// everything with everything. I1 to I14 are the invariants of the project's notes on
// reliability.

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// entry is a record on a topic.
type entry struct {
	topic     string
	partition int32
	offset    int64
	order     int64     // what the engine sent: how many acknowledgements it had before; else 0
	seen      time.Time // it was there by then
	value     []byte
	headers   map[string]string // the last of each name
	all       string            // what a copy has in common
	message   message
}

// message is whatever fields of any message the checker looks at.
type message struct {
	ID, Person, Type, Channel, Purpose, Subject, Intent, Decision, Verdict, Reason, Original, Result, Source, Worker, Policy string
	OK                                                                                                                       bool
	Decided, At, Revoked, Answered                                                                                           time.Time
	NotAfter                                                                                                                 time.Time `json:"not_after"`
	Items                                                                                                                    []string
	Signals                                                                                                                  int64
}

func newEntry(r *kgo.Record) *entry {
	e := &entry{topic: r.Topic, partition: r.Partition, offset: r.Offset, seen: time.Now(), value: bytes.Clone(r.Value), headers: make(map[string]string)}
	var all strings.Builder
	fmt.Fprintf(&all, "%d %s %s", r.Partition, r.Key, r.Value)
	for _, h := range r.Headers {
		e.headers[h.Key] = string(h.Value)
		fmt.Fprintf(&all, " %s=%s", h.Key, h.Value)
	}
	e.all = all.String()
	_ = json.Unmarshal(e.value, &e.message) // what is no JSON is a message without fields
	return e
}

func (e *entry) where() string  { return place(e.topic, e.partition, e.offset) }
func (e *entry) source() string { return e.headers["governor_source"] }

// history is all that is in the log.
type history struct {
	topics map[string][]*entry

	said  map[string][]*entry // by person
	back  map[string]*entry   // by decision
	made  map[string][]*entry // distinct approvals by person
	found []string
}

func (h *history) breach(invariant, format string, args ...any) {
	h.found = append(h.found, invariant+": "+fmt.Sprintf(format, args...))
}

// decisions are all, copies too.
func (h *history) decisions() []*entry {
	return append(slices.Clone(h.topics["contact.approved"]), h.topics["contact.vetoed"]...)
}

// unanswered lists the intents that have neither a decision nor a dead letter.
func (h *history) unanswered() (places []string) {
	answered := make(map[string]bool)
	for _, e := range append(h.decisions(), h.topics["contact.deadletter"]...) {
		answered[e.source()] = true
	}
	for _, e := range h.topics["contact.intents"] {
		if !answered[e.where()] {
			places = append(places, e.where())
		}
	}
	return places
}

// check reports every breach. Everything must be decided by now.
func (h *history) check() []string {
	h.said, h.back, h.made = make(map[string][]*entry), make(map[string]*entry), make(map[string][]*entry)
	for _, e := range h.topics["contact.signals"] {
		h.said[e.message.Person] = append(h.said[e.message.Person], e)
	}
	for _, e := range h.topics["contact.revoked"] {
		h.back[e.message.Decision] = e
	}
	for _, e := range distinct(h.topics["contact.approved"]) {
		h.made[e.message.Person] = append(h.made[e.message.Person], e)
	}
	for _, place := range h.unanswered() {
		h.breach("I5 lost-intent", "%s has no answer", place)
	}
	h.checkCopies()
	h.checkOneDecision()
	h.checkRefusals()
	h.checkTakenBack()
	h.checkRedeemed()
	h.checkCaps()
	h.checkTime()
	h.checkRates()
	return h.found
}

// distinct drops exact repeats and keeps the order.
func distinct(in []*entry) (out []*entry) {
	seen := make(map[string]bool)
	for _, e := range in {
		if !seen[e.all] {
			seen[e.all] = true
			out = append(out, e)
		}
	}
	return out
}

// checkCopies: what carries an id twice is a copy, byte for byte (I4).
func (h *history) checkCopies() {
	for _, topic := range []string{"contact.approved", "contact.vetoed", "contact.revoked"} {
		first := make(map[string]*entry)
		for _, e := range h.topics[topic] {
			f, again := first[e.message.ID]
			if again && f.all != e.all {
				h.breach("I4 divergent", "%s and %s carry one id and differ:\n%s\n%s", f.where(), e.where(), f.all, e.all)
			}
			if !again {
				first[e.message.ID] = e
			}
		}
	}
}

// checkOneDecision: a record has one decision, an intent of a person one that is no
// repetition, and a decision is about a record that there is (I4).
func (h *history) checkOneDecision() {
	intents := make(map[string]bool)
	for _, e := range h.topics["contact.intents"] {
		intents[e.where()] = true
	}
	first, bySource := make(map[string]*entry), make(map[string]*entry)
	for _, e := range distinct(h.decisions()) {
		m := &e.message
		if !intents[e.source()] {
			h.breach("I4 invented", "%s is about %q, which is no intent", e.where(), e.source())
		}
		if other := bySource[e.source()]; other != nil {
			h.breach("I4 duplicate", "the record %s has two decisions:\n%s %s\n%s %s", e.source(), other.where(), other.all, e.where(), e.all)
		}
		bySource[e.source()] = e
		if who := m.Person + " " + m.Intent; m.Original == "" {
			if other := first[who]; other != nil {
				h.breach("I4 duplicate", "intent %s of %s has two first decisions: %s and %s", m.Intent, m.Person, other.where(), e.where())
			}
			first[who] = e
		}
	}
}

// checkRefusals: who said no before an intent was there is not approved for it, nor
// if the decision says that it had heard the no (I1). And no no is invented.
func (h *history) checkRefusals() {
	order := make(map[string]int64)
	for _, e := range h.topics["contact.intents"] {
		order[e.where()] = e.order
	}
	for _, a := range distinct(h.decisions()) {
		m := &a.message
		if m.Purpose == "receipt" {
			continue // the person started it
		}
		refused := false
		for _, s := range h.said[m.Person] {
			if s.message.Type != "refusal" || !covers(&s.message, m) {
				continue
			}
			heard, barrier := s.offset < m.Signals, s.order != 0 && s.order < order[a.source()]
			if !heard && !barrier {
				continue
			}
			// A clock that is behind takes what was said just now for said at one
			// time, and a tie is a no.
			refused = refused || !h.lifted(s, a, maxSkew)
			if m.Verdict == "approved" && !h.lifted(s, a, 0) {
				h.breach("I1 approval-after-refusal", "%s approves %s of %s, who refused at %s (heard: %v)", a.where(), m.Intent, m.Person, s.where(), heard)
			}
		}
		if !refused && strings.HasPrefix(m.Reason, "refused.") {
			h.breach("I1 invented-refusal", "%s vetoes %s of %s as %s at %s, having heard %d; there is no such no:%s",
				a.where(), m.Intent, m.Person, m.Reason, stamp(m.Decided), m.Signals, h.words(m.Person))
		}
	}
}

// words tells what a person said, for whoever reads a breach.
func (h *history) words(person string) string {
	var b strings.Builder
	for _, s := range h.said[person] {
		if s.message.Type == "refusal" || s.message.Type == "consent" {
			fmt.Fprintf(&b, "\n  %s %s", s.where(), s.value)
		}
	}
	return b.String()
}

// covers: a scope of channel or subject, or none, as the people here use them.
func covers(no, in *message) bool {
	if no.Subject != "" {
		return no.Subject == in.Subject
	}
	return no.Channel == "" || no.Channel == in.Channel
}

// lifted: the person took the no back, later by more than so much, and the decision
// had heard it.
func (h *history) lifted(refusal, decision *entry, by time.Duration) bool {
	for _, s := range h.said[refusal.message.Person] {
		if s.message.Type == "consent" && s.offset < decision.message.Signals && s.message.At.Sub(refusal.message.At) > by {
			return true
		}
	}
	return false
}

// checkTakenBack: a no that is heard while an approval is out takes it back. That it
// was heard in time shows where a later decision, made before the approval ended, had
// heard it.
func (h *history) checkTakenBack() {
	decisions := distinct(h.decisions())
	for _, a := range distinct(h.topics["contact.approved"]) {
		m := &a.message
		for _, s := range h.said[m.Person] {
			if s.message.Type != "refusal" || s.offset < m.Signals || m.Purpose == "receipt" || !covers(&s.message, m) || h.back[m.ID] != nil || h.excused(a) {
				continue
			}
			for _, d := range decisions {
				if d.partition == a.partition && d.message.Signals > s.offset && d.message.Decided.Before(m.NotAfter) {
					if h.redeemed(m, s.offset) {
						if !h.leaked(m) {
							h.breach("I15 hidden-leak", "%s: %s of %s was redeemed, and %s refused then", a.where(), m.Intent, m.Person, s.where())
						}
						break
					}
					h.breach("I2 left-standing", "%s approves %s of %s until %s, who refused at %s; %s had heard it at %s, and it was not taken back",
						a.where(), m.Intent, m.Person, stamp(m.NotAfter), s.where(), d.where(), stamp(d.message.Decided))
					break
				}
			}
		}
	}
}

// redeemed: a worker that had asked before the position was told that it may.
func (h *history) redeemed(approved *message, position int64) bool {
	return slices.ContainsFunc(h.topics["contact.redeemed"], func(e *entry) bool {
		return e.message.OK && e.message.Decision == approved.ID && offsetOf(e.source()) < position
	})
}

func (h *history) leaked(approved *message) bool {
	return slices.ContainsFunc(h.topics["contact.leaked"], func(e *entry) bool { return e.message.Decision == approved.ID })
}

// checkRedeemed: a question has one answer; an approval goes to one worker, in time, and
// not after a no that stands before the question (I15).
func (h *history) checkRedeemed() {
	approvals, answers, taken := make(map[string]*entry), make(map[string]*entry), make(map[string]string)
	for _, a := range h.topics["contact.approved"] {
		approvals[a.message.ID] = a
	}
	for _, r := range distinct(h.topics["contact.redeemed"]) {
		m := &r.message
		if first := answers[r.source()]; first != nil {
			h.breach("I15 two-answers", "%s has %s and %s", r.source(), first.where(), r.where())
		}
		answers[r.source()] = r
		if !m.OK {
			continue
		}
		a := approvals[m.Decision]
		if a == nil {
			h.breach("I15 redeemed-nothing", "%s redeems %s, which is no approval", r.where(), m.Decision)
			continue
		}
		if by, is := taken[m.Decision]; is && by != m.Worker {
			h.breach("I15 redeemed-twice", "%s gives %s to %s, and %s had it", r.where(), m.Decision, m.Worker, by)
		}
		taken[m.Decision] = m.Worker
		if !m.Answered.Before(a.message.NotAfter) {
			h.breach("I15 redeemed-late", "%s at %s, which was out until %s", r.where(), stamp(m.Answered), stamp(a.message.NotAfter))
		}
		question := &entry{message: message{Signals: offsetOf(r.source())}}
		for _, s := range h.said[m.Person] {
			if s.message.Type == "refusal" && a.message.Purpose != "receipt" && s.offset < question.message.Signals && covers(&s.message, &a.message) && !h.lifted(s, question, 0) {
				h.breach("I15 redeemed-after-refusal", "%s redeems %s of %s, who refused at %s", r.where(), m.Intent, m.Person, s.where())
			}
		}
	}
}

// excused: it was over, or the person may have changed its mind in time.
func (h *history) excused(approval *entry) bool {
	m := &approval.message
	return slices.ContainsFunc(h.said[m.Person], func(s *entry) bool {
		return s.message.Type == "consent" || s.message.Type == "outcome" && about(&s.message, m)
	})
}

func about(outcome, approval *message) bool {
	return outcome.Intent == approval.Intent || slices.Contains(approval.Items, outcome.Intent)
}

// caps are the policy's, said once more.
func caps() []limit {
	return []limit{{"any", 3, 4 * time.Minute}, {"email", 2, 4 * time.Minute}, {"sms", 1, time.Minute}}
}

type limit struct {
	name string
	most int
	in   time.Duration
}

// binds says whether an intent of this kind is under the cap, counts whether it
// counts toward it.
func (c *limit) binds(m *message) bool {
	return m.Purpose == "marketing" && (c.name == "any" || c.name == m.Channel)
}

func (c *limit) counts(m *message) bool {
	return c.binds(m) || c.name == "any" && m.Purpose == "reminder"
}

// checkCaps: never more distinct approvals in a window than the cap (I3), and never a
// veto by a cap that is not used up: nothing is counted twice.
func (h *history) checkCaps() {
	for _, d := range distinct(h.decisions()) {
		now := &d.message
		for _, c := range caps() {
			switch {
			case now.Verdict == "approved" && c.binds(now):
				if used, which := h.used(&c, d, false); used >= c.most {
					h.breach("I3 cap-exceeded", "%s approves %s of %s, who had %d of %q within %s: %v", d.where(), now.Intent, now.Person, used, c.name, c.in, which)
				}
			case now.Reason == "cap."+c.name:
				if used, which := h.used(&c, d, true); used < c.most && !h.torn(d) {
					h.breach("I3 counted-twice", "%s vetoes %s of %s as %s, who had no more than %d within %s: %v", d.where(), now.Intent, now.Person, now.Reason, used, c.in, which)
				}
			}
		}
	}
}

// torn says whether the decision is of a batch of which a part never landed, and Redis
// lost it: the rest was decided anew, later. It may have counted what never was.
func (h *history) torn(d *entry) bool {
	return slices.ContainsFunc(h.decisions(), func(other *entry) bool {
		return other.message.Person == d.message.Person && offsetOf(other.source()) < offsetOf(d.source()) && other.message.Decided.After(d.message.Decided)
	})
}

func offsetOf(source string) (offset int64) {
	_, _ = fmt.Sscan(source[strings.LastIndex(source, "/")+1:], &offset)
	return offset
}

// used is how many approvals of the person count in the window that ends with the
// decision: those that do for sure, or all that may.
func (h *history) used(c *limit, d *entry, may bool) (n int, which []string) {
	now := &d.message
	for _, a := range h.made[now.Person] {
		m := &a.message
		same := m.Decided.Equal(now.Decided)
		if a.partition != d.partition || m.ID == now.ID || !c.counts(m) || m.Decided.After(now.Decided) || now.Decided.Sub(m.Decided) >= c.in ||
			same && !may && a.offset > d.offset {
			continue
		}
		happened := h.heard(m, now.Signals, "sent", "delivered", "answered", "abandoned")
		back := h.back[m.ID] != nil && !h.back[m.ID].message.Revoked.After(now.Decided)
		open := now.Decided.Before(m.NotAfter) && (may || !back && !h.heard(m, now.Signals, "not_sent"))
		redeemed := h.redeemed(m, now.Signals) && (may || !back && !h.heard(m, now.Signals, "not_sent"))
		if happened && (may || !back) || open || redeemed {
			n, which = n+1, append(which, m.Intent)
		}
	}
	return n, which
}

// heard: the signals before a position have such an outcome of the approval.
func (h *history) heard(approved *message, position int64, results ...string) bool {
	return slices.ContainsFunc(h.said[approved.Person], func(s *entry) bool {
		return s.message.Type == "outcome" && s.offset < position && about(&s.message, approved) && slices.Contains(results, s.message.Result)
	})
}

// checkTime: decisions do not go back in time, and none is made by a clock that is
// further off than is allowed.
func (h *history) checkTime() {
	const margin = maxSkew + time.Second
	for _, topic := range []string{"contact.approved", "contact.vetoed"} {
		last := make(map[int32]time.Time)
		for _, e := range distinct(h.topics[topic]) {
			now := e.message.Decided
			if now.Before(last[e.partition]) && e.message.Purpose != "reminder" { // a notice is decided at the instant when it was due, however late
				h.breach("time", "%s was decided at %s, after one of %s", e.where(), stamp(now), stamp(last[e.partition]))
			}
			last[e.partition] = now
			if ahead := now.Sub(e.seen); ahead > margin {
				h.breach("time", "%s was there %s before it was decided", e.where(), ahead)
			}
		}
	}
}

// checkRates: contact.veto-rates adds up to the decisions, whatever happened. The
// highest count of a key stands.
func (h *history) checkRates() {
	type rate struct {
		Minute                                              time.Time
		Partition                                           int32
		Campaign, Channel, Purpose, Engine, Verdict, Reason string
	}
	number := func(e *entry, header string) int {
		n, _ := strconv.Atoi(e.headers[header])
		return n
	}
	decisions := distinct(h.decisions())
	slices.SortStableFunc(decisions, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(number(a, "governor_batch"), number(b, "governor_batch")),
			cmp.Compare(number(a, "governor_index"), number(b, "governor_index")))
	})
	made, latest := make(map[rate]int), make(map[int32]time.Time)
	for _, e := range decisions {
		cell := time.Minute
		if strings.HasPrefix(e.message.Policy, "event-") {
			cell = 24 * time.Hour
		}
		if minute := e.message.Decided.Truncate(cell); minute.After(latest[e.partition]) {
			latest[e.partition] = minute
		}
		r := rate{}
		_ = json.Unmarshal(e.value, &r)
		r.Minute, r.Partition = latest[e.partition], e.partition
		made[r]++
	}
	told := make(map[rate]int)
	for _, e := range h.topics["contact.veto-rates"] {
		var r rate
		var n struct{ Count int }
		_, _ = json.Unmarshal(e.value, &r), json.Unmarshal(e.value, &n)
		told[r] = max(told[r], n.Count)
	}
	for r, n := range made {
		if told[r] != n {
			h.breach("rates", "%+v is told to be %d, and is %d", r, told[r], n)
		}
	}
	for r, n := range told {
		if made[r] == 0 {
			h.breach("rates", "%+v is told to be %d, and there is none", r, n)
		}
	}
}
