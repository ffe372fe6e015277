package redisstate

import (
	"errors"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// transaction is a batch as Redis is told of it.
type transaction struct {
	names         keys
	owner, before string // who must have the partition, and the number of the batch that must be the last
	outbox, rates []byte
	marks         []any // fields and values of the meta

	due     []any // people who wait, each with when that is over
	free    []string
	tallies []any // campaigns, each with its tally
	idle    []string

	set  []any // keys of people, each with its value
	gone []string
}

func transactionOf(k keys, b *state.Batch) (*transaction, error) {
	t := &transaction{
		names: k, owner: b.Owner, before: number(b.Mark.Batch - 1 - b.Skips),
		outbox: b.Outbox, rates: b.Rates, marks: appendMark(nil, &b.Mark),
	}
	if err := t.people(b.People); err != nil {
		return nil, err
	}
	if err := t.waiting(b.Waiting); err != nil {
		return nil, err
	}
	return t, t.totals(b.Totals)
}

// arguments are the KEYS and ARGV of commit.lua; the head of that file says what stands
// where.
func (t *transaction) arguments() (keys []string, args []any) {
	keys = t.names.fixed()
	values := make([]any, 0, len(t.set)/2)
	for i := 0; i < len(t.set); i += 2 {
		keys, values = append(keys, t.set[i].(string)), append(values, t.set[i+1])
	}
	keys = append(keys, t.gone...)
	args = append(args, t.owner, t.before, t.outbox, t.rates)
	lists := [...][]any{t.marks, t.due, anys(t.free), t.tallies, anys(t.idle), values}
	for _, list := range lists {
		args = append(args, len(list))
	}
	for _, list := range lists {
		args = append(args, list...)
	}
	return keys, args
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}

var errTwice = errors.New("somebody or something occurs twice in it, so it is open what should stand: let each occur once")

// people parts the people's keys by what becomes of them.
func (t *transaction) people(people []state.Change) error {
	seen := make(map[rules.PersonID]struct{}, len(people))
	t.set = make([]any, 0, 2*len(people))
	for i := range people {
		c := &people[i]
		if _, twice := seen[c.Person]; twice {
			return errTwice
		}
		seen[c.Person] = struct{}{}
		if c.SetStanding {
			t.put(t.names.standing(c.Person), c.Memory.Standing)
		}
		if c.SetLog {
			t.put(t.names.log(c.Person), c.Memory.Log)
		}
	}
	return nil
}

func (t *transaction) put(key string, value []byte) {
	if len(value) == 0 {
		t.gone = append(t.gone, key)
		return
	}
	t.set = append(t.set, key, value)
}

// totals parts the campaigns that have a tally from those that have none any more.
func (t *transaction) totals(changes []state.Total) error {
	seen := make(map[rules.Campaign]struct{}, len(changes))
	for _, c := range changes {
		if _, twice := seen[c.Campaign]; twice {
			return errTwice
		}
		seen[c.Campaign] = struct{}{}
		if len(c.Tally) == 0 {
			t.idle = append(t.idle, string(c.Campaign))
		} else {
			t.tallies = append(t.tallies, string(c.Campaign), c.Tally)
		}
	}
	return nil
}

// waiting parts those who wait from those who wait no longer.
func (t *transaction) waiting(waiting []state.Waiting) error {
	seen := make(map[rules.PersonID]struct{}, len(waiting))
	for _, w := range waiting {
		if _, twice := seen[w.Person]; twice {
			return errTwice
		}
		seen[w.Person] = struct{}{}
		if w.Due == 0 {
			t.free = append(t.free, string(w.Person))
		} else {
			t.due = append(t.due, string(w.Person), number(int64(w.Due)))
		}
	}
	return nil
}
