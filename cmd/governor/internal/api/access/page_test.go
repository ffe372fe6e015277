package access

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// looking is a request that a browser on this machine sends.
func looking(method string, headers ...string) *http.Request {
	r := request("")
	r.Method = method
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestWithoutTokensThisMachinesBrowserIsLetInAndNoOtherSite(t *testing.T) {
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	for _, c := range []struct {
		what string
		r    *http.Request
		in   bool
	}{
		{"typed into the address bar", looking("GET", "Sec-Fetch-Site", "none"), true},
		{"a program", looking("GET"), true},
		{"a form of the page itself", looking("POST", "Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:8471"), true},
		{"a link on another site", looking("GET", link...), true},
		{"a form on another site", looking("POST", link...), false},
		{"a frame on another site", looking("GET", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"), false},
		{"a script of another site", looking("GET", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"), false},
		{"another port of this machine", looking("POST", "Sec-Fetch-Site", "same-site", "Origin", "http://localhost:9999"), false},
		{"an old browser, another site", looking("POST", "Origin", "https://example.org"), false},
		{"nobody knows from where", looking("POST", "Origin", "null"), false},
		{"a proxy", looking("GET", "X-Forwarded-For", "203.0.113.7"), false},
	} {
		who, err := (&Gate{}).Here(c.r)
		if (err == nil) != c.in || err != nil && !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", c.what, err)
		}
		if c.in && (!who.Has([]Role{View}) || who.Has([]Role{Consent})) {
			t.Errorf("%s: may %s", c.what, who.Named())
		}
	}
	r := looking("GET")
	r.Host = "evil.example.org:8471" // a name of somebody else's that leads here
	if _, err := (&Gate{}).Here(r); !errors.Is(err, ErrForeign) {
		t.Errorf("under another name: %v", err)
	}
	r = looking("GET")
	r.RemoteAddr = "192.0.2.1:4000"
	if _, err := (&Gate{}).Here(r); !errors.Is(err, ErrForeign) {
		t.Errorf("from another machine: %v", err)
	}
}

func TestATokenThatWasBroughtIsWhosesItIsNow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.yaml")
	write(t, file, "tokens:\n  - {name: desk, roles: [view], sha256: "+hash(desk)+"}\n")
	now := time.Now()
	tokens, err := OpenTokens(file, func() time.Time { return now }, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{Tokens: tokens}
	if !g.Asks() {
		t.Error("nobody is asked")
	}
	if _, err := g.Here(looking("GET")); !errors.Is(err, ErrForeign) {
		t.Errorf("this machine is let in without a token where others need one: %v", err)
	}
	if who, err := g.Whose(t.Context(), desk); err != nil || who.Name != "desk" {
		t.Errorf("%v, %v", who, err)
	}
	if _, err := g.Whose(t.Context(), ""); !errors.Is(err, ErrNobody) {
		t.Errorf("no token: %v", err)
	}
	if _, err := g.Whose(t.Context(), mailer); !errors.Is(err, ErrUnknown) {
		t.Errorf("nobody's token: %v", err)
	}
	write(t, file, "tokens:\n  - {name: mailer, roles: [operate], sha256: "+hash(mailer)+"}\n")
	now = now.Add(time.Minute)
	if _, err := g.Whose(t.Context(), desk); !errors.Is(err, ErrUnknown) {
		t.Errorf("a token that was taken out: %v", err)
	}
}
