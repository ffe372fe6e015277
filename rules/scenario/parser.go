package scenario

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
	"github.com/contactgovernor/governor/rules/zones"
)

// parser reads a file, a statement at a time. A statement is a line that begins at
// the margin, with the indented lines below it.
type parser struct {
	file     string
	text     string
	out      *File
	problems []rules.Problem
	zones    zones.Finder

	above header // what stands before the first scenario, and is true of each
	b     *builder
	steps int // in all scenarios
	taken map[string]int
}

// statement is what one begins with, and what stands below.
type statement struct {
	first   token // its first word
	number  int   // of its first line
	words   []token
	expects [][]token // each begins with =>
	prose   string    // of scenario and why: what follows the first word, as it is
	block   strings.Builder
	blocks  bool // what is indented below it is no matter of ours: a policy
}

func (p *parser) wrong(t token, format string, args ...any) {
	p.problems = append(p.problems, rules.Problem{At: p.at(t), What: fmt.Sprintf(format, args...)})
}

func (p *parser) at(t token) rules.Position {
	return rules.Position{File: p.file, Line: max(t.line, 1), Column: max(t.column, 1)}
}

// read reads the whole file.
func (p *parser) read() {
	p.b = &builder{p: p, from: 1}
	p.taken = map[string]int{}
	if !p.legible() {
		return
	}
	var s *statement
	offset, number := 0, 0
	for text := range strings.Lines(p.text) {
		number++
		s = p.line(s, number, strings.TrimRight(text, "\r\n"), offset)
		offset += len(text)
	}
	p.finish(s)
	p.b.finish()
	if len(p.out.Scenarios) == 0 && len(p.problems) == 0 {
		p.wrong(token{}, "there is no scenario in here: begin one with scenario, its name, a colon and what it shows")
	}
}

// legible refuses what no editor shows as it is.
func (p *parser) legible() bool {
	at := token{line: 1, column: 1}
	if len(p.text) > strictyaml.Largest {
		p.wrong(at, "the file has more than %d bytes, and nobody can read that: split it", strictyaml.Largest)
		return false
	}
	for rest := p.text; rest != ""; {
		c, size := utf8.DecodeRuneInString(rest)
		switch {
		case c == utf8.RuneError && size == 1:
			p.wrong(at, "byte %#x is no UTF-8: save the file as UTF-8", rest[0])
			return false
		case c == '\n':
			at = token{line: at.line + 1}
		case unicode.IsControl(c) && c != '\t' && c != '\r':
			p.wrong(at, "an invisible control character (%U) is here: take it away", c)
			return false
		}
		at.column++
		rest = rest[size:]
	}
	return true
}

// line takes one line, and returns the statement that it belongs to.
func (p *parser) line(s *statement, number int, text string, offset int) *statement {
	bare := strings.TrimLeft(text, " \t\r")
	indented := len(bare) < len(text)
	if s != nil && s.blocks && (indented || bare == "") {
		s.block.WriteString(text + "\n")
		return s
	}
	if bare == "" || bare[0] == '#' {
		if s != nil && s.blocks {
			s.block.WriteString("\n")
		}
		return s
	}
	if !indented {
		p.finish(s)
		return p.begin(number, text, offset)
	}
	t := p.firstOf(number, text, offset)
	switch {
	case s == nil:
		p.wrong(t, "this line is indented, but there is nothing above that it could belong to: begin it at the margin")
	case s.prose != "":
		s.prose += " " + strings.TrimSpace(text)
	default:
		p.below(s, t, p.tokens(number, text, offset))
	}
	return s
}

// firstOf is the first word of a line that is not cut yet.
func (p *parser) firstOf(number int, text string, offset int) token {
	bare := strings.TrimLeft(text, " \t\r")
	start := len(text) - len(bare)
	end := start + len(bare)
	if space := strings.IndexAny(bare, " \t"); space >= 0 {
		end = start + space
	}
	return token{kind: word, text: text[start:end], line: number, column: start + 1, start: offset + start, end: offset + end}
}

// begin begins a statement.
func (p *parser) begin(number int, text string, offset int) *statement {
	t := p.firstOf(number, text, offset)
	s := &statement{first: t, number: number}
	if t.is("scenario") || t.is("why") {
		s.prose = strings.TrimSpace(text[len(t.text):]) + " "
		return s
	}
	tokens := p.tokens(number, text, offset)
	s.first = tokens[0]
	if s.first.kind == arrow {
		p.wrong(s.first, "an expectation stands below its event: indent it")
		return nil
	}
	s.blocks = len(tokens) == 1 && tokens[0].is("policy")
	p.split(s, tokens)
	return s
}

// split puts the words of a line where they belong, before its => or behind it.
func (p *parser) split(s *statement, tokens []token) {
	for i, t := range tokens {
		if t.kind != arrow {
			continue
		}
		s.words = append(s.words, tokens[:i]...)
		for _, second := range tokens[i+1:] {
			if second.kind == arrow {
				p.wrong(second, "a second => on one line: give it a line of its own")
				return
			}
		}
		s.expects = append(s.expects, tokens[i:])
		return
	}
	s.words = append(s.words, tokens...)
}

// below takes an indented line: an expectation, or more of the statement's words.
func (p *parser) below(s *statement, t token, tokens []token) {
	if len(tokens) > 0 && tokens[0].kind != arrow && len(s.expects) > 0 {
		p.wrong(t, "more words after an expectation: what happens comes first, then each expectation on a line that begins with =>")
		return
	}
	p.split(s, tokens)
}

// finish understands a statement that is complete.
func (p *parser) finish(s *statement) {
	if s == nil {
		return
	}
	keywords := map[string]func(*statement){
		"scenario": p.scenario, "why": p.why, "policy": p.policy, "zone": p.zone, "person": p.people, "people": p.people, "in": p.inAll,
	}
	if read, ok := keywords[s.first.text]; ok && s.first.kind == word {
		read(s)
		return
	}
	p.b.event(s)
}
