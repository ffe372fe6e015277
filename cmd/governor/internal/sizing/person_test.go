package sizing

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// remembered is what state keeps of a person with so much of a history: noes, contacts
// each of which so many signals told something, and vetoes of the last day and before.
func remembered(t *testing.T, noes, contacts, signals, recent, older int) (standing, log int) {
	t.Helper()
	policy, problems := rules.Compile(&rules.Spec{
		Name: "size", Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "email"}}, Silence: &rules.SpanRule{Within: 90 * 24 * time.Hour},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	const who = "person-000000@example.org"
	var p state.Person
	now := rules.Instant(1_790_000_000_000)
	said := 0
	say := func(s state.Signal) {
		s.ID, s.At = rules.SignalID(fmt.Sprintf("sig-0000-%04d", said)), now
		said++
		state.ApplySignal(policy, &p, &s, now)
	}
	decided := 0
	decide := func(v rules.Verdict) rules.IntentID {
		in := rules.Intent{
			ID: rules.IntentID(fmt.Sprintf("intent-0000-%06d", decided)), Person: who, Channel: "email", Purpose: "marketing",
			Campaign: "spring-2026", Brand: "acme", Address: who, At: now,
		}
		decided++
		d := rules.Decision{Verdict: v}
		if v == rules.Approved {
			d.NotAfter = now.Add(15 * time.Minute)
		}
		state.ApplyDecision(policy, &p, &in, rules.DecisionFor(in.Person, in.ID), &d, nil, now)
		return in.ID
	}
	for i := range noes {
		now = now.Add(time.Hour)
		say(state.Signal{Type: state.Refusal, Scope: rules.Scope{Brand: rules.Brand(fmt.Sprintf("brand-%d", i))}})
	}
	for range contacts {
		now = now.Add(time.Hour)
		id := decide(rules.Approved)
		for i := range signals {
			now = now.Add(time.Minute)
			say(state.Signal{Type: state.Outcome, Intent: id, Result: []state.Result{state.Sent, state.Delivered}[i%2]})
		}
	}
	for range older {
		now = now.Add(time.Minute)
		decide(rules.Vetoed)
	}
	now = now.Add(25 * time.Hour)
	for range recent {
		decide(rules.Vetoed)
	}
	p.Prune(policy, now)
	b, err := state.EncodeStanding(who, &p)
	must(t, err)
	return len(b), len(state.EncodeLog(&p))
}

// What is said of a person is what state keeps of one, to a tenth and some bytes.
func TestAPersonIsAsLargeAsIsSaid(t *testing.T) {
	near := func(what string, c [5]int, is int, said float64) {
		if math.Abs(float64(is)-said) > 0.1*float64(is)+20 {
			t.Errorf("%v: the %s has %d bytes, and %.0f are said", c, what, is, said)
		}
	}
	for _, c := range [][5]int{ // noes, contacts, signals for each, vetoes of the last day and older ones
		{}, {1}, {3}, {20}, {0, 1}, {0, 1, 1}, {0, 1, 2}, {0, 10}, {0, 10, 2}, {1, 10, 2}, {0, 200, 3}, {0, 0, 0, 1}, {0, 0, 0, 20}, {0, 0, 0, 0, 20},
		{0, 0, 0, 0, 1000}, {1, 10, 2, 20, 300}, {2, 50, 3, 100, 1000},
	} {
		standing, log := remembered(t, c[0], c[1], c[2], c[3], c[4])
		said := Person{Noes: float64(c[0]), Contacts: float64(c[1]), Heard: float64(c[1] * c[2]), Recent: float64(c[3]), Spent: float64(c[4])}
		near("standing", c, standing, said.Standing())
		near("log", c, log, said.Log())
	}
}

// The last column of the table in state/README.md was measured on a real Redis. What is
// said here of keys with values as large as those of the table is that, to a tenth.
func TestAKeyIsAsLargeAsRedisSays(t *testing.T) {
	text, err := os.ReadFile("../../../../state/README.md")
	must(t, err)
	rows := regexp.MustCompile(`(?m)^\| [^|]+ \| (\d+|–) \| (\d+|–) \| (\d+) \|$`).FindAllStringSubmatch(string(text), -1)
	if len(rows) < 6 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	number := func(s string) float64 {
		if s == "–" {
			return 0
		}
		n, err := strconv.ParseFloat(s, 64)
		must(t, err)
		return n
	}
	for _, row := range rows {
		is, said := number(row[3]), key(number(row[1]))+key(number(row[2]))
		if math.Abs(is-said) > 0.1*is {
			t.Errorf("%s: %.0f are said", row[0], said)
		}
	}
}
