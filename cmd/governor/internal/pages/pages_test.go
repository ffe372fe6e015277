package pages

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
)

// wants wants every text to be on the page.
func (s *seen) wants(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.text, text) {
			t.Errorf("%s lacks %q:\n%s", s.path, text, s.text)
		}
	}
}

// "Server-rendered HTML that works without scripts for the numbers": what a browser that runs none gets is
// the whole page.
func TestWithoutScriptsEveryNumberIsThere(t *testing.T) {
	w := newWorld(t)
	b := w.as("all")
	page := b.get("/")
	page.wants(t,
		"Clean exits", "96 %", "Of 412 times that somebody said no, nobody tried again after 397. After 15 an engine did.", "Time to honour", "900 ms", "Pester index", "94 %", "Respected silence", "18,230",
		"Leaks", "Taken back", "refused.state", "the person said no", "please-stay", "email",
		"<title id=\"chart-title\">", "<desc id=\"chart-text\">", "The same as a table",
		"Decided just now", "not again, unless the person acts", "Deciding", "2 partitions, none held.")
	for _, d := range desk.Definitions() {
		if d.Name != "Exits" {
			page.wants(t, d.Sentence)
		}
	}
	page = b.get("/holds")
	page.wants(t, "Nothing is held.", "210 ms", "Intents waiting")
	w.mu.Lock()
	w.status = holding(w.now)
	w.mu.Unlock()
	page = b.get("/holds")
	page.wants(t, "partition 1", "94 s", "connection refused", "<strong>Held</strong>", "nothing is approved there", "2 min")
	page = b.get("/policy")
	page.wants(t, "Policy no-means-no", "cap.call.campaign", w.policy.Hash(), ">1,204</td>", "solicitation")
	page = b.get("/what-if")
	page.wants(t, "An intent, as an engine would publish it")
	page = b.get("/people")
	page.wants(t, "The id that the engines use")
}

// Reloading by itself is for who asks for it, and only where no script does better.
func TestNothingReloadsUnasked(t *testing.T) {
	b := newWorld(t).as("view")
	page := b.get("/")
	if strings.Contains(page.text, "http-equiv=\"refresh\"") {
		t.Error("it reloads unasked")
	}
	page.wants(t, `<a href="?reload=10">`)
	page = b.get("/?reload=10")
	page.wants(t, `<noscript><meta http-equiv="refresh" content="10"></noscript>`)
}

// "A person's timeline: what was wanted, what was allowed, why not, what stands, earliest next."
func TestAPersonsTimeline(t *testing.T) {
	w := newWorld(t)
	b := w.as("view")
	page := b.submit("/people", "/people", url.Values{"person": {secretPerson}})
	page.wants(t,
		"Said no to everything. Nobody may ask again unless this person does.",
		"No to everything, on every channel", "No to everything about toll, on every channel", "which lifts nothing", "Has not answered", "Europe/Berlin",
		"winback wanted email for winback, campaign please-stay.", "shop wanted sms for marketing, campaign summer.",
		"no to everything since 2026-05-01", "3 of 3 contacts", "until 8 May 2026, 07:00", "not again, unless the person acts",
		"cap.any 1 of 3", "was allowed to", "begun; nothing was heard of it since", "tolls, email", "There may be more, from before")
	if stay, summer := strings.Index(page.text, "winback wanted"), strings.Index(page.text, "shop wanted"); stay > summer {
		t.Error("the newest is not the first")
	}
	page = b.submit("/people", "/people", url.Values{"person": {"nobody"}})
	page.wants(t, "Nothing is known of this person")
	page = b.submit("/people", "/people", url.Values{"person": {" "}})
	if page.wants(t, "Who?", `role="alert"`); page.code != http.StatusUnprocessableEntity {
		t.Errorf("nobody: %d", page.code)
	}
	if strings.Contains(strings.Join(w.pagesAsked(), " "), "?") {
		t.Error("the person stands in a query")
	}
}

func (w *world) pagesAsked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.asked)
}

// "A what-if: paste an intent, see every rule's opinion."
func TestEveryRuleHasAnOpinion(t *testing.T) {
	w := newWorld(t)
	b := w.as("operate")
	page := b.submit("/what-if", "/what-if", url.Values{"intent": {`{"person":"p-1","channel":"email"}`}})
	page.wants(t, "It would be vetoed: quiet hours where the person is", "Earliest next: 5 May 2026, 07:00.", "22:03 in Berlin", "no-means-no.yaml:40",
		"counted 1 of 3", "Rules that have nothing against it", "cap.call.campaign", "refused.tombstone", "colour", "&#34;person&#34;:&#34;p-1&#34;")
	if got, want := strings.Count(page.text, `<li class="vetoed">`)+strings.Count(page.text, `<li class="approved">`), len(w.pages.rulesOf(w)); got < want {
		t.Errorf("%d opinions of %d rules", got, want)
	}
	page = b.submit("/what-if", "/what-if", url.Values{"intent": {"garbage"}})
	if page.wants(t, "Something is wrong with the request", "<code>channel</code> is missing", ">\ngarbage</textarea>"); page.code != http.StatusUnprocessableEntity {
		t.Errorf("garbage: %d", page.code)
	}
}

func (p *Pages) rulesOf(w *world) []rule { return (&visit{Pages: p}).rules(w.policy) }

// Nobody's id is shown to whom the role view is missing.
func TestOnlyTheRoleViewSeesWhoAPersonIs(t *testing.T) {
	w := newWorld(t)
	page := w.as("view").get("/")
	page.wants(t, ">"+secretPerson+"</button>")
	b := w.as("operate")
	for _, path := range []string{"/", "/holds", "/policy", "/what-if"} {
		if page := b.get(path); strings.Contains(page.text, "mara") || strings.Contains(page.text, "refused on 1 May") {
			t.Errorf("%s names a person to whom may not know:\n%s", path, page.text)
		}
	}
	page = b.get("/")
	page.wants(t, w.pages.o.Hash(secretPerson))
}

// Roles × pages, written out, so that a role that gets more by mistake is seen.
func TestEveryPageWithEveryRole(t *testing.T) {
	table := map[string]string{ // the roles that may; - is nobody in particular
		"GET /":         "view operate",
		"GET /holds":    "view operate consent",
		"GET /people":   "view",
		"POST /people":  "view",
		"GET /policy":   "view operate consent",
		"GET /what-if":  "view operate",
		"POST /what-if": "view operate",
		"GET /live":     "view operate",
		"GET /login":    "- view operate consent",
		"POST /login":   "- view operate consent",
		"POST /logout":  "- view operate consent",
	}
	fields := map[string]url.Values{
		"POST /people": {"person": {secretPerson}}, "POST /what-if": {"intent": {"{}"}}, "POST /login": {"secret": {token("view")}}, "POST /logout": {},
	}
	w := newWorld(t)
	for _, route := range routes() {
		name := route.method + " " + route.path
		may, listed := table[name]
		if !listed {
			t.Errorf("%s is not in the table", name)
			continue
		}
		for _, role := range []string{"-", "view", "operate", "consent"} {
			b := w.browser()
			if role != "-" {
				b = w.as(role)
			}
			page := seen{}
			switch {
			case route.path == atLive:
				page = b.glance(atLive)
			case route.method == http.MethodPost:
				form := b.get("/login") // where nobody is logged in; else the first page
				fields[name].Set("token", form.formToken())
				page = b.post(route.path, fields[name])
			default:
				page = b.get(route.path)
			}
			got := page.code == http.StatusOK && (page.path == route.path || len(route.roles) == 0)
			if want := slices.Contains(strings.Fields(may), role); got != want {
				t.Errorf("%s as %s: %d at %s", name, role, page.code, page.path)
			}
		}
	}
}

// glance begins to read what does not end.
func (b *browser) glance(path string) seen {
	a, err := b.client.Get(b.w.server.URL + path)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer a.Body.Close()
	return seen{code: a.StatusCode, path: a.Request.URL.Path, header: a.Header}
}

// The menu has what somebody may see, and nothing else.
func TestTheMenuIsOfTheRole(t *testing.T) {
	w := newWorld(t)
	for role, want := range map[string]string{
		"view": "/ /holds /people /policy /what-if", "operate": "/ /holds /policy /what-if", "consent": "/holds /policy",
	} {
		page := w.as(role).get("/policy")
		var got []string
		for _, m := range regexp.MustCompile(`<li><a href="([^"]+)"`).FindAllStringSubmatch(page.text, -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("as %s: %s", role, got)
		}
		page.wants(t, `<a href="/policy" aria-current="page">`)
	}
	if page := w.browser().get("/login"); strings.Contains(page.text, "<nav") || strings.Contains(page.text, "Deciding") {
		t.Error("who is not logged in sees how the governor fares")
	}
}

// What an engine calls a campaign is text, wherever it stands.
func TestANameIsNeverMarkup(t *testing.T) {
	w := newWorld(t)
	w.status = holding(w.now)
	w.status.Holds[0].Why = evil
	b := w.as("all")
	for _, page := range []seen{
		b.get("/"), b.get("/holds"), b.submit("/people", "/people", url.Values{"person": {evil}}), b.submit("/what-if", "/what-if", url.Values{"intent": {evil}}),
	} {
		if strings.Contains(page.text, "<script>") || strings.Contains(page.text, "<img") {
			t.Errorf("%s: %s", page.path, page.text)
		}
		page.wants(t, "&lt;script&gt;alert(1)")
	}
}

// "CSP without inline script and style, the other security headers", on every answer, whatever it is.
func TestEveryAnswerIsGuarded(t *testing.T) {
	w := newWorld(t)
	b, stranger := w.as("all"), w.browser()
	answers := []seen{
		b.get("/"), b.get("/holds"), b.get("/people"), b.get("/policy"), b.get("/what-if"), b.get("/nowhere"), b.glance("/live"), b.get(w.pages.files.address("live.js")),
		b.post("/people", url.Values{}), stranger.get("/"), stranger.get("/login"), stranger.get("/assets/none"), stranger.glance("/live"),
	}
	for _, a := range answers {
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s, %d: %s is %q", a.path, a.code, name, got)
			}
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" && !strings.HasPrefix(a.path, assets) {
			t.Errorf("%s may be kept: %q", a.path, got)
		}
		for _, inline := range []string{"<script>", "<style", " style=", " onclick=", " onload=", "javascript:"} {
			if strings.Contains(a.text, inline) && a.path != assets+"live.js" {
				t.Errorf("%s has %q in it", a.path, inline)
			}
		}
	}
}

// What a page is made of comes from this server, and browsers may keep it as long as it is as it is.
func TestNothingIsFromElsewhere(t *testing.T) {
	w := newWorld(t)
	b := w.as("all")
	for _, path := range []string{"/", "/holds", "/people", "/policy", "/what-if"} {
		for _, m := range regexp.MustCompile(`(?:src|href|action)="([^"]+)"`).FindAllStringSubmatch(b.get(path).text, -1) {
			if strings.Contains(m[1], "//") {
				t.Errorf("%s has %s", path, m[1])
			}
			if strings.HasPrefix(m[1], assets) {
				a := b.get(strings.ReplaceAll(m[1], "&amp;", "&"))
				if a.code != http.StatusOK || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
					t.Errorf("%s: %d, %s", m[1], a.code, a.header.Get("Cache-Control"))
				}
			}
		}
	}
	if css := b.get(w.pages.files.address("style.css")); strings.Contains(css.text, "url(") || strings.Contains(css.text, "@import") {
		t.Error("the style fetches something")
	}
}

// A form that this browser did not get from us is nobody's wish.
func TestAFormFromElsewhereDoesNothing(t *testing.T) {
	w := newWorld(t)
	b := w.as("view")
	before := len(w.pagesAsked())
	ask := url.Values{"person": {secretPerson}}
	form := b.get("/people")
	other := w.as("view").get("/people")
	for what, token := range map[string]string{"none": "", "a made-up": "AAAA", "somebody else's": other.formToken()} {
		ask.Set("token", token)
		if page := b.post("/people", ask); page.code != http.StatusForbidden || strings.Contains(page.text, "Said no") {
			t.Errorf("with %s token: %d", what, page.code)
		}
	}
	ask.Set("token", form.formToken())
	for what, headers := range map[string][2]string{
		"a page elsewhere":               {"https://example.org", "cross-site"},
		"another port":                   {"http://127.0.0.1:1", "same-site"},
		"an old browser, page elsewhere": {"https://example.org", ""},
	} {
		r, err := http.NewRequest(http.MethodPost, w.server.URL+"/people", strings.NewReader(ask.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", headers[0])
		if headers[1] != "" {
			r.Header.Set("Sec-Fetch-Site", headers[1])
		}
		if page := b.do(r); page.code != http.StatusForbidden {
			t.Errorf("%s: %d", what, page.code)
		}
	}
	if page := b.post("/logout", url.Values{}); page.code != http.StatusForbidden {
		t.Errorf("somebody else logs them out: %d", page.code)
	}
	if page := w.browser().post("/login", url.Values{"secret": {token("view")}}); page.code != http.StatusForbidden {
		t.Errorf("somebody else logs them in: %d", page.code)
	}
	if asked := len(w.pagesAsked()); asked != before+1 { // by logging in the second time
		t.Errorf("the doors were asked %d times", asked-before)
	}
	if page := b.post("/people", ask); page.code != http.StatusOK {
		t.Errorf("the form that they got: %d", page.code)
	}
}

// Who logs in is remembered by a cookie that no script reads and no other site sends, and not by the one from before.
func TestLoggingInAndOut(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	page := b.get("/")
	if page.path != "/login" {
		t.Fatalf("who is not logged in is at %s", page.path)
	}
	at, _ := url.Parse(w.server.URL)
	before := b.client.Jar.Cookies(at)[0]
	page = b.submit("/login", "/login", url.Values{"secret": {"wrong"}})
	if page.wants(t, "not known here", `role="alert"`); page.code != http.StatusUnauthorized {
		t.Errorf("a wrong token: %d", page.code)
	}
	if page = b.submit("/login", "/login", url.Values{"secret": {"often-0123456789abcdef0123456789"}}); page.code != http.StatusTooManyRequests {
		t.Errorf("too often: %d", page.code)
	}
	if page = b.submit("/login", "/login", url.Values{"secret": {token("view")}}); page.path != "/" || page.code != http.StatusOK {
		t.Errorf("logged in, at %s: %d", page.path, page.code)
	}
	page.wants(t, `<span class="name">view</span>`, "Log out")
	if after := b.client.Jar.Cookies(at)[0]; after.Value == before.Value {
		t.Error("the cookie from before the login is as good as one from after it")
	}
	if strings.Contains(page.text, token("view")) {
		t.Error("the token is on the page")
	}
	r, _ := http.NewRequest(http.MethodGet, w.server.URL+"/login", nil)
	set := w.browser().do(r).header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(set, want) {
			t.Errorf("the cookie lacks %s: %s", want, set)
		}
	}
	r, _ = http.NewRequest(http.MethodGet, w.server.URL+"/login", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	if set := w.browser().do(r).header.Get("Set-Cookie"); !strings.HasPrefix(set, "__Host-governor=") || !strings.Contains(set, "Secure") {
		t.Errorf("behind TLS: %s", set)
	}
	if page = b.submit("/", "/logout", url.Values{}); page.path != "/login" {
		t.Errorf("logged out, at %s", page.path)
	}
	if page = b.get("/"); page.path != "/login" {
		t.Errorf("who logged out is at %s", page.path)
	}
	if page = w.as("consent").get("/login"); page.path != "/holds" {
		t.Errorf("consent begins at %s", page.path)
	}
}

// A session is over when nobody used it for long, when it was long, and at once when the token is nobody's any more.
func TestASessionEnds(t *testing.T) {
	w := newWorld(t)
	b := w.as("view")
	pass := func(d time.Duration) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now = w.now.Add(d)
	}
	for range 9 {
		pass(mostIdle - time.Minute)
		page := b.get("/holds")
		if w.clock().Sub(time.Date(2026, 5, 4, 14, 3, 0, 0, time.UTC)) > mostSession {
			if page.path != "/login" {
				t.Error("a session never ends")
			}
			break
		}
		if page.path != "/holds" {
			t.Fatalf("who is there is logged out, after %s", w.clock())
		}
	}
	b = w.as("view")
	pass(mostIdle + time.Minute)
	if page := b.get("/holds"); page.path != "/login" {
		t.Error("who went away is still logged in")
	}
}

// How many are logged in is bounded: the one who was away longest goes first.
func TestSessionsAreBounded(t *testing.T) {
	now := time.Date(2026, 5, 4, 14, 3, 0, 0, time.UTC)
	s := newSessions(func() time.Time { return now })
	first := s.begin("first")
	now = now.Add(time.Second)
	second := s.begin("second")
	for range mostSessions - 1 {
		now = now.Add(time.Second)
		s.begin("other")
	}
	if len(s.all) != mostSessions || s.token(first) != "" || s.token(second) != "second" {
		t.Errorf("%d sessions; the first is %q's, the second %q's", len(s.all), s.token(first), s.token(second))
	}
}

// Without tokens the page is this machine's, under its own name.
func TestWithoutTokensThePageIsThisMachines(t *testing.T) {
	w := newWorld(t, open)
	b := w.browser()
	page := b.get("/")
	if page.code != http.StatusOK || page.path != "/" || strings.Contains(page.text, "Log out") {
		t.Errorf("%d at %s", page.code, page.path)
	}
	page = b.submit("/people", "/people", url.Values{"person": {secretPerson}})
	page.wants(t, "Said no to everything")
	for name, value := range map[string]string{"X-Forwarded-For": "203.0.113.7", "Sec-Fetch-Site": "cross-site"} {
		r, _ := http.NewRequest(http.MethodGet, w.server.URL+"/", nil)
		r.Header.Set(name, value)
		if page := b.do(r); page.code != http.StatusForbidden || strings.Contains(page.text, "Clean exits") {
			t.Errorf("with %s: %d", name, page.code)
		}
	}
	r, _ := http.NewRequest(http.MethodGet, w.server.URL+"/", nil)
	r.Host = "evil.example.org"
	if page := b.do(r); page.code != http.StatusForbidden || strings.Contains(page.text, "Clean exits") {
		t.Errorf("under another name: %d", page.code)
	}
}

// Before anything was decided there is nothing to divide by, and the page says so.
func TestAnEmptyDeskIsTold(t *testing.T) {
	w := newWorld(t)
	w.view = &desk.View{Figures: desk.Figures{OneIn: 1}}
	w.status = health.Status{Stage: health.Starting}
	page := w.as("all").get("/")
	page.wants(t, "Nobody said no in the time that is kept.", "Nothing was decided yet", "The log is being read; not everything is here yet", "Starting")
	if strings.Contains(page.text, "NaN") || strings.Contains(page.text, "0001") {
		t.Error("nothing is told as a number")
	}
	page = w.as("all").get("/holds")
	page.wants(t, "None now.")
}

// What is no page is somebody else's: the ways out that people have, at the same address.
func TestWhatIsNoPageIsElsewhere(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Public = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	})
	if page := w.browser().get("/leave/abc"); page.code != http.StatusTeapot {
		t.Errorf("%d", page.code)
	}
	if page := w.browser().get("/assets/none"); page.code != http.StatusNotFound {
		t.Errorf("%d", page.code)
	}
}
