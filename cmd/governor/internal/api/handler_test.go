package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// newRequest is one from this machine.
func newRequest(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, "http://localhost:8471"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4000"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// Messages say what to do, as problem details of RFC 9457.
func TestWhatIsWrongIsTold(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x", mostBody)
	for _, c := range []struct {
		why, role, method, path, body string
		status                        int
		fields                        []string
	}{
		{"no route", "view", "GET", "/v1/nothing", "", 404, []string{`"type":"urn:contactgovernor:problem:no-such-route"`, `"title":"There is no such route"`, "/openapi.json"}},
		{"no route", "view", "GET", "/", "", 404, nil},
		{"no method", "view", "DELETE", "/v1/campaigns", "", 405, []string{"use GET, POST"}},
		{"crooked", "view", "GET", "/v1//policy", "", 404, nil},
		{"crooked", "view", "GET", "/v1/../v1/policy", "", 404, nil},
		{"a slash too many", "view", "GET", "/v1/policy/", "", 404, nil},
		{"no token", "", "GET", "/v1/policy", "", 401, []string{"send the header Authorization: Bearer TOKEN"}},
		{"another role", "view", "POST", "/v1/redeem", "{}", 403, []string{"it takes a token with one of the roles: operate"}},
		{"no JSON", "operate", "POST", "/v1/redeem", "", 415, []string{"send the header Content-Type: application/json"}},
		{"too large", "operate", "POST", "/v1/refuse", `{"person":"` + long + `"}`, 413, []string{"send at most 64 KiB"}},
		{"cut", "operate", "POST", "/v1/refuse", `{"person":"p1"`, 400, []string{"send one JSON object, in UTF-8"}},
		{"two", "operate", "POST", "/v1/refuse", `{"person":"p1"}{}`, 400, nil},
		{"no object", "operate", "POST", "/v1/refuse", `[]`, 400, []string{"send a JSON object"}},
		{"no UTF-8", "operate", "POST", "/v1/refuse", "{\"person\":\"\xff\"}", 400, nil},
		{"unknown", "operate", "POST", "/v1/refuse", `{"person":"p1","chanel":"sms"}`, 422, []string{`{"field":"chanel","reason":"is not known here: leave it out, or mend its name`}},
		{"unknown, and somebody's", "operate", "POST", "/v1/refuse", `{"person":"p1","ann@example.org":1}`, 422, []string{`"field":"?"`}},
		{"in capitals", "operate", "POST", "/v1/refuse", `{"Person":"p1"}`, 422, []string{`"field":"Person"`}},
		{"twice", "operate", "POST", "/v1/refuse", `{"person":"p1","person":"p2"}`, 422, []string{`{"field":"person","reason":"is there twice: keep one"}`}},
		{"a number", "operate", "POST", "/v1/refuse", `{"person":1}`, 422, []string{`{"field":"person","reason":"is of the wrong kind; see /openapi.json"}`}},
		{"nobody", "operate", "POST", "/v1/refuse", `{"channel":"sms"}`, 422, []string{`"field":"person"`}},
		{"the governor's own", "operate", "POST", "/v1/refuse", `{"person":"\u001fann@example.org"}`, 422, []string{`"field":"person"`}},
		{"a time without an offset", "operate", "POST", "/v1/refuse", `{"person":"p1","at":"2026-05-01T10:00:00"}`, 422, []string{`"field":"at"`}},
		{"from tomorrow", "operate", "POST", "/v1/refuse", `{"person":"p1","at":"2026-05-03T10:00:00Z"}`, 422, []string{`"field":"at","reason":"is more than 24 h ahead of its arrival`}},
		{"no worker", "operate", "POST", "/v1/redeem", `{"person":"p1","intent":"i1"}`, 422, []string{`"field":"worker"`}},
		{"a long worker", "operate", "POST", "/v1/redeem", `{"person":"p1","intent":"i1","worker":"` + long[:129] + `"}`, 422, []string{`"field":"worker"`}},
		{"no evidence", "consent", "POST", "/v1/consent", `{"person":"p1"}`, 422, []string{`{"field":"evidence","reason":"is missing: say what proves that the person agreed`}},
		{"a source is no evidence", "consent", "POST", "/v1/consent", `{"person":"p1","source":"shop"}`, 422, []string{`"field":"evidence"`}},
		{"empty evidence", "consent", "POST", "/v1/consent", `{"person":"p1","evidence":" "}`, 422, []string{`"field":"evidence"`}},
		{"no result", "operate", "POST", "/v1/outcomes", `{"person":"p1","intent":"i1"}`, 422, []string{`"field":"result"`}},
		{"of nothing", "operate", "POST", "/v1/outcomes", `{"person":"p1","result":"sent"}`, 422, []string{`"field":"intent, decision"`}},
		{"no intent", "view", "POST", "/v1/preflight", `{}`, 422, []string{`"field":"person, channel, purpose, campaign"`}},
		{"another channel", "view", "POST", "/v1/preflight", `{"person":"p1","channel":"fax","purpose":"marketing","campaign":"c"}`, 422, []string{`"field":"channel"`}},
		{"no object", "view", "POST", "/v1/preflight", `null`, 400, nil},
		{"too long an id", "view", "GET", "/v1/people/" + long[:257], "", 422, []string{`"field":"person"`}},
		{"two lines", "view", "GET", "/v1/people/a%0Ab", "", 422, []string{`"field":"person"`}},
		{"no campaign", "operate", "POST", "/v1/campaigns", `{"killed":true}`, 422,
			[]string{`"field":"name"`, `"field":"ends"`, `"field":"most_attempts"`, `"field":"way_in.steps"`, `"field":"way_in.label"`, `"field":"way_out.steps"`, `"field":"way_out.label"`, `"field":"killed"`}},
		{"no campaign's name", "operate", "POST", "/v1/campaigns/" + long[:129] + "/kill", "", 422, []string{`"field":"name"`}},
		{"a field where there is none", "operate", "POST", "/v1/campaigns/c/kill", `{"force":true}`, 422, []string{`"field":"force"`}},
	} {
		a := w.ask(c.role, c.method, c.path, c.body)
		a.want(t, c.why+": "+c.method+" "+c.path[:min(len(c.path), 30)], c.status, c.fields...)
		if c.status == 200 {
			continue
		}
		if got := a.header.Get("Content-Type"); got != "application/problem+json" || a.fields["status"] != float64(c.status) {
			t.Errorf("%s: got %s %s", c.why, got, a.text)
		}
		if strings.Contains(a.text, "p1") || strings.Contains(a.text, "ann@") {
			t.Errorf("%s: %s repeats what was sent", c.why, a.text)
		}
	}
	if len(w.audit) != 0 {
		t.Errorf("%d audit records of what was never tried", len(w.audit))
	}
}

func TestEveryAnswerIsOfThisInstantAndNoPage(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/v1/policy", "/openapi.json", "/nothing"} {
		a := w.ask("view", "GET", path, "")
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Access-Control-Allow-Origin": "", "Strict-Transport-Security": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
	if a := w.ask("view", "HEAD", "/v1/policy", ""); a.status != http.StatusOK {
		t.Errorf("HEAD: got %d", a.status)
	}
}

// A token that asks too often waits, and nobody else does.
func TestWhoAsksTooOftenWaits(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Rate = 2 })
	count := func(role string, n int) (ok, late, other int) {
		for range n {
			switch a := w.ask(role, "GET", "/v1/policy", ""); a.status {
			case http.StatusOK, http.StatusUnauthorized:
				ok++
			case http.StatusTooManyRequests:
				late++
				if a.header.Get("Retry-After") != "1" {
					t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
				}
			default:
				other++
			}
		}
		return ok, late, other
	}
	for _, role := range []string{"view", "operate", "forged"} {
		if ok, late, other := count(role, 10); ok != 4 || late != 6 || other != 0 {
			t.Errorf("%s: %d were answered, %d too many, %d else", role, ok, late, other)
		}
	}
	w.pass(time.Second)
	if ok, _, _ := count("view", 10); ok != 2 {
		t.Errorf("a second later %d were answered", ok)
	}
	// How often somebody asked is remembered for a bounded number.
	l := newLimits(1, w.clock)
	for i := range 3 * mostLimits {
		l.allow(strings.Repeat("x", i%7) + time.Duration(i).String())
	}
	if n := len(l.young) + len(l.old); n > 2*mostLimits {
		t.Errorf("%d are remembered", n)
	}
}

func TestOneSubscriberIsOnePlace(t *testing.T) {
	for _, c := range []struct{ remote, want string }{
		{"192.0.2.1:4000", "192.0.2.1"},
		{"[::ffff:192.0.2.1]:4000", "192.0.2.1"},
		{"[2001:db8:1:2:3::4]:4000", "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:4000", "fe80::/64"},
		{"@", ""},
	} {
		if got := place(c.remote); got != c.want {
			t.Errorf("%s: got %s", c.remote, got)
		}
	}
}

// "Mount LEAVE's handler later": what is not ours goes to the ways out, without a token.
func TestTheWaysOutNeedNoToken(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Public = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	})
	for path, want := range map[string]int{"/u/abc": 418, "/": 418, "/v1": 404, "/v1/u": 404, "/v10": 418, "/v1/policy": 401, "/openapi.json": 200} {
		if a := w.ask("", "GET", path, ""); a.status != want {
			t.Errorf("%s: got %d, want %d", path, a.status, want)
		}
	}
}
