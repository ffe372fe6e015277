package pages

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/cmd/governor/internal/httpserver"
)

// sooner or later: how long a test waits for what must come. Nothing is right or wrong by it.
const soonerOrLater = 2 * time.Minute

// onlooker reads a stream.
type onlooker struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Scanner
}

func (b *browser) looksOn(t *testing.T, path string) *onlooker {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soonerOrLater)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Body.Close() })
	lines := bufio.NewScanner(a.Body)
	lines.Buffer(nil, 1<<20)
	return &onlooker{t, a, lines}
}

// next is the next event.
func (o *onlooker) next() (name, data string, ok bool) {
	for o.lines.Scan() {
		line := o.lines.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data = line[len("data: "):]
		case line == "" && name != "":
			return name, data, true
		}
	}
	return "", "", false
}

// sees reads until a region has a text.
func (o *onlooker) sees(region, text string) string {
	o.t.Helper()
	for {
		name, data, ok := o.next()
		if !ok {
			o.t.Fatalf("the stream ends before %q is in %s: %v", text, region, o.lines.Err())
		}
		var p part
		if err := json.Unmarshal([]byte(data), &p); err == nil && name == "part" && p.Region == region && strings.Contains(p.HTML, text) {
			return p.HTML
		}
	}
}

func decided(id, campaign string) desk.Verdict {
	return desk.Verdict{Decided: time.Date(2026, 5, 4, 14, 3, 1, 0, time.UTC), ID: id, Person: secretPerson, Channel: "call", Campaign: campaign, Purpose: "survey", Verdict: "approved"}
}

// "Live by server-sent events": whoever looks on gets what changes, and nothing that they may not see.
func TestWhoLooksOnGetsWhatChanges(t *testing.T) {
	w := newWorld(t)
	viewer, operator := w.as("view").looksOn(t, "/live"), w.as("operate").looksOn(t, "/live")
	if kind := viewer.answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("it is %s", kind)
	}
	viewer.sees("figures", "96 %")
	operator.sees("verdicts", "please-stay")
	w.decide(decided("n1", "just-now"))
	if html := viewer.sees("verdicts", "just-now"); !strings.Contains(html, secretPerson) {
		t.Error("who may see a person does not")
	}
	if html := operator.sees("verdicts", "just-now"); strings.Contains(html, "mara") || !strings.Contains(html, w.pages.o.Hash(secretPerson)) {
		t.Error("who may not see a person does")
	}
	w.decide(decided("n2", evil))
	if html := viewer.sees("verdicts", "onerror"); strings.Contains(html, "<img") || strings.Contains(html, "<script>") {
		t.Errorf("a name is markup: %s", html)
	}
	w.mu.Lock()
	w.status = holding(w.now)
	w.mu.Unlock()
	w.decide(decided("n3", "x"))
	viewer.sees("status", "Held")
}

// What holds is live too, for whoever may see it; the overview is not for everybody.
func TestHoldsAreLiveForEverybody(t *testing.T) {
	w := newWorld(t)
	b := w.as("consent")
	if a := b.looksOn(t, "/live"); a.answer.StatusCode != http.StatusForbidden {
		t.Errorf("the overview, as consent: %d", a.answer.StatusCode)
	}
	o := b.looksOn(t, "/live?page=holds")
	o.sees("partitions", "Nothing is held.")
	w.mu.Lock()
	w.status = holding(w.now)
	w.mu.Unlock()
	w.decide(decided("n1", "x"))
	o.sees("partitions", "connection refused")
}

// A stream does not outlive the session: who is no more let in is told so, and sees no more.
func TestAStreamEndsWithTheSession(t *testing.T) {
	w := newWorld(t)
	b := w.as("view")
	o := b.looksOn(t, "/live")
	o.sees("verdicts", "please-stay")
	b.submit("/", "/logout", map[string][]string{})
	w.decide(decided("n1", "x"))
	for {
		name, _, ok := o.next()
		if !ok {
			t.Fatal("it ends without a word")
		}
		if name == "over" {
			break
		}
	}
	if _, _, ok := o.next(); ok {
		t.Error("it goes on")
	}
}

// How many look on is bounded, and who leaves makes room.
func TestHowManyLookOnIsBounded(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Clients = 2 })
	b := w.as("view")
	first, second := b.looksOn(t, "/live"), b.looksOn(t, "/live")
	first.sees("figures", "96 %")
	second.sees("figures", "96 %")
	if third := b.looksOn(t, "/live"); third.answer.StatusCode != http.StatusServiceUnavailable || third.answer.Header.Get("Retry-After") == "" {
		t.Errorf("the third: %d", third.answer.StatusCode)
	}
	first.answer.Body.Close()
	until(t, "there is room", func() bool {
		w.decide(decided(fmt.Sprint(time.Now().UnixNano()), "x")) // it is noticed when there is something to tell
		return b.looksOn(t, "/live").answer.StatusCode == http.StatusOK
	})
}

func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(soonerOrLater); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not even in %s", what, soonerOrLater)
		}
	}
}

// "Contexts end with the server": a server that ends does not wait for who looks on.
func TestAServerThatEndsDoesNotWaitForWhoLooksOn(t *testing.T) {
	w := newWorld(t, open)
	server, err := httpserver.Listen("127.0.0.1:0", w.pages, nil, httpserver.Limits{Clients: 10, End: soonerOrLater}, quiet(t))
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.Get("http://" + server.Address() + "/live")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	w.pages.Close()
	w.pages.Close() // to close what is closed is nothing
	began := time.Now()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took >= soonerOrLater {
		t.Errorf("it waited %s", took)
	}
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/live", nil)
	r.RemoteAddr, r.Host = "127.0.0.1:4000", "localhost"
	w.pages.ServeHTTP(rec, r) // it returns at once
	if strings.Count(rec.Body.String(), "event:") > 7 {
		t.Errorf("a stream begins after the end: %s", rec.Body)
	}
}

// Who reads nothing is left behind: what is written to them does not wait for ever, and their place is free again.
func TestWhoReadsTooSlowlyIsLeftBehind(t *testing.T) {
	w := newWorld(t, open, func(o *Options) { o.Clients, o.Patience = 1, 50*time.Millisecond })
	c, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
	_, _ = c.Read(make([]byte, 1)) // the answer has begun: they look on, or did
	long, n := strings.Repeat("x", 60_000), 0
	until(t, "their place is free", func() bool {
		n++
		w.decide(decided(fmt.Sprint(n), fmt.Sprint(n)+long)) // until nothing more fits in between
		return len(w.pages.streams) == 0
	})
}
