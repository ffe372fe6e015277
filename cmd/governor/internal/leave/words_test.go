package leave

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Every language says everything, about every channel of the contract.
func TestEveryLanguageSaysEverything(t *testing.T) {
	place := regexp.MustCompile(`\{[a-z]*\}`)
	for _, w := range languages() {
		for name, s := range map[string]string{
			"ask": w.ask, "button": w.button, "done": w.done,
		} {
			if got := place.FindAllString(s, -1); strings.Join(got, "") != "{what}{who}" {
				t.Errorf("%s %s: has the places %v", w.tag, name, got)
			}
		}
		for name, s := range map[string]string{
			"failed": w.failed, "broken": w.broken, "us": w.us, "other": w.other,
			"title ask": w.titles.ask, "title done": w.titles.done, "title failed": w.titles.failed, "title broken": w.titles.broken,
		} {
			if s == "" || place.MatchString(s) {
				t.Errorf("%s %s: %q", w.tag, name, s)
			}
		}
		if !strings.Contains(w.from, "{brand}") || !strings.Contains(w.mailto, "{address}") || !strings.Contains(w.broken, "STOP") {
			t.Errorf("%s: %q, %q, %q", w.tag, w.from, w.mailto, w.broken)
		}
		for _, channel := range []string{"email", "sms", "call", "push", "mail", "in_app", "chat"} {
			if w.what[channel] == "" {
				t.Errorf("%s has no word for %s", w.tag, channel)
			}
		}
	}
}

// "The page says what happened in one sentence": each is one, in every language.
func TestASentenceIsOne(t *testing.T) {
	for _, w := range languages() {
		for _, ticket := range []Ticket{{Channel: "email"}, {Channel: "fax", Brand: "North & Söhne {what}"}} {
			for _, s := range []string{w.fill(w.ask, ticket), w.fill(w.done, ticket), w.failed, w.gone(""), w.gone("leave@example.org")} {
				if !strings.HasSuffix(s, ".") || strings.Count(strings.ReplaceAll(s, "example.org", ""), ".") != 1 || strings.ContainsAny(s, "?!") {
					t.Errorf("%s: %s", w.tag, s)
				}
			}
		}
	}
	english := languages()[0]
	if got := english.fill(english.button, Ticket{Channel: "fax", Brand: "{who} & {what}"}); got != "No more messages of this kind from {who} & {what}" {
		t.Errorf("got %s", got)
	}
}

// "Lang by Accept-Language."
func TestAPageSpeaksTheLanguageOfItsReader(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "de": "de", "de-AT,de;q=0.9": "de", "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5": "fr",
		"en;q=0.5, nl": "nl", "pt-BR": "pt", "es-419": "es", "it-IT": "it", "ja, de;q=0.1": "de", "ja": "en", "*": "en",
		"gsw": "de", "x;;;q": "en", "de;q=abc": "en", strings.Repeat("de,", 300): "de", "\xff\x00": "en",
	} {
		r := &http.Request{Header: http.Header{"Accept-Language": {header}}}
		s := newSpoken()
		if got := s.to(r).tag.String(); got != want {
			t.Errorf("%.40q: got %s, want %s", header, got, want)
		}
	}
	d := newDoor(t)
	got := d.do(http.MethodGet, link(t), "", "Accept-Language", "de")
	if page := text(t, got); !strings.Contains(page, `<html lang="de">`) || !strings.Contains(page, ">Keine E-Mails mehr von north<") || got.Header.Get("Content-Language") != "de" {
		t.Errorf("got %s", page)
	}
}
