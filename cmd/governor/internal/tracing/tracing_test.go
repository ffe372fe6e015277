package tracing

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Off unless configured: there is nothing then, not even something to close.
func TestNothingIsTracedWithoutAnEndpoint(t *testing.T) {
	tracing, err := New(Options{Ratio: 1})
	if tracing != nil || err != nil || tracing.Tracer() != nil || tracing.Close() != nil {
		t.Errorf("%v, %v", tracing, err)
	}
	h := tracing.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/v1/redeem", nil)
	if n := testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }); n > 0 {
		t.Errorf("a request costs %v allocations", n)
	}
}

// A collector that is away, or refuses, is told of once and holds up nobody: neither a
// batch nor the end.
func TestNobodyWaitsForTheCollector(t *testing.T) {
	stop, servers := make(chan struct{}), []*httptest.Server{}
	t.Cleanup(func() {
		close(stop)
		for _, s := range servers {
			s.Close()
		}
	})
	for what, answer := range map[string]http.HandlerFunc{
		"it refuses":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"it does not answer": func(http.ResponseWriter, *http.Request) { <-stop },
		"it hangs up":        func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"it sends us on": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/x")
			w.WriteHeader(http.StatusFound)
		},
	} {
		server := httptest.NewServer(answer)
		servers = append(servers, server)
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			core, logs := observer.New(zap.DebugLevel)
			tracing, err := New(Options{Endpoint: server.URL + "/v1/traces", Ratio: 1, Log: zap.New(core), Every: time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			for range mostWaiting / 10 { // of 13 spans each: more than there is room for
				tracing.Tracer().Batch(0, batch(""))
			}
			began, lines := time.Now(), func() int { return logs.FilterMessageSnippet("spans do not arrive").Len() }
			for what != "it does not answer" && lines() == 0 && time.Since(began) < time.Minute {
				time.Sleep(time.Millisecond)
			}
			if err := tracing.Close(); err != nil {
				t.Error(err)
			}
			if most := 1 + int(time.Since(began)/again); lines() == 0 || lines() > most || lines() != logs.Len() {
				t.Errorf("it is told %d times, of %d lines", lines(), logs.Len())
			}
		})
	}
}

// What is lost is counted, and it is told when spans arrive again.
func TestItIsToldWhenSpansArriveAgain(t *testing.T) {
	r := newReceiver(t)
	well := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !well {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		r.ServeHTTP(w, req)
	}))
	defer server.Close()
	core, logs := observer.New(zap.DebugLevel)
	tracing := r.tracing(func(o *Options) { o.Endpoint, o.Log = server.URL+"/v1/traces", zap.New(core) })
	for range 3 {
		tracing.Tracer().Batch(0, batch(""))
		if err := tracing.provider.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	well = true
	tracing.Tracer().Batch(0, batch(""))
	if n := len(r.all(tracing)); n != 13 {
		t.Errorf("%d spans arrived, not 13", n)
	}
	lines := logs.All()
	if len(lines) != 2 || !strings.Contains(lines[0].Message, "do not arrive") || !strings.Contains(lines[0].ContextMap()["error"].(string), "tracing.headers_file") ||
		lines[1].ContextMap()["lost_meanwhile"] != int64(26) {
		t.Errorf("%v", lines)
	}
}

// The names that OpenTelemetry gave are those that it has.
func TestAttributesAreThoseOfTheConventions(t *testing.T) {
	for ours, theirs := range map[string]string{
		string(attrSystem): string(semconv.MessagingSystemKey), string(attrOperation): string(semconv.MessagingOperationNameKey),
		string(attrOperationType): string(semconv.MessagingOperationTypeKey), string(attrDestination): string(semconv.MessagingDestinationNameKey),
		string(attrPartition): string(semconv.MessagingDestinationPartitionIDKey), string(attrOffset): string(semconv.MessagingKafkaOffsetKey),
		string(attrGroup): string(semconv.MessagingConsumerGroupNameKey), string(attrBatchCount): string(semconv.MessagingBatchMessageCountKey),
		string(attrErrorType): string(semconv.ErrorTypeKey), string(attrMethod): string(semconv.HTTPRequestMethodKey),
		string(attrRoute): string(semconv.HTTPRouteKey), string(attrStatus): string(semconv.HTTPResponseStatusCodeKey),
	} {
		if ours != theirs {
			t.Errorf("%s is %s", ours, theirs)
		}
	}
}
