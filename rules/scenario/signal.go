package scenario

import (
	"slices"
	"strings"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// verb is how a sentence says a signal: what the person does, and what else it says.
type verb struct {
	words   string
	kind    string // the signal's type
	write   string // a sentence that is good
	object  string // the field that follows the verb at once, "" if none does
	may     bool   // everything may stand there, which is no field
	clauses func(s *sentence) []clause
	must    []string // fields that must be said; of several in one text, one
	engaged string   // what the verb itself says of an engagement
}

// verbs are the sentences of the signals, in the order of the contract.
func verbs() []verb {
	by := func(s *sentence) clause { return s.says("by", "channel", "by email") }
	about := func(s *sentence) clause { return s.says("about", "subject", "about balance:acct9") }
	from := func(s *sentence) clause { return s.says("from", "brand", "from acme") }
	address := func(s *sentence) clause { return s.says("address", "address", "address +4930123456") }
	scope := func(s *sentence) []clause {
		return []clause{by(s), about(s), from(s), address(s), s.says("source", "source", "source settings")}
	}
	engaged := func(s *sentence) []clause {
		actor := clause{word: "actor", read: func(w *words, _ clause) bool {
			who, ok := w.oneOf("actor", []string{"human", "machine", "unknown"})
			s.plain("actor", who)
			return ok
		}}
		return []clause{actor, s.says("campaign", "campaign", "campaign spring")}
	}
	cases := func(s *sentence) []clause { return []clause{about(s), from(s)} }
	list := []verb{
		{words: "refuses", kind: "refusal", write: "anna refuses everything by email", object: "purpose", may: true, clauses: scope},
		{words: "consents to", kind: "consent", write: "anna consents to marketing by email, source settings", object: "purpose", may: true, clauses: func(s *sentence) []clause {
			return append(scope(s), s.says("evidence", "evidence", `evidence "recording 4411"`))
		}},
		{words: "replies", kind: "reply", write: `anna replies "STOP" by sms`, object: "text", clauses: func(s *sentence) []clause {
			auto := clause{word: "automatically", read: func(*words, clause) bool { s.plain("auto", true); return true }}
			return []clause{by(s), from(s), address(s), auto}
		}},
		{words: "cancels", kind: "cancellation", write: "anna cancels streaming from acme", object: "subject", may: true, clauses: func(s *sentence) []clause {
			return []clause{from(s)}
		}},
		{words: "complains", kind: "complaint", write: "anna complains by email from acme", clauses: func(s *sentence) []clause {
			return []clause{by(s), from(s)}
		}},
		{words: "talks", kind: "conversation", write: "anna talks by call about balance:acct9", must: []string{"channel"}, clauses: func(s *sentence) []clause {
			return []clause{by(s), about(s)}
		}},
		{words: "prefers", kind: "preference", write: "anna prefers quiet mon-fri 15:00-17:00, budget 1 by email per 720h", clauses: (*sentence).preferences, must: []string{"quiet budget zones"}},
		{words: "resolves", kind: "resolved", write: "anna resolves balance:acct9", object: "subject"},
		{words: "has a case opened", kind: "case_opened", write: "anna has a case opened from acme", clauses: cases},
		{words: "has a case closed", kind: "case_closed", write: "anna has a case closed from acme", clauses: cases},
		{words: "has address", kind: "address", write: "anna has address +4930123456 by sms, assigned", object: "value", must: []string{"channel", "status"}, clauses: func(s *sentence) []clause {
			status := func(word string) clause {
				return clause{word: word, read: func(*words, clause) bool { s.plain("status", word); return true }}
			}
			return []clause{by(s), status("assigned"), status("removed"), status("reassigned")}
		}},
		{words: "merges into", kind: "merge", write: "anna merges into bert", object: "into"},
		{words: "asks to be forgotten", kind: "erasure", write: "anna asks to be forgotten"},
	}
	for _, e := range []struct{ words, kind string }{{"opens", "open"}, {"clicks", "click"}, {"logs in", "login"}, {"buys", "purchase"}, {"visits", "visit"}} {
		list = append(list, verb{words: e.words, kind: "engagement", write: "anna " + e.words + ", actor human", clauses: engaged, must: []string{"actor"}, engaged: e.kind})
	}
	return list
}

// results are what may become of a contact, in the order of the contract.
func results() []string {
	return []string{"sent", "delivered", "answered", "conversation", "no_answer", "busy", "voicemail", "ringless_voicemail",
		"abandoned", "hold_timeout", "bounced", "wrong_number", "not_sent", "opted_out"}
}

// begin begins a signal of somebody, with the name that it has, if it has one.
func (s *sentence) begin(id, who token, kind string) {
	s.topic, s.who, s.unnamed = topicSignals, who.text, id.text == ""
	if !s.unnamed {
		s.id = id.text
		s.text("id", id)
	}
	s.text("person", who)
	s.plain("type", kind)
}

// signal reads anna refuses everything by email.
func (b *builder) signal(w *words, who, id token) (*sentence, bool) {
	w.i--
	if _, ok := b.whom(w, "anna"); !ok {
		return nil, false
	}
	known := verbs()
	var v *verb
	for i := range known {
		if w.take(known[i].words) {
			v = &known[i]
			break
		}
	}
	if v == nil {
		var phrases []string
		for _, k := range known {
			phrases = append(phrases, k.words)
		}
		t, ok := w.next()
		if !ok {
			return nil, w.wrong(t, "what does %s do? Write for example %s", who.text, known[0].write)
		}
		return nil, w.wrong(t, "%s is nothing that somebody does: %s", t.named(), strictyaml.Suggest(t.text, phrases))
	}
	s := &sentence{}
	s.begin(id, who, v.kind)
	s.erases = v.kind == "erasure"
	if v.engaged != "" {
		s.plain("kind", v.engaged)
	}
	if v.object != "" && !(v.may && w.take("everything")) {
		t, ok := w.next()
		if !ok || t.kind != word && t.kind != quoted || v.may && slices.Contains([]string{"by", "about", "from", "address", "source"}, t.text) {
			what := v.object
			if v.may {
				what += " or everything"
			}
			return nil, w.wrong(t, "%s must follow %s at once: write for example %s", what, v.words, v.write)
		}
		if _, there := b.find(t.text); v.object == "into" && !there {
			return nil, w.wrong(t, "%q is nobody here: %s", t.text, b.introduce(t.text))
		}
		s.text(v.object, t)
	}
	list := []clause{s.time("made", "at", "made -10s"), {word: "also", read: s.also}}
	if v.clauses != nil {
		list = append(v.clauses(s), list...)
	}
	if !w.clauses("a line with "+v.words, list...) {
		return nil, false
	}
	for _, field := range v.must {
		if !slices.ContainsFunc(strings.Fields(field), s.has) {
			return nil, w.wrong(who, "something is missing in this line: write for example %s", v.write)
		}
	}
	s.when()
	return s, true
}

// outcome reads outcome i1 delivered.
func (b *builder) outcome(w *words, id token) (*sentence, bool) {
	of, ok := w.value("outcome i1 delivered")
	if !ok {
		return nil, false
	}
	result, ok := w.oneOf("outcome", results())
	if !ok {
		return nil, false
	}
	s := &sentence{}
	who := token{}
	decision := false
	if !w.clauses("an outcome",
		clause{word: "of", write: "of anna", read: func(w *words, c clause) (ok bool) {
			who, ok = b.whom(w, c.write)
			return ok
		}},
		clause{word: "by decision", read: func(*words, clause) bool { decision = true; return true }},
		s.time("made", "at", "made -10s"), clause{word: "also", read: s.also},
	) {
		return nil, false
	}
	if who.text == "" {
		name, ok := b.ownerOf(w, of)
		if !ok {
			return nil, false
		}
		who = token{text: name, line: of.line, column: of.column}
	}
	said := s.fields
	s.fields = nil
	s.begin(id, who, "outcome")
	s.fields = append(s.fields, said...)
	s.when()
	s.names = append(s.names, of)
	if decision {
		s.put("decision", func(n int, _ rules.Instant) string {
			return quote(string(rules.DecisionFor(rules.PersonID(nth(s.who, n)), rules.IntentID(nth(of.text, n)))))
		})
	} else {
		s.text("intent", of)
	}
	s.plain("result", result)
	return s, true
}

// ownerOf is the person to whom the intent goes, or the span of them.
func (b *builder) ownerOf(w *words, id token) (string, bool) {
	var whose string
	for _, name := range each(id.text) {
		owners := b.owners[name]
		switch {
		case len(owners) == 0 && b.spoilt:
			return "", false // it may be the one that could not be read
		case len(owners) == 0:
			return "", w.wrong(id, "there is no intent %s above: write its name, or say whose it is: outcome %[1]s sent of anna", name)
		case len(owners) > 1 || whose != "" && whose != owners[0]:
			return "", w.wrong(id, "%s is of several people: say whose is meant, for example outcome %[1]s sent of %s", id.text, owners[0])
		}
		whose = owners[0]
	}
	return whose, true
}
