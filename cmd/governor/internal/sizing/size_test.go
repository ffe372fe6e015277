package sizing

import (
	"strings"
	"testing"
	"time"
)

func need(people, intents float64) Need {
	n := Default()
	n.People, n.Intents = people, intents
	return n
}

// More of anything never needs less of anything, but that of more people with as many
// intents together each is heard less of, and what stands for each is shorter.
func TestMoreNeedsNoLess(t *testing.T) {
	for what, more := range map[string]func(*Need){
		"people":      func(n *Need) { n.People *= 10 },
		"intents":     func(n *Need) { n.Intents *= 10 },
		"peak":        func(n *Need) { n.Peak = 5000 },
		"window":      func(n *Need) { n.Window = Span(800 * spanDay) },
		"refusing":    func(n *Need) { n.Refusing = 1 },
		"signals":     func(n *Need) { n.Signals = 9 },
		"retention":   func(n *Need) { n.Retention *= 2 },
		"intake":      func(n *Need) { n.Intake *= 2 },
		"replication": func(n *Need) { n.Replication = 5 },
		"sorts":       func(n *Need) { n.Sorts = 100 },
	} {
		n := need(1e6, 5)
		before := Of(n)
		more(&n)
		if err := n.Check(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		after := Of(n)
		if after.Partitions < before.Partitions || after.Instances < before.Instances || after.Redis.Used < before.Redis.Used || after.Disk.Most < before.Disk.Most && what != "people" {
			t.Errorf("more %s needs %+v, less than %+v", what, after, before)
		}
		if after.Redis.Used == before.Redis.Used && after.Disk.Most == before.Disk.Most && after.Events == before.Events {
			t.Errorf("more %s changes nothing", what)
		}
	}
}

// One may be away, and the rest carries the peak at half of what it can.
func TestInstancesCarryThePeakWithoutOneOfThem(t *testing.T) {
	for _, peak := range []float64{1, 1e3, 1e4, 2e5} {
		n := need(1e7, 1)
		n.Peak = peak
		s := Of(n)
		if can := float64(s.Instances-1) * float64(n.Cores) / governorSeconds; can < s.Events/busy {
			t.Errorf("%.0f a second: %d instances decide %.0f without one of them, of %.0f", peak, s.Instances, can, s.Events)
		}
		if s.Partitions < 2*s.Instances || s.Partitions&(s.Partitions-1) != 0 {
			t.Errorf("%.0f a second: %d partitions for %d instances", peak, s.Partitions, s.Instances)
		}
	}
}

// "ids of approvals, and signals: 400 days at least", whatever the window is.
func TestContactsAreRememberedFor400DaysAtLeast(t *testing.T) {
	short, long := need(1e6, 5), need(1e6, 5)
	short.Window, long.Window = Span(time.Hour), Span(800*spanDay)
	if s := Of(short); s.Memory != (400 * spanDay).Seconds() {
		t.Errorf("contacts are remembered for %.0f s", s.Memory)
	}
	if a, b := Of(short).Person.Contacts, Of(long).Person.Contacts; b != 2*a {
		t.Errorf("%.1f contacts in 400 days, %.1f in 800", a, b)
	}
}

// jemalloc's size classes, of its manual.
func TestWhatIsAllocated(t *testing.T) {
	for bytes, want := range map[float64]float64{1: 16, 16: 16, 17: 32, 128: 128, 129: 160, 257: 320, 320: 320, 321: 384, 1025: 1280, 4097: 5120, 8000: 8192} {
		if got := allocated(bytes); got != want {
			t.Errorf("%.0f bytes take %.0f, want %.0f", bytes, got, want)
		}
	}
}

// What makes no sense is told with what to write; the text that is told has the flag.
func TestNeedsThatMakeNoSense(t *testing.T) {
	for flag, spoil := range map[string]func(*Need){
		"--people": func(n *Need) { n.People = 0 }, "--intents-per-second": func(n *Need) { n.Intents = -1 }, "--peak": func(n *Need) { n.Peak = 1 },
		"--window": func(n *Need) { n.Window = 0 }, "--approved": func(n *Need) { n.Approved = 30 }, "--refusing": func(n *Need) { n.Refusing = -0.1 },
		"--signals": func(n *Need) { n.Signals = -1 }, "--retention": func(n *Need) { n.Retention = -1 }, "--replication": func(n *Need) { n.Replication = 0 },
		"--cores": func(n *Need) { n.Cores = 0 }, "--sorts": func(n *Need) { n.Sorts = -1 },
	} {
		n := need(1e6, 5)
		spoil(&n)
		if err := n.Check(); err == nil || !strings.HasPrefix(err.Error(), flag+" ") {
			t.Errorf("%s: %v", flag, err)
		}
	}
}

func TestSpansAreWrittenAsTheyAreRead(t *testing.T) {
	for text, want := range map[string]string{"30d": "30d", "36h": "36h0m0s", "0.5d": "12h0m0s", "48h": "2d", "1h30m": "1h30m0s"} {
		var s Span
		if err := s.Set(text); err != nil || s.String() != want {
			t.Errorf("%s: %s, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "30", "d", "x", "1e9d", "NaNd"} {
		var s Span
		if err := s.Set(text); err == nil || s != 0 {
			t.Errorf("%s: %s, %v", text, s, err)
		}
	}
}
