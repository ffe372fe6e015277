package scenario

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// expectation is what a scenario wants to come out, beside the event that it is
// about. What it does not say may be anything.
type expectation struct {
	at         rules.Position
	told       string // as it is written
	start, end int    // of what follows =>, in the file

	about []string // the intents that it names; none if it is about its own line
	of    string   // whose they are

	open    bool // =>?: whatever comes is written here
	nothing bool // nothing comes of the event
	dead    bool // the record is a dead letter
	says    string

	verdict  string // approved, vetoed or held; "" if nothing is said of it
	reason   string // may end in *; "" is any
	good     bool   // for good
	from     *moment
	until    *moment
	decided  *moment
	original bool
	reasons  []string
	shadow   []string
	items    []string
	counted  []count

	revoked *bool
	because string // why it was revoked; may end in *; "" is any
	answer  *bool  // of a redeem, with the reason
	totals  []total
}

// count is what a rule counted.
type count struct {
	rule        string
	used, limit int
	waived      bool
}

// total is how many of a kind come in all.
type total struct {
	what string
	n    int
}

// totalled are the words of totals, with the topics that they count.
func totalled() []struct{ words, topic string } {
	return []struct{ words, topic string }{
		{"approved", topicApproved}, {"vetoed", topicVetoed}, {"revoked", topicRevoked}, {"dead letters", topicDeadLetter}, {"dead letter", topicDeadLetter},
	}
}

// expect reads an expectation, which begins with =>.
func (b *builder) expect(l *line, list []token) {
	w := b.p.words(list[1:], list[0])
	e := &expectation{at: b.p.at(list[0])}
	if len(list) == 1 {
		w.wrong(list[0], "nothing is expected: write for example => approved, or => ?, which --rewrite fills in")
		return
	}
	e.start, e.end = list[1].start, list[len(list)-1].end
	e.told = b.p.text[e.start:e.end]
	if b.subjects(w, e) && b.wants(w, l, e) && b.fits(w, l, e, list[1]) {
		l.expects = append(l.expects, e)
	}
}

// subjects reads the intents that an expectation names.
func (b *builder) subjects(w *words, e *expectation) bool {
	for {
		t, ok := w.peek()
		if !ok || t.kind != word || slices.Contains(notNames(), t.text) || !sayable(nth(t.text, 0)) {
			if len(e.about) > 0 {
				return w.wrong(w.last, "which other? Write the name of an intent behind and")
			}
			return true
		}
		w.i++
		for _, id := range each(t.text) {
			if len(b.owners[id]) == 0 {
				if b.spoilt {
					return false // it may be the one that could not be read
				}
				return w.wrong(t, "%q is no intent up to here, and nothing that can be expected: %s", id, b.nearest(id))
			}
		}
		e.about = append(e.about, t.text)
		if w.take("and") {
			continue
		}
		if !w.take("of") {
			return true
		}
		who, ok := b.whom(w, "i1 of anna")
		e.of = who.text
		return ok
	}
}

func (b *builder) nearest(id string) string {
	known := slices.Sorted(maps.Keys(b.owners))
	for _, words := range wantWords() {
		if first := strings.Fields(words)[0]; !slices.Contains(known, first) {
			known = append(known, first)
		}
	}
	return strictyaml.Suggest(id, known)
}

// fits says whether the line can have what is expected of it.
func (b *builder) fits(w *words, l *line, e *expectation, t token) bool {
	for _, about := range e.about {
		for _, id := range each(about) {
			if owners := b.owners[id]; e.of == "" && len(owners) > 1 {
				return w.wrong(t, "%s is of several people: say whose is meant, for example %[1]s of %s", id, owners[0])
			} else if e.of != "" && !slices.Contains(owners, e.of) {
				return w.wrong(t, "%s is no intent to %s: say to whom it is", id, e.of)
			}
		}
	}
	own := topicTick
	if !l.whole {
		own = b.steps[l.steps[0]].topic
	}
	decision := e.verdict != "" || e.revoked != nil
	switch {
	case len(e.about) > 0 && (e.nothing || e.totals != nil || e.open || e.answer != nil && !covers(l.own, e.about)):
		return w.wrong(t, "this is about its own line: take away %s", strings.Join(e.about, " and "))
	case len(e.about) == 0 && decision && own != topicIntents:
		return w.wrong(t, "whose? This line is about no intent: name one, for example i1 %s", e.told)
	case e.answer != nil && own != topicRedeem:
		return w.wrong(t, "ok and not ok are answers to redeem, and this line is none")
	case e.verdict != "vetoed" && (e.good || e.from != nil || e.reasons != nil || e.original):
		return w.wrong(t, "for good, from, reasons and naming the original are about a veto: write vetoed and its reason")
	case e.good && e.from != nil:
		return w.wrong(t, "for good and from contradict each other: keep one")
	case e.verdict != "approved" && (e.until != nil || e.items != nil):
		return w.wrong(t, "until and items are about an approval: write approved")
	case e.verdict == "" && (e.decided != nil || e.counted != nil || e.shadow != nil) || e.verdict == "held" && e.decided != nil:
		return w.wrong(t, "this is about a decision: write approved or vetoed first")
	}
	return true
}

// covers says whether the names are all among those that a name or a span stands for.
func covers(own string, about []string) bool {
	known := map[string]bool{}
	for _, id := range each(own) {
		known[id] = true
	}
	for _, name := range about {
		for _, id := range each(name) {
			if !known[id] {
				return false
			}
		}
	}
	return true
}

// wants reads what is wanted.
func (b *builder) wants(w *words, l *line, e *expectation) bool {
	for first := true; ; first = false {
		t, ok := w.next()
		if !ok {
			return w.wrong(t, "something is missing behind the comma")
		}
		if !b.want(w, l, e, t, first) {
			return false
		}
		c, more := w.next()
		if !more {
			return true
		}
		if e.open {
			return w.wrong(c, "? stands alone: --rewrite writes all that came")
		}
		if c.kind != comma {
			return w.wrong(c, "%s is not understood here: put a comma before what else is expected", c.named())
		}
	}
}

// wantWords are the words that an expectation may begin with.
func wantWords() []string {
	return []string{"approved", "vetoed", "held", "revoked", "not revoked", "ok", "not ok", "nothing", "dead letter", "for good", "from", "until", "decided",
		"reasons", "items", "counted", "shadow", "naming the original"}
}

// want reads one of the things that are wanted, from its first word on.
func (b *builder) want(w *words, l *line, e *expectation, t token, first bool) bool {
	w.i--
	switch {
	case t.is("?") && first:
		w.i++
		e.open = true
	case l.whole && len(e.about) == 0:
		return w.total(e, t)
	case w.take("approved"):
		return w.verdict(e, t, "approved")
	case w.take("held"):
		return w.verdict(e, t, "held")
	case w.take("vetoed"):
		return w.verdict(e, t, "vetoed") && w.reasonCode(&e.reason)
	case w.take("revoked"):
		e.revoked = new(true)
		return w.reasonCode(&e.because)
	case w.take("not revoked"):
		e.revoked = new(false)
	case w.take("ok"):
		e.answer = new(true)
	case w.take("not ok"):
		e.answer = new(false)
		return w.reasonCode(&e.reason)
	case w.take("nothing"):
		e.nothing = true
	case w.take("dead letter"):
		e.dead = true
		if t, ok := w.peek(); ok && t.kind == quoted {
			w.i++
			e.says = t.text
		}
	default:
		return b.detail(w, e, t)
	}
	return true
}

// detail reads what else is wanted of a decision.
func (b *builder) detail(w *words, e *expectation, t token) bool {
	late := frame{day: b.now, own: true}
	switch {
	case w.take("for good"):
		e.good = true
	case w.take("from"):
		return w.into(&e.from, late)
	case w.take("until"):
		return w.into(&e.until, late)
	case w.take("decided"):
		return w.into(&e.decided, late)
	case w.take("naming the original"):
		e.original = true
	case w.take("reasons"):
		return w.listed(&e.reasons, "reasons cap.any and quiet.hours")
	case w.take("shadow"):
		return w.listed(&e.shadow, "shadow cap.any")
	case w.take("items"):
		return w.listed(&e.items, "items i1 and i2")
	case w.take("counted"):
		return w.count(e)
	case t.is("no") || strings.Trim(t.text, "0123456789") == "" && t.kind == word:
		return w.wrong(t, "totals are of the whole: write them below in all")
	default:
		return w.wrong(t, "%s is nothing that can be expected: %s", t.named(), strictyaml.Suggest(t.text, wantWords()))
	}
	return true
}

func (w *words) verdict(e *expectation, t token, verdict string) bool {
	if e.verdict != "" {
		return w.wrong(t, "%s and %s cannot be both: keep one", e.verdict, verdict)
	}
	e.verdict = verdict
	return true
}

// reasonCode reads a reason, if one follows.
func (w *words) reasonCode(into *string) bool {
	if t, ok := w.peek(); ok && t.kind == word {
		w.i++
		*into = t.text
	}
	return true
}

func (w *words) into(m **moment, f frame) bool {
	at, ok := w.moment(f)
	*m = &at
	return ok
}

func (w *words) listed(into *[]string, write string) bool {
	list, ok := w.names(write)
	for _, t := range list {
		*into = append(*into, each(t.text)...)
	}
	return ok
}

// count reads counted cap.email 1 of 2.
func (w *words) count(e *expectation) bool {
	write := "counted cap.email 1 of 2"
	rule, ok := w.value(write)
	if !ok {
		return false
	}
	used, _ := w.next()
	of := w.take("of")
	limit, _ := w.next()
	c := count{rule: rule.text}
	var wrong, worse error
	c.used, wrong = strconv.Atoi(used.text)
	c.limit, worse = strconv.Atoi(limit.text)
	if !of || wrong != nil || worse != nil {
		return w.wrong(used, "how much of how much? Write for example %s", write)
	}
	c.waived = w.take("waived")
	e.counted = append(e.counted, c)
	return true
}

// total reads 27 vetoed, or no dead letters.
func (w *words) total(e *expectation, t token) bool {
	w.i++
	n, err := strconv.Atoi(t.text)
	if err != nil && !t.is("no") {
		return w.wrong(t, "%s is no number: write for example in all => 3 approved, 27 vetoed, 1 revoked, no dead letters", t.named())
	}
	for _, known := range totalled() {
		if w.take(known.words) {
			e.totals = append(e.totals, total{known.topic, n})
			return true
		}
	}
	what, _ := w.next()
	return w.wrong(what, "%s is not counted: write approved, vetoed, revoked or dead letters", what.named())
}
