package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// secretPerson is somebody whose id nobody sees who may not.
const secretPerson = "mara.secret@example.org"

// evil is what somebody might call a campaign.
const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

// world is a server of the pages, over a desk, a board and doors that a test sets.
type world struct {
	t      testing.TB
	pages  *Pages
	server *httptest.Server

	mu      sync.Mutex
	now     time.Time
	view    *desk.View
	changed chan struct{}
	status  health.Status
	asked   []string // at the doors
	policy  *rules.Policy
}

// token is that of a role.
func token(name string) string { return name + "-0123456789abcdef0123456789" }

func newWorld(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, now: time.Date(2026, 5, 4, 14, 3, 0, 0, time.UTC), changed: make(chan struct{}), policy: policy}
	w.view, w.status = aDay(w.now), well(w.now)
	var lines strings.Builder
	lines.WriteString("tokens:\n")
	for _, role := range append(access.Roles(), "all") {
		roles := string(role)
		if role == "all" {
			roles = "view, operate, consent"
		}
		sum := sha256.Sum256([]byte(token(string(role))))
		fmt.Fprintf(&lines, "  - {name: %s, roles: [%s], sha256: %s}\n", role, roles, hex.EncodeToString(sum[:]))
	}
	file := filepath.Join(t.TempDir(), "tokens.yaml")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens, err := access.OpenTokens(file, w.clock, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Desk: w, Board: w, Policies: w, Doors: http.HandlerFunc(w.doors), Gate: &access.Gate{Tokens: tokens}, Clock: w.clock,
		Hash: api.Hasher([]byte("key")), Pause: time.Millisecond, Tell: quiet(t),
		Sentences: func() map[string]string { return map[string]string{} },
	}
	for _, f := range change {
		f(&o)
	}
	if w.pages, err = New(o); err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(w.pages)
	t.Cleanup(w.server.Close)
	t.Cleanup(w.pages.Close)
	return w
}

func quiet(t testing.TB) *zap.Logger { return zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)) }

// open is a world where nobody is asked for a token.
func open(o *Options) { o.Gate = &access.Gate{} }

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// View implements Desk.
func (w *world) View() *desk.View {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view
}

// Changed implements Desk.
func (w *world) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

// Status implements Board.
func (w *world) Status() health.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// InForce implements Policies.
func (w *world) InForce() *rules.Policy { return w.policy }

// decide has the desk see one more decision.
func (w *world) decide(d desk.Verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	view := *w.view
	view.Recent = append([]desk.Verdict{d}, view.Recent...)
	w.view = &view
	close(w.changed)
	w.changed = make(chan struct{})
}

// doors answer as those of package api do, about one person and one intent.
func (w *world) doors(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.asked = append(w.asked, r.Method+" "+r.URL.Path)
	w.mu.Unlock()
	switch {
	case r.URL.Path == "/v1/health":
		switch given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); {
		case strings.HasPrefix(given, "often"):
			out.WriteHeader(http.StatusTooManyRequests)
		case given != "" && len(given) > 24:
			io.WriteString(out, `{"ready":true}`)
		default:
			out.WriteHeader(http.StatusUnauthorized)
		}
	case r.URL.Path == "/v1/people/"+secretPerson:
		io.WriteString(out, personAnswer)
	case strings.HasPrefix(r.URL.Path, "/v1/people/"):
		io.WriteString(out, `{"person":"nobody","as_of":"2026-05-04T14:03:00.000Z","contacts":[],"held":[],"vetoed":[],"receipts":[],"whole":true}`)
	case r.URL.Path == "/v1/preflight":
		b, _ := io.ReadAll(r.Body)
		if !strings.HasPrefix(strings.TrimSpace(string(b)), "{") {
			out.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(out, `{"title":"Something is wrong with the request","detail":"mend what is listed, and send it again","mistakes":[{"field":"channel","reason":"is missing"}]}`)
			return
		}
		io.WriteString(out, preflightAnswer)
	default:
		out.WriteHeader(http.StatusNotFound)
	}
}

// browser is one that keeps cookies and follows redirects, and does nothing else.
type browser struct {
	w      *world
	client *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w, &http.Client{Jar: jar}}
}

// as is a browser in which somebody with the role is logged in.
func (w *world) as(role string) *browser {
	w.t.Helper()
	b := w.browser()
	if seen := b.submit("/login", "/login", url.Values{"secret": {token(role)}}); seen.code != http.StatusOK {
		w.t.Fatalf("log in as %s: %d %s", role, seen.code, seen.text)
	}
	return b
}

// seen is what a browser got.
type seen struct {
	code   int
	path   string // where it ended
	text   string
	header http.Header
}

func (b *browser) do(r *http.Request) seen {
	b.w.t.Helper()
	a, err := b.client.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return seen{a.StatusCode, a.Request.URL.Path, string(text), a.Header}
}

func (b *browser) get(path string) seen {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.w.server.URL+path, nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.do(r)
}

// post sends a form, as a browser does: it says from where.
func (b *browser) post(path string, fields url.Values) seen {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.w.server.URL+path, strings.NewReader(fields.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.w.server.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// formToken is the token of the forms on a page.
func (s *seen) formToken() string {
	if m := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(s.text); m != nil {
		return m[1]
	}
	return ""
}

// submit fills in the form of a page, and sends it.
func (b *browser) submit(page, path string, fields url.Values) seen {
	b.w.t.Helper()
	form := b.get(page)
	fields.Set("token", form.formToken())
	return b.post(path, fields)
}

// well is a process that fares well.
func well(now time.Time) health.Status {
	return health.Status{
		Ready: true, Started: true, Stage: health.Governing, Since: now.Add(-time.Hour), Began: now.Add(-time.Hour),
		Partitions: []health.Partition{
			{Number: 0, Epoch: 3, State: health.Deciding, Since: now.Add(-time.Hour), LastBatch: now.Add(-2 * time.Second), Took: 8 * time.Millisecond, Lag: 30 * time.Millisecond},
			{Number: 1, Epoch: 3, State: health.Deciding, Since: now.Add(-time.Hour), LastBatch: now.Add(-time.Second), Took: 11 * time.Millisecond, Intents: 12, Lag: 210 * time.Millisecond},
		},
	}
}

// holding is one that is held.
func holding(now time.Time) health.Status {
	s := well(now)
	s.Ready = false
	s.Partitions[1].State, s.Partitions[1].Lag = health.Holding, 96*time.Second
	s.Holds = []health.Hold{{
		Partition: 1, What: "partition 1", Place: "1", Class: health.Redis, Why: "dial tcp 10.0.0.7:6379: connect: connection refused",
		Since: now.Add(-94 * time.Second), For: 94 * time.Second,
	}}
	s.Begun, s.Held = map[health.Class]int{health.Redis: 2}, map[health.Class]time.Duration{health.Redis: 131 * time.Second}
	return s
}

// aDay is what was decided on a day, in which somebody gave a campaign an evil name.
func aDay(now time.Time) *desk.View {
	v := &desk.View{
		At: now, Since: now.Add(-24 * time.Hour), CaughtUp: true,
		ByReason:   []desk.Share{{Name: "", Approved: 2610}, {Name: "refused.state", Vetoed: 1204}, {Name: "cap.any", Vetoed: 611}, {Name: "silence", Vetoed: 333}, {Name: "quiet.hours", Vetoed: 171}, {Name: "refused.channel_hop", Vetoed: 24}},
		ByCampaign: []desk.Share{{Name: "spring", Approved: 1900, Vetoed: 840}, {Name: "please-stay", Approved: 31, Vetoed: 1170}, {Name: evil, Approved: 679, Vetoed: 333}},
		ByChannel:  []desk.Share{{Name: "email", Approved: 1800, Vetoed: 900}, {Name: "call", Approved: 410, Vetoed: 1203}, {Name: "sms", Approved: 400, Vetoed: 240}},
		Lines:      map[string]int64{},
		Figures: desk.Figures{
			Exits: 412, CleanExits: 397, ToQuiet: desk.Quantiles{N: 15, P50: 40 * time.Minute, P99: 26 * time.Hour}, ToHonour: desk.Quantiles{N: 61, P50: 900 * time.Millisecond, P99: 4 * time.Hour},
			Pester:    []desk.Pester{{Campaign: "please-stay", Engine: "winback", Intents: 1201, AfterNo: 1130}, {Campaign: "spring", Engine: "newsletter", Intents: 2740, AfterNo: 74}, {Campaign: evil, Engine: evil, Intents: 1012, AfterNo: 24}},
			InSilence: 18230, Revoked: 17, Leaked: 2, OneIn: 1,
		},
	}
	for m := range 24 * 60 {
		if m%7 != 0 && m%11 != 0 {
			continue
		}
		approved, vetoed := int64((m/60)%9+1), int64((m*m)%13)
		v.Minutes = append(v.Minutes, desk.Minute{
			Start: v.Since.Add(time.Duration(m) * time.Minute).Truncate(time.Minute), Approved: approved, Vetoed: vetoed,
			ByReason:   map[string]int64{"refused.state": vetoed / 2, "cap.any": vetoed - vetoed/2},
			ByCampaign: map[string]desk.Tally{"spring": {Approved: approved, Vetoed: vetoed / 2}, "please-stay": {Vetoed: vetoed - vetoed/2}},
			ByChannel:  map[string]desk.Tally{"email": {Approved: approved, Vetoed: vetoed / 2}, "call": {Vetoed: vetoed - vetoed/2}},
		})
	}
	for i := range 12 {
		d := desk.Verdict{
			Decided: now.Add(-time.Duration(i) * 700 * time.Millisecond), ID: fmt.Sprintf("d%d", i), Intent: "i-" + secretPerson, Person: secretPerson,
			Channel: "email", Campaign: []string{"spring", "please-stay", evil}[i%3], Purpose: "marketing", Engine: "newsletter", Verdict: "approved",
		}
		if i%2 == 1 {
			d.Verdict, d.Reason, d.Final = "vetoed", "refused.state", true
			d.Rules = []desk.Objection{{Rule: "refused.state", Reason: "refused.state", Detail: "refused on 1 May"}, {Rule: "cap.any", Reason: "cap.any"}}
		}
		if i%4 == 3 {
			d.Reason, d.Final, d.Earliest = "quiet.hours", false, now.Add(17*time.Hour)
		}
		v.Recent = append(v.Recent, d)
	}
	return v
}

const personAnswer = `{
 "person": "mara.secret@example.org", "as_of": "2026-05-04T14:03:00.000Z", "heard": 12, "whole": false,
 "standing": {"person": "mara.secret@example.org",
  "refusals": [{"kind": "refusal", "at": "2026-05-01T11:02:00.000Z", "signal": "s-9"}, {"kind": "refusal", "channel": "sms", "subject": "toll", "at": "2026-05-02T11:02:00.000Z", "signal": "s-10"}],
  "consents": [{"channel": "email", "at": "2026-04-01T00:00:00.000Z", "effective": false}],
  "silent_since": "2026-04-20T00:00:00.000Z", "zones": ["Europe/Berlin"]},
 "contacts": [{"at": "2026-05-01T07:00:00.000Z", "decision": "d-1", "intent": "summer", "channel": "sms", "purpose": "marketing", "class": "solicitation", "campaign": "summer", "not_after": "", "state": "redeemed", "counts": true}],
 "held": [{"arrived": "2026-05-04T14:00:00.000Z", "decision": "", "intent": "toll-3", "channel": "email", "purpose": "notice", "campaign": "tolls", "subject": "A 3"}],
 "vetoed": [],
 "receipts": [
  {"at": "2026-05-01T07:00:00.000Z", "topic": "contact.approved", "told": "x", "record": {"id": "d-1", "intent": "summer", "person": "mara.secret@example.org", "channel": "sms", "purpose": "marketing", "campaign": "summer", "engine": "shop", "verdict": "approved", "reason": "", "reasons": [], "not_after": "2026-05-01T07:15:00.000Z", "evidence": [{"rule": "cap.any", "used": 1, "limit": 3}], "decided": "2026-05-01T07:00:00.000Z", "policy": "p", "signals": 3}},
  {"at": "2026-05-01T07:01:00.000Z", "topic": "contact.redeemed", "told": "A worker was about to contact you", "record": {"id": "r-1", "intent": "summer", "person": "mara.secret@example.org", "worker": "w", "ok": true, "not_after": "2026-05-01T07:15:00.000Z", "answered": "2026-05-01T07:01:00.000Z"}},
  {"at": "2026-05-01T14:00:00.000Z", "topic": "contact.vetoed", "told": "x", "record": {"id": "d-2", "intent": "stay", "person": "mara.secret@example.org", "channel": "email", "purpose": "winback", "campaign": "please-stay", "engine": "winback", "verdict": "vetoed", "reason": "refused.channel_hop", "reasons": [{"rule": "refused.channel_hop", "reason": "refused.channel_hop", "detail": "no to everything since 2026-05-01", "line": "core"}, {"rule": "cap.any", "reason": "cap.any", "detail": "3 of 3 contacts", "earliest": "2026-05-08T07:00:00.000Z", "line": "no-means-no.yaml:61:5"}], "final": true, "decided": "2026-05-01T14:00:00.000Z", "policy": "p", "signals": 4}}
 ]}`

const preflightAnswer = `{
 "promise": false, "note": "This is what would be decided now.", "held": false, "asked": "2026-05-04T14:03:00.000Z", "heard": 4, "ignored": ["colour"],
 "decision": {"id": "d-9", "intent": "x", "person": "p-1", "channel": "email", "purpose": "marketing", "campaign": "spring", "verdict": "vetoed", "reason": "quiet.hours", "reasons": [{"rule": "quiet.hours", "reason": "quiet.hours", "detail": "22:03 in Berlin", "earliest": "2026-05-05T07:00:00.000Z", "line": "no-means-no.yaml:40:5"}], "final": false, "earliest": "2026-05-05T07:00:00.000Z", "evidence": [{"rule": "cap.any", "used": 1, "limit": 3}], "decided": "2026-05-04T14:03:00.000Z", "policy": "p", "signals": 4}
}`
