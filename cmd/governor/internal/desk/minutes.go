package desk

import (
	"maps"
	"slices"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

const minuteMillis = int64(time.Minute / time.Millisecond)

// openFor is for how many minutes behind the newest of its partition a minute's
// counts may still grow. Time never goes back in a partition, so it is long.
const openFor = 15

// minutes are the time that is kept, minute by minute, and all of it together.
type minutes struct {
	most  int // names that are told apart
	at    map[int64]*minute
	total *tally

	newest map[int32]int64 // of each partition
}

// minute is one.
type minute struct {
	*tally
	open map[int32]map[cell]int64 // the counts of each partition, as long as they may grow
	made *Minute                  // as it was shown; nil: it has changed since
}

func newMinutes(most int) minutes {
	return minutes{most: most, at: make(map[int64]*minute), total: newTally(), newest: make(map[int32]int64)}
}

// of is the minute of an instant.
func (m *minutes) of(at schemas.Time) *minute {
	number := int64(at) / minuteMillis
	found := m.at[number]
	if found == nil {
		found = &minute{tally: newTally(), open: make(map[int32]map[cell]int64)}
		m.at[number] = found
	}
	return found
}

// rate takes an absolute count in: the highest of a sort stands.
func (m *minutes) rate(r *schemas.VetoRate) {
	number := int64(r.Minute) / minuteMillis
	if newest := m.newest[r.Partition]; number > newest {
		m.newest[r.Partition] = number
		for n, old := range m.at {
			if n < number-openFor {
				delete(old.open, r.Partition)
			}
		}
	} else if number < newest-openFor {
		return
	}
	in := m.of(r.Minute)
	counts := in.open[r.Partition]
	if counts == nil {
		counts = make(map[cell]int64)
		in.open[r.Partition] = counts
	}
	s := cell{r.Campaign, r.Channel, r.Purpose, r.Engine, r.Verdict == schemas.Approved, r.Reason}
	more := r.Count - counts[s]
	if more <= 0 {
		return
	}
	counts[s] = r.Count
	in.made = nil
	s = m.named(s)
	in.add(&s, more)
	m.total.add(&s, more)
}

// named is the sort under names that are told apart.
func (m *minutes) named(s cell) cell {
	if _, known := m.total.campaigns[s.campaign]; !known && len(m.total.campaigns) >= m.most || s.campaign == "*" {
		s.campaign, s.engine = Others, Others
	}
	if _, known := m.total.pester[pair{s.campaign, s.engine}]; !known && len(m.total.pester) >= m.most {
		s.engine = Others
	}
	return s
}

// mostLines bounds the lines of policies that are told apart.
const mostLines = 2000

// line counts an objection.
func (m *minutes) line(at schemas.Time, line string) {
	if _, known := m.total.lines[line]; !known && len(m.total.lines) >= mostLines {
		line = Others
	}
	count(m.of(at).lines, line, 1)
	count(m.total.lines, line, 1)
}

func (m *minutes) revoked(at schemas.Time) {
	m.of(at).revoked++
	m.total.revoked++
}

func (m *minutes) leaked(at schemas.Time) {
	m.of(at).leaked++
	m.total.leaked++
}

// forget drops the minutes that began before an instant.
func (m *minutes) forget(before int64) {
	for n, old := range m.at {
		if n*minuteMillis < before {
			m.total.take(old.tally)
			delete(m.at, n)
		}
	}
}

func tallies(of map[string]yesNo) map[string]Tally {
	out := make(map[string]Tally, len(of))
	for name, n := range of {
		out[name] = Tally{n.approved, n.vetoed}
	}
	return out
}

// list is every minute in which something was decided, the oldest first.
func (m *minutes) list() []Minute {
	var out []Minute
	for _, n := range slices.Sorted(maps.Keys(m.at)) {
		in := m.at[n]
		if in.approved+in.vetoed == 0 {
			continue
		}
		if in.made == nil {
			in.made = &Minute{
				Start: schemas.Time(n * minuteMillis).Std(), Approved: in.approved, Vetoed: in.vetoed, ByReason: maps.Clone(in.reasons),
				ByCampaign: tallies(in.campaigns), ByChannel: tallies(in.channels),
			}
		}
		out = append(out, *in.made)
	}
	return out
}
