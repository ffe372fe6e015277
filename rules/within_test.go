package rules

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What a policy remembers for its windows is enough: nothing that is older than a
// window's span is still in it, wherever the person may be. It is tested from within,
// since the memory of a policy is never shorter than that of ids.
func TestASpanIsAsFarAsItsWindowLooks(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := Window{Kind: rapid.SampledFrom([]WindowKind{Rolling, CalendarDays, CalendarWeek, CalendarMonth, Successive}).Draw(r, "kind")}
		switch w.Kind {
		case Rolling, Successive:
			w.Length = time.Duration(rapid.IntRange(1, 10_000).Draw(r, "minutes")) * time.Minute
		case CalendarDays:
			w.Days = rapid.IntRange(1, 40).Draw(r, "days")
		}
		loc := drawPlace(r)
		made := looked(loc, drawDay(r, loc), rapid.IntRange(0, minutesPerDay).Draw(r, "minute")) + Instant(rapid.IntRange(-1, 1).Draw(r, "ms"))
		first := made.Add(-time.Duration(rapid.IntRange(0, 10_000).Draw(r, "first")) * time.Hour)
		q := &question{places: []place{locate(loc, made), locate(drawPlace(r), made)}}
		if leaves := w.leaves(q, first, made); leaves <= made || leaves > made.Add(w.span()) {
			r.Fatalf("%s: a contact of %s leaves it at %s, and it looks back %s", w, made, leaves, w.span())
		}
	})
}

func TestSpansThatAreTheWindowItself(t *testing.T) {
	for _, w := range []Window{{Length: time.Hour}, {Kind: Successive, Length: time.Hour}} {
		if w.span() != time.Hour {
			t.Errorf("%s looks back %s", w, w.span())
		}
	}
	if ever := (Window{Kind: Ever}); ever.span() != 0 || ever.leaves(&question{}, 0, 0) != Never {
		t.Error("what is counted for ever is kept by its rule, not by the memory of windows")
	}
}

// A walk over contacts ends where whoever walks has seen enough.
func TestWalksEndWhereTheyAreTold(t *testing.T) {
	who := &Person{Contacts: []Contact{{Campaign: "c", Class: Solicitation, At: 1}, {Campaign: "c", Class: Solicitation, At: 2}}}
	for c := range who.unanswered("c") {
		if c.At != 2 {
			t.Fatal("it goes on")
		}
		break
	}
	for c := range recent(who, time.Hour, 3) {
		if c.At != 2 {
			t.Fatal("it goes on")
		}
		break
	}
}
