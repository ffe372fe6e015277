package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wish is what the words of a reply ask for.
type Wish struct {
	OptOut  bool
	OptIn   bool
	Subject Subject // an opt-out that names one: STOP 12345
}

// Understand reads a reply: the whole text, letter case and punctuation aside.
// Words that merely occur in it mean nothing ("please stop by the shop"), but
// what the policy's phrase list has. When in doubt between a no and a yes there
// is no doubt: opt-outs are asked first.
func (p *Policy) Understand(text string) Wish {
	words := unspelled(plain(text))
	if p.optOuts[words] || p.onlyOptOuts(words) {
		return Wish{OptOut: true}
	}
	if rest, ok := strings.CutPrefix(words, "stop"); ok {
		subject := strings.TrimPrefix(rest, " ")
		switch {
		case digits(subject):
			return Wish{OptOut: true, Subject: Subject(subject)}
		case digits(strings.ReplaceAll(subject, " ", "")):
			return Wish{OptOut: true} // which of the numbers nobody knows: the widest reading
		}
	}
	return Wish{OptIn: p.optIns[words]}
}

// unspelled puts a word together that was written letter by letter: S.T.O.P.
func unspelled(words string) string {
	for letter := range strings.FieldsSeq(words) {
		if utf8.RuneCountInString(letter) > 1 {
			return words
		}
	}
	return strings.ReplaceAll(words, " ", "")
}

// onlyOptOuts says whether every word is one: STOP STOP.
func (p *Policy) onlyOptOuts(words string) bool {
	for word := range strings.FieldsSeq(words) {
		if !p.optOuts[word] {
			return false
		}
	}
	return words != ""
}

// plain is the text in lower case, with everything but letters, marks and
// digits made into single blanks.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// perSe are the words that the law names (47 CFR 64.1200(a)(10)) and those that
// every carrier knows. A policy adds phrases, it takes none away.
func perSe() []string {
	return []string{"stop", "stopall", "stop all", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe"}
}

// perSeYes are the words that ask for more.
func perSeYes() []string { return []string{"start", "unstop"} }
