package backtest

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Progress tells how far a recording was read: as a bar on a terminal, as a line now
// and then elsewhere. Of a short recording it tells nothing.
type Progress struct {
	io.Reader

	talk  io.Writer
	bar   *progressbar.ProgressBar
	size  int64
	read  int64
	began time.Time
	told  time.Time
}

// From this size on a recording is long, and so often a line is written where there
// is no terminal.
const (
	long  = 4 << 20
	often = 10 * time.Second
)

// Watch is the recording, of so many bytes, read with its progress told.
func Watch(recording io.Reader, size int64, talk io.Writer, terminal bool) *Progress {
	p := &Progress{Reader: recording, talk: talk, size: size, began: time.Now(), told: time.Now()}
	if terminal && size >= long {
		p.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(talk), progressbar.OptionSetDescription("  recording"), progressbar.OptionSetWidth(24),
			progressbar.OptionShowBytes(true), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

// Read reads on.
func (p *Progress) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.read += int64(n)
	switch now := time.Now(); {
	case p.bar != nil:
		_ = p.bar.Add(n)
	case p.size >= long && now.Sub(p.told) >= often && p.read < p.size:
		p.told = now
		spent := now.Sub(p.began)
		left := time.Duration(float64(spent) / float64(max(p.read, 1)) * float64(p.size-p.read))
		fmt.Fprintf(p.talk, "  %d %% of the recording, %s left\n", p.read*100/p.size, left.Round(time.Second))
	}
	return n, err
}

// End takes the bar off the screen, finished or not.
func (p *Progress) End() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
