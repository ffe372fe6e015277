package redisstate

import (
	"errors"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// arguments are the KEYS and ARGV of commit.lua for the batch; the head of that
// file says what stands where.
func (s *Store) arguments(partition int32, b *state.Batch) (keys []string, args []any, err error) {
	p := parts{names: s.keys(partition), expires: s.expires}
	if err := p.sort(b.People); err != nil {
		return nil, nil, err
	}
	due, free, err := dues(b.Waiting)
	if err != nil {
		return nil, nil, err
	}
	marks := appendMark(nil, &b.Mark)

	keys = append(p.names.fixed(), p.goodKeys...)
	keys = append(append(keys, p.livingKeys...), p.gone...)

	args = make([]any, 0, 9+len(marks)+len(due)+len(free)+len(p.good)+len(p.living))
	args = append(args, b.Owner, number(b.Mark.Batch-1-b.Skips), s.logTTL, b.Outbox,
		len(marks), len(due), len(free), len(p.good), len(p.living))
	for _, list := range [...][]any{marks, due, free, p.good, p.living} {
		args = append(args, list...)
	}
	return keys, args, nil
}

var errTwice = errors.New("a person occurs twice in it, so it is open what should stand: let each occur once")

// parts are the people's keys, by what becomes of them.
type parts struct {
	names   keys
	expires bool

	goodKeys, livingKeys, gone []string
	good, living               []any
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
			p.set(p.names.standing(c.Person), c.Memory.Standing, false)
		}
		if c.SetLog {
			p.set(p.names.log(c.Person), c.Memory.Log, p.expires)
		}
	}
	return nil
}

func (p *parts) set(key string, value []byte, expires bool) {
	switch {
	case len(value) == 0:
		p.gone = append(p.gone, key)
	case expires:
		p.livingKeys, p.living = append(p.livingKeys, key), append(p.living, value)
	default:
		p.goodKeys, p.good = append(p.goodKeys, key), append(p.good, value)
	}
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
