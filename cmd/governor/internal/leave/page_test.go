package leave

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// The policy allows the style that is in the page, and no other: a byte more, and browsers would show it bare.
func TestThePolicyAllowsTheStyle(t *testing.T) {
	d := newDoor(t)
	got := d.do(http.MethodGet, link(t), "")
	_, style, _ := strings.Cut(text(t, got), "<style>")
	style, _, ended := strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if policy := got.Header.Get("Content-Security-Policy"); !ended || policy != want {
		t.Errorf("got  %s\nwant %s", policy, want)
	}
}

// A brand is whatever an engine wrote.
func TestABrandIsNoMarkup(t *testing.T) {
	d := newDoor(t)
	ticket := ann()
	ticket.Brand = `</h1><script>alert("no")</script>`
	page := text(t, d.do(http.MethodGet, LinkPath+seal(t, keys(t, oldKey), ticket), ""))
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
		t.Errorf("got %s", page)
	}
}

// "One plain page with one sentence and one button (a form POST)": what a browser without a script, a style or an eye has.
func TestAPageIsOneSentenceAndOneButton(t *testing.T) {
	page := text(t, newDoor(t).do(http.MethodGet, link(t), ""))
	for what, times := range map[string]int{
		"<h1>": 1, "<button type=\"submit\">": 1, "<form method=\"post\">": 1, "<main>": 1, "<title>Say no</title>": 1, "<p": 0, "<a": 0,
		`<input type="hidden" name="List-Unsubscribe" value="One-Click">`: 1, `<html lang="en">`: 1,
		`<meta name="viewport" content="width=device-width, initial-scale=1">`: 1, `<meta name="robots" content="noindex, nofollow">`: 1,
	} {
		if got := strings.Count(page, what); got != times {
			t.Errorf("%s is there %d times, want %d", what, got, times)
		}
	}
	if len(page) > 4096 {
		t.Errorf("%d bytes", len(page))
	}
}
