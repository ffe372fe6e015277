package demo

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// campaign is a history of calls made up around a table: the counts are the
// table's, the times are assumed.
type campaign struct {
	people []callee
	steps  []step // in order of time
	calls  int
}

// callee is one person of the table.
type callee struct {
	id    string
	calls int // how often the engine calls them
	yes   bool
}

// step is what the engine wants at one time.
type step struct {
	at    time.Time
	calls []call
}

// call is the n-th call to a person.
type call struct {
	person int // index in people
	number int // from 1
}

// What is assumed of the time. The data were collected from May 2008 on, in
// Portugal. Summer time does not change within the twelve weeks, so that the
// same hour of the next day is exactly 24 hours later.
const (
	bankZone     = "Europe/Lisbon"
	bankDays     = 60 // working days
	bankCampaign = "term-deposit-2008"
	bankEngine   = "bank-telemarketing"
)

func bankStart() time.Time { return time.Date(2008, time.May, 5, 0, 0, 0, 0, time.UTC) } // a Monday

// shifts are the hours, UTC, at which calls are made: 10:00 to 18:00 in Lisbon.
func shifts() []int { return []int{9, 11, 13, 15, 17} }

// newCampaign spreads the calls of the table over working days. Everybody gets
// theirs on successive working days, at their own hour, beginning on a day that
// is drawn (always the same, whoever runs it). Every sample-th person takes part, and the one
// who was called most.
func newCampaign(t table, sample int) *campaign {
	days := max(bankDays, t.most())
	hours := shifts()
	c := &campaign{steps: make([]step, days*len(hours))}
	for i := range c.steps {
		day := i / len(hours)
		date := bankStart().AddDate(0, 0, day/5*7+day%5)
		c.steps[i].at = date.Add(time.Duration(hours[i%len(hours)]) * time.Hour)
	}
	draw := rand.New(rand.NewPCG(2014, 41188))
	n, all := 0, t.people()
	for _, r := range t {
		for i := range r.people {
			n++
			first, hour := draw.IntN(days-r.calls+1), draw.IntN(len(hours))
			if n%sample != 0 && n != all {
				continue
			}
			who := len(c.people)
			c.people = append(c.people, callee{id: "bank-" + strconv.Itoa(n), calls: r.calls, yes: i < r.yes})
			for number := 1; number <= r.calls; number++ {
				s := &c.steps[(first+number-1)*len(hours)+hour]
				s.calls = append(s.calls, call{who, number})
			}
			c.calls += r.calls
		}
	}
	return c
}

// intent is the id of a call's intent.
func (c *campaign) intent(x call) string {
	return c.people[x.person].id + "-" + strconv.Itoa(x.number)
}
