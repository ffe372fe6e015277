package tracing

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/zap/zaptest"
	"google.golang.org/protobuf/proto"
)

// receiver is a collector that keeps what it is sent.
type receiver struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	spans    []*tracepb.Span
	resource map[string]string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var sent tracepb.TracesData
	if err == nil {
		err = proto.Unmarshal(body, &sent)
	}
	if err != nil || req.URL.Path != "/v1/traces" || req.Header.Get("Content-Type") != "application/x-protobuf" {
		r.t.Errorf("%s %s of %s: %v", req.Method, req.URL, req.Header, err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rs := range sent.ResourceSpans {
		r.resource = texts(rs.Resource.Attributes)
		for _, ss := range rs.ScopeSpans {
			r.spans = append(r.spans, ss.Spans...)
		}
	}
}

// tracing sends to the receiver.
func (r *receiver) tracing(change ...func(*Options)) *Tracing {
	r.t.Helper()
	o := Options{
		Endpoint: r.server.URL + "/v1/traces", Ratio: 1, Version: "v1", Group: "ours", Prefix: "test.", Log: zaptest.NewLogger(r.t), Every: time.Hour,
	}
	for _, f := range change {
		f(&o)
	}
	t, err := New(o)
	if err != nil {
		r.t.Fatal(err)
	}
	return t
}

// all are the spans, when the tracing is closed.
func (r *receiver) all(t *Tracing) []*tracepb.Span {
	r.t.Helper()
	if err := t.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.spans)
}

// named is the only span of the name.
func named(t *testing.T, spans []*tracepb.Span, name string) *tracepb.Span {
	t.Helper()
	var found []*tracepb.Span
	var names []string
	for _, s := range spans {
		names = append(names, s.Name)
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans are named %q: %q", len(found), name, names)
	}
	return found[0]
}

// texts are attributes as they read.
func texts(attributes []*commonpb.KeyValue) map[string]string {
	out := make(map[string]string)
	for _, a := range attributes {
		switch v := a.Value.Value.(type) {
		case *commonpb.AnyValue_StringValue:
			out[a.Key] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			out[a.Key] = fmt.Sprint(v.IntValue)
		case *commonpb.AnyValue_BoolValue:
			out[a.Key] = fmt.Sprint(v.BoolValue)
		default:
			out[a.Key] = a.Value.String()
		}
	}
	return out
}

func id(b []byte) string { return hex.EncodeToString(b) }
