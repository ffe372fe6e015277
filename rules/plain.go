package rules

import (
	"strings"
	"unicode"
)

// Plain is a text without all that tells two spellings of the same words apart:
// letter case, punctuation, emoji, accents, invisible characters, and letters
// that were only made to look different (full-width, mathematical, in circles).
// What remains are words parted by single blanks; "" if there are none.
// Apostrophes join, so that don't, don’t and dont are one word. Replies, the
// phrases of a policy and the labels of a campaign are all compared in this form.
//
// Accents go from the letters of Latin, Greek and Cyrillic scripts that a single
// accent turns into another. Marks of other scripts are part of the word.
func Plain(text string) string {
	var b strings.Builder
	parted := false
	for _, r := range text {
		if unseen(r) || apostrophe(r) {
			continue
		}
		r = unicode.ToLower(undecorated(r))
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			parted = true
			continue
		}
		if parted && b.Len() > 0 {
			b.WriteByte(' ')
		}
		parted = false
		b.WriteString(unaccented(r))
	}
	return b.String()
}

// unseen says whether r has no shape of its own: joiners and other format
// characters, fillers, what chooses the shape of an emoji, and accents that stand
// beside their letter. The iota below a letter is one itself in upper case.
func unseen(r rune) bool {
	switch {
	case r == '\u0345':
		return false
	case r >= '\u0300' && r <= '\u036f', r >= '\ufe00' && r <= '\ufe0f', r >= '\U000e0100' && r <= '\U000e01ef':
		return true
	case r == '\u20e3', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0':
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

func apostrophe(r rune) bool { return strings.ContainsRune("'’‘ʼ`´′＇", r) }

// undecorated is the letter or digit that r is a fancy form of.
func undecorated(r rune) rune {
	switch {
	case r >= '！' && r <= '～': // full-width ASCII
		return r - '！' + '!'
	case r >= 'Ⓐ' && r <= 'ⓩ':
		return letter(r - 'Ⓐ')
	case r >= '\U0001d400' && r <= '\U0001d6a3': // mathematical alphabets, one after the other
		return letter((r - '\U0001d400') % 52)
	case r >= '\U0001d7ce' && r <= '\U0001d7ff':
		return '0' + (r-'\U0001d7ce')%10
	}
	return r
}

// letter is the nth of A to Z, a to z.
func letter(n rune) rune {
	if n < 26 {
		return 'A' + n
	}
	return 'a' + n - 26
}

// unaccented is a letter in lower case without its accent.
func unaccented(r rune) string {
	switch r {
	case 'à', 'á', 'â', 'ã', 'ä', 'å', 'ā', 'ă', 'ą', 'ǎ':
		return "a"
	case 'ç', 'ć', 'ĉ', 'ċ', 'č':
		return "c"
	case 'ď', 'đ', 'ð':
		return "d"
	case 'è', 'é', 'ê', 'ë', 'ē', 'ĕ', 'ė', 'ę', 'ě':
		return "e"
	case 'ĝ', 'ğ', 'ġ', 'ģ':
		return "g"
	case 'ĥ', 'ħ':
		return "h"
	case 'ì', 'í', 'î', 'ï', 'ĩ', 'ī', 'ĭ', 'į', 'ı', 'ǐ':
		return "i"
	case 'ĵ':
		return "j"
	case 'ķ':
		return "k"
	case 'ĺ', 'ļ', 'ľ', 'ŀ', 'ł':
		return "l"
	case 'ñ', 'ń', 'ņ', 'ň':
		return "n"
	case 'ò', 'ó', 'ô', 'õ', 'ö', 'ø', 'ō', 'ŏ', 'ő', 'ǒ':
		return "o"
	case 'ŕ', 'ŗ', 'ř':
		return "r"
	case 'ś', 'ŝ', 'ş', 'š', 'ș', 'ſ':
		return "s"
	case 'ţ', 'ť', 'ŧ', 'ț':
		return "t"
	case 'ù', 'ú', 'û', 'ü', 'ũ', 'ū', 'ŭ', 'ů', 'ű', 'ų', 'ǔ':
		return "u"
	case 'ŵ':
		return "w"
	case 'ý', 'ÿ', 'ŷ':
		return "y"
	case 'ź', 'ż', 'ž':
		return "z"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ß':
		return "ss"
	case 'ά':
		return "α"
	case 'έ':
		return "ε"
	case 'ή':
		return "η"
	case 'ί', 'ϊ', 'ΐ':
		return "ι"
	case 'ό':
		return "ο"
	case 'ύ', 'ϋ', 'ΰ':
		return "υ"
	case 'ώ':
		return "ω"
	case 'ς':
		return "σ"
	case 'ё':
		return "е"
	case 'й':
		return "и"
	case 'ї':
		return "і"
	case 'ў':
		return "у"
	}
	return string(r)
}
