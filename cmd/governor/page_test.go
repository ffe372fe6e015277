package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
)

// viewer is a browser in which somebody may look at the page of a `governor run`.
type viewer struct {
	t      *testing.T
	url    string
	client *http.Client
}

func (d *doors) viewer() *viewer {
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	client := *d.client
	client.Jar = jar
	return &viewer{d.t, d.url, &client}
}

// sees is a page; with fields it is that to which a form was sent.
func (v *viewer) sees(path string, fields url.Values) (text string, at string) {
	v.t.Helper()
	a, err := v.client.Get(v.url + path)
	if err != nil {
		v.t.Fatal(err)
	}
	b, err := io.ReadAll(a.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	a.Body.Close()
	if fields != nil {
		if token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindSubmatch(b); token != nil {
			fields.Set("token", string(token[1]))
		}
		if a, err = v.client.PostForm(v.url+path, fields); err != nil {
			v.t.Fatal(err)
		}
		if b, err = io.ReadAll(a.Body); err != nil {
			v.t.Fatal(err)
		}
		a.Body.Close()
	}
	return string(b), a.Request.URL.Path
}

// comes looks at a page until it has a text.
func (v *viewer) comes(path, text string) string {
	v.t.Helper()
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		seen, _ := v.sees(path, nil)
		if strings.Contains(seen, text) {
			return seen
		}
		if time.Now().After(end) {
			v.t.Fatalf("%s has no %q:\n%s", path, text, seen)
		}
	}
}

// "governor run serves one": what is decided is on the page of a running governor, with who it was about, why, and
// what would be decided next; and a stream that somebody reads does not keep the process.
func TestTheRunningGovernorHasAPage(t *testing.T) {
	var looking *http.Response
	t.Cleanup(func() {
		if looking != nil {
			looking.Body.Close()
		}
	})
	d := openDoors(t, fakeKafka(t)).ready()
	if status, got := d.ask("POST", "/v1/refuse", m{"person": "ann"}); status != http.StatusOK {
		t.Fatalf("a no: %d %v", status, got)
	}
	intent := `{"id":"i-1","person":"ann","channel":"email","purpose":"marketing","campaign":"spring","engine":"newsletter","at":"` + time.Now().UTC().Format("2006-01-02T15:04:05.000Z") + `"}`
	if err := d.engine.ProduceSync(t.Context(), &kgo.Record{Topic: "contact.intents", Key: []byte("ann"), Value: []byte(intent)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	v := d.viewer()
	page := v.comes("/", "refused.state")
	for _, want := range []string{"Clean exits", "spring", ">ann</button>", "Deciding"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	if page, _ := v.sees("/people", url.Values{"person": {"ann"}}); !strings.Contains(page, "Said no to everything") || !strings.Contains(page, "newsletter wanted email for marketing, campaign spring.") {
		t.Errorf("ann: %s", page)
	}
	if page, _ := v.sees("/what-if", url.Values{"intent": {`{"person":"ben","channel":"email","purpose":"marketing","campaign":"spring"}`}}); !strings.Contains(page, "It would be approved") || !strings.Contains(page, "no-means-no.yaml:") {
		t.Errorf("what if: %s", page)
	}
	if page, _ := v.sees("/policy", nil); !strings.Contains(page, "At most 3 within 168h") && !strings.Contains(page, "at most 3 within") {
		t.Errorf("the policy has no sentences: %s", page)
	}
	looks, err := v.client.Get(v.url + "/live") // it does not keep the governor from ending, which comes before its own end
	if err != nil {
		t.Fatal(err)
	}
	looking = looks
}

// Where tokens are asked for, the page asks for one too, once.
func TestThePageTakesATokenAndRemembersWho(t *testing.T) {
	token, file := "viewer-0123456789abcdef0123456789", filepath.Join(t.TempDir(), "tokens.yaml")
	sum := sha256.Sum256([]byte(token))
	if err := os.WriteFile(file, []byte("tokens:\n  - {name: vera, roles: [view], sha256: "+hex.EncodeToString(sum[:])+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := openDoors(t, fakeKafka(t), func(a *config.API) { a.TokensFile = file })
	v := d.viewer()
	if page, at := v.sees("/", nil); at != "/login" || strings.Contains(page, "Clean exits") {
		t.Errorf("a stranger is at %s", at)
	}
	if _, at := v.sees("/login", url.Values{"secret": {"not-a-token-0123456789abcdef"}}); at != "/login" {
		t.Errorf("with a wrong token they are at %s", at)
	}
	if page, at := v.sees("/login", url.Values{"secret": {token}}); at != "/" || !strings.Contains(page, ">vera<") {
		t.Errorf("with the token they are at %s: %s", at, page)
	}
}
