package rules

import (
	"slices"
	"strings"
	"unicode"
)

// ownWords are what the person who answered may have written, as far as it is
// not the whole text: what remains without the message that was answered and
// without the signature, and the first paragraph of that. Under a message that
// asks for a yes or a no, a first paragraph that is nothing but a no is one,
// whatever name, address or notice stands below it.
func ownWords(text string) []string {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(text), "\n")
	const most = 50 // lines of a reply that may be a no; a letter is none
	var own []string
	for i, line := range lines {
		line = trimmed(line)
		if len(own) == most || ends(line) && len(own) > 0 {
			break
		}
		if quoted(line) || introduces(line, lines[i+1:]) {
			line = ""
		}
		if line != "" || len(own) > 0 && own[len(own)-1] != "" {
			own = append(own, line)
		}
	}
	first := own
	if i := slices.Index(own, ""); i >= 0 {
		first = own[:i]
	}
	return []string{strings.Join(own, "\n"), strings.Join(first, "\n")}
}

func trimmed(line string) string {
	return strings.TrimFunc(line, func(r rune) bool { return unicode.IsSpace(r) || unseen(r) })
}

func quoted(line string) bool { return strings.HasPrefix(line, ">") }

// introduces says whether the line is the one above a quotation, in whatever
// language: On Monday, Shop wrote:
func introduces(line string, below []string) bool {
	if !strings.HasSuffix(line, ":") {
		return false
	}
	i := slices.IndexFunc(below, func(next string) bool { return trimmed(next) != "" })
	return i >= 0 && quoted(trimmed(below[i]))
}

// ends says whether the person's own words end above this line: a rule, a mail
// that was answered, a complimentary close, or what a telephone adds.
func ends(line string) bool {
	words := Plain(line)
	if words == "" {
		return strings.HasPrefix(line, "--") || strings.HasPrefix(line, "—") || strings.HasPrefix(line, "___")
	}
	last := words[strings.LastIndexByte(words, ' ')+1:]
	return strings.HasPrefix(line, "--") ||
		strings.HasSuffix(line, ":") && slices.Contains(reports(), last) ||
		slices.Contains(closes(), words) ||
		slices.ContainsFunc(footers(), func(start string) bool { return strings.HasPrefix(words, start) })
}

// reports are the last words above a mail that was answered and is not marked as
// a quotation.
func reports() []string {
	return []string{"wrote", "schrieb", "geschrieben", "ecrit", "escribio", "scritto", "escreveu", "schreef", "skrev", "napisał", "napisal", "kirjoitti"}
}

// closes are what people write above their names.
func closes() []string {
	return []string{
		"thanks", "thank you", "many thanks", "thx", "regards", "best regards", "kind regards", "best", "best wishes", "cheers", "sincerely",
		"danke", "vielen dank", "mfg", "gruss", "grusse", "viele grusse", "beste grusse", "mit freundlichen grussen", "lg", "vg",
		"merci", "cordialement", "bien cordialement", "salutations",
		"gracias", "saludos", "un saludo", "atentamente",
		"grazie", "saluti", "cordiali saluti", "distinti saluti",
		"obrigado", "obrigada", "cumprimentos", "atenciosamente", "att",
		"bedankt", "dank je", "dank u", "groet", "groeten", "mvg", "met vriendelijke groet",
	}
}

// footers are how the lines begin that a telephone or a mail program adds.
func footers() []string {
	return []string{
		"sent from ", "sent via ", "get outlook for ", "von meinem ", "gesendet von ", "gesendet mit ", "envoye de mon ", "envoye depuis ",
		"enviado desde ", "enviado de ", "enviado do ", "inviato da ", "verzonden vanaf ", "verstuurd vanaf ", "skickat fran ", "sendt fra ",
	}
}
