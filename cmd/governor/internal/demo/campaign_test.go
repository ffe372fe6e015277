package demo

import (
	"testing"
	"time"
)

// The counts are the table's, and no limit per day or hour can bite.
func TestCampaign(t *testing.T) {
	rows, err := readTable(bankCalls)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(bankZone)
	if err != nil {
		t.Fatal(err)
	}
	c := newCampaign(rows, 1)
	if c.calls != 105754 || len(c.people) != 41188 {
		t.Errorf("%d calls to %d people", c.calls, len(c.people))
	}
	last := make([]time.Time, len(c.people))
	number := make([]int, len(c.people))
	var before time.Time
	calls, yes := 0, 0
	for _, s := range c.steps {
		if !s.at.After(before) {
			t.Errorf("%s comes after %s", s.at, before)
		}
		before = s.at
		local := s.at.In(zone)
		if day := local.Weekday(); day == time.Saturday || day == time.Sunday || local.Hour() < 9 || local.Hour() >= 20 {
			t.Errorf("calls at %s", local)
		}
		for _, x := range s.calls {
			calls++
			if number[x.person]++; number[x.person] != x.number {
				t.Fatalf("call %d of person %d is their %d.", x.number, x.person, number[x.person])
			}
			if gap := s.at.Sub(last[x.person]); gap < 24*time.Hour {
				t.Fatalf("two calls within %v", gap)
			}
			last[x.person] = s.at
		}
	}
	for i, who := range c.people {
		if number[i] != who.calls {
			t.Errorf("person %d gets %d calls of %d", i, number[i], who.calls)
		}
		if who.yes {
			yes++
		}
	}
	if calls != 105754 || yes != 4640 {
		t.Errorf("%d calls, %d yes", calls, yes)
	}
	if most := c.people[len(c.people)-1].calls; most != 56 {
		t.Errorf("the last person gets %d calls", most)
	}
}

func TestCampaignIsAlwaysTheSame(t *testing.T) {
	rows, err := readTable(bankCalls)
	if err != nil {
		t.Fatal(err)
	}
	a, b := newCampaign(rows, 7), newCampaign(rows, 7)
	for i := range a.steps {
		if len(a.steps[i].calls) != len(b.steps[i].calls) {
			t.Fatalf("step %d differs", i)
		}
	}
	if got := len(a.people); got < 41188/7 || got > 41188/7+1 {
		t.Errorf("a sample of 1 in 7 has %d people", got)
	}
	if most := a.people[len(a.people)-1].calls; most != 56 {
		t.Errorf("the last person gets %d calls", most)
	}
}
