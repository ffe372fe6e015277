package api

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// "Fuzzing of tokens and every route": whatever comes, it is answered, never with a
// server error but that something is not known now; nothing is written without the role
// for it; and every answer is one that the document describes.
func FuzzEveryRoute(f *testing.F) {
	for _, r := range routes() {
		body := requests()[r.method+" "+r.path]
		for _, role := range []string{"", "view", "operate", "consent"} {
			f.Add(r.method, r.filled(), role, "application/json", body)
		}
		f.Add(r.method, r.path, "operate", "text/plain", body)
		f.Add("PUT", r.filled()+"/", "operate", "application/json", "{")
	}
	for _, path := range []string{"/v1/people/%2e%2e/erase", "/v1/people/%00", "/v1/people/%ff/export", "/v1/people//erase", "/v1/people/a%2Fb", "/v1/people/x?person=y", "*", "http://example.org/v1/policy", "/v1/campaigns/%0d%0a/kill"} {
		f.Add("GET", path, "view", "", "")
		f.Add("POST", path, "consent", "application/json", "{}")
	}
	for _, body := range []string{"null", "[]", `"x"`, "{}{}", `{"person":null}`, `{"person":"\ud800"}`, `{"person":"p","at":"9999-12-31T23:59:59Z"}`, strings.Repeat("[", 20_000), `{"person":1e400}`, "\xef\xbb\xbf{}"} {
		for _, path := range []string{"/v1/preflight", "/v1/redeem", "/v1/outcomes", "/v1/refuse", "/v1/campaigns"} {
			f.Add("POST", path, "operate", "application/json; charset=utf-8", body)
		}
	}
	w := newWorld(f, func(o *Options) { o.Tell = zap.NewNop() })
	f.Fuzz(func(t *testing.T, method, path, who, kind, body string) {
		w.t = t
		raw := method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw + "\r\n")))
		if err != nil {
			return // net/http answers that by itself
		}
		r.Body, r.ContentLength = http.NoBody, 0
		if body != "" {
			sent := newRequest("POST", "/", body)
			r.Body, r.ContentLength = sent.Body, sent.ContentLength
		}
		r.Header.Set("Content-Type", kind)
		known := access.IsRole(who)
		switch {
		case known:
			r.Header.Set("Authorization", "Bearer "+token(who))
		case who != "":
			r.Header.Set("Authorization", who)
		}
		before := w.writes()
		a := w.send(r)
		if a.status < 200 || a.status >= 500 && a.status != http.StatusServiceUnavailable || a.status >= 300 && a.status < 400 {
			t.Errorf("got %d %s", a.status, a.text)
		}
		if w.writes() > before && (a.status != http.StatusOK || !mayWrite(r, who, known)) {
			t.Errorf("written by %q, who got %d %s", who, a.status, a.text)
		}
	})
}

// mayWrite says whether the request is to a route that changes something, by somebody
// who may.
func mayWrite(r *http.Request, who string, known bool) bool {
	return known && slices.ContainsFunc(routes(), func(route route) bool {
		return route.path == r.Pattern && route.method == r.Method && r.Method == http.MethodPost && slices.Contains(route.roles, access.Role(who))
	})
}
