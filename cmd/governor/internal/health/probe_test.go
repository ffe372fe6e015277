package health

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A probe is content with 200 and nothing else, and tells what else was said.
func TestAProbeWantsToHearThatAllIsWell(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   string // of the error; empty: there is none
	}{
		{200, "ok", ""},
		{503, `{"ready":false}`, `says 503 Service Unavailable: {"ready":false}`},
		{302, "", "says 302 Found"},
		{404, "no such page\n", "says 404 Not Found: no such page"},
		{500, strings.Repeat("x", 100_000), "says 500 Internal Server Error: xxxx"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/readyz" {
				t.Errorf("asked for %s", r.URL)
			}
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			w.WriteHeader(c.status)
			w.Write([]byte(c.body)) // the probe may have read enough
		}))
		err := Probe(t.Context(), s.URL+"/readyz")
		s.Close()
		switch {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("of %d: %v, want %q", c.status, err, c.want)
		case err != nil && len(err.Error()) > probeMost+200:
			t.Errorf("of %d: an error of %d bytes", c.status, len(err.Error()))
		}
	}
}

func TestAProbeSaysWhatIsWrongWithItsQuestion(t *testing.T) {
	for where, want := range map[string]string{
		"http://127.0.0.1:1/livez": "nobody answers; is http.listen of the configuration this address?",
		"127.0.0.1:8470":           "write for example http://127.0.0.1:8470/readyz",
		"https://localhost/livez":  "write for example http://127.0.0.1:8470/readyz",
		"":                         "is no place to ask",
	} {
		if err := Probe(t.Context(), where); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", where, err, want)
		}
	}
}
