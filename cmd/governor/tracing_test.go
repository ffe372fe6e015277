package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// collectorOf is a collector that keeps what it is sent.
type collectorOf struct {
	*httptest.Server

	mu   sync.Mutex
	sent []*tracepb.ResourceSpans
}

func newCollector(t *testing.T) *collectorOf {
	t.Helper()
	c := &collectorOf{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent tracepb.TracesData
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			t.Error(err)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sent = append(c.sent, sent.ResourceSpans...)
	}))
	t.Cleanup(c.Close)
	return c
}

// spans are those that arrived.
func (c *collectorOf) spans() (all []*tracepb.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range c.sent {
		for _, ss := range rs.ScopeSpans {
			all = append(all, ss.Spans...)
		}
	}
	return all
}

// words are all that arrived, as text, a span a line.
func (c *collectorOf) words() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all strings.Builder
	for _, rs := range c.sent {
		all.WriteString(protojson.Format(rs))
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				fmt.Fprintf(&all, "\n%s %s %s\n", s.Name, s.TraceState, s.Attributes)
			}
		}
	}
	return all.String()
}

// of is the span of that name in the trace.
func (c *collectorOf) of(t *testing.T, trace, name string) *tracepb.Span {
	t.Helper()
	var names []string
	for _, s := range c.spans() {
		if hex.EncodeToString(s.TraceId) == trace {
			if names = append(names, s.Name); s.Name == name {
				return s
			}
		}
	}
	t.Fatalf("%s is not in the trace %s: %q", name, trace, names)
	return nil
}

// traceparent is that of a record, "" of none.
func traceparent(r *kgo.Record) string {
	for _, h := range r.Headers {
		if h.Key == "traceparent" {
			return string(h.Value)
		}
	}
	return ""
}

// An engine traces what it wants; the approval is in its trace, whoever redeems it is in
// it, and so is the answer: with a collector each step has its span right under that of
// whoever caused it, and without one all but the spans is the same.
func TestAnIntentIsFollowedFromTheEngineToTheWorker(t *testing.T) {
	const engine, worker = "0af7651916cd43dd8448eb211c80319c", "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, on := range []bool{true, false} {
		t.Run(fmt.Sprintf("traced %v", on), func(t *testing.T) {
			settings := ""
			if !on {
				settings = "tracing: {endpoint: ''}"
			}
			c := newCage(t, settings)
			to := c.spans
			var approved, redeemed *kgo.Record
			c.governed(func() {
				until(t, "the doors are open", func() bool { return c.ask("GET", "/v1/health", "") == http.StatusOK })
				intent := &kgo.Record{
					Topic: "contact.intents", Key: []byte("ana"), Headers: []kgo.RecordHeader{
						{Key: "traceparent", Value: []byte("00-" + engine + "-b7ad6b7169203331-01")}, {Key: "tracestate", Value: []byte("engine=x")},
					},
					Value: []byte(`{"id":"i1","person":"ana","channel":"email","purpose":"marketing","campaign":"spring","at":"` + c.now + `"}`),
				}
				if err := c.engine.ProduceSync(soon(t), intent).FirstErr(); err != nil {
					t.Fatal(err)
				}
				c.done(1)
				for _, r := range c.all("contact.approved") {
					if string(r.Key) == "ana" {
						approved = r
					}
				}
				c.traced("POST", "/v1/redeem", `{"person":"ana","intent":"i1","worker":"w1"}`, "00-"+worker+"-00f067aa0ba902b7-01")
				redeemed = c.all("contact.redeemed")[0]
			})
			if approved == nil || traceparent(approved) != "00-"+engine+"-b7ad6b7169203331-01" {
				t.Fatalf("the approval is part of %q", traceparent(approved))
			}
			if !on {
				if got := traceparent(redeemed); got != "00-"+worker+"-00f067aa0ba902b7-01" {
					t.Errorf("the answer is part of %q", got)
				}
				if n := len(to.spans()); n > 0 {
					t.Errorf("there are %d spans all the same", n)
				}
				return
			}
			decided := to.of(t, engine, "decide contact.intents")
			if got := hex.EncodeToString(decided.ParentSpanId); got != "b7ad6b7169203331" || len(decided.Links) != 1 {
				t.Errorf("the decision is under %s, with %d links", got, len(decided.Links))
			}
			batch := to.of(t, hex.EncodeToString(decided.Links[0].TraceId), "batch")
			for _, stage := range []string{"fetch", "load", "decide", "commit", "emit"} {
				if s := to.of(t, hex.EncodeToString(batch.TraceId), stage); string(s.ParentSpanId) != string(batch.SpanId) {
					t.Errorf("%s is not in the batch", stage)
				}
			}
			asked, answered := to.of(t, worker, "POST /v1/redeem"), to.of(t, worker, "redeem contact.signals")
			if hex.EncodeToString(asked.ParentSpanId) != "00f067aa0ba902b7" || string(answered.ParentSpanId) != string(asked.SpanId) {
				t.Errorf("the question is under %x, the answer under %x", asked.ParentSpanId, answered.ParentSpanId)
			}
			if got, want := traceparent(redeemed), "00-"+worker+"-"+hex.EncodeToString(asked.SpanId)+"-01"; got != want {
				t.Errorf("the answer is part of %q, not %q", got, want)
			}
		})
	}
}

// traced asks at the doors as part of a trace.
func (c *cage) traced(method, path, body, parent string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(soon(c.t)), method, "http://"+c.doors+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+doorSecret)
	r.Header.Set("traceparent", parent)
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("%s %s is answered %d", method, path, res.StatusCode)
	}
}
