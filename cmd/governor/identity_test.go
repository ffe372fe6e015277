package main

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/state/sealed"
)

// turn changes how people are kept.
func (c *cage) turn(from, to string) {
	c.t.Helper()
	text, err := os.ReadFile(c.file)
	if err != nil || !strings.Contains(string(text), from) {
		c.t.Fatalf("%q is not in the configuration, %v", from, err)
	}
	write(c.t, c.file, strings.Replace(string(text), from, to, 1))
}

// rebuild does what governor rebuild does.
func (c *cage) rebuild() {
	c.t.Helper()
	o := c.options()
	o.Observer = &pace{w: c, people: make(map[int32]int)}
	a, err := app.New(o)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := a.Rebuild(soon(c.t), nil); err != nil {
		c.t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		c.t.Error(err)
	}
}

// "What was written in one mode is not read in the other: stop the governors, change it,
// and run governor rebuild." Until then nothing is decided, and the reason is told where
// it is looked for; after it the no is there, and nobody's id any more, or again.
func TestAnotherModeNeedsARebuild(t *testing.T) {
	const plain, hashed = "identity: {mode: plain, key_file: key}", "identity: {mode: hashed, key_file: key}"
	c := newCage(t, plain)
	ask := func(id string) {
		c.send("contact.intents", canaryPerson, `{"id":"`+id+`","person":"`+canaryPerson+`","channel":"email","purpose":"marketing","campaign":"c","at":"NOW"}`)
	}
	answer := func(id string) string {
		for _, r := range c.all("contact.approved", "contact.vetoed") {
			if strings.Contains(string(r.Value), `"intent":"`+id+`"`) {
				_, reason, _ := strings.Cut(string(r.Value), `"reason":"`)
				reason, _, _ = strings.Cut(reason, `"`)
				return r.Topic + " " + reason
			}
		}
		return ""
	}
	until(t, "Kafka answers", func() bool { return c.engine.Ping(t.Context()) == nil })
	c.governed(func() {
		until(t, "it governs", func() bool { status, _ := toldBy(t, c.web, "/readyz"); return status == http.StatusOK })
		c.send("contact.signals", canaryPerson, `{"id":"n1","person":"`+canaryPerson+`","type":"refusal","at":"NOW","channel":"email"}`)
		c.done(1)
	})
	for n, turn := range []struct {
		from, to string
		why      error
		raw      bool
	}{
		{plain, hashed, sealed.ErrPlain, false},
		{hashed, plain, sealed.ErrHashed, true},
		{plain, hashed, sealed.ErrPlain, false},
		{"key_file: key}", "key_file: other}", sealed.ErrKeyMissing, false},
	} {
		if n == 3 {
			write(t, strings.TrimSuffix(c.file, "governor.yaml")+"other", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
		}
		c.turn(turn.from, turn.to)
		id := string(rune('a' + n))
		ask(id)
		c.governed(func() {
			body := waitForAnswer(t, c.web, "/readyz", http.StatusServiceUnavailable, `"class":"memory"`, "governor rebuild")
			if words, _, _ := strings.Cut(turn.why.Error(), ":"); !strings.Contains(body, words) {
				t.Errorf("turn %d is held for another reason: %s", n, body)
			}
		})
		if got := answer(id); got != "" {
			t.Errorf("turn %d: it was answered, over a memory that does not fit: %s", n, got)
		}
		c.rebuild()
		if raw := strings.Contains(c.remembered(), canaryPerson); raw != turn.raw {
			t.Errorf("turn %d: the id is in Redis: %v, want %v", n, raw, turn.raw)
		}
		c.governed(func() { c.done(10 + n) })
		if got := answer(id); got != "contact.vetoed refused.state" {
			t.Errorf("turn %d: the answer is %q, and they said no", n, got)
		}
	}
}
