//go:build integration

package integration

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// "Leaving is as easy as joining" (issue 6), from the approval to the no that stands: the link that a mail worker finds in it,
// opened in a browser that runs no script of its own, and pressed; then pressed by a mail program (RFC 8058).
// cmd/governor/internal/leave looks at the pages themselves.
func TestALinkInAnApprovalIsANoWhenItIsPressed(t *testing.T) {
	p := newPlace(t)
	port, err := freePort()
	must(t, err)
	key := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(key, []byte("bGVhdmVsZWF2ZWxlYXZlbGVhdmVsZWF2ZWxlYXZlbGU=\n"), 0o600))
	c := p.config()
	c["api"] = config{"listen": loopback(port), "tokens_file": someTokens(t)}
	c["leave"] = config{"base_url": "http://" + loopback(port), "key_file": key}
	g := startGovernor(t, c)
	if d := p.ask(t, marketing("i1", "fay", "email", "c1")); d.Verdict != "approved" {
		t.Fatalf("the first mail: %s %s", d.Verdict, d.Reason)
	}
	way := p.wayOut(t, "i1")

	// She looks, and nothing has happened.
	allocator, end := chromedp.NewExecAllocator(patiently(t), append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox)...)
	t.Cleanup(end)
	tab, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	must(t, chromedp.Do(tab, chromedp.Navigate(way.URL), chromedp.WaitVisible(chromedp.CSS("button"))))
	if said := p.noes(t); len(said) != 0 {
		t.Fatalf("looking at the page said %+v", said)
	}

	// She presses the button, and is told what is so.
	must(t, chromedp.Do(tab, chromedp.Click(chromedp.CSS("button")), chromedp.WaitNotPresent(chromedp.CSS("button"))))
	sentence, err := chromedp.Run(tab, chromedp.Text(chromedp.CSS("h1")))
	must(t, err)
	if !strings.HasPrefix(sentence, "Your no is stored: you will get no more e-mail from us,") {
		t.Errorf("she is told: %s", sentence)
	}
	if said := p.noes(t); len(said) != 1 || said[0].Person != "fay" || said[0].Channel != "email" || said[0].Source != "unsubscribe link" {
		t.Fatalf("and stored is %+v", said)
	}
	waitFor(t, "the approval to be taken back", func() bool { return len(p.read(t, "contact.revoked")) == 1 })
	if d := p.ask(t, marketing("i2", "fay", "email", "c2")); d.Reason != "refused.state" {
		t.Errorf("the next mail: %s %s", d.Verdict, d.Reason)
	}

	// Her mail program has a button, too. It works although there is a no already.
	link, _, _ := strings.Cut(strings.TrimPrefix(way.Headers["List-Unsubscribe"], "<"), ">")
	answer, err := http.Post(link, "application/x-www-form-urlencoded", strings.NewReader(way.Headers["List-Unsubscribe-Post"]))
	must(t, err)
	must(t, answer.Body.Close())
	if said := p.noes(t); answer.StatusCode != 200 || len(said) != 2 || said[0].ID == said[1].ID {
		t.Errorf("one click: %s, and stored is %+v", answer.Status, said)
	}
	for _, r := range p.read(t, "contact.audit") {
		if !strings.Contains(string(r.Value), `"who":"link"`) || strings.Contains(string(r.Key)+string(r.Value), "fay") {
			t.Errorf("the audit has %s", r.Value)
		}
	}
	if n := len(p.read(t, "contact.audit")); n != 2 {
		t.Errorf("%d records in the audit of two noes", n)
	}
	if strings.Contains(g.Logs(t), "fay") || strings.Contains(g.Logs(t), way.URL) {
		t.Error("the log says who it was")
	}
}

// wayOut is what the approval of an intent says of leaving.
type wayOut struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
}

func (p *place) wayOut(t *testing.T, intent string) wayOut {
	t.Helper()
	for _, r := range p.read(t, "contact.approved") {
		var d struct {
			Intent      string  `json:"intent"`
			Unsubscribe *wayOut `json:"unsubscribe"`
		}
		must(t, json.Unmarshal(r.Value, &d))
		if d.Intent == intent && d.Unsubscribe != nil {
			return *d.Unsubscribe
		}
	}
	t.Fatalf("no approval of %s says how to leave", intent)
	return wayOut{}
}

// noes are the refusals that people published, in the order of their times.
func (p *place) noes(t *testing.T) (out []signal) {
	t.Helper()
	for _, r := range p.read(t, "contact.signals") {
		var s signal
		must(t, json.Unmarshal(r.Value, &s))
		if s.Type == "refusal" {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b signal) int { return strings.Compare(a.At, b.At) })
	return out
}

// A reply that a provider passes on is heard: the hook for words.
func TestAReplyThatAProviderPassesOnIsHeard(t *testing.T) {
	p := newPlace(t)
	port, err := freePort()
	must(t, err)
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("hush\n"), 0o600))
	c := p.config()
	c["api"] = config{"listen": loopback(port), "tokens_file": someTokens(t)}
	c["leave"] = config{"hooks": []config{{"name": "sms", "secret_file": secret, "person": "tel:{from}", "channel": "sms"}}}
	startGovernor(t, c)
	if d := p.ask(t, marketing("i1", "tel:+15550100", "email", "c1")); d.Verdict != "approved" {
		t.Fatalf("a mail before: %s %s", d.Verdict, d.Reason)
	}
	answer := func(secret string) int {
		body := strings.NewReader(`{"id":"m1","from":"+15550100","text":"Stop!"}`)
		r, err := http.NewRequestWithContext(patiently(t), http.MethodPost, fmt.Sprintf("http://%s/hooks/reply/sms", loopback(port)), body)
		must(t, err)
		r.Header.Set("Authorization", "Bearer "+secret)
		got, err := http.DefaultClient.Do(r)
		must(t, err)
		must(t, got.Body.Close())
		return got.StatusCode
	}
	if status := answer("guess"); status != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", status)
	}
	for range 2 { // providers say things twice
		if status := answer("hush"); status != http.StatusNoContent {
			t.Errorf("the provider: %d", status)
		}
	}
	if d := p.ask(t, marketing("i2", "tel:+15550100", "sms", "c2")); d.Reason != "refused.state" {
		t.Errorf("the next text message: %s %s", d.Verdict, d.Reason)
	}
}

// someTokens is a file with the token of somebody else: who says no needs none.
func someTokens(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	sum := sha256.Sum256([]byte("a token that nobody shows here"))
	must(t, os.WriteFile(file, []byte(fmt.Sprintf("tokens: [{name: mailer, roles: [operate], sha256: %x}]\n", sum)), 0o600))
	return file
}
