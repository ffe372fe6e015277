package tracing

import (
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
)

// Handler makes a span of each request at the doors, and of what is appended in it part of
// the same trace. Where nothing is traced it does the latter alone. Whether all is well,
// and pages, are no requests of that kind.
//
// Strangers, who leave through links, cannot make their requests part of a trace: nobody
// knows whose that would be, and they could have everything traced.
func (t *Tracing) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api := strings.HasPrefix(r.URL.Path, "/v1/") && r.URL.Path != "/v1/health"
		public := publicRoute(r.URL.Path)
		switch {
		case !api && (public == "" || t == nil), api && t == nil && len(r.Header["Traceparent"]) == 0:
			next.ServeHTTP(w, r)
			return
		case api:
			r = r.WithContext(within(r.Context(), r.Header))
		}
		if t == nil {
			next.ServeHTTP(w, r)
			return
		}
		t.serve(w, r, next, public)
	})
}

// serve serves within a span.
func (t *Tracing) serve(w http.ResponseWriter, r *http.Request, next http.Handler, route string) {
	method := r.Method
	if !knownMethod(method) {
		method = "_OTHER"
	}
	ctx, span := t.tracer.Start(unstated(r.Context()), method, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attrMethod.String(method)))
	defer span.End()
	r = r.WithContext(ctx)
	answer := &answer{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(answer, r)
	if route == "" && r.Pattern != "/" { // which is where everything goes that is no route
		route = r.Pattern
	}
	if route != "" {
		span.SetName(method + " " + route)
		span.SetAttributes(attrRoute.String(route))
	}
	span.SetAttributes(attrStatus.Int(answer.status))
	if answer.status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, http.StatusText(answer.status))
	}
}

// publicRoute is the route of a way out, whose path has secrets in it; "" where it is
// none.
func publicRoute(path string) string {
	switch {
	case strings.HasPrefix(path, leave.LinkPath):
		return leave.LinkPath + "{token}"
	case strings.HasPrefix(path, leave.ReplyPath):
		return leave.ReplyPath + "{name}"
	}
	return ""
}

// knownMethod says whether it is a method of HTTP: it may be any text.
func knownMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return true
	}
	return false
}

// answer notes with which status a request is answered.
type answer struct {
	http.ResponseWriter
	status int
	began  bool
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if !a.began && status >= http.StatusOK {
		a.status, a.began = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	a.began = true
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is beneath.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
