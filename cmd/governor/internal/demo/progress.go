package demo

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress tells how far something long has come: as a bar on a terminal, as a
// line now and then elsewhere.
type progress struct {
	talk     io.Writer
	terminal bool

	bar   *progressbar.ProgressBar
	what  string
	total int
	done  int
	began time.Time
	told  time.Time
}

// often is how often a line is written where there is no terminal.
const often = 5 * time.Second

func (p *progress) begin(what string, total int) {
	p.what, p.total, p.done = what, total, 0
	p.began = time.Now()
	p.told = p.began
	if p.terminal {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.talk), progressbar.OptionSetDescription("  "+what), progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(what),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
}

func (p *progress) add(n int) {
	p.done += n
	if p.bar != nil {
		_ = p.bar.Add(n)
		return
	}
	if now := time.Now(); p.done < p.total && now.Sub(p.told) >= often {
		p.told = now
		spent := now.Sub(p.began)
		left := time.Duration(float64(spent) / float64(max(p.done, 1)) * float64(p.total-p.done))
		fmt.Fprintf(p.talk, "  %s of %s %s (%d %%), %s a second, %s left\n", number(p.done), number(p.total), p.what,
			p.done*100/p.total, number(int(float64(p.done)/spent.Seconds())), left.Round(time.Second))
	}
}

// end takes the bar off the screen, finished or not.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
