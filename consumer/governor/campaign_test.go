package governor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// tells is what the HTTP API tells every partition of a campaign, as it comes over the
// wire.
func (w *world) tells(when rules.Instant, name rules.Campaign, c state.Campaign) {
	w.t.Helper()
	b, err := state.EncodeCampaign(name, &c)
	if err != nil {
		w.t.Fatal(err)
	}
	told := schemas.Told{
		ID: fmt.Sprint("c-", w.offset), Person: string(state.CampaignID(name)), Type: schemas.ToldCampaign, At: schemas.Time(when), Campaign: b,
	}
	reader := governor.Reader{Policy: w.policy, Zones: w.find}
	s, _, err := reader.Signal(told.AppendJSON(nil), when)
	if err != nil {
		w.t.Fatal(err)
	}
	w.hear(when, s)
}

func (w *world) kill(when rules.Instant, name rules.Campaign) {
	w.t.Helper()
	w.tells(when, name, state.Campaign{Killed: when})
}

// register says of a campaign what is usual, and what the test changes about that.
func (w *world) register(when rules.Instant, name rules.Campaign, change func(*rules.CampaignSpec)) {
	w.t.Helper()
	spec := rules.CampaignSpec{
		Ends: rules.Date{Year: 2026, Month: 6, Day: 30}, MostAttempts: 3,
		WayIn: rules.WaySpec{Steps: 1, Label: "Subscribe"}, WayOut: rules.WaySpec{Steps: 1, Label: "Unsubscribe"},
	}
	if change != nil {
		change(&spec)
	}
	w.tells(when, name, state.Campaign{Registered: when, Spec: spec})
}

// under puts an intent under a campaign.
func under(c rules.Campaign, in rules.Intent) rules.Intent {
	in.Campaign = c
	return in
}

// "Revocation: a … kill switch … takes back every approval it covers that is not
// redeemed": of everybody who has something of it out, and of nobody else.
func TestAKillTakesBackWhatIsOut(t *testing.T) {
	for _, between := range []mood{remembers, forgets} {
		w := newWorld(t)
		w.between = between
		approved(t, w.ask(noon, to("i1", "email", "marketing")))
		approved(t, w.ask(noon, of("q", to("i2", "email", "survey"))))
		approved(t, w.ask(noon, of("r", under("summer", to("i3", "email", "marketing")))))
		approved(t, w.ask(noon, of("s", to("i4", "email", "receipt"))))
		w.kill(noon.Add(minute), "spring")
		for id, want := range map[rules.IntentID][]rules.Reason{"i1": {rules.CampaignKilled}, "i2": {rules.CampaignKilled}, "i3": nil, "i4": nil} {
			if got := w.revocations(id); !slices.Equal(got, want) {
				t.Errorf("%s is revoked for %v, want %v", id, got, want)
			}
		}
		if got := w.redeem(noon.Add(2*minute), "i1"); got != state.Revoked {
			t.Errorf("redeemed: %q", got)
		}
		vetoed(t, w.ask(noon.Add(hour), of("t", to("i5", "email", "marketing"))), rules.CampaignKilled)
		approved(t, w.ask(noon.Add(hour), of("t", to("i6", "email", "receipt"))))
		approved(t, w.ask(noon.Add(hour), of("t", under("summer", to("i7", "email", "marketing")))))
		if d := w.decision("i5"); !d.Final {
			t.Errorf("a killed campaign may come again: %+v", d)
		}
	}
}

// However many have something out, no more are brought to memory at once than a step
// takes; the others are planned anew before anything else happens, and whoever asks
// meanwhile hears no.
func TestAKillOfALargeCampaign(t *testing.T) {
	w := newWorld(t)
	const people = 1100
	id := func(i int) rules.PersonID { return rules.PersonID(fmt.Sprintf("p%04d", i)) }
	for i := range people {
		approved(t, w.ask(noon, of(id(i), to("i", "email", "marketing"))))
	}
	w.g.Forget(0)
	w.kill(noon.Add(minute), "spring")
	rest := w.g.Unplanned(people)
	if got := len(w.revocations("i")); got != 1000 || len(rest) != people-got || w.g.Remembered() > 1001 {
		t.Errorf("%d are taken back at once, and %d later, with %d in memory", got, len(rest), w.g.Remembered())
	}
	if got := w.redeemFor(noon.Add(2*minute), rest[0], "i"); got != state.Revoked {
		t.Errorf("redeemed: %q", got)
	}
	w.remember(rest...)
	w.g.Plan(len(rest))
	w.take()
	for i, reason := range w.revocations("i") {
		if reason != rules.CampaignKilled {
			t.Errorf("%d is revoked for %s", i, reason)
		}
	}
	if got := len(w.revocations("i")); got != people {
		t.Errorf("%d are taken back in the end", got)
	}
}

// A kill in between is heard in the order of the partition, by whoever governs it then:
// what is held is judged by it when it is due, what waits for a last slot too.
func TestAKillWhileSomethingWaits(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		held(t, w.ask(noon, toll("i1", "x")))
		w.kill(noon.Add(minute), "spring")
		w.until(noon.Add(15 * minute))
		vetoed(t, w.decision("i1"), rules.CampaignKilled)
	})
}

// Whoever took the partition over may not know who has something out of the campaign.
// Then the kill reaches the approval when it is redeemed, or when anything is heard of
// the person.
func TestAKillThatReachesNobody(t *testing.T) {
	w := newWorld(t)
	w.between = dies
	approved(t, w.ask(noon, to("i1", "email", "marketing")))
	approved(t, w.ask(noon, of("q", to("i2", "email", "marketing"))))
	w.kill(noon.Add(minute), "spring")
	if got := w.redeem(noon.Add(2*minute), "i1"); got != state.Revoked {
		t.Errorf("redeemed: %q", got)
	}
	w.hear(noon.Add(3*minute), says("q", state.Signal{Type: state.Engagement, Human: true}))
	for _, id := range []rules.IntentID{"i1", "i2"} {
		if got := w.revocations(id); !slices.Equal(got, []rules.Reason{rules.CampaignKilled}) {
			t.Errorf("%s is revoked for %v", id, got)
		}
	}
}

// What a worker took before the kill may be under way: it leaks, and is not hidden.
func TestAKillAfterItWasRedeemed(t *testing.T) {
	for _, between := range []mood{remembers, forgets} {
		w := newWorld(t)
		w.between = between
		approved(t, w.ask(noon, to("i1", "email", "marketing")))
		if got := w.redeem(noon.Add(minute), "i1"); got != state.Redeemed {
			t.Errorf("redeemed: %q", got)
		}
		w.kill(noon.Add(2*minute), "spring")
		var leaks []string
		for _, o := range w.out {
			if o.Topic == governor.Leaked {
				leaks = append(leaks, string(o.Value))
			}
		}
		if len(leaks) != 1 || !strings.Contains(leaks[0], `"reason":"campaign.killed"`) || w.revocations("i1") != nil {
			t.Errorf("leaked is %v", leaks)
		}
	}
}

// "Killed for good": before it was registered and after, late and repeated.
func TestAKillIsForGood(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.kill(noon, "spring")
		w.register(noon.Add(minute), "spring", nil)
		vetoed(t, w.ask(noon.Add(hour), to("i1", "email", "marketing")), rules.CampaignKilled)
		w.kill(noon.Add(-day), "spring")
		w.kill(noon.Add(2*hour), "spring")
		vetoed(t, w.ask(noon.Add(3*hour), to("i2", "email", "marketing")), rules.CampaignKilled)
	})
}

// A registration says when a campaign ends, how often it comes, and whether it is fit,
// like one in the policy.
func TestACampaignThatIsRegistered(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.register(noon, "once", func(c *rules.CampaignSpec) { c.MostAttempts = 1 })
		approved(t, w.ask(noon, under("once", to("i1", "email", "marketing"))))
		w.hear(noon.Add(minute), outcome("i1", state.Sent))
		vetoed(t, w.ask(noon.Add(day), under("once", to("i2", "email", "marketing"))), rules.CampaignEnded)

		w.register(noon, "begging", func(c *rules.CampaignSpec) { c.WayOut.Label = "Please don't go" })
		vetoed(t, w.ask(noon.Add(day), under("begging", of("q", to("i3", "email", "marketing")))), rules.CampaignUnfit)
		w.register(noon.Add(day), "begging", nil) // it was mended
		approved(t, w.ask(noon.Add(day), under("begging", of("q", to("i4", "email", "marketing")))))

		w.register(noon, "short", func(c *rules.CampaignSpec) { c.Ends = rules.Date{Year: 2026, Month: 5, Day: 5} })
		approved(t, w.ask(noon.Add(day), under("short", of("r", to("i5", "email", "marketing")))))
		vetoed(t, w.ask(noon.Add(2*day), under("short", of("r", to("i6", "email", "marketing")))), rules.CampaignEnded)
	})
}

// A registration that makes a campaign unfit, or ends it, takes back what is out as a
// kill does; one that changes nothing for what is out takes nothing back.
func TestARegistrationTakesBackWhatIsOut(t *testing.T) {
	w := newWorld(t)
	approved(t, w.ask(noon, to("i1", "email", "marketing")))
	w.register(noon.Add(minute), "spring", nil)
	if got := w.revocations("i1"); got != nil {
		t.Errorf("a fit campaign: revoked for %v", got)
	}
	w.register(noon.Add(2*minute), "spring", func(c *rules.CampaignSpec) { c.WayOut.Steps = 2 })
	if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.CampaignUnfit}) {
		t.Errorf("an unfit one: revoked for %v", got)
	}
	approved(t, w.ask(noon, of("q", under("over", to("i2", "email", "marketing")))))
	w.register(noon.Add(3*minute), "over", func(c *rules.CampaignSpec) { c.Ends = rules.Date{Year: 2026, Month: 5, Day: 1} })
	if got := w.revocations("i2"); !slices.Equal(got, []rules.Reason{rules.CampaignEnded}) {
		t.Errorf("one that is over: revoked for %v", got)
	}
}

// The memory of a campaign is kept beside that of people, and told once, where a
// rebuild finds it again.
func TestACampaignIsKeptByItself(t *testing.T) {
	w := newWorld(t)
	w.kill(noon, "spring")
	w.kill(noon.Add(minute), "spring")
	id := state.CampaignID("spring")
	if m := w.memory[id]; string(m.Standing) != `{"campaign":"spring","killed":"2026-05-04T12:00:00.000Z"}` || m.Log != nil {
		t.Errorf("kept is %s and %q", m.Standing, m.Log)
	}
	told := 0
	for _, o := range w.out {
		if o.Topic != governor.Standing || o.Person != id {
			t.Errorf("told is %s on %s", o.Value, o.Topic)
		}
		told++
	}
	if told != 1 {
		t.Errorf("it is told %d times", told)
	}
	w.unreadable(noon.Add(2*minute), id) // a key that is garbage
	if err := w.g.Remember(state.CampaignID("broken"), state.Memory{Standing: []byte("{")}); err == nil {
		t.Error("what cannot be read is taken for a campaign of which nothing was said")
	}
}

// What the API tells is read strictly: what cannot be read is no registration.
func TestWhatIsToldOfACampaignIsReadStrictly(t *testing.T) {
	w := newWorld(t)
	reader := governor.Reader{Policy: w.policy, Zones: w.find}
	for _, value := range []string{
		`{"id":"c","person":"spring","type":"governor.campaign","at":"2026-05-04T12:00:00Z","campaign":{"campaign":"spring","killed":"2026-05-04T12:00:00Z"}}`,
		`{"id":"c","person":"\u001dspring","type":"governor.campaign","at":"2026-05-04T12:00:00Z","campaign":{"campaign":"summer","killed":"2026-05-04T12:00:00Z"}}`,
		`{"id":"c","person":"\u001dspring","type":"governor.campaign","at":"2026-05-04T12:00:00Z","campaign":{"odd":1}}`,
		`{"id":"c","person":"\u001dspring","type":"governor.campaign","at":"2026-05-04T12:00:00Z"}`,
	} {
		if _, _, err := reader.Signal([]byte(value), noon); err == nil {
			t.Errorf("%s is taken", value)
		}
	}
}

// What would be decided is asked of the same memory, and changes none of it.
func TestAKillIsKnownToWhoeverAsks(t *testing.T) {
	w := newWorld(t)
	w.kill(noon, "spring")
	in := to("i1", "email", "marketing")
	in.At = noon.Add(hour)
	w.remember(w.g.Involves(&in)...)
	m, err := w.g.Consult(governor.Source{}, &in)
	if err != nil {
		t.Fatal(err)
	}
	if d := rules.Decide(w.policy, &m.Person, &m.Intent, m.Now); d.Reason() != rules.CampaignKilled {
		t.Errorf("it would be %s for %v", d.Verdict, d.Objections)
	}
}

// Random kills of three campaigns, and intents of four people, in every mood: after the
// kill nothing is approved, nothing is redeemed, and everything out is taken back by
// then.
func TestCampaignsAgainstAModel(t *testing.T) {
	campaigns := []rules.Campaign{"a", "b", "c"}
	people := []rules.PersonID{"p", "q", "r", "s"}
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		w.between = mood(rapid.IntRange(0, 2).Draw(r, "mood"))
		killed := make(map[rules.Campaign]bool)
		now := noon
		var asked []rules.Intent
		for i := range rapid.IntRange(5, 40).Draw(r, "events") {
			now = now.Add(minute)
			c := rapid.SampledFrom(campaigns).Draw(r, "campaign")
			switch rapid.IntRange(0, 4).Draw(r, "kind") {
			case 0:
				killed[c] = true
				w.kill(now, c)
			case 1:
				if len(asked) == 0 {
					continue
				}
				in := rapid.SampledFrom(asked).Draw(r, "redeemed")
				if got := w.redeemFor(now, in.Person, in.ID); got == state.Redeemed && killed[in.Campaign] {
					r.Errorf("%s of the killed campaign %s was redeemed", in.ID, in.Campaign)
				}
			default:
				in := under(c, of(rapid.SampledFrom(people).Draw(r, "who"), to(rules.IntentID(fmt.Sprint("i", i)), "in_app", "billing")))
				asked = append(asked, in)
				if d := w.ask(now, in); killed[c] != (d.Reason == string(rules.CampaignKilled)) {
					r.Errorf("killed %t, and it is answered %q", killed[c], d.Reason)
				}
			}
		}
	})
}
