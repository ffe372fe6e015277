package leave

import (
	"net/mail"
	"strings"
	"testing"
)

const base = "https://leave.example.org"

// "With the two headers ready to paste into the mail" (issue 6): what a mail program finds in them is the link, which opens.
func TestTheHeadersAreReadyToPaste(t *testing.T) {
	k := keys(t, oldKey)
	token := seal(t, k, ann())
	for _, c := range []struct{ mailto, want string }{
		{"", "<" + base + "/leave/" + token + ">"},
		{"leave@example.org", "<" + base + "/leave/" + token + ">, <mailto:leave@example.org?subject=unsubscribe%20" + token + ">"},
	} {
		links := &Links{Keys: k, BaseURL: base, Mailto: c.mailto}
		way := links.Of(ann())
		if way == nil || way.URL != base+"/leave/"+token || way.Unsubscribe != c.want {
			t.Fatalf("got %+v", way)
		}
		if again := links.Of(ann()); *again != *way {
			t.Errorf("got %+v, then %+v", way, again)
		}
		text := "List-Unsubscribe: " + way.Unsubscribe + "\r\nList-Unsubscribe-Post: " + way.UnsubscribePost + "\r\n\r\nSpring is here.\r\n"
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if m.Header.Get("List-Unsubscribe") != c.want || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Errorf("a mail has %v", m.Header)
		}
	}
}

// No line of a mail is longer than 998 letters (RFC 5322, 2.1.1): what would make one goes, and the link for the text stays.
func TestWhatAMailCannotCarryIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		letters       int
		headers, both bool
	}{{20, true, true}, {256, true, true}, {512, true, false}, {1024, false, false}} {
		ticket := ann()
		ticket.Person = strings.Repeat("p", c.letters)
		way := (&Links{Keys: keys(t, oldKey), BaseURL: base, Mailto: "leave@example.org"}).Of(ticket)
		if way == nil || !strings.HasPrefix(way.URL, base) {
			t.Fatalf("%d letters: got %+v", c.letters, way)
		}
		if headers := way.Unsubscribe != "" && way.UnsubscribePost != ""; headers != c.headers {
			t.Errorf("%d letters: headers %v", c.letters, headers)
		}
		if both := strings.Contains(way.Unsubscribe, "mailto:"); both != c.both {
			t.Errorf("%d letters: an address to write to %v", c.letters, both)
		}
		if line := "List-Unsubscribe: " + way.Unsubscribe; len(line) > 998 {
			t.Errorf("%d letters: a line of %d", c.letters, len(line))
		}
	}
	if way := (&Links{Keys: keys(t, oldKey), BaseURL: base}).Of(Ticket{Channel: "email"}); way != nil {
		t.Errorf("a link of nobody: %+v", way)
	}
}
