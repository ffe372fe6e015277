package demo

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

// The table. README.md has its source and its licence.
//
//go:embed data/bank-calls.csv
var bankCalls string

// enough is how many calls of one campaign the built-in policy lets a person get.
const enough = 3

// table is how often people were called in a campaign, and how many of them said
// yes: to the last call, since nobody is called any more after a yes.
type table []tableRow

type tableRow struct{ calls, people, yes int }

// readTable reads the table, and refuses one that cannot be.
func readTable(text string) (table, error) {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("the table of calls: %w", err)
	}
	var t table
	for i, line := range lines {
		if i == 0 {
			if strings.Join(line, ",") != "calls,persons,subscribed" {
				return nil, fmt.Errorf("the table of calls has the columns %v", line)
			}
			continue
		}
		var n [3]int
		for c := range n {
			if n[c], err = strconv.Atoi(line[c]); err != nil {
				return nil, fmt.Errorf("the table of calls, line %d: %w", i+1, err)
			}
		}
		r := tableRow{n[0], n[1], n[2]}
		if r.calls < 1 || r.people < 1 || r.yes < 0 || r.yes > r.people || len(t) > 0 && r.calls <= t[len(t)-1].calls {
			return nil, fmt.Errorf("the table of calls, line %d: %v cannot be", i+1, line)
		}
		t = append(t, r)
	}
	if len(t) == 0 {
		return nil, fmt.Errorf("the table of calls is empty")
	}
	return t, nil
}

// people is how many there are.
func (t table) people() (n int) {
	for _, r := range t {
		n += r.people
	}
	return n
}

// calls is how many were made as the first to the given call of a person.
func (t table) calls(upTo int) (n int) {
	for _, r := range t {
		n += r.people * min(r.calls, upTo)
	}
	return n
}

// yes is how many said yes within so many calls.
func (t table) yes(within int) (n int) {
	for _, r := range t {
		if r.calls <= within {
			n += r.yes
		}
	}
	return n
}

// most is how often the person was called who was called most.
func (t table) most() int { return t[len(t)-1].calls }

// reached is how many people got that call.
func (t table) reached(call int) int { return t.calls(call) - t.calls(call-1) }
