package state_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// springs is a registration at the hour, with what is usual.
func springs(at rules.Instant) state.Campaign {
	return state.Campaign{Registered: at, Spec: rules.CampaignSpec{
		Ends: rules.Date{Year: 2026, Month: 6, Day: 30}, MostAttempts: 3,
		WayIn: rules.WaySpec{Steps: 1, Label: "Subscribe"}, WayOut: rules.WaySpec{Steps: 1, Label: "Unsubscribe"},
	}}
}

// A campaign is kept under an id that is nobody's.
func TestTheIDOfACampaign(t *testing.T) {
	c, is := state.IsCampaign(state.CampaignID("spring"))
	want(t, "the campaign", c, "spring")
	want(t, "it is one", is, true)
	_, is = state.IsCampaign("spring")
	want(t, "a person of that name is one", is, false)
	_, is = state.IsCampaign(state.AddressID("spring"))
	want(t, "an address of that name is one", is, false)
	for id, nobody := range map[rules.PersonID]bool{state.CampaignID("spring"): true, state.AddressID("spring"): true, "spring": false, "": false} {
		want(t, fmt.Sprintf("%q is nobody's", id), state.IsNobody(id), nobody)
	}
}

// What was said of a campaign comes back as it was, and what was not written by us is
// spoilt, and no campaign of which nothing was said.
func TestTheMemoryOfACampaignComesBack(t *testing.T) {
	killed := springs(hours(1))
	killed.Killed = hours(2)
	for _, c := range []state.Campaign{{}, springs(hours(1)), {Killed: hours(2)}, killed} {
		b, err := state.EncodeCampaign("spring", &c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := state.DecodeCampaign("spring", b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		want(t, string(b), got, c)
		if len(b) > 0 {
			if _, err := state.DecodeCampaign("summer", b); !errors.Is(err, state.ErrSpoilt) {
				t.Errorf("another campaign's is taken: %v", err)
			}
		}
	}
	const good = `{"campaign":"c","registered":{"at":"2026-05-04T12:00:00Z","ends":"2026-06-30","most_attempts":3,"way_in":{"steps":1,"label":"in"},"way_out":{"steps":1,"label":"out"}},"killed":"2026-05-04T12:00:00Z"}`
	if _, err := state.DecodeCampaign("c", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"{", `{"campaign":"c"}`, strings.Replace(good, `"killed"`, `"later":1,"killed"`, 1), strings.Replace(good, "06-30", "06-31", 1),
		strings.Replace(good, `"at":"2026-05-04T12:00:00Z"`, `"at":""`, 1), strings.Replace(good, `"most_attempts":3`, `"most_attempts":0`, 1),
		strings.Replace(good, `"killed":"2026-05-04T12:00:00Z"`, `"killed":"now"`, 1),
	} {
		if _, err := state.DecodeCampaign("c", []byte(bad)); !errors.Is(err, state.ErrSpoilt) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := state.EncodeCampaign("\xff", &killed); err == nil {
		t.Error("a name that is no text is written")
	}
}

// The latest registration holds, of two at the same instant the stricter one, and a kill
// is for good.
func TestWhatIsSaidOfACampaignLast(t *testing.T) {
	var c state.Campaign
	if c.Registration() != nil {
		t.Error("of a campaign of which nobody said anything the rules are told something")
	}
	kill := state.Campaign{Killed: hours(5)}
	want(t, "a kill is news", c.Absorb(&kill), true)
	want(t, "once", c.Absorb(&kill), false)
	want(t, "to the rules", *c.Registration(), rules.Registration{Killed: true})
	first, later := springs(hours(1)), springs(hours(2))
	later.Spec.WayOut.Label = "Please don't go"
	want(t, "a registration is news", c.Absorb(&later), true)
	want(t, "an older one is not", c.Absorb(&first), false)
	told := *c.Registration()
	want(t, "still killed", told.Killed, true)
	want(t, "with its last day", told.Ends, later.Spec.Ends)
	if !strings.Contains(told.Unfit, "pleads") {
		t.Errorf("unfit is %q", told.Unfit)
	}
	for what, change := range map[string]func(*rules.CampaignSpec){
		"unfit":            func(s *rules.CampaignSpec) { s.WayOut.Label = "Please don't go" },
		"ends earlier":     func(s *rules.CampaignSpec) { s.Ends.Day = 29 },
		"comes less often": func(s *rules.CampaignSpec) { s.MostAttempts = 2 },
	} {
		strict, lax := springs(hours(1)), springs(hours(1))
		change(&strict.Spec)
		want(t, what+": the lax one after it", strict.Absorb(&lax), false)
		want(t, what+": before it", lax.Absorb(&strict), true)
	}
}

// In whatever order what is said of a campaign comes, in whatever pieces, and how often,
// it is the same.
func TestTheOrderOfWhatIsSaidOfACampaignDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []state.Campaign
		for range rapid.IntRange(1, 6).Draw(t, "records") {
			var c state.Campaign
			if rapid.IntRange(0, 2).Draw(t, "kind") > 0 {
				c = springs(hours(rapid.IntRange(1, 3).Draw(t, "registered")))
				c.Spec.Ends.Day = rapid.IntRange(28, 30).Draw(t, "ends")
				c.Spec.MostAttempts = rapid.IntRange(1, 2).Draw(t, "most")
				c.Spec.WayIn.Steps, c.Spec.WayOut.Steps = rapid.IntRange(1, 2).Draw(t, "in"), rapid.IntRange(1, 2).Draw(t, "out")
				c.Spec.WayIn.Label = rapid.SampledFrom([]string{"Join", "Subscribe"}).Draw(t, "in")
				c.Spec.WayOut.Label = rapid.SampledFrom([]string{"Leave", "Unsubscribe", "Maybe later"}).Draw(t, "out")
			} else {
				c.Killed = hours(rapid.IntRange(1, 3).Draw(t, "killed"))
			}
			all = append(all, c)
		}
		told := func(list []state.Campaign) (c state.Campaign) {
			for i := range list {
				var piece state.Campaign
				piece.Absorb(&list[i])
				if piece.Absorb(&list[i]) {
					t.Fatal("what is known already is news")
				}
				c.Absorb(&piece)
			}
			return c
		}
		first := told(all)
		again := told(rapid.Permutation(append(all, all...)).Draw(t, "in another order"))
		if first != again {
			t.Fatalf("in another order it is\n%+v\ninstead of\n%+v", again, first)
		}
	})
}
