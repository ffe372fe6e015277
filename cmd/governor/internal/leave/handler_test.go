package leave

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/contactgovernor/governor/schemas"
)

// journal is a log that remembers what was appended, or that is away.
type journal struct {
	mu      sync.Mutex
	away    error
	signals []schemas.Signal
	t       testing.TB
}

func (j *journal) Signal(ctx context.Context, person string, value []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, bounded := ctx.Deadline(); !bounded {
		j.t.Error("whoever waits for the log waits for ever")
	}
	if err := errors.Join(ctx.Err(), j.away); err != nil {
		return err
	}
	s, ignored, err := schemas.DecodeSignal(value)
	if err != nil || ignored.Count != 0 || s.Person != person {
		j.t.Errorf("the governor would not hear %s: %v", value, err)
	}
	j.signals = append(j.signals, s)
	return nil
}

// set says whether the log is away.
func (j *journal) set(away error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.away = away
}

// door is a handler with all around it.
type door struct {
	*Handler
	t    testing.TB
	log  *journal
	said *observer.ObservedLogs
	now  time.Time
	told []Said
}

func newDoor(t testing.TB, hooks ...Hook) *door {
	t.Helper()
	core, said := observer.New(zap.DebugLevel)
	d := &door{t: t, log: &journal{t: t}, said: said, now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	h, err := NewHandler(Options{
		Publisher: d.log, Keys: keys(t, oldKey), BaseURL: base, Mailto: "leave@example.org", Hooks: hooks,
		Log: zap.New(core), Clock: func() time.Time { return d.now },
		Witness: func(_ context.Context, s Said) { d.told = append(d.told, s) },
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Handler = h
	return d
}

func (d *door) do(method, path, body string, headers ...string) *http.Response {
	d.t.Helper()
	r := httptest.NewRequest(method, base+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result()
}

func text(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const (
	isForm = "application/x-www-form-urlencoded"
	click  = "List-Unsubscribe=One-Click"
)

func link(t testing.TB) string { return LinkPath + seal(t, keys(t, oldKey), ann()) }

// "GET shows a page with one button and changes nothing, HEAD and scanners change nothing" (issue 6).
func TestOnlyAPostIsANo(t *testing.T) {
	for _, c := range []struct {
		method string
		status int
		page   bool
	}{
		{http.MethodGet, 200, true},
		{http.MethodHead, 200, true},
		{http.MethodOptions, 204, false},
		{http.MethodPut, 405, false},
		{http.MethodPatch, 405, false},
		{http.MethodDelete, 405, false},
		{http.MethodTrace, 405, false},
		{"PROPFIND", 405, false},
		{"post", 405, false},
	} {
		t.Run(c.method, func(t *testing.T) {
			d := newDoor(t)
			got := d.do(c.method, link(t), click, "Content-Type", isForm)
			if got.StatusCode != c.status || len(d.log.signals) != 0 {
				t.Errorf("got %s, and %d signals", got.Status, len(d.log.signals))
			}
			if isPage := strings.HasPrefix(got.Header.Get("Content-Type"), "text/html"); isPage != c.page {
				t.Errorf("a page: %v", isPage)
			}
			if allow := got.Header.Get("Allow"); !c.page && allow != "GET, HEAD, POST, OPTIONS" {
				t.Errorf("allowed is %q", allow)
			}
		})
	}
}

// A scanner follows every link of a mail, with whatever query, as often as it likes.
func TestAScannerChangesNothing(t *testing.T) {
	d := newDoor(t)
	for _, query := range []string{"", "?", "?List-Unsubscribe=One-Click", "?utm_source=scanner", "?unsubscribe=1#button"} {
		for _, agent := range []string{"Mozilla/5.0 (compatible; Barracuda Sentinel)", "Microsoft Office Protocol Discovery", ""} {
			if got := d.do(http.MethodGet, link(t)+query, "", "User-Agent", agent); got.StatusCode != 200 {
				t.Errorf("%s: %s", query, got.Status)
			}
			if got := d.do(http.MethodPost, link(t)+query, "", "User-Agent", agent); got.StatusCode != 400 || !strings.Contains(text(t, got), "<button") {
				t.Errorf("a POST that says nothing, %s: %s", query, got.Status)
			}
		}
	}
	if len(d.log.signals) != 0 {
		t.Errorf("got %+v", d.log.signals)
	}
}

// "The body of the POST request MUST be List-Unsubscribe=One-Click, as multipart/form-data or
// application/x-www-form-urlencoded" (RFC 8058, 3.2 and 5), and the page's button sends the same.
func TestAPostIsANo(t *testing.T) {
	parts := func(field, value string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		if err := errors.Join(w.WriteField("other", "1"), w.WriteField(field, value), w.Close()); err != nil {
			t.Fatal(err)
		}
		return w.FormDataContentType(), b.String()
	}
	inParts, partsBody := parts("List-Unsubscribe", "One-Click")
	otherParts, otherBody := parts("Subscribe", "One-Click")
	for _, c := range []struct {
		name, kind, body string
		status           int
	}{
		{"form", isForm, click, 200},
		{"form with a character set", isForm + "; charset=utf-8", click, 200},
		{"form with a line end", isForm, click + "\r\n", 200},
		{"form with more", isForm, "a=1&" + click, 200},
		{"in parts", inParts, partsBody, 200},
		{"without a word on what it is", "", click, 200},
		{"as plain text", "text/plain", click, 200},
		{"in capitals", isForm, "List-Unsubscribe=ONE-CLICK", 200},
		{"empty", isForm, "", 400},
		{"another value", isForm, "List-Unsubscribe=No", 400},
		{"another field", isForm, "Subscribe=One-Click", 400},
		{"another field in parts", otherParts, otherBody, 400},
		{"parts without an end", inParts, partsBody[:20], 400},
		{"parts without a boundary", "multipart/form-data", partsBody, 400},
		{"JSON", "application/json", `{"List-Unsubscribe":"One-Click"}`, 400},
		{"bytes", isForm, "%zz;\x00\xff", 400},
		{"large", isForm, click + "&a=" + strings.Repeat("a", 8<<10), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t)
			got := d.do(http.MethodPost, link(t), c.body, "Content-Type", c.kind)
			if got.StatusCode != c.status {
				t.Fatalf("got %s", got.Status)
			}
			page := text(t, got)
			if c.status != 200 {
				if len(d.log.signals) != 0 || !strings.Contains(page, "<button") {
					t.Errorf("got %+v, and the page %s", d.log.signals, page)
				}
				return
			}
			if len(d.log.signals) != 1 {
				t.Fatalf("got %+v", d.log.signals)
			}
			s := d.log.signals[0]
			want := schemas.Signal{
				ID: s.ID, Person: "ann@example.org", Type: schemas.TypeRefusal, At: schemas.TimeOf(d.now),
				Channel: "email", Brand: "north", Source: "unsubscribe link",
			}
			if !equal(s, want) || s.ID == "" {
				t.Errorf("got  %+v\nwant %+v", s, want)
			}
			if strings.Contains(page, "<button") || strings.Contains(page, "<form") || strings.Contains(page, "<a ") || strings.Contains(page, "?") {
				t.Errorf("it asks for something: %s", page)
			}
			if !strings.Contains(page, "Your no is stored: you will get no more e-mail from north, except") {
				t.Errorf("it does not say what happened: %s", page)
			}
		})
	}
}

func equal(a, b schemas.Signal) bool { return string(a.AppendJSON(nil)) == string(b.AppendJSON(nil)) }

// "Works twice" (issue 6): each is a no of its own, so that one after a later consent is heard too; and it never expires.
func TestALinkWorksAgain(t *testing.T) {
	d := newDoor(t)
	ids := make(map[string]bool)
	for range 3 {
		if got := d.do(http.MethodPost, link(t), click, "Content-Type", isForm); got.StatusCode != 200 {
			t.Fatalf("got %s", got.Status)
		}
		s := d.log.signals[len(d.log.signals)-1]
		if ids[s.ID] || s.At != schemas.TimeOf(d.now) {
			t.Errorf("id %s at %s, where it is %s", s.ID, s.At, d.now)
		}
		ids[s.ID] = true
		d.now = d.now.Add(40 * 365 * 24 * time.Hour)
	}
}

// "503 … if it could not be stored (never pretend)", and the button is there to be pressed again.
func TestWhatCouldNotBeStoredIsTold(t *testing.T) {
	d := newDoor(t)
	d.log.set(errors.New("kafka: nobody answers"))
	got := d.do(http.MethodPost, link(t), click, "Content-Type", isForm)
	page := text(t, got)
	if got.StatusCode != 503 || got.Header.Get("Retry-After") != "60" {
		t.Errorf("got %s, again after %q", got.Status, got.Header.Get("Retry-After"))
	}
	if !strings.Contains(page, "could not be stored just now") || !strings.Contains(page, "<button") || strings.Contains(page, "kafka") {
		t.Errorf("got %s", page)
	}
	d.log.set(nil)
	if got := d.do(http.MethodPost, link(t), click, "Content-Type", isForm); got.StatusCode != 200 || len(d.log.signals) != 1 {
		t.Errorf("pressed again: %s, %d signals", got.Status, len(d.log.signals))
	}
}

// Mail servers are in a hurry: whoever hangs up after the POST has said no all the same.
func TestWhoHangsUpHasSaidNo(t *testing.T) {
	d := newDoor(t)
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, base+link(t), strings.NewReader(click))
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if w.Code != 200 || len(d.log.signals) != 1 {
		t.Errorf("got %d, and %d signals", w.Code, len(d.log.signals))
	}
}

// "A broken token: 404 page that says how else to say no, without echoing it."
func TestABrokenLinkSaysHowElse(t *testing.T) {
	whole := link(t)
	for _, path := range []string{
		LinkPath, LinkPath + "x", whole[:len(whole)-1], whole + "x", LinkPath + "<script>alert(1)</script>", LinkPath + "a/b/../c",
		LinkPath + strings.Repeat("A", 5000), LinkPath + "%00%ff",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			d := newDoor(t)
			path := strings.NewReplacer("<", "%3C", ">", "%3E").Replace(path)
			got := d.do(method, path, click, "Content-Type", isForm)
			page := text(t, got)
			if got.StatusCode != 404 || len(d.log.signals) != 0 {
				t.Errorf("%s %.40s: %s", method, path, got.Status)
			}
			if !strings.Contains(page, "answer the message with the word STOP, or write to leave@example.org.") || strings.Contains(page, "<button") {
				t.Errorf("%s %.40s says %s", method, path, page)
			}
			if token := strings.TrimPrefix(path, LinkPath); len(token) > 3 && strings.Contains(page, token) || strings.Contains(page, "script") {
				t.Errorf("%s %.40s is echoed: %s", method, path, page)
			}
		}
	}
}

// "No cookies, no external resources, CSP, Referrer-Policy no-referrer, noindex": on every page, whatever it says.
func TestAPageIsAlone(t *testing.T) {
	d := newDoor(t)
	for _, got := range []*http.Response{
		d.do(http.MethodGet, link(t), ""), d.do(http.MethodPost, link(t), click), d.do(http.MethodGet, LinkPath+"x", ""),
	} {
		for name, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Set-Cookie": "", "Location": "",
			"Content-Type": "text/html; charset=utf-8", "Content-Language": "en", "Vary": "Accept-Language",
		} {
			if value := got.Header.Get(name); value != want {
				t.Errorf("%s: %q, want %q", name, value, want)
			}
		}
		page := text(t, got)
		for _, word := range strings.Fields("http: https: // src= <script <img <a javascript onclick cookie") {
			if strings.Contains(page, word) {
				t.Errorf("the page has %q", word)
			}
		}
	}
}

// "No raw id in logs." What is logged names the approval.
func TestTheLogNamesNobody(t *testing.T) {
	d := newDoor(t, Hook{Name: "sms", Form: JSON, Person: FromPlace, Secrets: secrets("hush")})
	d.do(http.MethodPost, link(t), click)
	d.do(http.MethodPost, ReplyPath+"sms", `{"from":"ann@example.org","text":"ann says stop"}`, "Authorization", "Bearer hush")
	d.log.set(errors.New("kafka: nobody answers"))
	d.do(http.MethodPost, link(t), click)
	d.do(http.MethodPost, ReplyPath+"sms", `{"from":"ann@example.org","text":"ann says stop"}`, "Authorization", "Bearer hush")
	if d.said.Len() != 4 {
		t.Errorf("%d lines", d.said.Len())
	}
	for _, line := range d.said.All() {
		for _, f := range line.Context {
			if strings.Contains(line.Message+f.String, "ann") || strings.Contains(line.Message+f.String, LinkPath) {
				t.Errorf("the log has %s, %s: %s", line.Message, f.Key, f.String)
			}
		}
	}
}

// "Audit of every change" (issue 6): whoever keeps account is told of each thing that was said, stored or not, and of nothing
// that changed nothing.
func TestWhatIsSaidHasAWitness(t *testing.T) {
	d := newDoor(t, Hook{Name: "sms", Form: JSON, Person: FromPlace, Secrets: secrets("hush")})
	d.do(http.MethodGet, link(t), "")
	d.do(http.MethodPost, link(t), "")
	d.do(http.MethodPost, ReplyPath+"sms", `{"from":"ben","text":"stop"}`)
	d.do(http.MethodPost, link(t), click)
	d.do(http.MethodPost, ReplyPath+"sms", `{"from":"ben","text":"stop"}`, "Authorization", "Bearer hush")
	d.do(http.MethodPost, ReplyPath+"sms", `{"from":"ben","text":"unsubscribe `+seal(t, keys(t, oldKey), ann())+`"}`, "Authorization", "Bearer hush")
	d.log.set(errors.New("kafka: nobody answers"))
	d.do(http.MethodPost, link(t), click)
	if len(d.told) != 4 || len(d.log.signals) != 3 {
		t.Fatalf("told %+v", d.told)
	}
	for i, want := range []Said{
		{By: "link", Action: "refuse", Person: "ann@example.org", Signal: d.log.signals[0].ID, Stored: true},
		{By: "hook:sms", Action: "reply", Person: "ben", Signal: d.log.signals[1].ID, Stored: true},
		{By: "mail", Action: "refuse", Person: "ann@example.org", Signal: d.log.signals[2].ID, Stored: true},
		{By: "link", Action: "refuse", Person: "ann@example.org", Signal: d.told[3].Signal},
	} {
		if d.told[i] != want {
			t.Errorf("got  %+v\nwant %+v", d.told[i], want)
		}
	}
}

func TestElsewhereThereIsNothing(t *testing.T) {
	for _, path := range []string{"/", "/leave", "/hooks", "/hooks/reply", "/favicon.ico", "/v1/people"} {
		if got := newDoor(t).do(http.MethodGet, path, ""); got.StatusCode != 404 || text(t, got) != "" {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
	if _, err := NewHandler(Options{}); err == nil {
		t.Error("a handler that nobody hears")
	}
}

// "A no is never limited per person; only per address, high": ten thousand people at one provider within a minute all pass, a
// machine that does nothing else does not, and nobody else notices.
func TestWhoComesTooOftenComesLater(t *testing.T) {
	d := newDoor(t)
	from := func(remote string) int {
		r := httptest.NewRequest(http.MethodPost, base+link(t), strings.NewReader(click))
		r.RemoteAddr = remote
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code == 429 && (w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "<button")) {
			t.Errorf("it does not say when to come again: %s", w.Body)
		}
		return w.Code
	}
	for i := range 6000 {
		d.now = d.now.Add(10 * time.Millisecond)
		if code := from("192.0.2.1:4711"); code != 200 {
			t.Fatalf("number %d: %d", i, code)
		}
	}
	late := 0
	for range 6000 {
		if from("192.0.2.1:4711") == 429 {
			late++
		}
	}
	if late == 0 {
		t.Error("6000 in no time, and nobody is late")
	}
	if code := from("192.0.2.2:4711"); code != 200 {
		t.Errorf("somebody else: %d", code)
	}
	d.now = d.now.Add(time.Minute)
	if code := from("192.0.2.1:4711"); code != 200 {
		t.Errorf("a minute later: %d", code)
	}
}
