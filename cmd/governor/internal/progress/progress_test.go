package progress

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// "A progress bar on a terminal, plain lines otherwise", with rate and time to go; of a
// short export neither.
func TestHowFarItIs(t *testing.T) {
	var talk strings.Builder
	p := &Reading{Talk: &talk}
	p.Begin(1000)
	p.Add(10)
	if talk.Len() > 0 {
		t.Errorf("at once it says %q", talk.String())
	}
	p.began, p.told = p.began.Add(-time.Minute), p.told.Add(-time.Minute)
	p.Add(240)
	if line := regexp.MustCompile(`^  250 of 1000 records \(25 %\), 4 a second, 3m\d+s left\n$`); !line.MatchString(talk.String()) {
		t.Errorf("after a minute it says %q", talk.String())
	}
	p.told = p.told.Add(-time.Minute)
	p.Add(750)
	p.End()
	if strings.Count(talk.String(), "\n") != 1 {
		t.Errorf("at the end it says %q", talk.String())
	}
}

func TestABarOnATerminal(t *testing.T) {
	var talk strings.Builder
	p := &Reading{Talk: &talk, Terminal: true}
	p.Begin(1000)
	time.Sleep(110 * time.Millisecond) // it is drawn so often
	p.Add(500)
	p.End()
	if s := talk.String(); !strings.Contains(s, "reading") || !strings.Contains(s, "50%") || !strings.Contains(s, "\r") {
		t.Errorf("it draws %q", s)
	}
}
