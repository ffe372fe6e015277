package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// requests are good ones, one for each route.
func requests() map[string]string {
	return map[string]string{
		"POST /v1/preflight":             `{"person":"p1","channel":"email","purpose":"marketing","campaign":"c1"}`,
		"POST /v1/redeem":                `{"person":"p1","intent":"i1","worker":"w1"}`,
		"POST /v1/outcomes":              `{"person":"p1","intent":"i1","result":"sent"}`,
		"POST /v1/refuse":                `{"person":"p1","channel":"sms"}`,
		"POST /v1/consent":               `{"person":"p1","channel":"sms","source":"settings"}`,
		"GET /v1/people/{person}":        "",
		"GET /v1/people/{person}/export": "",
		"POST /v1/people/{person}/erase": "",
		"GET /v1/campaigns":              "",
		"POST /v1/campaigns":             `{"name":"c1","ends":"2026-06-30","most_attempts":3,"way_in":{"steps":1,"label":"Sign up"},"way_out":{"steps":1,"label":"Unsubscribe"}}`,
		"POST /v1/campaigns/{name}/kill": "",
		"GET /v1/policy":                 "",
		"GET /v1/policy/history":         "",
		"GET /v1/health":                 "",
		"GET /openapi.json":              "",
		"GET /openapi.yaml":              "",
	}
}

// path is the path of a route, filled in.
func (r *route) filled() string {
	return strings.NewReplacer("{person}", "p1", "{name}", "c1").Replace(r.path)
}

// "Roles: view, operate, consent; every route × role in a table test." The table is
// written out, so that a role that gets more by mistake is seen.
func TestEveryRouteWithEveryRole(t *testing.T) {
	table := map[string]string{ // the roles that may; - is nobody in particular
		"POST /v1/preflight":             "view operate",
		"POST /v1/redeem":                "operate",
		"POST /v1/outcomes":              "operate",
		"POST /v1/refuse":                "operate consent",
		"POST /v1/consent":               "consent",
		"GET /v1/people/{person}":        "view",
		"GET /v1/people/{person}/export": "view",
		"POST /v1/people/{person}/erase": "consent",
		"GET /v1/campaigns":              "view operate",
		"POST /v1/campaigns":             "operate",
		"POST /v1/campaigns/{name}/kill": "operate",
		"GET /v1/policy":                 "view operate consent",
		"GET /v1/policy/history":         "view operate consent",
		"GET /v1/health":                 "view operate consent",
		"GET /openapi.json":              "- nobody forged view operate consent",
		"GET /openapi.yaml":              "- nobody forged view operate consent",
	}
	for _, r := range routes() {
		name := r.method + " " + r.path
		may, listed := table[name]
		body, asked := requests()[name]
		if !listed || !asked {
			t.Errorf("%s is not in the table", name)
			continue
		}
		for _, role := range []string{"-", "nobody", "forged", "view", "operate", "consent"} {
			w := newWorld(t)
			before := w.writes()
			as := role
			if role == "-" {
				as = ""
			}
			a := w.ask(as, r.method, r.filled(), body)
			want := http.StatusOK
			switch {
			case slices.Contains(strings.Fields(may), role):
			case access.IsRole(role):
				want = http.StatusForbidden
			default:
				want = http.StatusUnauthorized
			}
			if a.status != want {
				t.Errorf("%s as %s: got %d %s, want %d", name, role, a.status, a.text, want)
			}
			wrote := w.writes() > before
			if wrote != (want == http.StatusOK && r.method == http.MethodPost && r.path != "/v1/preflight") {
				t.Errorf("%s as %s: written: %v", name, role, wrote)
			}
			if (want == http.StatusUnauthorized) != (a.header.Get("WWW-Authenticate") == "Bearer") {
				t.Errorf("%s as %s: WWW-Authenticate is %q", name, role, a.header.Get("WWW-Authenticate"))
			}
		}
	}
}

// Where nobody is asked for a token, nobody can lift a no or have anybody forgotten.
func TestWithoutTokensNobodySpeaksForThePerson(t *testing.T) {
	for _, r := range routes() {
		w := newWorld(t, func(o *Options) { o.Gate = &access.Gate{} })
		before := w.writes()
		name := r.method + " " + r.path
		req := newRequest(r.method, r.filled(), requests()[name])
		a := w.send(req)
		may := r.roles == nil || slices.Contains(r.roles, access.Operate) || slices.Contains(r.roles, access.View)
		if got := a.status == http.StatusOK; got != may || !may && (a.status != http.StatusForbidden || w.writes() != before) {
			t.Errorf("%s: got %d %s", name, a.status, a.text)
		}
		if r.roles == nil {
			continue
		}
		req = newRequest(r.method, r.filled(), requests()[name])
		req.Header.Set("Origin", "https://example.org") // a page that somebody on this machine reads
		before = w.writes()
		if a := w.send(req); a.status != http.StatusUnauthorized || w.writes() != before {
			t.Errorf("%s from a page: got %d %s", name, a.status, a.text)
		}
	}
}
