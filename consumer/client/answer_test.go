package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// Whatever comes back, a yes is one that says all that a worker needs: about this intent, of which approval, until when.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(yes(time.Unix(0, 0))), "i1")
	f.Add([]byte(`{"ok":false,"reason":"refused.state"}`), "i1")
	f.Add([]byte(`{"OK":true,"Intent":"i1","decision":"d","not_after":"2026-05-01T10:00:00Z"}`), "i1")
	f.Add([]byte(`{"ok":true,"ok":false,"intent":null,"decision":"d","not_after":"2026-05-01T10:00:00Z"}`), "i1")
	f.Fuzz(func(t *testing.T, answer []byte, intent string) {
		got, err := readAnswer(answer, intent)
		switch {
		case err != nil && got != (Answer{}):
			t.Errorf("an error with %+v", got)
		case got.OK && (got.Decision == "" || got.Reason != "" || got.NotAfter.Equal(time.Time{})):
			t.Errorf("%s is a yes: %+v", answer, got)
		case !got.OK && (got.Again || !got.NotAfter.Equal(time.Time{})):
			t.Errorf("%s is half a no: %+v", answer, got)
		}
	})
}

// A governor whose certificate is not believed is none: it hears neither the question nor the token.
func TestOnlyTheGovernorIsAsked(t *testing.T) {
	var heard atomic.Int64
	governor := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, yes(time.Now()))
	}))
	governor.Config.ErrorLog = log.New(io.Discard, "", 0)
	governor.StartTLS()
	defer governor.Close()
	believed := x509.NewCertPool()
	believed.AddCert(governor.Certificate())
	token := Bearer(func(context.Context) (string, error) { return "t", nil })

	c, err := New(governor.URL, token, TLS(&tls.Config{RootCAs: believed}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := c.Redeem(t.Context(), "ada", "i1", "w1"); err != nil || !got.OK || heard.Load() != 1 {
		t.Errorf("got %+v, %v", got, err)
	}

	stranger, err := New(governor.URL, token)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if got, err := stranger.Redeem(ctx, "ada", "i1", "w1"); got != (Answer{}) || !errors.Is(err, ErrNoAnswer) || heard.Load() != 1 {
		t.Errorf("got %+v, %v after %d questions", got, err, heard.Load())
	}
}
