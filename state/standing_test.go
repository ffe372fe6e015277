package state_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/state"
)

// text is any text. What is no text cannot come in over the wire.
func text[T ~string](t *rapid.T, what string) T {
	return T(rapid.OneOf(rapid.Just(""), rapid.StringN(0, 6, -1)).Draw(t, what))
}

// said is any instant that can be written in RFC 3339; 0 is none.
func said(t *rapid.T, what string) rules.Instant {
	const first, last = -62135596800000, 253402300799999 // the years 1 and 9999
	return rules.Instant(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(first, last)).Draw(t, what))
}

func anyStanding() *rapid.Generator[state.Person] {
	return rapid.Custom(func(t *rapid.T) state.Person {
		scope := func() rules.Scope {
			return rules.Scope{
				Channel: text[rules.Channel](t, "channel"), Purpose: text[rules.Purpose](t, "purpose"), Subject: text[rules.Subject](t, "subject"),
				Brand: text[rules.Brand](t, "brand"), Address: text[rules.Address](t, "address"),
			}
		}
		some := func(what string, add func()) {
			for range rapid.IntRange(0, 2).Draw(t, what) {
				add()
			}
		}
		flag := func(what string) bool { return rapid.Bool().Draw(t, what) }
		var p state.Person
		some("merges", func() {
			p.Merges = append(p.Merges, rules.Merge{Record: text[rules.PersonID](t, "record"), Into: text[rules.PersonID](t, "into"), At: said(t, "at")})
		})
		some("noes", func() {
			kind := rapid.SampledFrom([]rules.NoKind{rules.Refused, rules.Cancelled, rules.Complained, rules.Unreachable}).Draw(t, "kind")
			p.Noes = append(p.Noes, rules.No{Kind: kind, Scope: scope(), At: said(t, "at"), Signal: text[rules.SignalID](t, "signal"), Erased: flag("erased"),
				Record: text[rules.PersonID](t, "record")})
		})
		some("consents", func() {
			p.Consents = append(p.Consents, rules.Consent{Scope: scope(), At: said(t, "at"), Effective: flag("effective"),
				Evidence: text[string](t, "evidence"), Signal: text[rules.SignalID](t, "signal"), Record: text[rules.PersonID](t, "record")})
		})
		some("cases", func() {
			p.Cases = append(p.Cases, rules.Case{Subject: text[rules.Subject](t, "subject"), Brand: text[rules.Brand](t, "brand"), At: said(t, "at"), Open: flag("open")})
		})
		some("numbers", func() {
			p.Numbers = append(p.Numbers, rules.Number{Address: text[rules.Address](t, "address"), At: said(t, "at"), Reassigned: flag("reassigned")})
		})
		some("talks", func() {
			p.Talks = append(p.Talks, rules.Talk{Channel: text[rules.Channel](t, "channel"), Subject: text[rules.Subject](t, "subject"), At: said(t, "at")})
		})
		some("heard", func() {
			p.Heard = append(p.Heard, state.Heard{Signal: state.HashSignal(text[rules.SignalID](t, "signal")), At: said(t, "at")})
		})
		p.HumanAct, p.Abandoned, p.OptOut = said(t, "human act"), said(t, "abandoned"), said(t, "opt out")
		if p.QuietAt = said(t, "quiet at"); p.QuietAt != 0 {
			some("quiet", func() {
				q := rules.QuietSpan{From: time.Duration(rapid.Int64Range(0, 1440).Draw(t, "from")) * time.Minute, To: time.Duration(rapid.Int64().Draw(t, "to"))}
				for day := range q.Days {
					q.Days[day] = flag("day")
				}
				p.Quiet = append(p.Quiet, q)
			})
		}
		if p.ZonesAt = said(t, "zones at"); p.ZonesAt != 0 {
			p.Zones = anyZones().Draw(t, "zones")
		}
		if p.BudgetAt = said(t, "budget at"); p.BudgetAt != 0 {
			some("budget", func() {
				p.Budget = append(p.Budget, rules.Budget{Channel: text[rules.Channel](t, "channel"), Max: rapid.Int().Draw(t, "max"), Per: time.Duration(rapid.Int64().Draw(t, "per"))})
			})
		}
		return p
	})
}

func TestWhatStandsComesBackAsItWas(t *testing.T) {
	var find zones.Finder
	rapid.Check(t, func(t *rapid.T) {
		p := anyStanding().Draw(t, "person")
		b, err := state.EncodeStanding("ada", &p)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := state.EncodeStanding("ada", &p); string(again) != string(b) {
			t.Fatalf("encoded again it is another:\n%s\n%s", b, again)
		}
		var got state.Person
		if err := state.DecodeStanding(b, &got, &find); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if diff := cmp.Diff(p, got, alike()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// An analyst reads it as it is.
func TestWhatStandsCanBeRead(t *testing.T) {
	a := newAda(t)
	a.hears(hours(0), state.Signal{ID: "s1", Type: state.Refusal, Scope: rules.Scope{Channel: "sms"}})
	const start = `{"person":"ada","refusals":[{"kind":"refusal","channel":"sms","at":"2026-09-21T14:13:20.000Z","signal":"s1"`
	if got := a.stands(); !strings.HasPrefix(got, start) {
		t.Errorf("what stands is\n%s, want it to start with\n%s", got, start)
	}
}

// The clock of silence is told, though it follows from the log.
func TestSilenceIsTold(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email"})
	a.hears(hours(1), state.Signal{ID: "s1", Type: state.Outcome, Intent: "i1", Result: state.Delivered})
	if got := a.stands(); !strings.Contains(got, `"silent_since":"`+hours(1).String()+`"`) {
		t.Errorf("silence since %s is not in\n%s", hours(1), got)
	}
}

func TestWhatIsNotWhatStandsIsRefused(t *testing.T) {
	var find zones.Finder
	for _, bad := range []string{
		`{`, `[]`, `{"person":"ada","person":"bea"}`, "{\"person\":\"\xff\"}", `{"person":"ada"} {}`,
		`{"human_act":"yesterday"}`, `{"zones":["Atlantis/Center"]}`, `{"quiet":[{"days":[],"from":"9","to":"10h"}]}`,
		`{"heard":[{"signal":"abc","at":""}]}`, `{"refusals":{}}`,
	} {
		if err := state.DecodeStanding([]byte(bad), &state.Person{}, &find); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	p := state.Person{Person: rules.Person{Noes: []rules.No{{Signal: "\xff"}}}}
	if _, err := state.EncodeStanding("ada", &p); err == nil {
		t.Error("what is no text was written")
	}
}
