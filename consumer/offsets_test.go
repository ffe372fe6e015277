package consumer

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestOffsets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s offsets
		want := make(map[int64]bool)
		for _, offset := range rapid.SliceOf(rapid.Int64Range(-1, 500)).Draw(t, "offsets") {
			s.add(offset)
			want[offset] = offset >= 0
		}
		for offset := range int64(600) {
			if s.has(offset) != want[offset] {
				t.Fatalf("%d: %v", offset, s.has(offset))
			}
		}
	})
}

func TestProgress(t *testing.T) {
	began := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	p := Progress{Done: 25, Total: 100, Began: began}
	now := began.Add(10 * time.Second)
	if rate, left := p.Rate(now), p.Left(now); rate != 2.5 || left != 30*time.Second {
		t.Errorf("%v a second, %v left", rate, left)
	}
	if rate, left := (Progress{Began: now}).Rate(now), (Progress{Began: began}).Left(now); rate != 0 || left != 0 {
		t.Errorf("of nothing: %v a second, %v left", rate, left)
	}
}
