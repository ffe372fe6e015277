package scenario

import (
	"slices"
	"strings"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// words are the tokens of a statement, being read.
type words struct {
	p    *parser
	b    *builder
	list []token
	i    int
	last token // where something is missing, if nothing was read yet
}

func (p *parser) words(list []token, before token) *words {
	return &words{p: p, b: p.b, list: list, last: before}
}

func (w *words) peek() (token, bool) {
	if w.i < len(w.list) {
		return w.list[w.i], true
	}
	return token{}, false
}

// next is the next token. Where there is none, it is none at the place of the last.
func (w *words) next() (token, bool) {
	if w.i < len(w.list) {
		w.i++
		w.last = w.list[w.i-1]
		return w.last, true
	}
	return token{line: w.last.line, column: w.last.column, start: w.last.start, end: w.last.end}, false
}

// take reads the words of a phrase, if they are next.
func (w *words) take(phrase string) bool {
	parts := strings.Fields(phrase)
	for i, part := range parts {
		if w.i+i >= len(w.list) || !w.list[w.i+i].is(part) {
			return false
		}
	}
	w.i += len(parts)
	w.last = w.list[w.i-1]
	return true
}

// end says whether nothing is left, and else complains about it.
func (w *words) end() bool {
	t, more := w.peek()
	if more {
		w.p.wrong(t, "%s is too much here: take it away", t.named())
	}
	return !more
}

// wrong tells what is wrong, and is false.
func (w *words) wrong(t token, format string, args ...any) bool {
	w.p.wrong(t, format, args...)
	return false
}

// value is the word or the text in quotes that must come next.
func (w *words) value(write string) (token, bool) {
	t, ok := w.next()
	if !ok || t.kind != word && t.kind != quoted {
		return t, w.wrong(t, "something is missing after this: write for example %s", write)
	}
	return t, true
}

// names reads words with and between them.
func (w *words) names(write string) ([]token, bool) {
	var out []token
	for {
		t, ok := w.value(write)
		if !ok {
			return nil, false
		}
		out = append(out, t)
		if !w.take("and") {
			return out, true
		}
	}
}

// zones reads the zones behind in.
func (w *words) zones() ([]string, bool) {
	if w.take("no zone") {
		return nil, true
	}
	list, ok := w.names("in Europe/Berlin and Europe/Lisbon")
	var names []string
	for _, t := range list {
		_, found := w.zone(t)
		ok = ok && found
		names = append(names, t.text)
	}
	return names, ok
}

// clause is something that a sentence may say beside its verb.
type clause struct {
	word  string // what it begins with
	write string // what a good one looks like
	many  bool   // it may be said again
	read  func(*words, clause) bool
}

// clauses reads the rest of a sentence, up to its end or a semicolon. What names the
// sentence: an intent.
func (w *words) clauses(what string, known ...clause) bool {
	said := map[string]bool{}
	good := true
	for {
		t, ok := w.peek()
		if !ok || t.kind == then {
			return good
		}
		if t.kind == comma {
			w.i++
			continue
		}
		i := -1
		for j, c := range known {
			if before := w.i; w.take(c.word) {
				if w.i = before; i < 0 || len(c.word) > len(known[i].word) {
					i = j
				}
			}
		}
		switch {
		case i < 0:
			good = w.wrong(t, "%s is nothing that %s says: %s", t.named(), what, suggest(t, known))
		case said[known[i].word] && !known[i].many:
			good = w.wrong(t, "%q is there twice: keep one", known[i].word)
		default:
			said[known[i].word] = true
			w.take(known[i].word)
			if known[i].read(w, known[i]) {
				continue
			}
			good = false
		}
		w.skip()
	}
}

// skip goes on behind the next comma, since what is before it was not understood.
func (w *words) skip() {
	for w.i < len(w.list) && w.list[w.i].kind != comma && w.list[w.i].kind != then {
		w.i++
	}
}

func suggest(t token, known []clause) string {
	var names []string
	for _, c := range known {
		names = append(names, c.word)
	}
	if t.kind != word {
		return "write one of " + strings.Join(names, ", ")
	}
	return strictyaml.Suggest(t.text, names)
}

// oneOf is the word of a closed list that must come next.
func (w *words) oneOf(what string, known []string) (string, bool) {
	t, ok := w.value(strings.Join(known, ", "))
	if ok && (t.kind != word || !slices.Contains(known, t.text)) {
		return "", w.wrong(t, "%s is no %s: %s", t.named(), what, strictyaml.Suggest(t.text, known))
	}
	return t.text, ok
}
