package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules"
)

// said is a log that remembers who said what.
type said map[string]string

func (s said) Signal(_ context.Context, person string, value []byte) error {
	s[person] = string(value)
	return nil
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const linkKey = "bGVhdmVsZWF2ZWxlYXZlbGVhdmVsZWF2ZWxlYXZlbGU=\n"

// From an approval to the no: the link that the worker finds in it is the one that the handler hears.
func TestTheLinkOfAnApprovalIsHeard(t *testing.T) {
	c := &config.Leave{BaseURL: "https://leave.example.org", KeyFile: written(t, linkKey), Channels: []string{"email", "chat"}}
	way, err := leaving(c)
	if err != nil {
		t.Fatal(err)
	}
	in := &rules.Intent{ID: "i1", Person: "ann", Channel: "email", Brand: "north"}
	carried := way(in, "d-1")
	if carried == nil {
		t.Fatal("an approval of a mail carries no link")
	}
	if again := way(in, "d-1"); *again != *carried {
		t.Errorf("got %+v, then %+v", carried, again)
	}
	if none := way(&rules.Intent{Person: "ann", Channel: "sms"}, "d-2"); none != nil {
		t.Errorf("an SMS carries %+v", none)
	}
	heard := said{}
	h, err := LeaveHandler(c, heard, nil, func() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, carried.URL, strings.NewReader(carried.UnsubscribePost)))
	if w.Code != 200 || !strings.HasSuffix(heard["ann"], `"person":"ann","type":"refusal","at":"2026-05-04T12:00:00.000Z","channel":"email","brand":"north","source":"unsubscribe link"}`) {
		t.Errorf("got %d, and heard %v", w.Code, heard)
	}
}

// A new secret is in the file, and the door knows it; the old one stays for as long as it is there.
func TestTheSecretsOfAHookAreReadEachTime(t *testing.T) {
	file := written(t, "old\n")
	heard := said{}
	h, err := LeaveHandler(&config.Leave{Hooks: []config.Hook{{Name: "sms", Form: "json", SecretFile: file, Person: "tel:{from}", Channel: "sms"}}}, heard, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, secret string
		status       int
	}{
		{"old\n", "old", 204}, {"old\n", "new", 401}, {"new\r\n\nold", "new", 204}, {"new\r\n\nold", "old", 204}, {"new", "old", 401},
		{"", "", 503}, {"\n", "", 503},
	} {
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/hooks/reply/sms", strings.NewReader(`{"from":"+15550100","text":"STOP"}`))
		r.Header.Set("Authorization", "Bearer "+c.secret)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%q with %q in the file: got %d", c.secret, c.text, w.Code)
		}
	}
	if len(heard) != 1 || !strings.Contains(heard["tel:+15550100"], `"text":"STOP"`) {
		t.Errorf("heard %v", heard)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := secretsIn(file)(); err == nil {
		t.Error("a file that is gone has secrets")
	}
}

// Without links and doors there is nothing; and a key that is gone since it was checked is told.
func TestNoWayOutThatIsNone(t *testing.T) {
	way, err := leaving(&config.Leave{Channels: []string{"email"}})
	if way != nil || err != nil {
		t.Errorf("got a way out, %v", err)
	}
	h, err := LeaveHandler(&config.Leave{}, said{}, nil, nil)
	if h != nil || err != nil {
		t.Errorf("got %v, %v", h, err)
	}
	for _, file := range []string{filepath.Join(t.TempDir(), "gone"), written(t, "hush\n")} {
		c := &config.Leave{BaseURL: "https://leave.example.org", KeyFile: file}
		if _, err := leaving(c); err == nil || !strings.HasPrefix(err.Error(), "leave.key_file: ") || strings.Contains(err.Error(), "hush") {
			t.Errorf("got %v", err)
		}
		if _, err := LeaveHandler(c, said{}, nil, nil); err == nil {
			t.Error("a handler without its key")
		}
	}
}
