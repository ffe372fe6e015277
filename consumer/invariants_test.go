package consumer_test

// The checker. It is naive on purpose and imports nothing that decides: it reads
// topics, decodes JSON by itself, and compares everything with everything. The
// names I1 to I12 are those of the invariants in the project's reliability notes.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// history is what all topics hold in the end.
type history struct {
	topics    map[string][]entry // in order, partition after partition
	said      map[string][]entry // the signals, by their key
	committed map[string]int64   // "topic/partition" → the group's offset
	quiet     bool               // nothing is under way: even what is not committed must be answered
}

// violations are told with the name of the invariant.
type violations []string

func (v *violations) add(invariant, format string, args ...any) {
	*v = append(*v, invariant+": "+fmt.Sprintf(format, args...))
}

// check reports every violation.
func (h *history) check() violations {
	var v violations
	for _, entries := range h.topics {
		for i := range entries {
			entries[i].decode()
		}
	}
	h.said = make(map[string][]entry)
	for _, s := range h.topics["contact.signals"] {
		h.said[string(s.key)] = append(h.said[string(s.key)], s)
	}
	decisions := append(slices.Clone(h.topics["contact.approved"]), h.topics["contact.vetoed"]...)
	h.checkCopies(&v)
	h.checkOneDecision(&v, decisions)
	h.checkNothingLost(&v, decisions)
	h.checkRefusals(&v)
	h.checkTakenBack(&v)
	h.checkRedeemed(&v)
	h.checkCaps(&v)
	h.checkDeadLetters(&v)
	h.checkBatches(&v)
	h.checkTime(&v)
	h.checkRates(&v, decisions)
	return v
}

// distinct drops exact repeats and keeps the order.
func distinct(in []entry) []entry {
	seen := make(map[string]bool)
	var out []entry
	for _, e := range in {
		if k := strconv.Itoa(int(e.partition)) + e.bytes(); !seen[k] {
			seen[k] = true
			out = append(out, e)
		}
	}
	return out
}

// checkCopies: whatever carries the id of a decision or a revocation twice is a
// copy, byte for byte (I4).
func (h *history) checkCopies(v *violations) {
	for _, topic := range []string{"contact.approved", "contact.vetoed", "contact.revoked"} {
		first := make(map[string]entry)
		for _, e := range h.topics[topic] {
			id := e.message().ID
			if f, again := first[id]; again && f.bytes() != e.bytes() {
				v.add("I4 divergent", "%s and %s carry the id %s and differ:\n%s\n%s", f.where(), e.where(), id, f.bytes(), e.bytes())
			} else if !again {
				first[id] = e
			}
		}
	}
}

// checkOneDecision: an intent of a person has one first decision (I4), and every
// record of an intent has one decision. A veto is forgotten after 24 h.
func (h *history) checkOneDecision(v *violations, decisions []entry) {
	first := make(map[string]message) // person and intent → the decision that is no repetition
	bySource := make(map[string]string)
	inTime := distinct(decisions)
	slices.SortStableFunc(inTime, func(a, b entry) int { return a.decoded.Decided.Compare(b.decoded.Decided) })
	for _, e := range inTime {
		m := e.message()
		if m.Original == "" {
			who := m.Person + "\x00" + m.Intent
			other, again := first[who]
			forgotten := other.Verdict == "vetoed" && m.Decided.Sub(other.Decided) >= 24*time.Hour
			if again && !forgotten {
				v.add("I4 duplicate", "intent %s of %s has the first decisions %s and %s", m.Intent, m.Person, other.ID, m.ID)
			}
			first[who] = m
		}
		source, _ := e.header("governor_source")
		if other, again := bySource[source]; again && other != m.ID {
			v.add("I4 duplicate", "the record %s has the decisions %s and %s", source, other, m.ID)
		}
		bySource[source] = m.ID
	}
}

// checkNothingLost: an intent at or below the committed offset has a decision or
// a dead letter (I5); a notice may still be held.
func (h *history) checkNothingLost(v *violations, decisions []entry) {
	answered := make(map[string]bool)
	for _, e := range append(slices.Clone(decisions), h.topics["contact.deadletter"]...) {
		source, _ := e.header("governor_source")
		answered[source] = true
	}
	for _, e := range h.topics["contact.intents"] {
		passed := e.offset < h.committed[fmt.Sprintf("%s/%d", e.topic, e.partition)]
		m := e.message()
		mayWait := m.Purpose == "reminder" && m.Subject != ""
		if (passed || h.quiet) && !answered[e.where()] && !mayWait {
			v.add("I5 lost-intent", "%s (%s of %s) was passed without an answer", e.where(), m.ID, m.Person)
		}
	}
	if !h.quiet {
		return
	}
	for _, e := range h.topics["contact.signals"] {
		if e.poison && !answered[e.where()] {
			v.add("I12 lost", "%s cannot be read and is in no dead letter", e.where())
		}
	}
}

// checkRefusals: who said no before an intent was there is not approved for it
// (I1), nor if the decision says that it had heard the no.
func (h *history) checkRefusals(v *violations) {
	intents := make(map[string]entry)
	for _, e := range h.topics["contact.intents"] {
		intents[e.where()] = e
	}
	for _, a := range h.topics["contact.approved"] {
		m := a.message()
		if m.Purpose == "receipt" {
			continue // the person started it
		}
		source, _ := a.header("governor_source")
		in, known := intents[source]
		if !known {
			v.add("I4 invented", "%s is about %q, which is no intent", a.where(), source)
			continue
		}
		for _, s := range h.said[m.Person] {
			no := s.message()
			if no.Type != "refusal" || s.partition != a.partition || !covers(no, m) {
				continue
			}
			before := s.order != 0 && s.order < in.order || s.offset < m.Signals
			if before && !h.lifted(s, a, no) {
				v.add("I1 approval-after-refusal", "%s approves %s of %s, who refused at %s", a.where(), m.Intent, m.Person, s.where())
			}
		}
	}
}

// checkTakenBack: a no that is heard while an approval is out takes it back,
// whoever hears it. No story here hears a signal later than in its own phase.
func (h *history) checkTakenBack(v *violations) {
	back := make(map[string]bool)
	for _, e := range h.topics["contact.revoked"] {
		back[e.message().Decision] = true
	}
	told := make(map[string]bool)
	for _, e := range h.topics["contact.leaked"] {
		told[e.message().Decision] = true
	}
	for _, a := range h.topics["contact.approved"] {
		m := a.message()
		for _, s := range h.said[m.Person] {
			no := s.message()
			if no.Type != "refusal" || s.offset < m.Signals || !s.at.Before(m.NotAfter) || m.Purpose == "receipt" || !covers(no, m) || back[m.ID] {
				continue
			}
			excused := false
			for _, other := range h.said[m.Person] {
				o := other.message()
				excused = excused || o.Type == "consent" || o.Type == "outcome" && (o.Intent == m.Intent || slices.Contains(m.Items, o.Intent))
			}
			if taken := h.takenBefore(m, s.offset); taken && !excused && !told[m.ID] {
				v.add("I15 hidden-leak", "%s: %s of %s was redeemed, %s refused then, and nobody was told", a.where(), m.Intent, m.Person, s.where())
			} else if !taken && !excused {
				v.add("I2 left-standing", "%s approves %s of %s until %s, who refused at %s at %s, and it was not taken back",
					a.where(), m.Intent, m.Person, m.NotAfter, s.where(), s.at)
			}
		}
	}
}

// checkRedeemed: a question has one answer, in the order of the questions; an approval
// goes to one worker, once, in time, not after it was taken back, and not after a no
// that stands before the question.
func (h *history) checkRedeemed(v *violations) {
	approvals := make(map[string]entry)
	for _, a := range h.topics["contact.approved"] {
		approvals[a.message().ID] = a
	}
	taken, answers := make(map[string]string), make(map[string]entry)
	for _, r := range distinct(h.topics["contact.redeemed"]) {
		m := r.message()
		source, _ := r.header("governor_source")
		if first, twice := answers[source]; twice {
			v.add("I15 two-answers", "%s and %s are answers to %s", first.where(), r.where(), source)
		}
		answers[source] = r
		a, known := approvals[m.Decision]
		if !m.OK {
			continue
		}
		if !known {
			v.add("I15 redeemed-nothing", "%s is no approval", r.where())
			continue
		}
		if by, is := taken[m.Decision]; is && by != m.Worker {
			v.add("I15 redeemed-twice", "%s: %s was %s's", r.where(), m.Decision, by)
		}
		taken[m.Decision] = m.Worker
		approved := a.message()
		if !m.Answered.Before(approved.NotAfter) {
			v.add("I15 redeemed-late", "%s at %s, to be redeemed before %s", r.where(), m.Answered, approved.NotAfter)
		}
		for _, s := range h.said[m.Person] {
			no := s.message()
			if no.Type == "refusal" && approved.Purpose != "receipt" && covers(no, approved) && s.where() != source && s.offset < sourceOffset(source) && !h.liftedBefore(s, no, sourceOffset(source)) {
				v.add("I15 redeemed-after-refusal", "%s redeems %s of %s, who refused at %s", r.where(), m.Intent, m.Person, s.where())
			}
		}
	}
	for _, s := range h.topics["contact.signals"] {
		if _, answered := answers[s.where()]; h.quiet && !answered && s.message().Type == "redeem" {
			v.add("I15 unanswered", "%s", s.where())
		}
	}
}

func sourceOffset(source string) int64 {
	n, _ := strconv.ParseInt(source[strings.LastIndexByte(source, '/')+1:], 10, 64)
	return n
}

// liftedBefore: the person took the no back before the offset.
func (h *history) liftedBefore(refusal entry, no message, before int64) bool {
	return slices.ContainsFunc(h.said[string(refusal.key)], func(s entry) bool {
		yes := s.message()
		return yes.Type == "consent" && (yes.Source == "settings" || yes.Evidence != "") && s.offset < before && yes.At.After(no.At)
	})
}

// takenBefore: a worker was told before the offset that it may.
func (h *history) takenBefore(approved message, before int64) bool {
	return slices.ContainsFunc(h.topics["contact.redeemed"], func(e entry) bool {
		source, _ := e.header("governor_source")
		return e.message().OK && e.message().Decision == approved.ID && sourceOffset(source) < before
	})
}

// covers: a scope of channel or subject, as far as the stories use them.
func covers(no, in message) bool {
	return (no.Subject != "" && no.Subject == in.Subject) ||
		(no.Subject == "" && (no.Channel == "" || no.Channel == in.Channel))
}

// lifted: the person took the no back before the decision.
func (h *history) lifted(refusal, approval entry, no message) bool {
	for _, s := range h.said[string(refusal.key)] {
		yes := s.message()
		if yes.Type == "consent" && (yes.Source == "settings" || yes.Evidence != "") &&
			s.offset < approval.message().Signals && yes.At.After(no.At) {
			return true
		}
	}
	return false
}

// caps are the test policy's, said once more.
var caps = []struct {
	channel string // "": any
	most    int
	in      time.Duration
}{{"", 3, 168 * time.Hour}, {"email", 2, 168 * time.Hour}, {"sms", 1, 24 * time.Hour}}

// checkCaps: never more approvals of marketing in a window than its cap (I3). An
// approval counts from its decision on: until it expires, or, with an outcome
// that was heard, for good; one that was taken back or not sent does not.
func (h *history) checkCaps(v *violations) {
	approved := make(map[string][]entry)
	for _, a := range distinct(h.topics["contact.approved"]) {
		approved[a.message().Person] = append(approved[a.message().Person], a)
	}
	takenBack := make(map[string]time.Time)
	for _, e := range h.topics["contact.revoked"] {
		var m struct {
			Decision string
			Revoked  time.Time
		}
		_ = json.Unmarshal(e.value, &m)
		takenBack[m.Decision] = m.Revoked
	}
	for _, a := range h.topics["contact.approved"] {
		now := a.message()
		if now.Purpose != "marketing" {
			continue
		}
		for _, c := range caps {
			if c.channel != "" && c.channel != now.Channel {
				continue
			}
			var counted []string
			for _, b := range approved[now.Person] {
				m := b.message()
				if b.partition != a.partition || m.Purpose == "receipt" ||
					c.channel != "" && (m.Channel != c.channel || m.Purpose != "marketing") ||
					m.Decided.After(now.Decided) || now.Decided.Sub(m.Decided) >= c.in {
					continue
				}
				if m.Decided.Equal(now.Decided) && b.offset > a.offset && m.ID != now.ID {
					continue // comes after it
				}
				if back, ok := takenBack[m.ID]; ok && !back.After(now.Decided) {
					continue
				}
				sent := h.heardOf(m, now.Signals, "sent", "delivered") || h.takenBefore(m, now.Signals) && !h.heardOf(m, now.Signals, "not_sent")
				if m.ID == now.ID || sent || now.Decided.Before(m.NotAfter) && !h.heardOf(m, now.Signals, "not_sent") {
					counted = append(counted, m.Intent)
				}
			}
			if len(counted) > c.most {
				v.add("I3 cap-exceeded", "%s: %s has %d of %q within %s (%v), %d are allowed",
					a.where(), now.Person, len(counted), c.channel, c.in, counted, c.most)
			}
		}
	}
}

// heardOf: the later decision had heard such an outcome of the approval. What was
// heard before the approval says nothing about it.
func (h *history) heardOf(approved message, heard int64, results ...string) bool {
	for _, s := range h.said[approved.Person] {
		m := s.message()
		if m.Type == "outcome" && s.offset < heard && s.offset >= approved.Signals &&
			(m.Intent == approved.Intent || slices.Contains(approved.Items, m.Intent)) && slices.Contains(results, m.Result) {
			return true
		}
	}
	return false
}

// checkDeadLetters: a dead letter is the original, key, value and headers, and
// says where it came from and why; only what is unreadable is one (I12).
func (h *history) checkDeadLetters(v *violations) {
	inputs := make(map[string]entry)
	for _, topic := range []string{"contact.intents", "contact.signals"} {
		for _, e := range h.topics[topic] {
			inputs[e.where()] = e
		}
	}
	for _, e := range h.topics["contact.deadletter"] {
		header := func(name string) string { s, _ := e.header("__connect.errors." + name); return s }
		source := strings.Join([]string{header("topic"), header("partition"), header("offset")}, "/")
		in, known := inputs[source]
		switch {
		case !known:
			v.add("I12 invented", "%s says that it came from %q, which is no input", e.where(), source)
			continue
		case !in.poison:
			v.add("I12 wronged", "%s buries %s, which is readable: %s", e.where(), source, header("exception.message"))
		case header("exception.message") == "":
			v.add("I12 mute", "%s does not say why", e.where())
		case e.partition != in.partition:
			v.add("I12 astray", "%s came from partition %d", e.where(), in.partition)
		}
		cut, truncated := e.header("governor_truncated")
		same := bytes.Equal(e.value, in.value)
		if truncated {
			same = bytes.HasPrefix(in.value, e.value) && cut == strconv.Itoa(len(in.value))
		}
		if !same || !bytes.Equal(e.key, in.key) || (e.value == nil) != (in.value == nil) || (e.key == nil) != (in.key == nil) ||
			len(e.headers) < len(in.headers) || !slices.Equal(e.headers[:len(in.headers)], in.headers) {
			v.add("I12 altered", "%s is not what %s was", e.where(), source)
		}
	}
}

// outputTopics are what the governor writes.
var outputTopics = []string{"contact.approved", "contact.vetoed", "contact.revoked", "contact.redeemed", "contact.leaked", "contact.standing", "contact.veto-rates", "contact.deadletter"}

// checkBatches: a place in an owner's batch belongs to one record; repeats aside,
// an owner's batches come in order, and with them the places; and the position of
// the signals goes forward whoever the owner is.
func (h *history) checkBatches(v *violations) {
	places := make(map[string]string)
	for _, topic := range outputTopics {
		type last struct {
			owner                 string
			batch, index, signals int64
		}
		before := make(map[int32]last)
		for _, e := range distinct(h.topics[topic]) {
			owner, _ := e.header("governor_owner")
			now := last{owner, e.number("governor_batch"), e.number("governor_index"), e.number("governor_signals")}
			if now.batch < 1 || now.index < 0 {
				v.add("headers", "%s has the batch %d and the place %d", e.where(), now.batch, now.index)
			}
			place := fmt.Sprintf("%d/%s/%d/%d", e.partition, now.owner, now.batch, now.index)
			if other, taken := places[place]; taken {
				v.add("headers", "%s and %s have the same place %s in a batch", other, e.where(), place)
			}
			places[place] = e.where()
			b, known := before[e.partition]
			back := now.owner == b.owner && (now.batch < b.batch || now.batch == b.batch && now.index <= b.index)
			if known && (back || topic != "contact.deadletter" && now.signals < b.signals) {
				v.add("order", "%s is batch %d place %d signals %d, after batch %d place %d signals %d",
					e.where(), now.batch, now.index, now.signals, b.batch, b.index, b.signals)
			}
			before[e.partition] = now
			if topic == "contact.approved" || topic == "contact.vetoed" {
				id, _ := e.header("ce_id")
				if m := e.message(); m.ID != id || m.Person != string(e.key) {
					v.add("headers", "%s: ce_id %q and key %q do not belong to the decision", e.where(), id, e.key)
				}
			}
		}
	}
}

// checkTime: decisions do not go back in time, and nothing is written of no time.
func (h *history) checkTime(v *violations) {
	for _, topic := range outputTopics {
		for _, e := range h.topics[topic] {
			if e.at.UnixMilli() <= 0 {
				v.add("time", "%s is of %s", e.where(), e.at)
			}
		}
	}
	for _, topic := range []string{"contact.approved", "contact.vetoed"} {
		before := make(map[int32]time.Time)
		for _, e := range distinct(h.topics[topic]) {
			now := e.message().Decided
			if now.Before(before[e.partition]) {
				v.add("time", "%s was decided at %s, after one of %s", e.where(), now, before[e.partition])
			}
			before[e.partition] = now
		}
	}
}

// history reads the whole log, for the checker.
func (l *fakeLog) history(quiet bool) *history {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := &history{topics: make(map[string][]entry), committed: make(map[string]int64), quiet: quiet}
	for s, records := range l.slots {
		for _, r := range records {
			e := entry{topic: s.Topic, partition: s.Partition, offset: r.Offset, order: r.order, at: r.Time, key: r.Key, value: r.Value,
				poison: l.poison[position(s, r.Offset)]}
			for _, hd := range r.Headers {
				e.headers = append(e.headers, [2]string{hd.Key, string(hd.Value)})
			}
			e.ready()
			h.topics[s.Topic] = append(h.topics[s.Topic], e)
		}
	}
	for s, offset := range l.committed {
		h.committed[fmt.Sprintf("%s/%d", s.Topic, s.Partition)] = offset
	}
	return h
}

// checkInvariants wants the log to be as promised. At the end of a story
// everything must be answered.
func checkInvariants(t testing.TB, l *fakeLog) {
	t.Helper()
	report(t, l.history(true).check())
}

// report tells the first violations; a thousand more would say no more.
func report(t testing.TB, found violations) {
	t.Helper()
	for i, v := range found {
		if i == 5 {
			t.Errorf("and %d more", len(found)-i)
			break
		}
		t.Error(v)
	}
}

// outputs is what the governor wrote, one line a record, exact repeats dropped:
// two runs of one story must agree on it. It also says how many were dropped.
func (h *history) outputs() (out map[string][]string, repeats int) {
	out = make(map[string][]string)
	for _, topic := range outputTopics {
		for _, e := range distinct(h.topics[topic]) {
			out[topic] = append(out[topic], e.said)
		}
		repeats += len(h.topics[topic]) - len(out[topic])
	}
	return out, repeats
}
