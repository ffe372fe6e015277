package tracing

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/contactgovernor/governor/consumer"
)

// doors are as those of the API: some routes, what is behind links, and all else.
func doors(appended *[]consumer.Header) http.Handler {
	append := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			*appended = Headers(context.WithoutCancel(r.Context()))
			w.WriteHeader(status)
			_, _ = w.Write([]byte("{}"))
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/people/{person}", append(http.StatusOK))
	mux.HandleFunc("/v1/redeem", append(http.StatusServiceUnavailable))
	mux.HandleFunc("/v1/health", append(http.StatusOK))
	mux.HandleFunc("/", append(http.StatusNotFound))
	return mux
}

func ask(h http.Handler, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func written(headers []consumer.Header) map[string]string {
	out := make(map[string]string)
	for _, h := range headers {
		out[h.Key] = string(h.Value)
	}
	return out
}

// Where nothing is traced, what is appended is part of the caller's trace as it came; a
// stranger's link is part of none.
func TestTheCallersTraceIsCarriedOn(t *testing.T) {
	var appended []consumer.Header
	h := (*Tracing)(nil).Handler(doors(&appended))
	for _, c := range []struct {
		path    string
		headers []string
		want    map[string]string
	}{
		{"/v1/redeem", nil, map[string]string{}},
		{"/v1/redeem", []string{"traceparent", followed}, map[string]string{"traceparent": followed}},
		{"/v1/redeem", []string{"traceparent", passed, "tracestate", "a=1,b=2", "baggage", "person=ana"}, map[string]string{"traceparent": passed, "tracestate": "a=1,b=2"}},
		{"/v1/redeem", []string{"traceparent", "ana"}, map[string]string{}},
		{"/v1/redeem", []string{"tracestate", "a=1"}, map[string]string{}},
		{"/leave/token", []string{"traceparent", followed}, map[string]string{}},
		{"/", []string{"traceparent", followed}, map[string]string{}},
	} {
		ask(h, http.MethodPost, c.path, c.headers...)
		if diff := cmp.Diff(c.want, written(appended)); diff != "" {
			t.Errorf("%s with %q (-want +got):\n%s", c.path, c.headers, diff)
		}
	}
}

// A request is a span right under the caller's, by its route and never by its path; what is
// appended in it is right under that.
func TestARequestIsASpan(t *testing.T) {
	r := newReceiver(t)
	tracing := r.tracing()
	var appended []consumer.Header
	h := tracing.Handler(doors(&appended))
	if got := ask(h, http.MethodPost, "/v1/redeem", "traceparent", followed, "tracestate", "engine=ana"); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("it is answered %d", got.StatusCode)
	}
	of := written(appended)
	ask(h, http.MethodGet, "/v1/people/ana?who=ana", "User-Agent", "ana")
	ask(h, http.MethodGet, "/v1/people", "User-Agent", "ana")
	ask(h, "ANA", "/v1/people/ana")
	ask(h, http.MethodPost, "/leave/ana", "traceparent", followed)
	ask(h, http.MethodPost, "/hooks/reply/ana")
	for _, path := range []string{"/v1/health", "/", "/login", "/openapi.json"} {
		ask(h, http.MethodGet, path, "traceparent", followed)
	}
	spans := r.all(tracing)
	redeemed := named(t, spans, "POST /v1/redeem")
	if id(redeemed.TraceId) != theirs || id(redeemed.ParentSpanId) != theSpan || redeemed.Kind != tracepb.Span_SPAN_KIND_SERVER ||
		redeemed.Status.Code != tracepb.Status_STATUS_CODE_ERROR || redeemed.TraceState != "" {
		t.Errorf("%v", redeemed)
	}
	want := map[string]string{"traceparent": "00-" + theirs + "-" + id(redeemed.SpanId) + "-01", "tracestate": "engine=ana"}
	if diff := cmp.Diff(want, of); diff != "" {
		t.Errorf("what is appended (-want +got):\n%s", diff)
	}
	for name, want := range map[string]map[string]string{
		"POST /v1/redeem":            {"http.request.method": "POST", "http.route": "/v1/redeem", "http.response.status_code": "503"},
		"GET /v1/people/{person}":    {"http.request.method": "GET", "http.route": "/v1/people/{person}", "http.response.status_code": "200"},
		"GET":                        {"http.request.method": "GET", "http.response.status_code": "404"},
		"_OTHER /v1/people/{person}": {"http.request.method": "_OTHER", "http.route": "/v1/people/{person}", "http.response.status_code": "200"},
		"POST /leave/{token}":        {"http.request.method": "POST", "http.route": "/leave/{token}", "http.response.status_code": "404"},
		"POST /hooks/reply/{name}":   {"http.request.method": "POST", "http.route": "/hooks/reply/{name}", "http.response.status_code": "404"},
	} {
		s := named(t, spans, name)
		if diff := cmp.Diff(want, texts(s.Attributes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if name != "POST /v1/redeem" && len(s.ParentSpanId) > 0 {
			t.Errorf("%s is under somebody", name)
		}
	}
	if len(spans) != 6 {
		t.Errorf("%d spans", len(spans))
	}
	for _, s := range spans {
		if strings.Contains(s.String(), "ana") {
			t.Errorf("she is in %v", s)
		}
	}
}

// Of a request that is not traced nor is what is appended in it, and whoever reads that
// knows.
func TestWhatIsNotTracedSaysSo(t *testing.T) {
	r := newReceiver(t)
	tracing := r.tracing(func(o *Options) { o.Ratio = 0 })
	var appended []consumer.Header
	h := tracing.Handler(doors(&appended))
	for _, headers := range [][]string{nil, {"traceparent", passed}} {
		ask(h, http.MethodPost, "/v1/redeem", headers...)
		parent := written(appended)["traceparent"]
		if !strings.HasSuffix(parent, "-00") || len(headers) > 0 && !strings.HasPrefix(parent, passed[:36]) {
			t.Errorf("with %q it is appended as part of %q", headers, parent)
		}
	}
	if spans := r.all(tracing); len(spans) > 0 {
		t.Errorf("%v", spans)
	}
}
