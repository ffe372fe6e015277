package scenario

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// sentences reads what happens in a line: one sentence, and behind semicolons what
// becomes of the contact at the same instant.
func (b *builder) sentences(w *words) ([]*sentence, bool) {
	s, ok := b.sentence(w)
	out := []*sentence{s}
	for {
		t, more := w.peek()
		if !more || !ok {
			return out, ok
		}
		if t.kind != then {
			return out, w.wrong(t, "%s is too much here: take it away", t.named())
		}
		w.i++
		after, good := b.becomes(w, s)
		if !good {
			return out, false
		}
		out = append(out, after)
	}
}

// sentence reads one thing that happens.
func (b *builder) sentence(w *words) (*sentence, bool) {
	t, ok := w.next()
	switch {
	case !ok || t.kind != word:
		return nil, w.wrong(t, "what happens? Write for example i1: marketing by email to anna, campaign spring")
	case t.text == "time":
		w.i--
		if !w.take("time passes") {
			return nil, w.wrong(t, "write time passes")
		}
		return &sentence{topic: topicTick}, w.end()
	case t.text == "redeem":
		return b.redeem(w)
	case t.text == "outcome":
		return b.outcome(w, token{})
	case t.text == "record":
		return b.record(w)
	}
	if id, named := strings.CutSuffix(t.text, ":"); named {
		return b.called(w, t, id)
	}
	if _, ok := b.find(nth(t.text, 0)); ok {
		return b.signal(w, t, token{})
	}
	known := append(b.names(), "time", "redeem", "outcome", "record")
	return nil, w.wrong(t, "%q is nobody here, and nothing that happens: %s", t.text, strictyaml.Suggest(t.text, known))
}

// called reads what follows a name and a colon: an intent or a signal.
func (b *builder) called(w *words, t token, id string) (*sentence, bool) {
	if !sayable(nth(id, 0)) || slices.Contains(notNames(), id) {
		return nil, w.wrong(t, "%q is no name for an intent or a signal: write a letter first, then letters, digits, dots and lines", id)
	}
	t.text = id
	next, _ := w.peek()
	if next.is("outcome") {
		w.i++
		return b.outcome(w, t)
	}
	if _, ok := b.find(nth(next.text, 0)); ok && next.kind == word {
		w.i++
		return b.signal(w, next, t)
	}
	return b.intent(w, t)
}

// intent reads marketing by email to anna, campaign spring.
func (b *builder) intent(w *words, id token) (*sentence, bool) {
	s := &sentence{topic: topicIntents, id: id.text}
	s.text("id", id)
	purpose, ok := w.value("i1: marketing by email to anna, campaign spring")
	if !ok {
		return s, false
	}
	s.text("purpose", purpose)
	var to token
	mode := func(word string) clause {
		return clause{word: word, read: func(*words, clause) bool { s.plain("mode", word); return true }}
	}
	good := w.clauses("an intent",
		s.says("by", "channel", "by email"), s.says("campaign", "campaign", "campaign spring"), s.says("about", "subject", "about balance:acct9"),
		s.says("from", "brand", "from acme"), s.says("address", "address", "address +4930123456"), s.says("engine", "engine", "engine crm"),
		s.says("message", "message", "message m-77"), s.says("reply_to", "reply_to", "reply_to s3"),
		s.time("made", "at", "made -10s"), s.time("not before", "not_before", "not before +1h"), s.time("not after", "not_after", "not after +1h"),
		mode("manual"), mode("preview"), mode("predictive"), mode("prerecorded"),
		clause{word: "with promotion", read: func(*words, clause) bool { s.plain("contains_promotion", true); return true }},
		clause{word: "priority", write: "priority 80", read: s.whole("priority")},
		clause{word: "in", read: s.inZones}, clause{word: "also", read: s.also},
		clause{word: "to", write: "to anna", read: func(w *words, c clause) (ok bool) {
			to, ok = b.whom(w, c.write)
			return ok
		}},
	)
	switch {
	case to.text == "" && good:
		return s, w.wrong(id, "to whom? Write for example %s: %s by email to anna, campaign spring", id.text, purpose.text)
	case good && (!s.has("channel") || !s.has("campaign")):
		return s, w.wrong(id, "an intent has a channel and a campaign: write for example %s: %s by email to %s, campaign spring", id.text, purpose.text, to.text)
	case !good:
		return s, false
	}
	s.who = to.text
	s.text("person", to)
	s.when()
	if !s.has("zones") && !s.nowhere {
		s.zonesOf(&b.header)
	}
	return s, true
}

// zonesOf says where the person is, as the story has it.
func (s *sentence) zonesOf(h *header) {
	somewhere := false
	for _, name := range each(s.who) {
		who, _ := h.find(name)
		somewhere = somewhere || len(who.zones) > 0
	}
	if !somewhere {
		return
	}
	s.put("zones", func(n int, _ rules.Instant) string {
		who, _ := h.find(nth(s.who, n))
		list := make([]string, len(who.zones))
		for i, zone := range who.zones {
			list[i] = quote(zone)
		}
		return "[" + strings.Join(list, ",") + "]"
	})
}

// when adds at, where the sentence does not say it: the arrival.
func (s *sentence) when() {
	if !s.has("at") {
		s.moment("at", moment{own: true})
	}
}

// whom reads somebody who is in the story.
func (b *builder) whom(w *words, write string) (token, bool) {
	t, ok := w.value(write)
	if !ok {
		return t, false
	}
	for _, name := range each(t.text) {
		if _, known := b.find(name); !known {
			return t, w.wrong(t, "%q is nobody here: %s", name, b.introduce(name))
		}
	}
	return t, true
}

func (b *builder) introduce(name string) string {
	if len(b.people) == 0 {
		return "write person " + name + " above the first event"
	}
	return strictyaml.Suggest(name, b.names()) + ", or write person " + name + " above the first event"
}

// redeem reads redeem i1, and whose it is if two people have it.
func (b *builder) redeem(w *words) (*sentence, bool) {
	s := &sentence{topic: topicRedeem}
	t, ok := w.value("redeem i1")
	if !ok {
		return s, false
	}
	s.id = t.text
	s.text("intent", t)
	return s, b.redeemer(w, s)
}

func (b *builder) redeemer(w *words, s *sentence) bool {
	if !w.take("of") {
		return true
	}
	who, ok := b.whom(w, "redeem i1 of anna")
	s.who = who.text
	s.text("person", who)
	return ok
}

// becomes reads what follows a semicolon: redeemed, or what became of the contact.
func (b *builder) becomes(w *words, s *sentence) (*sentence, bool) {
	t, ok := w.next()
	switch {
	case s.topic != topicIntents:
		return nil, w.wrong(t, "only an intent goes on behind a semicolon: give this a line of its own, that begins with then")
	case !ok || t.kind != word:
		return nil, w.wrong(t, "what became of it? Write redeemed, or one of %s", strings.Join(results(), ", "))
	}
	id := token{text: s.id}
	if t.text == "redeemed" {
		out := &sentence{topic: topicRedeem, id: s.id, who: s.who, must: true}
		out.text("intent", id)
		if others := b.owners[nth(s.id, 0)]; len(others) > 0 && others[0] != s.who {
			out.text("person", token{text: s.who}) // the id alone would be of several people
		}
		return out, true
	}
	if !slices.Contains(results(), t.text) {
		return nil, w.wrong(t, "%s is not what becomes of a contact: %s", t.named(), strictyaml.Suggest(t.text, append(results(), "redeemed")))
	}
	out := &sentence{topic: topicSignals, who: s.who, unnamed: true}
	out.text("person", token{text: s.who})
	out.plain("type", "outcome")
	out.when()
	out.text("intent", id)
	out.plain("result", t.text)
	return out, true
}

// record reads a record that is written out: record contact.signals {…}.
func (b *builder) record(w *words) (*sentence, bool) {
	topic, ok := w.oneOf("topic", []string{topicIntents, topicSignals})
	if !ok {
		return nil, false
	}
	t, ok := w.next()
	if t.kind == quoted {
		t.text = quote(t.text)
	}
	if !ok || !json.Valid([]byte(t.text)) {
		return nil, w.wrong(t, `which record? Write its JSON on the same line: record %s {"id": "x1", …}`, topic)
	}
	return &sentence{topic: topic, raw: t.text}, w.end()
}

// says is a clause of one word, which is a field.
func (s *sentence) says(word, field, write string) clause {
	return clause{word: word, write: write, read: func(w *words, c clause) bool {
		t, ok := w.value(c.write)
		if ok {
			s.text(field, t)
		}
		return ok
	}}
}

// time is a clause of one time, which is a field.
func (s *sentence) time(word, field, write string) clause {
	return clause{word: word, write: write, read: func(w *words, c clause) bool {
		m, ok := w.moment(frame{day: w.b.now, own: true})
		if ok {
			s.moment(field, m)
		}
		return ok
	}}
}

// whole reads a whole number, which is a field.
func (s *sentence) whole(field string) func(*words, clause) bool {
	return func(w *words, c clause) bool {
		t, ok := w.value(c.write)
		n, err := strconv.Atoi(t.text)
		if ok && err != nil {
			return w.wrong(t, "%q is no whole number: write for example %s", t.text, c.write)
		}
		s.plain(field, n)
		return ok
	}
}

// inZones reads the zones behind in.
func (s *sentence) inZones(w *words, _ clause) bool {
	list, ok := w.zones()
	if list != nil {
		s.plain("zones", list)
	}
	s.nowhere = list == nil
	return ok
}

// also reads fields that the contract does not have.
func (s *sentence) also(w *words, _ clause) bool {
	t, ok := w.next()
	var fields map[string]json.RawMessage
	if !ok || t.kind != object || json.Unmarshal([]byte(t.text), &fields) != nil {
		return w.wrong(t, `which fields? Write for example also {"override": true}`)
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if s.has(name) {
			return w.wrong(t, "%q is said already: take it out of also", name)
		}
		s.put(name, func(int, rules.Instant) string { return string(fields[name]) })
	}
	return true
}
