package sizing

import (
	"fmt"
	"math"
	"time"
)

// Need is what is asked for. Rates are averages, but for Peak.
type Need struct {
	People  float64 `json:"people"`             // who are ever to be contacted
	Intents float64 `json:"intents_per_second"` // on average, day and night
	Peak    float64 `json:"peak_per_second"`    // 0: three times the average
	Window  Span    `json:"window"`             // the longest of the policy

	Approved float64 `json:"approved"` // the share of intents
	Refusing float64 `json:"refusing"` // the share of people who said no to something
	Signals  float64 `json:"signals"`  // for each approval: the question of the worker, what became of it

	Retention   Span    `json:"retention"`   // of signals and decisions
	Intake      Span    `json:"intake"`      // retention of the intents
	Replication int     `json:"replication"` // copies of every record
	Cores       int     `json:"cores"`       // of each instance
	Sorts       float64 `json:"sorts"`       // rows of contact.veto-rates in a minute and partition
}

// Default is what is assumed where nothing is said.
func Default() Need {
	const day = Span(spanDay)
	return Need{
		Window: 30 * day, Approved: 0.5, Refusing: 0.2, Signals: 3, Retention: 400 * day, Intake: 7 * day,
		Replication: 3, Cores: 2, Sorts: 20,
	}
}

// Memory that is remembered at least, whatever the policy's windows: ids of approvals,
// and signals (rules.MemoryOfApprovals), so that none counts twice.
const leastMemory = Span(400 * spanDay)

// How full things are planned to be.
const (
	busy       = 0.5 // of what a processor or a partition can do, at the peak
	slack      = 1.5 // memory of Redis, for fragments, copies on write, and growth
	peakFactor = 3
	growth     = 4 // of the rate, before partitions are too few: their number cannot be changed
	fewest     = 8 // partitions
	most       = 1024
	years      = 3 // for which ids are added up
)

// Check tells what of the need makes no sense.
func (n *Need) Check() error {
	share := func(x float64) bool { return x >= 0 && x <= 1 }
	switch {
	case !(n.People >= 1 && n.People <= 1e11):
		return fmt.Errorf("--people %g: write how many people there are, 1 at least", n.People)
	case !(n.Intents > 0 && n.Intents <= 1e7):
		return fmt.Errorf("--intents-per-second %g: write how many intents come a second, on average, more than 0", n.Intents)
	case n.Peak != 0 && !(n.Peak >= n.Intents && n.Peak <= 1e8):
		return fmt.Errorf("--peak %g: write how many intents come in the busiest second, no fewer than on average", n.Peak)
	case n.Window < Span(time.Minute) || n.Window > Span(100*366*spanDay):
		return fmt.Errorf("--window %s: write how long the policy looks back, like 30d", n.Window)
	case !share(n.Approved):
		return fmt.Errorf("--approved %g: write a share from 0 to 1", n.Approved)
	case !share(n.Refusing):
		return fmt.Errorf("--refusing %g: write a share from 0 to 1", n.Refusing)
	case !(n.Signals >= 0 && n.Signals <= 100):
		return fmt.Errorf("--signals %g: write how many signals follow an approval, from 0 to 100", n.Signals)
	case n.Retention < 0 || n.Intake < 0:
		return fmt.Errorf("--retention %s, --intake %s: write how long records are kept", n.Retention, n.Intake)
	case n.Replication < 1 || n.Replication > 100:
		return fmt.Errorf("--replication %d: write how many copies there are, 1 at least", n.Replication)
	case n.Cores < 1 || n.Cores > 1024:
		return fmt.Errorf("--cores %d: write how many processors an instance has, 1 at least", n.Cores)
	case !(n.Sorts >= 0 && n.Sorts <= 1e6):
		return fmt.Errorf("--sorts %g: write how many sorts of decision there are in a minute and partition", n.Sorts)
	}
	return nil
}

// Size is what it needs.
type Size struct {
	Partitions int     `json:"partitions"`
	Instances  int     `json:"instances"`
	Redis      Redis   `json:"redis"`
	Topics     []Topic `json:"topics"`
	Disk       Range   `json:"disk_bytes"` // of all brokers together, with all copies
	Person     Person  `json:"person"`     // on average

	Events float64 `json:"events_per_second"` // intents and signals, at the peak
	Memory float64 `json:"memory_seconds"`    // how long contacts are remembered
}

// Redis is what the memory takes.
type Redis struct {
	BytesOfPerson float64 `json:"bytes_of_person"`
	Used          float64 `json:"used_bytes"`
	MaxMemory     float64 `json:"maxmemory_bytes"` // what to give it
	Processor     float64 `json:"processor"`       // share of the one that it uses, at the peak
	Primaries     int     `json:"primaries"`       // of a cluster, where one is not fast enough
}

// Topic is what one topic takes.
type Topic struct {
	Name    string  `json:"topic"`
	Records float64 `json:"records"`
	Wire    float64 `json:"bytes_of_record"`
	Disk    Range   `json:"disk_bytes"` // with all copies
}

// Range is from where all batches are full to where every record comes alone.
type Range struct {
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

// Of tells what is needed. The need is checked, and has a peak.
func Of(n Need) *Size {
	if n.Peak == 0 {
		n.Peak = peakFactor * n.Intents
	}
	s := &Size{Memory: max(n.Window, leastMemory).seconds()}
	s.Events = n.Peak * (1 + n.Approved*n.Signals)
	s.Person = person(&n, s.Memory)
	s.Partitions = partitions(s.Events)
	s.Instances = max(2, 1+int(math.Ceil(s.Events*governorSeconds/(busy*float64(n.Cores)))))
	s.Partitions = min(most, max(s.Partitions, powerOfTwo(2*s.Instances)))
	s.Redis.BytesOfPerson = s.Person.InRedis()
	s.Redis.Used = n.People*s.Redis.BytesOfPerson + outboxBytes*float64(s.Partitions)
	s.Redis.MaxMemory = slack * s.Redis.Used
	s.Redis.Processor = s.Events * redisSeconds
	s.Redis.Primaries = max(1, int(math.Ceil(s.Redis.Processor/busy)))
	s.topics(&n)
	return s
}

// person is what is remembered of each, on average.
func person(n *Need, memory float64) Person {
	const day = 24 * 60 * 60.0
	each := n.Intents / n.People
	p := Person{
		Noes:     n.Refusing,
		Contacts: each * n.Approved * memory,
		Heard:    each * n.Approved * n.Signals * leastMemory.seconds(),
		Recent:   each * (1 - n.Approved) * day,
	}
	p.Spent = max(0, min(mostSpent, each*years*365*day-p.Contacts-p.Recent))
	p.Heard = min(p.Heard, mostHeard)
	return p
}

// partitions are enough for the rate to grow.
func partitions(events float64) int {
	return max(fewest, powerOfTwo(int(math.Ceil(growth*events/(busy*intentsPerPartition)))))
}

func powerOfTwo(least int) int {
	n := 1
	for n < least && n < most {
		n *= 2
	}
	return n
}

// topics are what the topics take on the disks.
func (s *Size) topics(n *Need) {
	approvals := n.Intents * n.Approved
	signals := approvals*n.Signals + n.Refusing*n.People/(years*365*24*60*60)
	add := func(name string, perSecond float64, kept Span, bytes float64) {
		s.add(n, name, perSecond*kept.seconds(), bytes)
	}
	add("contact.intents", n.Intents, n.Intake, intentBytes)
	add("contact.signals", signals, n.Retention, signalBytes)
	add("contact.approved", approvals, n.Retention, decisionBytes)
	add("contact.vetoed", n.Intents-approvals, n.Retention, decisionBytes)
	add("contact.redeemed", approvals, n.Retention, decisionBytes)
	const day = 24 * 60 * 60
	standing := min(1, n.Refusing+min(1, s.Person.Heard))
	s.add(n, "contact.standing", n.People*standing+signals*day, standingRecord+s.Person.Standing())
	rows := min(n.Sorts*float64(s.Partitions), 60*n.Intents) * 60 * 24 * 365
	s.add(n, "contact.veto-rates", rows, rateBytes)
}

func (s *Size) add(n *Need, name string, records, bytes float64) {
	whole := records * bytes * float64(n.Replication)
	t := Topic{Name: name, Records: records, Wire: bytes, Disk: Range{whole / mostCompression, whole}}
	s.Disk.Least += t.Disk.Least
	s.Disk.Most += t.Disk.Most
	s.Topics = append(s.Topics, t)
}
