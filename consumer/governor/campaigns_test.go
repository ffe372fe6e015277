package governor_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// period is that of the built-in policy.
const period = 30 * day

// rated is a policy with nothing but abandon rates.
func rated(t testing.TB, rates ...rules.RateSpec) *rules.Policy {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p, problems := rules.Compile(&rules.Spec{
		Name: "rated", Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "call", Silent: true}, {Name: "email"}},
		Zones:    []rules.ZoneSpec{{Zone: berlin}}, AbandonRates: rates,
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func tsr() rules.RateSpec {
	return rules.RateSpec{Name: "tsr", Most: 30, Period: rules.Window{Kind: rules.Successive, Length: period}}
}

const tsrRule = "abandon.rate.tsr"

// dialer is a campaign that calls, in one partition.
type dialer struct {
	*world
	calls int
}

func newDialer(t testing.TB, p *rules.Policy) *dialer {
	t.Helper()
	w := newWorld(t)
	w.policy, w.g = p, governor.New(p, w.find)
	return &dialer{world: w}
}

// call asks for a call to somebody who was not called before, and returns its id,
// which is the person's too.
func (d *dialer) call(when rules.Instant, mode rules.Mode) (id string, reason rules.Reason) {
	d.t.Helper()
	d.calls++
	id = fmt.Sprint("c", d.calls)
	decision := d.ask(when, rules.Intent{
		ID: rules.IntentID(id), Person: rules.PersonID(id), Channel: "call", Purpose: "marketing", Campaign: "spring", Mode: mode,
	})
	return id, rules.Reason(decision.Reason)
}

// said is what became of a call.
func (d *dialer) said(when rules.Instant, id string, result state.Result, at rules.Instant) {
	d.t.Helper()
	s := outcome(rules.IntentID(id), result)
	s.Person, s.At = rules.PersonID(id), at
	d.hear(when, s)
}

// fared are so many calls, and what became of them.
func (d *dialer) fared(when rules.Instant, n int, result state.Result) {
	d.t.Helper()
	for range n {
		id, _ := d.call(when, rules.ModeManual)
		d.said(when, id, result, when)
	}
}

// predictive wants a predictive call to be answered so.
func (d *dialer) predictive(when rules.Instant, want rules.Reason) {
	d.t.Helper()
	id, got := d.call(when, rules.ModePredictive)
	if got != want {
		d.t.Errorf("at %s a predictive call is answered %q, want %q", when, got, want)
	}
	if earliest := rules.Instant(d.decision(rules.IntentID(id)).Earliest); got != "" && earliest != noon+rules.Instant(period/ms) {
		d.t.Errorf("it may be asked again at %s, want %s", earliest, noon+rules.Instant(period/ms))
	}
}

// "abandoned ÷ (answered + conversation + abandoned + hold_timeout) …, all people
// … strictly over 3 %: predictive calls are vetoed until the period ends."
func TestAbandonedShareOfAllPeople(t *testing.T) {
	for _, mood := range []mood{remembers, forgets, dies} {
		d := newDialer(t, rated(t, tsr()))
		d.between = mood
		end := noon.Add(period)
		d.fared(noon, 50, state.Answered)
		d.fared(noon, 47, state.Conversed)
		d.fared(noon, 20, state.NoAnswer) // not answered: nothing to do with it
		d.fared(noon, 2, state.Abandoned)
		d.fared(noon, 1, state.HoldTimeout)
		d.predictive(noon, "") // 3 of 100
		d.fared(noon, 1, state.Answered)
		d.fared(noon, 1, state.HoldTimeout)
		d.predictive(noon, rules.AbandonRate) // 4 of 102
		if _, reason := d.call(noon, rules.ModePreview); reason != "" {
			t.Errorf("a call that a human begins is vetoed for %q", reason)
		}
		d.predictive(end.Add(-ms), rules.AbandonRate)
		d.predictive(end, "")
		d.fared(end, 1, state.Abandoned) // 1 of 1 in the next period
		if _, reason := d.call(end, rules.ModePredictive); reason != rules.AbandonRate {
			t.Errorf("in the next period: %q", reason)
		}
	}
}

// "each call once … each in the period of its outcome's at, in successive periods …
// from the campaign's first approved call (given back or not)".
func TestEachCallOnceInThePeriodOfItsOutcome(t *testing.T) {
	end := noon.Add(period)
	begin := func() *dialer {
		d := newDialer(t, rated(t, tsr()))
		id, _ := d.call(noon, rules.ModeManual) // the first
		d.said(noon, id, state.NotSent, noon)
		return d
	}
	t.Run("the last instant of a period and the first of the next", func(t *testing.T) {
		d := begin()
		a, _ := d.call(noon, rules.ModeManual)
		b, _ := d.call(noon, rules.ModeManual)
		d.said(end, a, state.Abandoned, end.Add(-ms)) // late, and of the period before
		d.predictive(end, "")
		d.said(end, b, state.Abandoned, end)
		if _, reason := d.call(end, rules.ModePredictive); reason != rules.AbandonRate {
			t.Errorf("%q", reason)
		}
	})
	t.Run("many words on one call", func(t *testing.T) {
		d := begin()
		id, _ := d.call(noon, rules.ModeManual)
		d.said(noon, id, state.Answered, noon)
		d.said(noon+1, id, state.Conversed, noon+1)
		d.said(noon+2, id, state.Abandoned, noon+2)
		d.said(noon+3, id, state.HoldTimeout, noon+3)
		d.said(noon+4, id, state.Answered, noon+4)
		d.tallied(state.Count{Rule: tsrRule, From: noon, Until: end, Answered: 1, Abandoned: 1})
	})
	t.Run("a call that moves to the next period", func(t *testing.T) {
		d := begin()
		id, _ := d.call(noon, rules.ModeManual)
		d.said(noon+1, id, state.Answered, noon+1)
		d.tallied(state.Count{Rule: tsrRule, From: noon, Until: end, Answered: 1})
		d.said(end+1, id, state.Abandoned, end)
		d.tallied(state.Count{Rule: tsrRule, From: end, Until: end.Add(period), Answered: 1, Abandoned: 1})
	})
	t.Run("from before the first call, by a clock that is wrong", func(t *testing.T) {
		d := begin()
		id, _ := d.call(noon+5, rules.ModeManual)
		d.said(noon+6, id, state.Abandoned, noon-1)
		d.tallied(state.Count{Rule: tsrRule, From: noon, Until: end, Answered: 1, Abandoned: 1})
	})
	t.Run("an e-mail is no call, and who is not remembered was not called", func(t *testing.T) {
		d := begin()
		d.ask(noon, rules.Intent{ID: "e", Person: "e", Channel: "email", Purpose: "marketing", Campaign: "spring", Mode: rules.ModeManual})
		d.said(noon, "e", state.Abandoned, noon)
		d.said(noon, "nobody", state.Abandoned, noon)
		d.tallied()
	})
	t.Run("who asked to be forgotten was called all the same", func(t *testing.T) {
		d := begin()
		id, _ := d.call(noon, rules.ModeManual)
		d.said(noon, id, state.Abandoned, noon)
		d.hear(noon+1, state.Signal{Person: rules.PersonID(id), Type: state.Erasure})
		d.predictive(noon+1, rules.AbandonRate)
	})
	t.Run("periods that are over are forgotten", func(t *testing.T) {
		d := begin()
		d.fared(noon, 1, state.Abandoned)
		old, _ := d.call(noon, rules.ModeManual)
		d.fared(end.Add(day-ms), 1, state.Answered)
		if n := len(d.tally().Counts); n != 2 {
			t.Errorf("%d periods are kept", n)
		}
		d.fared(end.Add(day), 1, state.Answered)
		d.tallied(state.Count{Rule: tsrRule, From: end, Until: end.Add(period), Answered: 2})
		d.said(end.Add(day), old, state.Abandoned, noon) // nobody asks about it any more
		d.tallied(state.Count{Rule: tsrRule, From: end, Until: end.Add(period), Answered: 2})
	})
}

// A month is the calendar's, where the policy's default region is.
func TestAbandonedShareOfACalendarMonth(t *testing.T) {
	spec := rules.RateSpec{Name: "month", Most: 30, Period: rules.Window{Kind: rules.CalendarMonth}}
	d := newDialer(t, rated(t, spec))
	june := at("2026-05-31T22:00:00Z") // midnight in Berlin
	d.fared(june.Add(-ms), 1, state.Abandoned)
	if _, reason := d.call(june.Add(-ms), rules.ModePredictive); reason != rules.AbandonRate {
		t.Errorf("on the last of May: %q", reason)
	}
	if _, reason := d.call(june, rules.ModePredictive); reason != "" {
		t.Errorf("on the first of June: %q", reason)
	}
}

// Two rates are two periods: the one that is longer vetoes when the other does not.
func TestTwoRates(t *testing.T) {
	daily := rules.RateSpec{Name: "day", Most: 500, Period: rules.Window{Kind: rules.CalendarDays, Days: 1}}
	d := newDialer(t, rated(t, tsr(), daily))
	d.fared(noon, 1, state.Abandoned)
	d.fared(noon, 1, state.Answered)
	decision := d.ask(noon, rules.Intent{ID: "x", Person: "x", Channel: "call", Purpose: "marketing", Campaign: "spring", Mode: rules.ModePredictive})
	if len(decision.Reasons) != 1 || decision.Reasons[0].Rule != tsrRule {
		t.Errorf("1 of 2: %+v", decision.Reasons)
	}
	d.fared(noon, 1, state.Abandoned)
	decision = d.ask(noon, rules.Intent{ID: "y", Person: "y", Channel: "call", Purpose: "marketing", Campaign: "spring", Mode: rules.ModePredictive})
	if len(decision.Reasons) != 2 {
		t.Errorf("2 of 3: %+v", decision.Reasons)
	}
}

// "Every signal re-judges the person's unredeemed approvals by all rules but the
// counting ones": a predictive call that is still out is taken back when the
// person says something after too many were abandoned.
func TestApprovalsAreJudgedAgainByTheShare(t *testing.T) {
	d := newDialer(t, rated(t, tsr()))
	id, _ := d.call(noon, rules.ModePredictive)
	alive := state.Signal{Person: rules.PersonID(id), Type: state.Engagement, Human: true}
	d.hear(noon, alive)
	if got := d.revocations(rules.IntentID(id)); len(got) > 0 {
		t.Errorf("taken back for %q", got)
	}
	d.fared(noon, 1, state.Abandoned)
	if got := d.g.Rejudged(rules.PersonID(id), "nobody"); !slices.Equal(got, []rules.Campaign{"spring"}) {
		t.Errorf("judged again by %q", got)
	}
	d.hear(noon+1, alive)
	if got := d.revocations(rules.IntentID(id)); !slices.Equal(got, []rules.Reason{rules.AbandonRate}) {
		t.Errorf("taken back for %q", got)
	}
	if got := d.g.Rejudged(rules.PersonID(id)); len(got) > 0 {
		t.Errorf("it is judged again by %q", got)
	}
}

// Under a policy without such a rule nobody counts, and nobody need be asked.
func TestWithoutARateNothingIsCounted(t *testing.T) {
	d := newDialer(t, rated(t))
	d.fared(noon, 3, state.Abandoned)
	d.predictive(noon, "")
	if len(d.totals) > 0 {
		t.Errorf("counted %v", d.totals)
	}
	in := rules.Intent{Channel: "call", Mode: rules.ModePredictive}
	if d.g.Rated(&in) || len(d.g.Rejudged("c1")) > 0 || len(d.g.Unsettled(noon.Add(90*day))) > 0 {
		t.Error("others are to be asked")
	}
}

// tally is what the store keeps of the campaign.
func (d *dialer) tally() state.Tally {
	d.t.Helper()
	tally, err := state.DecodeTally(d.totals["spring"])
	if err != nil {
		d.t.Fatal(err)
	}
	return tally
}

func (d *dialer) tallied(want ...state.Count) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.tally().Counts); diff != "" {
		d.t.Errorf("counted (-want +got):\n%s", diff)
	}
}

// What the other partitions counted is added, and whoever approved the first call
// says when periods begin.
func TestOtherPartitionsAreAddedUp(t *testing.T) {
	d := newDialer(t, rated(t, tsr()))
	end := noon.Add(period)
	d.fared(noon, 1, state.Answered)
	count := func(from rules.Instant, answered, abandoned int) state.Count {
		return state.Count{Rule: tsrRule, From: from, Until: from.Add(period), Answered: answered, Abandoned: abandoned}
	}
	tally := func(first rules.Instant, counts ...state.Count) state.Tally {
		return state.Tally{First: first, Counts: counts}
	}

	d.g.Elsewhere("spring", []state.Tally{tally(noon.Add(hour), count(noon.Add(hour), 60, 1)), {}, tally(noon, count(noon, 39, 2))}, true)
	d.predictive(noon, "") // 3 of 100
	d.g.Elsewhere("spring", []state.Tally{tally(noon.Add(hour), count(noon.Add(hour), 60, 1)), {}, tally(noon, count(noon, 39, 3))}, true)
	d.predictive(noon, rules.AbandonRate) // 4 of 100
	d.g.Elsewhere("spring", []state.Tally{tally(noon.Add(hour), count(noon.Add(hour), 160, 1)), {}, tally(noon, count(noon, 39, 3))}, true)
	d.predictive(noon, "") // 4 of 200

	// Somebody was called an hour before: everybody's periods end an hour before.
	first := noon.Add(-hour)
	d.g.Elsewhere("spring", []state.Tally{tally(first, count(first, 0, 0)), tally(noon, count(noon, 1, 1))}, true)
	d.fared(noon, 1, state.Answered)
	d.tallied(count(first, 2, 0))
	if got := d.tally(); got.First != first || got.Settled {
		t.Errorf("periods begin with %+v", got)
	}
	if _, reason := d.call(end.Add(-hour-ms), rules.ModePredictive); reason != rules.AbandonRate {
		t.Errorf("before the end: %q", reason)
	}
	if _, reason := d.call(end.Add(-hour), rules.ModePredictive); reason != "" {
		t.Errorf("at the end: %q", reason)
	}
}

// A campaign that was first called elsewhere begins there.
func TestTheFirstCallMayHaveBeenElsewhere(t *testing.T) {
	d := newDialer(t, rated(t, tsr()))
	d.g.Elsewhere("spring", []state.Tally{{First: noon.Add(-hour)}}, true)
	d.fared(noon, 1, state.Abandoned)
	d.tallied(state.Count{Rule: tsrRule, From: noon.Add(-hour), Until: noon.Add(period - hour), Answered: 1, Abandoned: 1})
}

// Before the first period is half over it is found out whether the first call was
// elsewhere, once.
func TestAFirstPeriodIsSettledBeforeItIsOver(t *testing.T) {
	for _, mood := range []mood{remembers, dies} {
		d := newDialer(t, rated(t, tsr()))
		d.between = mood
		half := noon.Add(period / 2)
		d.fared(noon, 1, state.Answered)
		d.g.Elsewhere("spring", nil, true) // too early to be sure
		if got := d.g.Unsettled(half.Add(-ms)); len(got) > 0 {
			t.Errorf("before the half %q is to be settled", got)
		}
		if got := d.g.Unsettled(half); !slices.Equal(got, []rules.Campaign{"spring"}) {
			t.Errorf("at the half %q is to be settled", got)
		}
		d.until(half)
		d.g.Elsewhere("spring", nil, false) // not all were there
		if got := d.g.Unsettled(half); len(got) != 1 {
			t.Errorf("not all were there, and %q is to be settled", got)
		}
		d.g.Elsewhere("spring", nil, true)
		d.until(half)
		if got := d.g.Unsettled(half); len(got) > 0 {
			t.Errorf("afterwards %q is to be settled", got)
		}
		if !d.tally().Settled {
			t.Error("the store does not know")
		}
	}
}

// What is saved in pieces is counted in the same pieces: with the people who are
// saved, and not before.
func TestTotalsGoWithThePeopleWhoAreSaved(t *testing.T) {
	d := newDialer(t, rated(t, tsr()))
	end := noon.Add(period)
	var calls []string
	for range 3 {
		id, _ := d.call(noon, rules.ModeManual)
		calls = append(calls, id)
	}
	for i, id := range calls {
		result := []state.Result{state.Answered, state.Abandoned, state.Conversed}[i]
		s := outcome(rules.IntentID(id), result)
		s.ID, s.Person, s.At = rules.SignalID(id), rules.PersonID(id), noon
		d.remember(s.Person)
		d.g.Signal(governor.Source{Topic: governor.Signals}, &s)
	}
	changes, _, _, err := d.g.Take()
	if err != nil || len(changes) != 3 {
		t.Fatalf("%d people changed, %v", len(changes), err)
	}
	for n, want := range []state.Count{{Answered: 1}, {Answered: 2, Abandoned: 1}, {Answered: 3, Abandoned: 1}} {
		totals, err := d.g.Totals(changes[n+1:])
		if err != nil || len(totals) != 1 {
			t.Fatalf("%d campaigns changed, %v", len(totals), err)
		}
		d.totals["spring"] = totals[0].Tally
		want.Rule, want.From, want.Until = tsrRule, noon, end
		d.tallied(want)
	}
	if totals, err := d.g.Totals(nil); err != nil || len(totals) > 0 {
		t.Errorf("%d campaigns changed again, %v", len(totals), err)
	}
}

// known is a call as the oracle remembers it.
type known struct {
	partition           int
	answered, abandoned rules.Instant
}

// However calls, outcomes and decisions are spread over partitions, in whatever
// order outcomes come and whoever's process dies in between, a predictive call is
// answered as by somebody who knows all calls.
func TestTheShareIsThatOfSomebodyWhoKnowsAll(t *testing.T) {
	policy := rated(t, tsr())
	rapid.Check(t, func(rt *rapid.T) {
		const partitions = 3
		var ds [partitions]*dialer
		for i := range ds {
			ds[i] = newDialer(t, policy)
			ds[i].between = rapid.SampledFrom([]mood{remembers, forgets, dies}).Draw(rt, "mood")
		}
		var calls []known
		var ids []string
		first, now := rules.Instant(0), noon
		// told lets a partition know what the others' stores have.
		told := func(i int) {
			var tallies []state.Tally
			for j := range ds {
				if j != i {
					tallies = append(tallies, ds[j].tally())
				}
			}
			ds[i].g.Elsewhere("spring", tallies, true)
		}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, ms, hour, day, 10 * day}).Draw(rt, "later"))
			i := rapid.IntRange(0, partitions-1).Draw(rt, "partition")
			d := ds[i]
			mood := d.between
			for j := range ds { // as a worker does, before anything else
				ds[j].until(now)
				if len(ds[j].g.Unsettled(now)) > 0 {
					told(j)
					ds[j].until(now)
				}
			}
			d.between = remembers // what the governor is told it must not forget before it decides
			switch kind := rapid.IntRange(0, 9).Draw(rt, "kind"); {
			case kind < 3:
				if d.g.Rated(&rules.Intent{Channel: "call", Campaign: "spring"}) {
					told(i)
				}
				id, _ := d.call(now, rules.ModeManual)
				calls, ids = append(calls, known{partition: i}), append(ids, id)
				if first == 0 {
					first = now
				}
			case kind < 8 && len(calls) > 0:
				n := rapid.IntRange(0, len(calls)-1).Draw(rt, "call")
				c, result := &calls[n], rapid.SampledFrom([]state.Result{state.Answered, state.Conversed, state.Abandoned, state.HoldTimeout, state.NoAnswer}).Draw(rt, "result")
				at := max(first, now.Add(-rapid.SampledFrom([]time.Duration{0, ms, hour, 10 * day}).Draw(rt, "ago")))
				ds[c.partition].said(now, ids[n], result, at)
				switch result {
				case state.Answered, state.Conversed:
					if c.answered == 0 || at < c.answered {
						c.answered = at
					}
				case state.Abandoned, state.HoldTimeout:
					if c.abandoned == 0 || at < c.abandoned {
						c.abandoned = at
					}
				}
			default:
				told(i)
				answered, abandoned := 0, 0
				if first == 0 {
					first = now // if it is approved, and it is
				}
				start := first + (now-first)/rules.Instant(period/ms)*rules.Instant(period/ms)
				for _, c := range calls {
					at := c.answered
					if c.abandoned != 0 {
						at = c.abandoned
					}
					if at == 0 || at < start || at >= start.Add(period) {
						continue
					}
					answered++
					if c.abandoned != 0 {
						abandoned++
					}
				}
				want := rules.Reason("")
				if abandoned*100 > 3*answered {
					want = rules.AbandonRate
				}
				id, got := d.call(now, rules.ModePredictive)
				if got != want {
					rt.Fatalf("%d of %d were abandoned, and a predictive call is answered %q", abandoned, answered, got)
				}
				if got == "" {
					calls, ids = append(calls, known{partition: i}), append(ids, id)
				}
			}
			d.between = mood
		}
	})
}

// "each call once": what became of the calls of a person with records in several
// partitions is counted where it was said, and moves when it is said to be otherwise
// in another.
func TestACallToAMergedPersonCountsOnce(t *testing.T) {
	for _, mood := range []mood{remembers, forgets, dies} {
		c := newCluster(t, 2, mood)
		for _, w := range c.worlds {
			w.policy = rated(t, tsr())
			w.g = governor.New(w.policy, w.find)
			w.g.Here(w.here)
		}
		counted := func(partition int, want ...state.Count) {
			t.Helper()
			(&dialer{world: c.worlds[partition]}).tallied(want...)
		}
		count := state.Count{Rule: tsrRule, From: noon, Until: noon.Add(period), Answered: 1}
		in := rules.Intent{ID: "i", Person: "a0", Channel: "call", Purpose: "marketing", Campaign: "spring", Mode: rules.ModeManual}
		approved(t, c.ask(noon, in))
		c.merge(noon.Add(minute), "a0", "a1")
		c.deliver(noon.Add(minute))
		c.says(noon.Add(2*minute), "a0", `"type":"outcome","intent":"i","result":"answered"`)
		counted(0, count) // at once, and not only when it was told
		c.deliver(noon.Add(2 * minute))
		counted(0, count)
		counted(1)
		c.says(noon.Add(3*minute), "a1", `"type":"outcome","intent":"i","result":"abandoned"`)
		c.deliver(noon.Add(3 * minute))
		counted(0, count)
		counted(1, state.Count{Rule: tsrRule, From: noon, Until: noon.Add(period), Abandoned: 1}) // 1 of 1 in all
	}
}
