package health

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer"
)

func handler(p *process) http.Handler {
	return Handler(p.Board, Process{
		Version: "v1.2.3", Policy: func() (string, string) { return "no-means-no", "abc" },
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "governor_ready 1") }),
	})
}

// ask is one question.
func ask(p *process, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler(p).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

// answers wants GET to be answered so, white space aside.
func answers(t *testing.T, p *process, path string, status int, want string) {
	t.Helper()
	w := ask(p, http.MethodGet, path)
	var is, should any
	if err := errors.Join(json.Unmarshal(w.Body.Bytes(), &is), json.Unmarshal([]byte(want), &should)); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	if diff := cmp.Diff(should, is); w.Code != status || diff != "" {
		t.Errorf("GET %s: status %d, want %d; (-want +got):\n%s", path, w.Code, status, diff)
	}
}

// "503 with JSON that names each held partition: partition, why in words …, since,
// for how long; 200 when all assigned partitions decide and the group is joined."
func TestReadinessNamesWhatIsHeld(t *testing.T) {
	p := newProcess()
	answers(t, p, "/readyz", 503, `{"ready":false,"stage":"starting","since":"2026-05-04T12:00:00.000Z"}`)
	p.pass(time.Second)
	p.joined([]int32{0, 1, 2})
	p.Acquired(0, 1)
	p.Acquired(1, 1)
	p.Held(1, fmt.Errorf("load people: %w", errMemory), p.at)
	p.pass(1500 * time.Millisecond)
	answers(t, p, "/readyz", 503, `{"ready":false,"stage":"governing","since":"2026-05-04T12:00:01.000Z","recovering":[2],"holds":[
		{"what":"partition 1","partition":1,"class":"redis","why":"load people: connection refused","since":"2026-05-04T12:00:01.000Z","for":"1.5s","seconds":1.5}]}`)
	p.Acquired(2, 1)
	p.Resumed(1, 1500*time.Millisecond)
	answers(t, p, "/readyz", 200, `{"ready":true,"stage":"governing","since":"2026-05-04T12:00:01.000Z"}`)
}

// A partition with the number 0 has a number; the group has none.
func TestTheGroupIsNoPartition(t *testing.T) {
	p := newProcess()
	p.Held(-1, errBrokers, p.at)
	p.Held(0, errBrokers, p.at)
	p.Wait(Redis, errMemory)
	body := ask(p, http.MethodGet, "/readyz").Body.String()
	for _, want := range []string{`{"what":"the group","class":"kafka"`, `{"what":"partition 0","partition":0,"class":"kafka"`, `{"what":"the start","class":"redis"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

// "/livez (never depends on Kafka or Redis)": whoever restarts a governor because
// Redis is away has two things to wait for.
func TestAHeldProcessLives(t *testing.T) {
	p := newProcess()
	for _, is := range []func(){
		func() {}, func() { p.Wait(Kafka, errBrokers) }, func() { p.governs(0) },
		func() { p.Held(0, errMemory, p.at) }, func() { p.Held(-1, errBrokers, p.at) }, p.Stop,
	} {
		is()
		answers(t, p, "/livez", 200, `{"alive":true}`)
	}
	p.mu.Lock() // and whatever the board does meanwhile
	defer p.mu.Unlock()
	answers(t, p, "/livez", 200, `{"alive":true}`)
}

// "/startupz (rebuild done)": once, and from then on whatever happens.
func TestStartedIsForGood(t *testing.T) {
	p := newProcess()
	p.joined([]int32{0})
	answers(t, p, "/startupz", 503, `{"started":false,"stage":"governing","since":"2026-05-04T12:00:00.000Z","recovering":[0]}`)
	p.Acquired(0, 1)
	answers(t, p, "/startupz", 200, `{"started":true,"stage":"governing","since":"2026-05-04T12:00:00.000Z"}`)
	p.Held(0, errMemory, p.at)
	if got := ask(p, http.MethodGet, "/startupz").Code; got != 200 {
		t.Errorf("status %d", got)
	}
}

// A memory that is made anew is told with how far it has come and how long it still
// takes; what held the partition before may go on holding it.
func TestARebuildIsTold(t *testing.T) {
	p := newProcess()
	p.joined([]int32{0, 1})
	p.Acquired(1, 1)
	began := p.at
	p.Rebuilding(0, consumer.Progress{Total: 4000, Began: began})
	p.Held(1, errMemory, p.at)
	p.Rebuilding(1, consumer.Progress{Done: 10, Total: 1000, Began: began})
	p.pass(10 * time.Second)
	p.Rebuilding(1, consumer.Progress{Done: 250, Total: 1000, People: 90, Began: began})
	p.wants(t, "governing ready=false started=false [0 rebuilding; 1 held; partition 1 held by redis for 10s: connection refused]")
	answers(t, p, "/readyz", 503, `{"ready":false,"stage":"governing","since":"2026-05-04T12:00:00.000Z",
		"rebuilding":[{"partition":0,"records":0,"of":4000,"people":0,"for":"10s"},{"partition":1,"records":250,"of":1000,"people":90,"for":"10s","left":"30s"}],
		"holds":[{"what":"partition 1","partition":1,"class":"redis","why":"connection refused","since":"2026-05-04T12:00:00.000Z","for":"10s","seconds":10}]}`)
	p.Held(1, errMemory, began)
	answers(t, p, "/startupz", 503, `{"started":false,"stage":"governing","since":"2026-05-04T12:00:00.000Z",
		"rebuilding":[{"partition":0,"records":0,"of":4000,"people":0,"for":"10s"}],
		"holds":[{"what":"partition 1","partition":1,"class":"redis","why":"connection refused","since":"2026-05-04T12:00:00.000Z","for":"10s","seconds":10}]}`)
	p.Acquired(0, 1)
	p.Acquired(1, 1)
	p.Resumed(1, 0)
	p.wants(t, "governing ready=true started=true [0 deciding; 1 deciding]")
}

func TestStatusTellsAll(t *testing.T) {
	p := newProcess()
	answers(t, p, "/statusz", 200, `{"version":"v1.2.3","policy":{"name":"no-means-no","hash":"abc"},"began":"2026-05-04T12:00:00.000Z",
		"ready":false,"stage":"starting","since":"2026-05-04T12:00:00.000Z","partitions":[],"rebuilding":[],"holds":[]}`)
	p.pass(time.Second)
	p.governs(0, 1)
	p.fetchedIntents(0, 5, p.at.Add(-2*time.Second))
	p.fetchedSignals(0, 4)
	p.pass(250 * time.Millisecond)
	p.Committed(0, consumer.BatchReport{})
	p.Held(1, errBrokers, p.at)
	p.pass(750 * time.Millisecond)
	answers(t, p, "/statusz", 200, `{"version":"v1.2.3","policy":{"name":"no-means-no","hash":"abc"},"began":"2026-05-04T12:00:00.000Z",
		"ready":false,"stage":"governing","since":"2026-05-04T12:00:01.000Z",
		"partitions":[
			{"partition":0,"epoch":7,"state":"deciding","since":"2026-05-04T12:00:01.000Z","last_batch":"2026-05-04T12:00:01.250Z","took":"250ms",
			 "lag_records":{"intents":5,"signals":4},"lag_seconds":3},
			{"partition":1,"epoch":7,"state":"held","since":"2026-05-04T12:00:01.250Z","lag_records":{"intents":0,"signals":0},"lag_seconds":0}],
		"rebuilding":[],
		"holds":[{"what":"partition 1","partition":1,"class":"kafka","why":"no broker answers","since":"2026-05-04T12:00:01.250Z","for":"750ms","seconds":0.75}]}`)
}

// "GET/HEAD only"; a route is answered or it is not there.
func TestNothingCanBeChanged(t *testing.T) {
	p := newProcess()
	p.governs()
	for _, path := range []string{"/livez", "/readyz", "/startupz", "/statusz", "/metrics"} {
		for _, method := range []string{"GET", "HEAD"} {
			w := ask(p, method, path)
			if w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: %d %v", method, path, w.Code, w.Header())
			}
		}
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "BREW"} {
			if w := ask(p, method, path); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, allowed are %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	for _, path := range []string{"/", "/readyz/", "/readyz/0", "/debug/pprof/", "/healthz"} {
		if w := ask(p, "GET", path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
}
