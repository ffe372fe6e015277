package demo

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The page of the demo is that of governor run: the stories are on it, their people have a timeline, and it goes
// when it is told to.
func TestTheStoriesAreSeenUntilItIsInterrupted(t *testing.T) {
	show, err := OpenShow(func() map[string]string { return nil })
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	defer browser.CloseIdleConnections()
	ask := func(path string, form url.Values) string {
		t.Helper()
		a, err := browser.Get(show.Address() + path)
		if err == nil && form != nil {
			a.Body.Close()
			a, err = browser.PostForm(show.Address()+path, form)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := ask("", nil); !strings.Contains(text, "between two of its parts") {
		t.Errorf("before there is anything to see: %s", text)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var talk bytes.Buffer
	go func() { ended <- show.Stay(ctx, &talk) }()
	text := ""
	for end := time.Now().Add(5 * time.Minute); !strings.Contains(text, "refused.cancellation") || !strings.Contains(text, "coalesced"); {
		if text = ask("", nil); time.Now().After(end) {
			t.Fatalf("the stories are not there:\n%s", text)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if strings.Contains(text, beat) {
		t.Error("the demo's own intents are seen")
	}
	who := regexp.MustCompile(`name="person" value="([^"]+)"`).FindStringSubmatch(text)
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(text)
	if who == nil || token == nil {
		t.Fatalf("nobody is there:\n%s", text)
	}
	if person := ask("people", url.Values{"token": {token[1]}, "person": {who[1]}}); !strings.Contains(person, "What was wanted, what was allowed, and why not") {
		t.Errorf("of somebody who is there: %s", person)
	}
	looking, err := browser.Get(show.Address() + "live") // who looks on does not keep it
	if err != nil {
		t.Fatal(err)
	}
	defer looking.Body.Close()
	interrupt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := show.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(talk.String(), show.Address()) {
		t.Errorf("it says %q", &talk)
	}
}
