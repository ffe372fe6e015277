package scenario

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// builder makes one scenario of its statements.
type builder struct {
	p *parser
	header
	scenario *Scenario // nil before the first of a file
	first    token     // the word scenario
	from     int       // its line
	lines    []*line
	steps    []step
	ended    bool // in all was said
	spoilt   bool // a line could not be read, so that its names may be missing

	began  rules.Instant // when the line above began
	last   rules.Instant // when it ended
	now    rules.Instant // when the line begins that is being read
	when   map[string]rules.Instant
	owners map[string][]string // of each intent: to whom it goes
	named  map[string]bool     // signals
}

// finish ends the scenario that is being built.
func (b *builder) finish() {
	if b.scenario == nil {
		return
	}
	switch {
	case b.policy.At == (rules.Position{}) && !b.spoilt:
		b.p.wrong(b.first, "under which policy? Write for example policy no-means-no below, or above the first scenario")
	case len(b.lines) == 0 && !b.spoilt:
		b.p.wrong(b.first, "nothing happens: write events below, each with its time")
	}
	// Lines stand in the order of their first time; what happens several times may
	// go on among the lines below.
	order := make([]int, len(b.steps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(b.steps[i].at, b.steps[j].at) })
	steps, place := make([]step, len(order)), make([]int, len(order))
	for to, from := range order {
		steps[to], place[from] = b.steps[from], to
	}
	for _, l := range b.lines {
		l.of = map[string][]int{}
		for i := range l.steps {
			l.steps[i] = place[l.steps[i]]
			id := string(steps[l.steps[i]].id)
			l.of[id] = append(l.of[id], l.steps[i])
		}
		if l.last = place[l.last]; l.whole {
			l.last = len(steps) - 1
		}
	}
	b.nameSignals(steps)
	b.scenario.Policy, b.scenario.zone, b.scenario.lines, b.scenario.steps = b.policy, b.zone, b.lines, steps
	b.scenario.records = map[rules.IntentID][]int{}
	for i := range steps {
		if e := &steps[i]; e.topic == topicIntents {
			b.scenario.records[e.id] = append(b.scenario.records[e.id], i)
		}
	}
	b.inTime()
	b.p.out.Scenarios = append(b.p.out.Scenarios, b.scenario)
}

// inTime complains about what is expected of an intent that comes later: a line that
// happens several times ends among the lines below.
func (b *builder) inTime() {
	for _, l := range b.lines {
		for _, e := range l.expects {
			for _, about := range e.about {
				for _, id := range each(about) {
					if n := b.scenario.first(rules.IntentID(id), rules.PersonID(e.of)); n > l.last {
						b.p.problems = append(b.p.problems, rules.Problem{At: e.at, What: id + " comes later than this: write what is expected of it below"})
					}
				}
			}
		}
	}
}

// event reads a line in which something happens.
func (b *builder) event(s *statement) {
	w := b.p.words(s.words, s.first)
	switch {
	case b.strange(s.first):
		b.spoilt = true
		return
	case b.scenario == nil:
		b.p.wrong(s.first, "this stands before the first scenario: begin one with scenario, its name, a colon and what it shows")
		return
	case b.ended:
		b.p.wrong(s.first, "nothing happens after in all: write it above")
	}
	t, timed := b.column(w)
	if !timed { // what happens is read all the same, since its mistakes are to be told too
		b.spoilt = true
		b.last = max(b.last, firstInstant)
		t = timing{moment: moment{at: b.last}, times: 1}
		if !w.toSentence() {
			return
		}
	}
	l := &line{at: b.p.at(s.first)}
	if next, ok := w.peek(); ok {
		l.told = b.p.text[next.start:s.words[len(s.words)-1].end]
	}
	b.now = t.at
	parts, ok := b.sentences(w)
	if !ok || timed && !b.counted(parts, t) {
		b.spoilt, b.began, b.last = true, t.at, t.at
		return
	}
	b.happen(l, parts, t)
	for _, list := range s.expects {
		b.expect(l, list)
	}
}

// strange says whether a line begins with what begins no line, and tells it.
func (b *builder) strange(t token) bool {
	letters := t.kind == word && !strings.ContainsFunc(t.text, func(r rune) bool { return !unicode.IsLetter(r) })
	if _, day := weekday(t.text); day || t.is("then") || t.kind == word && !letters && !strings.HasSuffix(t.text, ":") {
		return false
	}
	known := []string{"scenario", "why", "policy", "zone", "person", "people", "in all", "then"}
	switch _, somebody := b.find(t.text); {
	case b.when[t.text] != 0 && letters:
		return false
	case somebody || sentenceBegins(t):
		b.p.wrong(t, "its time is missing: begin the line with it, or with then, if it is at the same instant as the line above")
	case letters:
		b.p.wrong(t, "%q is no time, and begins no line: %s", t.text, strictyaml.Suggest(t.text, known))
	default:
		b.p.wrong(t, "%s begins no line: %s", t.named(), writeTime)
	}
	return true
}

// sentenceBegins says whether what happens may begin with the token, whoever there is.
func sentenceBegins(t token) bool {
	return t.kind == word && (strings.HasSuffix(t.text, ":") || slices.Contains([]string{"time", "redeem", "outcome", "record"}, t.text))
}

// toSentence goes on where what happens seems to begin, if it does.
func (w *words) toSentence() bool {
	w.i = slices.IndexFunc(w.list, func(t token) bool {
		_, somebody := w.b.find(nth(t.text, 0))
		return t.kind == word && (somebody || sentenceBegins(t))
	})
	return w.i >= 0
}

// timing is when a line happens, and how often.
type timing struct {
	moment
	first token
	times int
	every time.Duration
	daily bool
}

// nth is when the line happens for the n-th time, or what is wrong with that day.
func (t *timing) nth(n int) (rules.Instant, string) {
	if !t.daily {
		return t.at + rules.Instant(n)*rules.Instant(t.every.Milliseconds()), ""
	}
	began := t.at.Time().In(t.zone)
	y, m, d := began.AddDate(0, 0, n).Date()
	return local(y, m, d, began.Format("15:04:05.999"), t.zone)
}

// column reads the time at the beginning of a line.
func (b *builder) column(w *words) (timing, bool) {
	first, _ := w.peek() // every line has a first word
	t := timing{first: first, times: 1}
	switch {
	case b.last > 0 && w.take("then"):
		t.moment = moment{at: b.last}
	case first.is("then"):
		return t, w.wrong(first, "then is after something, and nothing happened yet: %s", writeTime)
	default:
		m, ok := w.moment(frame{day: b.last, last: b.last})
		if !ok {
			return t, false
		}
		t.moment = m
	}
	if t.at < b.began && !b.spoilt {
		return t, w.wrong(first, "this is at %s, before the line above (%s): write events in the order in which they arrive", b.tell(t.at), b.tell(b.began))
	}
	return t, b.repeated(w, &t)
}

// repeated reads 22 times, every 1d.
func (b *builder) repeated(w *words, t *timing) bool {
	before := w.i
	if c, ok := w.peek(); ok && c.kind == comma {
		w.i++
	}
	number, ok := w.peek()
	if w.i+1 >= len(w.list) || !ok || !w.list[w.i+1].is("times") {
		w.i = before
		return true
	}
	w.i += 2
	n, err := strconv.Atoi(number.text)
	if err != nil || n < 2 || n > mostTimes {
		return w.wrong(number, "%s is no number from 2 to %d: write how often this happens, or leave it out", number.named(), mostTimes)
	}
	t.times = n
	if c, ok := w.peek(); ok && c.kind == comma {
		w.i++
	}
	switch {
	case w.take("daily"):
		t.daily = true
		if t.zone == nil {
			t.zone = b.zone
		}
		if t.zone == nil {
			return w.wrong(w.last, "in which zone? Write it above, once: zone Europe/Berlin")
		}
		return true
	case w.take("every"):
		d, ok := w.next()
		if t.every, _ = duration(d.text); ok && t.every > 0 {
			return true
		}
	}
	next, ok := w.peek()
	if !ok {
		next = w.last
	}
	return w.wrong(next, "how often? Write for example 22 times, every 24h, or 22 times, daily, which keeps the time of day when the clocks change")
}

// counted says whether every span of names in the line is as long as it happens.
func (b *builder) counted(parts []*sentence, t timing) bool {
	good := true
	for _, s := range parts {
		for _, name := range s.names {
			sp, ok := spanOf(name.text)
			switch {
			case !ok:
			case t.times == 1:
				b.p.wrong(name, "%s is %d names, and this happens once: write a time like Mon 2026-05-04 09:00, %[2]d times, every 24h", name.text, sp.len())
				good = false
			case sp.len() != t.times:
				b.p.wrong(name, "%s is %d names, and this happens %d times: make them as many", name.text, sp.len(), t.times)
				good = false
			}
		}
	}
	return good
}

// happen adds the steps of a line.
func (b *builder) happen(l *line, parts []*sentence, t timing) {
	b.began = t.at
	if b.p.steps += t.times * len(parts); b.p.steps > mostSteps {
		b.p.wrong(t.first, "more than %d events in one file: nobody can read that", mostSteps)
		return
	}
	for n := range t.times {
		at, problem := t.nth(n)
		if problem != "" {
			b.p.wrong(t.first, "the %d. time: %s", n+1, problem)
			return
		}
		if at >= lastInstant {
			b.p.wrong(t.first, "the %d. time would be after 9998", n+1)
			return
		}
		for i, s := range parts {
			b.last = at
			if i == 0 {
				l.steps = append(l.steps, len(b.steps))
			}
			l.last = len(b.steps)
			b.add(l, s, n, at)
		}
	}
	if parts[0].topic == topicIntents || parts[0].topic == topicRedeem {
		l.own = parts[0].id
	}
	b.lines = append(b.lines, l)
}

// add adds one step, and remembers its name.
func (b *builder) add(l *line, s *sentence, n int, at rules.Instant) {
	e := step{at: at, topic: s.topic, line: l, must: s.must, unnamed: s.unnamed, erases: s.erases}
	if s.fields != nil {
		e.value = s.json(n, at)
	}
	if s.raw != "" {
		e.value = s.raw
	}
	id, who := nth(s.id, n), nth(s.who, n)
	e.id, e.who = rules.IntentID(id), rules.PersonID(who)
	if _, known := b.when[id]; !known && id != "" && s.topic != topicRedeem {
		b.when[id] = at
	}
	switch s.topic {
	case topicIntents:
		if id != "" && !slices.Contains(b.owners[id], who) {
			b.owners[id] = append(b.owners[id], who)
		}
	case topicSignals:
		b.named[id] = true
	}
	b.steps = append(b.steps, e)
}

// inAll reads what is expected at the end.
func (p *parser) inAll(s *statement) {
	b := p.b
	w := p.words(s.words, s.first)
	if !w.take("in all") {
		p.wrong(s.first, "write in all, and what is expected of the whole: in all => 3 approved, 27 vetoed")
		return
	}
	if !w.end() {
		return
	}
	if b.scenario == nil || len(b.lines) == 0 || b.ended {
		if b.spoilt {
			return // its events are there, but could not be read
		}
		p.wrong(s.first, "in all ends a scenario: write it once, below the last event")
		return
	}
	b.ended = true
	l := &line{at: p.at(s.first), told: "in all", last: len(b.steps) - 1, whole: true}
	for _, list := range s.expects {
		b.expect(l, list)
	}
	b.lines = append(b.lines, l)
}
