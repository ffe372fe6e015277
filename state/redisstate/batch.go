package redisstate

import (
	"errors"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// arguments are the KEYS and ARGV of commit.lua for the batch; the head of that
// file says what stands where.
func (s *Store) arguments(partition int32, b *state.Batch) (keys []string, args []any, err error) {
	p := parts{names: s.keys(partition)}
	if err := p.sort(b.People); err != nil {
		return nil, nil, err
	}
	due, free, err := dues(b.Waiting)
	if err != nil {
		return nil, nil, err
	}
	tallies, idle, err := totals(b.Totals)
	if err != nil {
		return nil, nil, err
	}
	lists := [...][]any{appendMark(nil, &b.Mark), due, free, tallies, idle, p.values}
	keys = append(append(p.names.fixed(), p.set...), p.gone...)
	args = append(args, b.Owner, number(b.Mark.Batch-1-b.Skips), b.Outbox, b.Rates)
	for _, list := range lists {
		args = append(args, len(list))
	}
	for _, list := range lists {
		args = append(args, list...)
	}
	return keys, args, nil
}

var errTwice = errors.New("somebody or something occurs twice in it, so it is open what should stand: let each occur once")

// parts are the people's keys, by what becomes of them.
type parts struct {
	names     keys
	set, gone []string
	values    []any // of those to set
}

func (p *parts) sort(people []state.Change) error {
	seen := make(map[rules.PersonID]struct{}, len(people))
	for i := range people {
		c := &people[i]
		if _, twice := seen[c.Person]; twice {
			return errTwice
		}
		seen[c.Person] = struct{}{}
		if c.SetStanding {
			p.put(p.names.standing(c.Person), c.Memory.Standing)
		}
		if c.SetLog {
			p.put(p.names.log(c.Person), c.Memory.Log)
		}
	}
	return nil
}

func (p *parts) put(key string, value []byte) {
	if len(value) == 0 {
		p.gone = append(p.gone, key)
		return
	}
	p.set, p.values = append(p.set, key), append(p.values, value)
}

// totals parts the campaigns that have a tally from those that have none any more.
func totals(changes []state.Total) (tallies, idle []any, err error) {
	seen := make(map[rules.Campaign]struct{}, len(changes))
	for _, t := range changes {
		if _, twice := seen[t.Campaign]; twice {
			return nil, nil, errTwice
		}
		seen[t.Campaign] = struct{}{}
		if len(t.Tally) == 0 {
			idle = append(idle, string(t.Campaign))
		} else {
			tallies = append(tallies, string(t.Campaign), t.Tally)
		}
	}
	return tallies, idle, nil
}

// dues parts those who wait from those who wait no longer.
func dues(waiting []state.Waiting) (due, free []any, err error) {
	seen := make(map[rules.PersonID]struct{}, len(waiting))
	for _, w := range waiting {
		if _, twice := seen[w.Person]; twice {
			return nil, nil, errTwice
		}
		seen[w.Person] = struct{}{}
		if w.Due == 0 {
			free = append(free, string(w.Person))
		} else {
			due = append(due, string(w.Person), number(int64(w.Due)))
		}
	}
	return due, free, nil
}
