package page

import (
	"errors"
	"strings"
	"testing"
)

// "Readable in 80 columns, no colour needed."
func TestAPageIsNoWiderThanATerminal(t *testing.T) {
	var b strings.Builder
	p := New(&b)
	p.Text("  - ", "    ", strings.Repeat("twelve onboarding mails that nobody opened are eleven too many ", 8))
	p.Text("", "", strings.Repeat("x", 100)+" stays")
	p.Gap()
	p.Line("%s  ", "trailing spaces go")
	if p.Err() != nil {
		t.Fatal(p.Err())
	}
	lines := strings.Split(b.String(), "\n")
	if !strings.HasPrefix(lines[0], "  - twelve") || !strings.HasPrefix(lines[1], "    ") {
		t.Errorf("the first line has its mark, the others are indented:\n%s", b.String())
	}
	for _, line := range lines {
		if Columns(line) > Width && !strings.HasPrefix(line, "xxx") {
			t.Errorf("%d columns: %s", Columns(line), line)
		}
	}
	if !strings.HasSuffix(b.String(), "\nstays\n\ntrailing spaces go\n") {
		t.Errorf("the end is %q", b.String()[len(b.String())-40:])
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestTheFirstErrorIsKept(t *testing.T) {
	p := New(full{})
	p.Line("a")
	p.Line("b")
	if p.Err() == nil {
		t.Error("nobody hears that nothing was written")
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Number(-1234567), "-1,234,567"}, {Number(999), "999"},
		{Count(1, "contact"), "1 contact"}, {Count(1200, "contact"), "1,200 contacts"}, {Count(0, "no", "noes"), "0 noes"},
		{And([]string{"a", "b", "c"}), "a, b and c"}, {And([]string{"a"}), "a"}, {And(nil), ""}, {Or([]string{"a", "b"}), "a or b"},
		{Pad("é", 3), "é  "}, {Pad("long", 2), "long"},
	} {
		if c.got != c.want {
			t.Errorf("%q, not %q", c.got, c.want)
		}
	}
}
