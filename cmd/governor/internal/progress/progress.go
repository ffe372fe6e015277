// Package progress tells whoever waits how far a long reading of the log is.
package progress

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// often is how often a line tells how far it is, where there is no terminal.
const often = 5 * time.Second

// Reading tells how far it is: as a bar on a terminal, as a line now and then
// elsewhere.
type Reading struct {
	Talk     io.Writer
	Terminal bool

	bar         *progressbar.ProgressBar
	all, done   int64
	began, told time.Time
}

// Begin says how many offsets there are to read.
func (p *Reading) Begin(offsets int64) {
	p.all, p.began = offsets, time.Now()
	p.told = p.began
	if p.Terminal {
		p.bar = progressbar.NewOptions64(offsets,
			progressbar.OptionSetWriter(p.Talk), progressbar.OptionSetDescription("  reading"), progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		)
	}
}

// Add says that so many more were read.
func (p *Reading) Add(offsets int64) {
	p.done += offsets
	if p.bar != nil {
		_ = p.bar.Add64(offsets) // a bar that cannot be drawn is no reason to stop
		return
	}
	if now := time.Now(); now.Sub(p.told) >= often && p.done < p.all {
		p.told = now
		spent := now.Sub(p.began)
		left := time.Duration(float64(spent) / float64(max(p.done, 1)) * float64(p.all-p.done))
		fmt.Fprintf(p.Talk, "  %d of %d records (%d %%), %.0f a second, %s left\n", p.done, p.all, p.done*100/p.all, float64(p.done)/spent.Seconds(), left.Round(time.Second))
	}
}

// End takes the bar off the screen, finished or not.
func (p *Reading) End() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}

// Took is how long it took so far.
func (p *Reading) Took() time.Duration { return time.Since(p.began) }
