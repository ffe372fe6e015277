package sizing

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// Write writes what is needed, how that comes about, and how far it can be believed.
func (s *Size) Write(w io.Writer, n Need) error {
	if n.Peak == 0 {
		n.Peak = peakFactor * n.Intents
	}
	p := page.New(w)
	row := func(what, format string, args ...any) {
		p.Text(page.Pad(what, wide), strings.Repeat(" ", wide), fmt.Sprintf(format, args...))
	}
	row("partitions", "%s", page.Number(s.Partitions))
	row("instances", "%s of %s, of which one may be away", page.Number(s.Instances), page.Count(n.Cores, "processor"))
	if s.Redis.Primaries > 1 {
		row("Redis", "a cluster of %d primaries with maxmemory %s together, %s of it used; each replica the same again", s.Redis.Primaries, size(s.Redis.MaxMemory), size(s.Redis.Used))
	} else {
		row("Redis", "maxmemory %s, %s of it used; each replica the same again", size(s.Redis.MaxMemory), size(s.Redis.Used))
	}
	row("disk", "%s to %s on all brokers together", size(s.Disk.Least), size(s.Disk.Most))
	p.Gap()
	s.why(p, row, &n)
	p.Gap()
	p.Line("%s%16s %8s %11s %11s", page.Pad("topic", wide), "records", "bytes", "disk, least", "most")
	for _, t := range s.Topics {
		p.Line("%s%16s %8.0f %11s %11s", page.Pad(strings.TrimPrefix(t.Name, "contact."), wide), rounded(t.Records), t.Wire, size(t.Disk.Least), size(t.Disk.Most))
	}
	p.Gap()
	s.believe(p, row, &n)
	return p.Err()
}

// wide is where the second column begins.
const wide = 16

// why explains the arithmetic.
func (s *Size) why(p *page.Page, row func(string, string, ...any), n *Need) {
	p.Line("How that comes about")
	row("  events", "at the peak %s intents a second, and %s signals for each of the %.0f %% that are approved: %s a second", rounded(n.Peak), number(n.Signals), 100*n.Approved, rounded(s.Events))
	row("  instances", "%s events × %.0f µs of a processor ÷ (%s × %.0f %% busy) = %s, rounded up, and one that may be away",
		rounded(s.Events), 1e6*governorSeconds, page.Count(n.Cores, "processor"), 100*busy, number(s.Events*governorSeconds/(busy*float64(n.Cores))))
	row("  partitions", "%s events × %d (their number cannot be changed later) ÷ (%s a second of one partition × %.0f %%) = %s; two for each instance; %d at least; a power of two",
		rounded(s.Events), growth, page.Number(intentsPerPartition), 100*busy, number(growth*s.Events/(busy*intentsPerPartition)), fewest)
	row("  person", "contacts are remembered for %s (ids and signals 400 days at least, whatever the window), so on average %s contacts, %s signals that were heard, %s noes, %s vetoes of the last day and %s older ids: values of %.0f and %.0f bytes, %.0f in Redis",
		days(s.Memory), number(s.Person.Contacts), number(s.Person.Heard), number(s.Person.Noes), number(s.Person.Recent), number(s.Person.Spent),
		s.Person.Standing(), s.Person.Log(), s.Redis.BytesOfPerson)
	row("  Redis", "%s people × %.0f bytes + %s partitions × %s of outbox; × %.1f for fragments, copies on write and growth. Its processor: %s events × %.0f µs = %.0f %% busy",
		rounded(n.People), s.Redis.BytesOfPerson, page.Number(s.Partitions), size(outboxBytes), slack, rounded(s.Events), 1e6*redisSeconds, 100*s.Redis.Processor)
	row("  disk", "records × bytes × %s; least where batches are full and lz4 makes them %d times smaller, most where every record comes alone. Intents are kept for %s, signals and decisions for %s, what stands for ever, rates for a year here, with %s sorts a minute and partition",
		copies(n.Replication), mostCompression, days(n.Intake.seconds()), days(n.Retention.seconds()), number(n.Sorts))
}

// believe tells where the figures are from, and what is not known.
func (s *Size) believe(p *page.Page, row func(string, string, ...any), n *Need) {
	p.Line("Where the figures are from")
	row("  of a person", "%s", fromPerson)
	row("  of a key", "%s", fromRedis)
	row("  of a record", "%s", fromWire)
	row("  of speed", "%s; a signal is taken for an intent", fromSpeed)
	p.Gap()
	p.Line("How far it can be believed")
	row("  bytes", "to about a fifth, for ids of some 25 letters; what is longer is dearer, letter by letter. What identity.mode: hashed adds is not in it")
	row("  averages", "a few people who are wanted far more than others cost little more: contacts are bounded by what the policy approves, ids and signals by %d", mostHeard)
	row("  speed", "to a factor of two or three: other machines, TLS, and a network between governor, Kafka and Redis. Measure your own: BenchmarkGovern")
	row("  assumed", "--approved %s, --refusing %s, --signals %s, --sorts %s, --peak %s: nobody can measure these for you beforehand, but governor backtest can on recorded intents",
		number(n.Approved), number(n.Refusing), number(n.Signals), number(n.Sorts), number(n.Peak))
	if week := s.Person.Contacts / s.Memory * 7 * 24 * 3600; week > 3 {
		row("  look", "that is %s approved contacts a week for each person. no-means-no allows 3: --approved is lower under it, or there are more people", number(week))
	}
	if s.Partitions == most {
		row("  look", "so many partitions are more than was ever tried; ask for several governors with a prefix each")
	}
}

func copies(n int) string {
	if n == 1 {
		return "1 copy"
	}
	return fmt.Sprintf("%d copies", n)
}

// days is a time in seconds, in words.
func days(seconds float64) string {
	if d := seconds / (24 * 3600); d >= 1 {
		return number(d) + " days"
	}
	return (time.Duration(seconds) * time.Second).String()
}

// number is one for people: no more digits than mean something.
func number(x float64) string {
	switch {
	case x >= 100:
		return rounded(x)
	case x == math.Trunc(x):
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2g", x)
}

// rounded is a large number, to three digits.
func rounded(x float64) string {
	if x < 100 {
		return number(x)
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-2)
	whole := math.Round(x/unit) * unit
	if whole >= 1e15 {
		return fmt.Sprintf("%.3g", whole)
	}
	return page.Number(int(whole))
}

// size is a number of bytes.
func size(bytes float64) string {
	const unit = 1024
	names := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	i := 0
	for bytes >= unit && i < len(names)-1 {
		bytes, i = bytes/unit, i+1
	}
	if i == 0 || bytes >= 100 {
		return fmt.Sprintf("%.0f %s", bytes, names[i])
	}
	return fmt.Sprintf("%.1f %s", bytes, names[i])
}
