package scenario

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// kind is what sort of thing a token is.
type kind byte

const (
	word   kind = 'w'
	quoted kind = '"' // its text is without the quotes
	object kind = '{' // JSON, as it was written
	comma  kind = ','
	then   kind = ';'
	arrow  kind = '>'
)

// token is one word of a line, with its place.
type token struct {
	kind       kind
	text       string
	line       int // from 1
	column     int // in characters, from 1
	start, end int // bytes of the file
}

// is says whether the token is that word, and not the same in quotes.
func (t token) is(w string) bool { return t.kind == word && t.text == w }

// named says what the token is, to whoever wrote it.
func (t token) named() string {
	switch t.kind {
	case comma:
		return "a comma"
	case then:
		return "a semicolon"
	case object:
		return "JSON"
	}
	return quote(t.text)
}

// scanner cuts one line of the file into tokens.
type scanner struct {
	p      *parser
	text   string // the line
	line   int
	offset int // of the line in the file
	at     int // bytes of the line that are cut
	out    []token
}

// tokens cuts a line, up to its comment.
func (p *parser) tokens(number int, text string, offset int) []token {
	s := scanner{p: p, text: text, line: number, offset: offset}
	for s.step() {
	}
	return s.out
}

func (s *scanner) step() bool {
	for s.at < len(s.text) && isSpace(s.text[s.at]) {
		s.at++
	}
	if s.at == len(s.text) || s.text[s.at] == '#' && (s.at == 0 || isSpace(s.text[s.at-1])) {
		return false
	}
	switch c := s.text[s.at]; c {
	case ',', ';':
		s.add(kind(c), s.at+1, string(c))
	case '"':
		return s.quoted()
	case '{':
		return s.object()
	default:
		end := s.at
		for end < len(s.text) && !isSpace(s.text[end]) && !strings.ContainsRune(",;\"", rune(s.text[end])) {
			end++
		}
		k := word
		if s.text[s.at:end] == "=>" {
			k = arrow
		}
		s.add(k, end, s.text[s.at:end])
		if sp, ok := spanOf(s.last().text); ok && sp.len() > mostTimes {
			s.p.wrong(s.last(), "%s is %d names, and nobody can tell them apart: write %d at most", s.last().text, sp.len(), mostTimes)
		}
	}
	return true
}

// quoted cuts a text in quotes; inside, JSON's escapes mean what they mean there.
func (s *scanner) quoted() bool {
	end := s.at + 1
	for end < len(s.text) && s.text[end] != '"' {
		if s.text[end] == '\\' {
			end++
		}
		end++
	}
	var text string
	if end >= len(s.text) {
		s.add(quoted, len(s.text), "")
		s.p.wrong(s.last(), `a quote that is not closed: end the text with "`)
		return false
	}
	err := json.Unmarshal([]byte(s.text[s.at:end+1]), &text)
	s.add(quoted, end+1, text)
	if err != nil {
		s.p.wrong(s.last(), `this is no text in quotes: write a backslash as \\, a quote as \", and nothing else with a backslash`)
	}
	return true
}

// object cuts a JSON object, which ends on its line.
func (s *scanner) object() bool {
	var raw json.RawMessage
	d := json.NewDecoder(strings.NewReader(s.text[s.at:]))
	if err := d.Decode(&raw); err != nil {
		s.add(object, len(s.text), "{}")
		s.p.wrong(s.last(), `this is no JSON object on one line: write for example {"override": true}`)
		return false
	}
	s.add(object, s.at+int(d.InputOffset()), string(raw))
	return true
}

func (s *scanner) last() token { return s.out[len(s.out)-1] }

func (s *scanner) add(k kind, end int, text string) {
	s.out = append(s.out, token{
		kind: k, text: text, line: s.line, column: utf8.RuneCountInString(s.text[:s.at]) + 1,
		start: s.offset + s.at, end: s.offset + end,
	})
	s.at = end
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// quote is a text in quotes, without escapes that people do not read.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text can always be written
	return strings.TrimSuffix(b.String(), "\n")
}
