package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wish is what the words of a reply ask for.
type Wish struct {
	OptOut  bool
	OptIn   bool
	Subject Subject // an opt-out that names one: STOP 12345

	// Channel is the channel that an opt-out names, beside the one it came by: "stop
	// calling me" as a text. It is "" where none is named.
	Channel Channel
}

// Understand reads a reply: the whole text, as Plain makes it. Words that merely
// occur in it mean nothing ("please stop by the shop"), but what the policy's
// phrase list has. A no is heard above the message that it answers and above a
// signature too; a yes must be the whole text. When in doubt between a no and a
// yes there is no doubt: opt-outs are asked first.
func (p *Policy) Understand(text string) Wish {
	if wish := p.refusal(text); wish.OptOut {
		return wish
	}
	for _, own := range ownWords(text) {
		if wish := p.refusal(own); wish.OptOut {
			return wish
		}
	}
	words := unspelled(Plain(text))
	return Wish{OptIn: words != "" && p.optIns[words]}
}

// ContradictsOptOut says whether a policy with these phrases for a no would hear
// one in this phrase, so that it can be none for a yes.
func ContradictsOptOut(phrase string, optOutPhrases []string) bool {
	p := Policy{optOuts: optOuts(optOutPhrases)}
	return p.Understand(phrase).OptOut
}

// refusal is the no that the text is from its first word to its last.
func (p *Policy) refusal(text string) Wish {
	words := unspelled(Plain(text))
	if words == "" {
		return Wish{OptOut: strings.ContainsRune(text, '🛑')} // the sign that says STOP
	}
	for _, words := range []string{words, unstretched(words)} {
		if wish := p.optOut(words); wish.OptOut {
			return wish
		}
	}
	return Wish{}
}

func (p *Policy) optOut(words string) Wish {
	if p.onlyOptOuts(strings.Fields(words)) {
		return Wish{OptOut: true, Channel: p.named[words]}
	}
	at := strings.IndexFunc(words, unicode.IsDigit)
	if at < 0 {
		return Wish{}
	}
	word, number := strings.TrimSuffix(words[:at], " "), words[at:]
	switch {
	case strings.TrimFunc(number, func(r rune) bool { return unicode.IsDigit(r) || r == ' ' }) != "":
		return Wish{}
	case !p.takesSubject(word):
		return Wish{OptOut: slices.Contains(sentTo(), word)}
	case strings.Trim(number, "0123456789") == "":
		return Wish{OptOut: true, Subject: Subject(number)}
	}
	return Wish{OptOut: true} // which of the numbers, or what number, nobody knows: the widest reading
}

// takesSubject says whether digits after the word name a subject: after STOP,
// and after what is a STOP by the policy's own list.
func (p *Policy) takesSubject(word string) bool {
	return word == "stop" || p.optOuts[word] && !slices.Contains(perSe(), word)
}

// onlyOptOuts says whether the words are opt-outs, one after the other, and
// nothing else: STOP STOP, or "Stop. Leave me alone."
func (p *Policy) onlyOptOuts(words []string) bool {
	const longest = 12 // words in a phrase that can be one of several
	if p.optOuts[strings.Join(words, " ")] {
		return true
	}
	to := []int{0} // up to where the words are only opt-outs
	for end := 1; end <= len(words) && end-to[len(to)-1] <= longest; end++ {
		if slices.ContainsFunc(to[max(0, len(to)-longest):], func(start int) bool { return p.optOuts[strings.Join(words[start:end], " ")] }) {
			to = append(to, end)
		}
	}
	return to[len(to)-1] == len(words) && len(words) > 0
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

// unstretched takes out of a word what was only shouted: stoppp, stoooop.
func unstretched(words string) string {
	var out []rune
	letters := []rune(words)
	for i := 0; i < len(letters); {
		run := i + 1
		for run < len(letters) && letters[run] == letters[i] {
			run++
		}
		if run-i < 3 || !unicode.IsLetter(letters[i]) {
			out = append(out, letters[i:run]...)
		} else {
			out = append(out, letters[i])
		}
		i = run
	}
	return string(out)
}

// optOuts are the words and phrases for a no, as Plain makes them.
func optOuts(phrases []string) map[string]bool {
	set := make(map[string]bool)
	for _, phrase := range slices.Concat(perSe(), phrases) {
		set[Plain(phrase)] = true
	}
	delete(set, "") // a phrase without a word in it is none
	return set
}

// perSe are the words that the law names (47 CFR 64.1200(a)(10)) and those that
// every carrier knows. A policy adds phrases, it takes none away.
func perSe() []string {
	return []string{"stop", "stopall", "stop all", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe"}
}

// perSeYes are the words that ask for more.
func perSeYes() []string { return []string{"start", "unstop"} }

// sentTo are instructions copied to the letter, before the number to which the
// word should have been sent: "STOP au 36111". The number is none of a subject.
func sentTo() []string {
	return []string{"stop to", "stop au", "stop an", "stop aan", "stop naar", "stop al", "stop a", "stop ao", "stop para", "stop til", "stop till"}
}
