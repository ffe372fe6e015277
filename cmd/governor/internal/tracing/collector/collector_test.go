package collector

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/contactgovernor/governor/cmd/governor/internal/tlsdial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sent is something to send, which must be in no error.
func sent() []*tracepb.ResourceSpans {
	return []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{{Name: "ana"}}}}}}
}

// client is one of a server's.
func client(t *testing.T, at string, change ...func(*Options)) *Client {
	t.Helper()
	u, err := url.Parse(at + "/v1/traces")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Endpoint: u}
	for _, f := range change {
		f(&o)
	}
	c := New(o)
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	return c
}

// serve is a collector that answers like this.
func serve(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What a collector reads as an ExportTraceServiceRequest is what is sent: field 1 of that
// are the spans of a resource. The headers of the file go with it, as the file is then.
func TestSpansArrive(t *testing.T) {
	var got tracepb.TracesData
	var headers http.Header
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		headers = r.Header
		if number, _, _ := protowire.ConsumeTag(body); number != 1 {
			t.Errorf("it begins with field %d", number)
		}
		if err := proto.Unmarshal(body, &got); err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
	})
	path := file(t, "headers", "# ours\n\nAuthorization: Bearer hush\r\nX-Tenant:us\n")
	c := client(t, s.URL, func(o *Options) { o.HeadersFile = path })
	for _, secret := range []string{"hush", "new"} {
		if err := c.UploadTraces(t.Context(), sent()); err != nil {
			t.Fatal(err)
		}
		if headers.Get("Authorization") != "Bearer "+secret || headers.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("with %v", headers)
		}
		if err := os.WriteFile(path, []byte("Authorization: Bearer new\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !proto.Equal(&got, &tracepb.TracesData{ResourceSpans: sent()}) {
		t.Errorf("%v", &got)
	}
}

// An https collector is believed by its authority alone, which is read for each connection.
func TestACollectorWithTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	s.StartTLS()
	defer s.Close()
	ca := file(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := client(t, s.URL).UploadTraces(ctx, sent()); err == nil {
		t.Error("it was believed without")
	}
	if err := client(t, s.URL, func(o *Options) { o.TLS = tlsdial.Files{CA: ca} }).UploadTraces(t.Context(), sent()); err != nil {
		t.Error(err)
	}
}

// A collector that is busy is asked again, and one that refuses is not; what it says is told
// with what to do, and nothing of what was sent.
func TestWhatACollectorSays(t *testing.T) {
	partial := protowire.AppendTag(nil, 1, protowire.BytesType)
	partial = protowire.AppendBytes(partial, protowire.AppendString(protowire.AppendTag(protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 7), 2, protowire.BytesType), "ana"))
	for _, c := range []struct {
		what   string
		answer func(w http.ResponseWriter, nth int32)
		asked  int32
		says   string
	}{
		{"well", func(w http.ResponseWriter, _ int32) { w.WriteHeader(http.StatusAccepted) }, 1, ""},
		{"well, with what is no answer", func(w http.ResponseWriter, _ int32) { _, _ = w.Write([]byte("\xff\xff")) }, 1, ""},
		{"busy, then well", func(w http.ResponseWriter, nth int32) {
			if nth < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}, 3, ""},
		{"hangs up, then well", func(_ http.ResponseWriter, nth int32) {
			if nth < 2 {
				panic(http.ErrAbortHandler)
			}
		}, 2, ""},
		{"busy", func(w http.ResponseWriter, _ int32) { w.WriteHeader(http.StatusTooManyRequests) }, attempts, "answers 429 Too Many Requests"},
		{"not allowed", func(w http.ResponseWriter, _ int32) { w.WriteHeader(http.StatusUnauthorized) }, 1, "answers 401 Unauthorized; let tracing.headers_file have what it asks for"},
		{"nothing there", func(w http.ResponseWriter, _ int32) { w.WriteHeader(http.StatusNotFound) }, 1, "answers 404 Not Found; let tracing.endpoint have the whole path, which mostly ends in /v1/traces"},
		{"elsewhere", func(w http.ResponseWriter, _ int32) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, 1, "answers 307 Temporary Redirect"},
		{"not all", func(w http.ResponseWriter, _ int32) { _, _ = w.Write(partial) }, 1, "refused 7 spans"},
	} {
		t.Run(c.what, func(t *testing.T) {
			var asked atomic.Int32
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				c.answer(w, asked.Add(1))
			})
			err := client(t, s.URL).UploadTraces(t.Context(), sent())
			says := ""
			if err != nil {
				says = err.Error()
			}
			if !strings.HasSuffix(says, c.says) || (c.says == "") != (err == nil) || strings.Contains(says, "ana") || asked.Load() != c.asked {
				t.Errorf("asked %d times: %v", asked.Load(), err)
			}
		})
	}
}

// Whoever ends is not kept, and hears what was wrong.
func TestSendingEnds(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	ctx, cancel := context.WithCancel(t.Context())
	c := client(t, s.URL)
	done := make(chan error)
	go func() { done <- c.UploadTraces(ctx, sent()) }()
	cancel()
	if err := <-done; err == nil || !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "503") {
		t.Errorf("%v", err)
	}
}

// A file of headers with mistakes is told by its line, and nothing of it is said or sent.
func TestMistakesInHeaders(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "there is no header in it: write Name: value, as in Authorization: Bearer …",
		"\n# hush\n":                            "there is no header in it: write Name: value, as in Authorization: Bearer …",
		"hush":                                  "line 1 is no header: write Name: value, as in Authorization: Bearer …",
		"A: b\nX Tenant: hush":                  "line 2 is no header: write Name: value, as in Authorization: Bearer …",
		"A:":                                    "line 1 is no header: write Name: value, as in Authorization: Bearer …",
		"A: hush\x00":                           "line 1 is no header: write Name: value, as in Authorization: Bearer …",
		"content-type: hush":                    "line 1 is a header that is set by itself: leave it out",
		"Authorization: Bearer x\nHost: hush\n": "line 2 is a header that is set by itself: leave it out",
	} {
		if got, err := ParseHeaders(text); got != nil || err == nil || err.Error() != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	asked := false
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	for _, path := range []string{file(t, "headers", "hush"), filepath.Join(t.TempDir(), "gone")} {
		err := client(t, s.URL, func(o *Options) { o.HeadersFile = path }).UploadTraces(t.Context(), sent())
		if err == nil || !strings.HasPrefix(err.Error(), "tracing.headers_file: ") || strings.Contains(err.Error(), "hush") || asked {
			t.Errorf("%v", err)
		}
	}
}
