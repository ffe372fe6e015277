package week

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// policy has marketing and receipts, by e-mail and by call, and what the test adds.
func policy(t testing.TB, add func(*rules.Spec)) *rules.Policy {
	t.Helper()
	at := func(line int) rules.Position { return rules.Position{File: "test.yaml", Line: line, Column: 1} }
	s := rules.Spec{
		Name: "test", Hash: "0",
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation, Line: at(1)}, {Name: "survey", Class: rules.Solicitation, Line: at(2)},
			{Name: "receipt", Class: rules.ByPerson, Line: at(3)},
		},
		Channels: []rules.ChannelSpec{{Name: "email", Line: at(4)}, {Name: "call", Silent: true, Line: at(5)}},
	}
	add(&s)
	p, problems := rules.Compile(&s)
	if problems != nil {
		t.Fatal(problems)
	}
	return p
}

func every() [7]bool { return [7]bool{true, true, true, true, true, true, true} }

func calls() rules.Selector { return rules.Selector{Channels: []rules.Channel{"call"}} }

func open(days [7]bool, from, to time.Duration) rules.OpenSpec {
	return rules.OpenSpec{Days: days, From: from, To: to}
}

func ask(t testing.TB, p *rules.Policy, from string, zones ...string) *Week {
	t.Helper()
	q := Question{Policy: p}
	for _, name := range zones {
		q.Zones = append(q.Zones, zone(t, name))
	}
	var err error
	if q.From, err = time.ParseInLocation(time.DateOnly, from, q.Zones[0]); err != nil {
		t.Fatal(err)
	}
	return Of(&q)
}

func written(t testing.TB, w *Week) string {
	t.Helper()
	var b strings.Builder
	if err := w.Write(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if len([]rune(strings.TrimSuffix(line, "\n"))) > 79 {
			t.Errorf("more than 79 columns: %s", line)
		}
	}
	return b.String()
}

func wants(t testing.TB, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line) {
			t.Errorf("nobody says %q:\n%s", line, text)
		}
	}
}

// "Finer where a rule begins within the hour": to the minute.
func TestABreakAtNoonIsTold(t *testing.T) {
	weekdays := [7]bool{false, true, true, true, true, true, false}
	p := policy(t, func(s *rules.Spec) {
		s.Hours = []rules.HoursSpec{{Binds: calls(), Open: []rules.OpenSpec{
			open(weekdays, 10*time.Hour, 13*time.Hour), open(weekdays, 14*time.Hour+10*time.Minute, 20*time.Hour),
		}}}
	})
	wants(t, written(t, ask(t, p, "2026-05-04", "Europe/Paris")),
		"call: solicitation\n            0   2   4",
		"Mon  4 May  ....................######..~###########........  10-13, 14:10-20\n",
		"Sun 10 May  ................................................  closed\n",
		"Open at every hour:\n  call: person\n  email\n",
		"  ~  changes within the half hour")
}

// "Rolling … DST nights": the hour that is skipped is not there, the one that comes twice is open both times.
func TestNightsInWhichClocksChange(t *testing.T) {
	p := policy(t, func(s *rules.Spec) {
		s.Hours = []rules.HoursSpec{{Binds: calls(), Open: []rules.OpenSpec{open(every(), 2*time.Hour+30*time.Minute, 4*time.Hour)}}}
	})
	spring := ask(t, p, "2026-03-23", "Europe/Berlin")
	wants(t, written(t, spring),
		"Sat 28 Mar  .....###........................................  02:30-04\n",
		// 02:30 does not exist, so it is the later instant that it may mean: 03:30 (semantics.md, "Time").
		"Sun 29 Mar  ....  .#........................................  03:30-04\n",
		"Sun 29 Mar, Europe/Berlin: clocks go from 02:00 to 03:00; what is between\n      does not exist.")
	autumn := ask(t, p, "2026-10-19", "Europe/Berlin")
	wants(t, written(t, autumn),
		// 02:30 comes twice, and it is the later one that opens.
		"Sun 25 Oct  .....~##........................................  02:30 (UTC+01)-04\n",
		"clocks go from 03:00 to 02:00; what is between\n      comes twice.")
	for _, c := range []struct {
		week  *Week
		hours float64
	}{{spring, 23}, {autumn, 25}} {
		if d := c.week.days[6]; d.end.Sub(d.start).Hours() != c.hours {
			t.Errorf("%s has %v hours", d.name(), d.end.Sub(d.start))
		}
	}
}

// Midnight itself is skipped in Beirut, and comes twice in Havana.
func TestMidnightsThatAreNotThereOrTwice(t *testing.T) {
	p := policy(t, func(*rules.Spec) {})
	beirut := ask(t, p, "2026-03-23", "Asia/Beirut").days[6]
	if beirut.start.Format("15:04") != "01:00" || beirut.end.Sub(beirut.start) != 23*time.Hour {
		t.Errorf("Sunday in Beirut is from %s, %s long", beirut.start, beirut.end.Sub(beirut.start))
	}
	havana := ask(t, p, "2026-10-26", "America/Havana").days[6]
	if havana.start.Format("15:04 -07") != "00:00 -04" || havana.end.Sub(havana.start) != 25*time.Hour {
		t.Errorf("Sunday in Havana is from %s, %s long", havana.start, havana.end.Sub(havana.start))
	}
}

// "Unknown or conflicting zones mean the intersection of all candidates" (design.md).
func TestTwoZonesMustBothBeOpen(t *testing.T) {
	p := policy(t, func(s *rules.Spec) {
		s.Hours = []rules.HoursSpec{{Binds: calls(), Open: []rules.OpenSpec{open(every(), 9*time.Hour, 20*time.Hour)}}}
	})
	wants(t, written(t, ask(t, p, "2026-05-04", "Europe/Lisbon", "Atlantic/Azores")),
		"Open is what is open in Europe/Lisbon and Atlantic/Azores at once.",
		"Mon  4 May  ....................####################........  10-20\n")
	wants(t, written(t, ask(t, p, "2026-05-04", "Europe/Lisbon", "Pacific/Auckland")), "................  closed\n")
}

// Holidays, and a rule that begins in the middle of the week.
func TestHolidaysAndRulesWithDates(t *testing.T) {
	p := policy(t, func(s *rules.Spec) {
		s.Holidays = []rules.HolidaySpec{{Binds: calls(), Days: []rules.HolidayDay{{Easter: true, Offset: 1}}}}
		s.ConsentRequired = []rules.ConsentSpec{{Terms: rules.Terms{From: rules.Date{Year: 2026, Month: 4, Day: 9}}, Binds: calls()}}
		s.Hours = []rules.HoursSpec{{
			Terms: rules.Terms{Until: rules.Date{Year: 2026, Month: 4, Day: 7}}, Binds: calls(),
			Open: []rules.OpenSpec{open(every(), 9*time.Hour, 20*time.Hour)},
		}}
	})
	wants(t, written(t, ask(t, p, "2026-04-06", "Europe/Berlin")),
		"Mon  6 Apr  HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH  closed, a holiday\n",
		"Tue  7 Apr  ..................######################........  09-20\n",
		"Wed  8 Apr  ################################################  open\n",
		"Thu  9 Apr  !!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!  consent.required\n")
}

// What no hour opens is said once, and does not hide the hours.
func TestWhatNoHourOpens(t *testing.T) {
	p := policy(t, func(s *rules.Spec) {
		s.Hours = []rules.HoursSpec{{Binds: calls(), Open: []rules.OpenSpec{open(every(), 9*time.Hour+5*time.Minute, 20*time.Hour)}}}
		s.ConsentRequired = []rules.ConsentSpec{{Binds: rules.Selector{Channels: []rules.Channel{"call"}, Modes: []rules.Mode{rules.ModePredictive}}}}
		s.Caps = []rules.CapSpec{{Name: "none", In: rules.Window{Kind: rules.Ever}, Binds: rules.Selector{Purposes: []rules.Purpose{"survey"}, Channels: []rules.Channel{"email"}}}}
	})
	wants(t, written(t, ask(t, p, "2026-05-04", "Europe/Berlin")),
		"Mon  4 May  ..................~#####################........  09:05-20\n",
		"  call (predictive); refused, consent.required: ",
		"  email: survey; refused, cap.none: ")
}

// "Rules on trial": nothing follows from them, and their owner sees what would.
func TestARuleOnTrialIsShown(t *testing.T) {
	p := policy(t, func(s *rules.Spec) {
		s.Hours = []rules.HoursSpec{{Terms: rules.Terms{Shadow: true}, Binds: calls(), Open: []rules.OpenSpec{open(every(), 9*time.Hour+5*time.Minute, 20*time.Hour)}}}
		s.ConsentRequired = []rules.ConsentSpec{{Terms: rules.Terms{Shadow: true}, Binds: rules.Selector{Channels: []rules.Channel{"email"}}}}
	})
	wants(t, written(t, ask(t, p, "2026-05-04", "Europe/Berlin")),
		"Mon  4 May  tttttttttttttttttt~#####################tttttttt  open\n",
		"  t  open; a rule on trial would close it",
		"email; on trial, would be refused, consent.required")
}

func TestAPolicyWithoutHours(t *testing.T) {
	wants(t, written(t, ask(t, policy(t, func(*rules.Spec) {}), "2026-05-04", "UTC")), "Open at every hour: everything. The policy has no hours.")
}

// The spans are what the decision says at both ends of each and at many instants between, whatever the hours, the zones and the week.
func TestEverySpanIsAsTheDecisionSays(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	rarely := rapid.Map(rapid.IntRange(0, 9), func(n int) bool { return n == 7 }) // asking every minute takes its time
	rapid.Check(t, func(r *rapid.T) {
		p := policy(t, func(s *rules.Spec) {
			from := rapid.IntRange(0, 21*60).Draw(r, "from")
			s.Purposes = s.Purposes[:1]                         // the fewer kinds, the faster
			to := rapid.IntRange(from+130, 24*60).Draw(r, "to") // as far as two of the zones are apart
			s.Hours = []rules.HoursSpec{{
				Binds: calls(), Open: []rules.OpenSpec{open(every(), time.Duration(from)*time.Minute, time.Duration(to)*time.Minute)},
				Terms: rules.Terms{Shadow: rarely.Draw(r, "shadow")},
			}}
			if rarely.Draw(r, "consent") {
				s.ConsentRequired = []rules.ConsentSpec{{Binds: calls()}}
			}
			s.Holidays = []rules.HolidaySpec{{Binds: calls(), Days: []rules.HolidayDay{{Easter: true, Offset: rapid.IntRange(-10, 10).Draw(r, "easter")}}}}
			if rarely.Draw(r, "short") {
				s.ApprovalLife = rules.Span{Of: time.Second}
				return
			}
			s.ApprovalLife = rules.Span{Of: rapid.SampledFrom([]time.Duration{15 * time.Minute, time.Hour, 24 * time.Hour}).Draw(r, "life")}
		})
		zones := rapid.SampledFrom([][]string{
			{"Europe/Berlin"}, {"America/New_York"}, {"Asia/Kathmandu"}, {"Australia/Lord_Howe"}, {"Asia/Beirut"},
			{"Europe/Berlin", "Asia/Beirut"}, {"America/Havana", "America/Chicago"},
		}).Draw(r, "zones")
		from := rapid.SampledFrom([]string{"2026-03-23", "2026-03-30", "2026-10-19", "2026-11-01", "2026-03-05"}).Draw(r, "week")
		w := ask(t, p, from, zones...)
		locs := []*time.Location{}
		for _, z := range zones {
			locs = append(locs, zone(t, z))
		}
		checked := 0
		for _, h := range w.Hours {
			if !slices.ContainsFunc(h.Of, func(k Kinds) bool {
				return slices.Contains(k.Channels, "call") && !slices.Contains(k.Classes, rules.ByPerson)
			}) {
				continue
			}
			checked++
			for _, s := range h.Spans {
				last := rules.At(s.To) - 1
				for at := rules.At(s.From); at <= last; at = min(at+53*60_000, max(last, at+1)) {
					for _, edge := range []rules.Instant{at} {
						in := rules.Intent{ID: "i", Channel: "call", Purpose: "marketing", Mode: rules.ModeManual, Zones: locs, At: edge}
						d := rules.Decide(p, &rules.Person{}, &in, edge)
						closed := slices.ContainsFunc(d.Objections, func(o rules.Objection) bool { return o.Reason != rules.ConsentRequired })
						if closed == s.Open {
							r.Fatalf("%s: the week says open is %v, the decision %v", edge, s.Open, d.Objections)
						}
						if s.Open && (len(d.Shadow) > 0) != (len(s.Trial) > 0) {
							r.Fatalf("%s: the week says on trial is %v, the decision %v", edge, s.Trial, d.Shadow)
						}
					}
				}
			}
		}
		if checked != 1 {
			r.Fatalf("%d answers for calls", checked)
		}
	})
}
