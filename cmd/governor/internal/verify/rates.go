package verify

import (
	"errors"
	"time"
)

// rateSort is what decisions of a minute are counted by.
type rateSort struct {
	minute                                              time.Time
	campaign, channel, purpose, engine, verdict, reason string
}

// manySorts stands for campaign and engine of what was counted together.
const manySorts = "*"

// toldRate is the highest count of a sort that was told, and where.
type toldRate struct {
	entry
	count int64
}

// takeRate keeps the highest count of each sort. A repeat by one who had lost the
// partition may lie behind what came after it.
func (p *part) takeRate(r *Record, e *entry) {
	var m struct {
		Minute    string `json:"minute"`
		Partition int32  `json:"partition"`
		Campaign  string `json:"campaign"`
		Channel   string `json:"channel"`
		Purpose   string `json:"purpose"`
		Engine    string `json:"engine"`
		Verdict   string `json:"verdict"`
		Reason    string `json:"reason"`
		Count     int64  `json:"count"`
	}
	err := decode(r.Value, &m)
	if minute := instant(m.Minute); err == nil && (minute.IsZero() || !minute.Equal(minute.Truncate(time.Minute)) || m.Count < 1) {
		err = errors.New("its minute or its count is missing")
	}
	switch {
	case err != nil:
		p.breach(Misfiled, e, nil, "this is no rate: %v", err)
		return
	case m.Partition != p.number:
		p.breach(FalseRate, e, nil, "it is of partition %d", m.Partition)
		return
	}
	s := rateSort{instant(m.Minute), m.Campaign, m.Channel, m.Purpose, m.Engine, m.Verdict, m.Reason}
	if p.rates[s].count < m.Count {
		p.rates[s] = toldRate{*e, m.Count}
	}
}

// countedIn is when the minute began in which the decision counts, if none before it
// was later. What was decided by the clock of the events counts in the first minute of
// its day.
func (d *decision) countedIn() time.Time {
	if d.past() {
		return d.decided.Truncate(24 * time.Hour)
	}
	return d.decided.Truncate(time.Minute)
}

// checkRates: the rates add up to the decisions.
func (p *part) checkRates() {
	if len(p.rates) == 0 {
		if len(p.decisions) > 0 && !p.o.Recording {
			p.skip("rates, of which there are none")
		}
		return
	}
	var first time.Time // minute that was counted; whoever counted may have begun in the middle of it
	together := make(map[time.Time]bool)
	for s := range p.rates {
		if first.IsZero() || s.minute.Before(first) {
			first = s.minute
		}
		together[s.minute] = together[s.minute] || s.campaign == manySorts
	}
	fold := func(s rateSort) rateSort {
		if together[s.minute] {
			s.campaign, s.engine = "", ""
		}
		return s
	}
	said := make(map[rateSort]toldRate)
	for s, t := range p.rates {
		before := said[fold(s)]
		t.count += before.count
		said[fold(s)] = t
	}
	made, last := make(map[rateSort]int64), make(map[rateSort]*decision)
	var minute time.Time // they do not go back
	for _, d := range p.decisions {
		minute = later(minute, d.countedIn())
		s := fold(rateSort{minute, d.campaign, d.channel, d.purpose, d.engine, d.verdict, d.reason})
		made[s]++
		last[s] = d
	}
	gone := p.keptFrom()
	for s, d := range last {
		p.looked(FalseRate)
		if n := said[s].count; n < made[s] && s.minute.After(first) && !p.young(later(d.time, d.decided)) {
			p.breach(FalseRate, &d.entry, nil, "the rates of its minute have %d of its sort, and there are %d", n, made[s])
		}
	}
	for s, t := range said {
		if t.count > made[s] && s.minute.After(gone) && !p.young(later(t.time, t.event)) {
			p.breach(FalseRate, &t.entry, nil, "it tells of %d decisions, and there are %d", t.count, made[s])
		}
	}
}

// keptFrom is the last minute of which retention may have taken decisions.
func (p *part) keptFrom() (minute time.Time) {
	for _, topic := range []string{Approved, Vetoed} {
		if p.first[topic] == 0 {
			continue
		}
		earliest := p.newest
		for _, d := range p.decisions {
			if d.Topic == topic && d.countedIn().Before(earliest) {
				earliest = d.countedIn()
			}
		}
		minute = later(minute, earliest.Truncate(time.Minute))
	}
	return minute
}
