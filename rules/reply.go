package rules

import (
	"strings"
	"unicode"
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
	words := plain(text)
	if p.optOuts[words] {
		return Wish{OptOut: true}
	}
	if subject, ok := strings.CutPrefix(words, "stop "); ok && digits(subject) {
		return Wish{OptOut: true, Subject: Subject(subject)}
	}
	return Wish{OptIn: p.optIns[words]}
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
