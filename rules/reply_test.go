package rules_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "Reply words, the whole text, letter case and punctuation aside", under every
// policy; phrases where the policy's list has them. The corpus says of each line
// where it is known from.
func TestReplies(t *testing.T) {
	policies := map[string][]*rules.Policy{
		"core": {bare(t, func(*rules.Spec) {})}, "house": {house(t)}, "both": {bare(t, func(*rules.Spec) {}), house(t)},
	}
	read := 0
	for line, fields := range table(t, "testdata/replies.tsv", 5) {
		verdict, subject, _ := strings.Cut(fields[0], " ")
		verdict, channel, _ := strings.Cut(verdict, ":")
		want, known := map[string]rules.Wish{
			"no": {OptOut: true, Subject: rules.Subject(subject), Channel: rules.Channel(channel)}, "yes": {OptIn: true}, "nothing": {},
		}[verdict]
		text, err := strconv.Unquote(`"` + fields[4] + `"`)
		if !known || err != nil || policies[fields[1]] == nil {
			t.Fatalf("replies.tsv:%d: %q is no verdict, %q no policy or %q no text", line, fields[0], fields[1], fields[4])
		}
		for _, p := range policies[fields[1]] {
			read++
			if got := p.Understand(text); got != want {
				t.Errorf("replies.tsv:%d: %s hears %+v in %q, want %+v", line, p.Name(), got, text, want)
			}
		}
	}
	if read < 400 {
		t.Errorf("only %d replies were read", read)
	}
}

// table is the lines of a corpus by their number, each in so many columns.
func table(t testing.TB, name string, columns int) map[int][]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := make(map[int][]string)
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if lines[i+1] = strings.Split(line, "\t"); len(lines[i+1]) != columns {
			t.Fatalf("%s:%d: %d columns, want %d parted by tabs", name, i+1, len(lines[i+1]), columns)
		}
	}
	return lines
}

// "Phrases beyond the list are refusals if the policy's phrase list has them";
// a no is asked first.
func TestPhrasesAreThePolicysOwn(t *testing.T) {
	no, yes, nothing := rules.Wish{OptOut: true}, rules.Wish{OptIn: true}, rules.Wish{}
	p := bare(t, func(s *rules.Spec) {
		s.OptOutPhrases = []string{"Lass mich in Ruhe", "ja nein", "Assez !", strings.Repeat("never ", 20)}
		s.OptInPhrases = []string{"Ja, bitte!"}
	})
	for text, want := range map[string]rules.Wish{
		"lass mich in ruhe!": no, "JA BITTE": yes, "Ja, nein": no, "stop": no, "start": yes, "S.T.A.R.T.": yes, "staaart": nothing,
		"Assez 12": {OptOut: true, Subject: "12"}, "Assez assez stop": no, "stop assez 12": nothing,
		strings.Repeat("NEVER! ", 20): no, strings.Repeat("never ", 19): nothing,
		strings.Repeat("> quoted\n\n", 99) + "stop": no, "stop\n\n" + strings.Repeat("line\n", 99): no, strings.Repeat("line\n", 99) + "stop": nothing,
		strings.Repeat("stop ", 99): no, strings.Repeat("stop ", 99) + "by the shop": nothing,
		// A phrase without a word in it would be heard in every reply that has none.
		"👍": nothing, "": nothing, "❤️": nothing,
	} {
		if got := p.Understand(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

// "A person tells a debt collector to 'stop calling'" (comment 14(h)(1)-3.i): they
// mean calls, by whatever medium they say it.
func TestPhrasesThatNameAMedium(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.OptOutPhrases = []string{"leave me alone"}
		s.OptOutOf = []rules.OptOutOfSpec{{Channel: "call", Phrases: []string{"Stop calling me!"}}}
	})
	for text, want := range map[string]rules.Wish{
		"stop calling me": {OptOut: true, Channel: "call"}, "STOP CALLING ME.\n-- \nAnna": {OptOut: true, Channel: "call"},
		"leave me alone": {OptOut: true}, "stop": {OptOut: true}, "Stop. Stop calling me.": {OptOut: true}, "stop calling me by the shop": {},
	} {
		if got := p.Understand(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
	_, problems := rules.Compile(&rules.Spec{
		Purposes: []rules.PurposeSpec{{Name: "news", Class: rules.Solicitation}}, Channels: []rules.ChannelSpec{{Name: "sms"}},
		OptOutOf: []rules.OptOutOfSpec{{Channel: "call", Phrases: []string{"stop calling me"}, Line: rules.Position{File: "p", Line: 3, Column: 1}}},
	})
	if len(problems) != 1 || problems[0].String() != `p:3:1: channel "call" is not declared: write one of [sms], or declare it` {
		t.Errorf("got %v", problems)
	}
}

// What nobody can say, and what is heard as a no, is told to the owner of the policy.
func TestPhrasesThatCanBeNoYes(t *testing.T) {
	_, problems := rules.Compile(&rules.Spec{
		Purposes: []rules.PurposeSpec{{Name: "news", Class: rules.Solicitation}}, Channels: []rules.ChannelSpec{{Name: "sms"}},
		OptOutPhrases: []string{"ja nein"}, OptInPhrases: []string{"Ja, nein", "👍"},
	})
	want := []string{
		`core: the phrase "Ja, nein" is heard as a no, so it can be no yes: leave it out`,
		`core: the phrase "👍" has no word in it, so nobody can say it: leave it out`,
	}
	if len(problems) != 2 || problems[0].String() != want[0] || problems[1].String() != want[1] {
		t.Errorf("got %v", problems)
	}
}

// A phrase for a yes that would be heard as a no can be none.
func TestContradictsOptOut(t *testing.T) {
	own := []string{"Lass mich in Ruhe"}
	for phrase, want := range map[string]bool{
		"STOP!": true, "s.t.o.p": true, "stop 12345": true, "Opt-Out": true, "Lass mich in Ruhe.": true, "stooop": true,
		"start": false, "don't stop": false, "text me again": false, "": false,
	} {
		if got := rules.ContradictsOptOut(phrase, own); got != want {
			t.Errorf("%q contradicts: %v, want %v", phrase, got, want)
		}
	}
}

// Two spellings of the same words are one.
func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " \t": "", "?!": "", "👍🏽 ❤️ 🇩🇪 1️⃣": "1", "STOP": "stop", " A  b\nC ": "a b c", "Opt-Out!": "opt out", "\xffstop\xff": "stop",
		"don't don’t don‘t donʼt don`t don´t don′t don＇t dont": strings.TrimSpace(strings.Repeat("dont ", 9)),
		"ＳＴＯＰ　１２": "stop 12", "𝐒𝐭𝑂𝑝𝕾 𝟏𝟚": "stops 12", "Ⓢⓣⓞⓟ": "stop", "s\u200bt\u00ado\u2060p\ufeff": "stop", "a\u3164b": "ab",
		"àáâãäåāăąǎ çćĉċč ďđð èéêëēĕėęě ĝğġģ ĥħ ìíîïĩīĭįıǐ ĵ ķ ĺļľŀł ñńņň òóôõöøōŏőǒ ŕŗř śŝşšșſ ţťŧț ùúûüũūŭůűųǔ ŵ ýÿŷ źżž": "aaaaaaaaaa ccccc ddd eeeeeeeee gggg hh iiiiiiiiii j k lllll nnnn oooooooooo rrr ssssss tttt uuuuuuuuuuu w yyy zzz",
		"Æon Œuvre Straße GROẞ": "aeon oeuvre strasse gross",
		"ΆΈΉΊΪΐΌΎΫΰΏ Τέλος":     "αεηιιιουυυω τελοσ", "Ёлка Йод Їжак Ўсё": "елка иод іжак усе",
		"e\u0301 и\u0306": "e и", "रोकें": "रोकें", "İPTAL": "iptal", "a\u0345": "a\u0345",
	} {
		if got := rules.Plain(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if got := rules.Plain(want); got != want {
			t.Errorf("%q: made plain twice it is %q", want, got)
		}
	}
}

// An opt-out stays one, whatever its letters and what stands around it; the same
// text is the same wish; nothing is too strange to be read.
func FuzzUnderstand(f *testing.F) {
	for _, fields := range table(f, "testdata/replies.tsv", 5) {
		if text, err := strconv.Unquote(`"` + fields[4] + `"`); err == nil {
			f.Add(text)
		}
	}
	policies := []*rules.Policy{bare(f, func(*rules.Spec) {}), house(f)}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range policies {
			wish := p.Understand(text)
			if again := p.Understand(text); again != wish {
				t.Fatalf("%q is %+v and %+v", text, wish, again)
			}
			if wish.OptOut && wish.OptIn || wish.Subject != "" && !wish.OptOut {
				t.Fatalf("%q is %+v", text, wish)
			}
			plain := rules.Plain(text)
			if rules.Plain(plain) != plain {
				t.Fatalf("%q made plain twice is %q", text, rules.Plain(plain))
			}
			if !wish.OptOut {
				continue
			}
			spellings := []string{strings.ToUpper(text), strings.ToLower(text), " \t" + text + "\n ", "\n\n" + text + "\r\n", "\ufeff" + text + "\u200b"}
			if !strings.ContainsAny(text, "\n\r\u0085\u2028\u2029") {
				spellings = append(spellings, text+"!", "“"+text+"”", text+" 😡")
			}
			for _, same := range spellings {
				if got := p.Understand(same); !got.OptOut {
					t.Fatalf("%q is an opt-out, and %q is %+v", text, same, got)
				}
			}
		}
	})
}
