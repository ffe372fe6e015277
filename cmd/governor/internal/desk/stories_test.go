package desk

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

const day = 24 * time.Hour

// wants compares what the view has of the figures about exits.
func wants(t *testing.T, v *View, want Figures) {
	t.Helper()
	want.OneIn = max(want.OneIn, 1)
	if diff := cmp.Diff(want, v.Figures, cmpopts.IgnoreFields(Figures{}, "Pester"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

func after(n int64, p50, p99 time.Duration) Quantiles { return Quantiles{n, p50, p99} }

// "Clean exits (refusals followed by zero approvals and zero attempts …)" (issue 7).
func TestAnExitAfterWhichNobodyTriesIsClean(t *testing.T) {
	w := newWorld()
	w.decides(mail("ana"))
	w.pass(time.Minute)
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 0)
	w.pass(time.Hour)
	w.decides(mail("ben")) // who said nothing
	wants(t, w.view(t), Figures{Exits: 1, CleanExits: 1})
}

// "… and the time to quiet": somebody tries for three hours, and then gives in.
func TestEnginesThatTryOnMakeAnExitUnclean(t *testing.T) {
	w := newWorld()
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 0)
	for range 3 {
		w.pass(time.Hour)
		w.decides(mail("ana"), "refused.state")
	}
	w.pass(5 * time.Hour)
	quiet := after(1, 3*time.Hour, 3*time.Hour)
	wants(t, w.view(t), Figures{Exits: 1, ToQuiet: quiet, ToHonour: quiet})
}

// What a no does not forbid is no attempt against it.
func TestAnAttemptIsOfWhatTheNoIsAbout(t *testing.T) {
	yesterday := "s0"
	stories := map[string]struct {
		kind  rules.NoKind
		scope rules.Scope
		then  func(w *world)
		clean bool
	}{
		"another channel":  {rules.Refused, rules.Scope{Channel: "sms"}, func(w *world) { w.decides(mail("ana")) }, true},
		"the same channel": {rules.Refused, rules.Scope{Channel: "email"}, func(w *world) { w.decides(mail("ana"), "refused.state") }, false},
		"a subject, on another channel": {rules.Refused, rules.Scope{Subject: "a", Channel: "sms"}, func(w *world) {
			w.decides(by(mail("ana"), func(d *schemas.Decision) { d.Subject = "a" }), "refused.channel_hop")
		}, false},
		"another subject":              {rules.Refused, rules.Scope{Subject: "a"}, func(w *world) { w.decides(mail("ana")) }, true},
		"another purpose":              {rules.Refused, rules.Scope{Purpose: "survey"}, func(w *world) { w.decides(mail("ana")) }, true},
		"another brand":                {rules.Refused, rules.Scope{Brand: "y"}, func(w *world) { w.decides(mail("ana")) }, true},
		"vetoed for other things":      {rules.Refused, rules.Scope{}, func(w *world) { w.decides(mail("ana"), "quiet.hours", "cap.any") }, true},
		"a no among others":            {rules.Refused, rules.Scope{}, func(w *world) { w.decides(mail("ana"), "dedupe.content", "refused.state") }, false},
		"an address that is not known": {rules.Refused, rules.Scope{Address: "a@example.org"}, func(w *world) { w.decides(mail("ana")) }, true},
		"the address":                  {rules.Refused, rules.Scope{Address: "a@example.org"}, func(w *world) { w.decides(mail("ana"), "refused.address") }, false},
		"a receipt": {rules.Refused, rules.Scope{}, func(w *world) {
			w.decides(by(mail("ana"), func(d *schemas.Decision) { d.Purpose = "receipt" }))
		}, true},
		"a notice after a complaint": {rules.Complained, rules.Scope{Brand: "x"}, func(w *world) {
			w.decides(by(mail("ana"), func(d *schemas.Decision) { d.Purpose = "service" }))
		}, true},
		"marketing after a complaint":    {rules.Complained, rules.Scope{Brand: "x"}, func(w *world) { w.decides(mail("ana"), "refused.state") }, false},
		"after a cancellation":           {rules.Cancelled, rules.Scope{Brand: "x"}, func(w *world) { w.decides(mail("ana"), "refused.cancellation") }, false},
		"of another brand":               {rules.Cancelled, rules.Scope{Brand: "y"}, func(w *world) { w.decides(mail("ana")) }, true},
		"somebody else":                  {rules.Refused, rules.Scope{}, func(w *world) { w.decides(mail("ben"), "refused.state") }, true},
		"an approval, where none may be": {rules.Refused, rules.Scope{}, func(w *world) { w.decides(mail("ana")) }, false},
		"an approval after a yes": {rules.Refused, rules.Scope{}, func(w *world) {
			w.agrees(t, "ana", rules.Scope{Channel: "email"})
			w.pass(time.Minute)
			w.decides(mail("ana"))
		}, true},
		"a leak":            {rules.Refused, rules.Scope{}, func(w *world) { w.leaks("ana", "d7", "s1") }, false},
		"a leak of another": {rules.Refused, rules.Scope{}, func(w *world) { w.leaks("ana", "d7", yesterday) }, true},
		"a worker that is turned away": {rules.Refused, rules.Scope{}, func(w *world) {
			w.takesBack("ana", "d7", "refused.state", "s1")
			w.pass(time.Minute)
			w.turnsAway("ana", "d7", "revoked")
		}, false},
		"a worker that comes too late": {rules.Refused, rules.Scope{}, func(w *world) { w.turnsAway("ana", "d7", "expired") }, true},
		"taken back, and nobody asks":  {rules.Refused, rules.Scope{}, func(w *world) { w.takesBack("ana", "d7", "refused.state", "s1") }, true},
	}
	for name, s := range stories {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.says(t, "ana", "s1", s.kind, s.scope, 0)
			w.pass(time.Hour)
			s.then(w)
			f := w.view(t).Figures
			if f.Exits != 1 || (f.CleanExits == 1) != s.clean {
				t.Errorf("%d exits, %d clean; want one, clean %v", f.Exits, f.CleanExits, s.clean)
			}
		})
	}
}

// What was decided before the no was known is no offence, however early the person
// says to have said it: "a refusal known at decision time wins" (design.md).
func TestANoCountsFromWhenItWasKnown(t *testing.T) {
	w := newWorld()
	w.decides(mail("ana"))
	w.pass(time.Hour)
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 3*time.Hour)
	wants(t, w.view(t), Figures{Exits: 1, CleanExits: 1})
	w.pass(time.Hour)
	w.decides(mail("ana"), "refused.state")
	wants(t, w.view(t), Figures{Exits: 1, ToQuiet: after(1, time.Hour, time.Hour), ToHonour: after(1, time.Hour, time.Hour)})
}

// "A worker that had the approval when the no came": the contact may have happened,
// and nothing was blocked.
func TestALeakIsNoBlockedContact(t *testing.T) {
	w := newWorld()
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 0)
	w.leaks("ana", "d7", "s1")
	wants(t, w.view(t), Figures{Exits: 1, ToQuiet: after(1, 0, 0), Leaked: 1})
}

// "Time to honour (refusal to last blocked contact, p50/p99)" (issue 7), by nearest
// rank: of a hundred, the fiftieth and the ninety-ninth.
func TestTimeToHonourIsOfThoseThatThereWere(t *testing.T) {
	w := newWorld()
	for i := range 100 {
		w.says(t, fmt.Sprint("p", i), fmt.Sprint("s", i), rules.Refused, rules.Scope{}, 0)
	}
	for i := range 100 {
		w.pass(time.Minute)
		w.decides(mail(fmt.Sprint("p", i)), "refused.state")
	}
	want := after(100, 50*time.Minute, 99*time.Minute)
	wants(t, w.view(t), Figures{Exits: 100, ToQuiet: want, ToHonour: want})
}

// A bounce is nobody's no; of records that were merged each no is told once.
func TestWhatIsNoExit(t *testing.T) {
	w := newWorld()
	w.says(t, "ana", "s1", rules.Unreachable, rules.Scope{Address: "a@example.org"}, 0)
	wants(t, w.view(t), Figures{})
	for _, record := range []string{"ana", "anna"} {
		p := w.person(record)
		p.Noes = append(p.Noes, rules.No{Kind: rules.Refused, At: rules.At(w.now), Signal: "s2", Record: "anna"})
		w.stands(t, record)
	}
	wants(t, w.view(t), Figures{Exits: 1, CleanExits: 1})
}

// "Respected silence (people in silence, not lapsed)" (issue 7): "after 90 days of it,
// respectful silence".
func TestPeopleWhoDoNotAnswerAreLeftInSilence(t *testing.T) {
	w := newWorld()
	w.unanswered(t, "ana", 90*day)
	w.unanswered(t, "ben", 90*day-time.Millisecond)
	wants(t, w.view(t), Figures{InSilence: 1})
	w.pass(time.Millisecond)
	wants(t, w.view(t), Figures{InSilence: 2})
	for after, silent := range map[time.Duration]int64{0: 0, 90*day + 2*time.Millisecond: 0, 30 * day: 2} { // as the policy in force has it
		wants(t, w.view(t, func(o *Options) { o.Silence = func() time.Duration { return after } }), Figures{InSilence: silent})
	}
	w.people["ana"] = &state.Person{Person: rules.Person{HumanAct: rules.At(w.now)}} // a human act ends it
	w.stands(t, "ana")
	wants(t, w.view(t), Figures{InSilence: 1})
}

// Erased where keys hide who was: a tombstone, and nobody is there to tell of.
func TestWhoWasForgottenIsForgottenHere(t *testing.T) {
	w := newWorld()
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 0)
	w.unanswered(t, "ana", 100*day)
	w.append("contact.standing", "\x1ehash", []byte(`{"person":"\u001ehash","erased":"2026-05-04T12:00:00.000Z","sealed":"AAAA"}`))
	w.append("contact.standing", "ana", nil)
	wants(t, w.view(t), Figures{})
}

// "Pester index (intents per campaign and engine for people who had said no)" (issue 7).
func TestThePesterIndexNamesWhoDoesNotHear(t *testing.T) {
	w := newWorld()
	other := func(d *schemas.Decision) { d.Campaign, d.Engine = "may", "dialer" }
	w.decides(mail("ana"))
	w.decides(mail("ana"), "refused.state")
	w.decides(mail("ben"), "cap.any")
	w.decides(by(mail("ana"), other), "refused.channel_hop")
	w.decides(by(mail("ben"), other), "refused.state")
	want := []Pester{{"may", "dialer", 2, 2}, {"spring", "crm", 3, 1}}
	if diff := cmp.Diff(want, w.view(t).Figures.Pester); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What one engine wanted can be left out: that of a demonstration, which only asks whether all is decided.
func TestWhatOneEngineWantedCanBeLeftOut(t *testing.T) {
	w := newWorld()
	w.decides(mail("ana"))
	w.decides(by(mail("beat"), func(d *schemas.Decision) { d.Engine = "metronome" }))
	v := w.view(t, func(o *Options) { o.Without = "metronome" })
	if len(v.Recent) != 1 || v.Minutes[0].Approved != 1 || len(v.ByChannel) != 1 || v.ByChannel[0].Approved != 1 {
		t.Errorf("%+v", v)
	}
}

// The numbers over time, and by reason, campaign, channel and line.
func TestWhatWasDecidedIsCounted(t *testing.T) {
	w := newWorld()
	w.decides(mail("ana"))
	w.pass(90 * time.Second)
	w.decides(mail("ana"), "cap.any", "cap.email")
	w.decides(by(mail("ben"), func(d *schemas.Decision) { d.Channel, d.Campaign = "sms", "may" }), "quiet.hours")
	v := w.view(t)
	want := &View{
		Minutes: []Minute{
			{
				Start: noon, Approved: 1, ByReason: map[string]int64{},
				ByCampaign: map[string]Tally{"spring": {Approved: 1}}, ByChannel: map[string]Tally{"email": {Approved: 1}},
			},
			{
				Start: noon.Add(time.Minute), Vetoed: 2, ByReason: map[string]int64{"cap.any": 1, "quiet.hours": 1},
				ByCampaign: map[string]Tally{"spring": {Vetoed: 1}, "may": {Vetoed: 1}}, ByChannel: map[string]Tally{"email": {Vetoed: 1}, "sms": {Vetoed: 1}},
			},
		},
		ByReason:   []Share{{"cap.any", 0, 1}, {"quiet.hours", 0, 1}},
		ByCampaign: []Share{{"spring", 1, 1}, {"may", 0, 1}},
		ByChannel:  []Share{{"email", 1, 1}, {"sms", 0, 1}},
		Lines:      map[string]int64{"policy.yaml:10": 2, "policy.yaml:11": 1},
		At:         w.now, Since: noon.Add(-day + 2*time.Minute),
	}
	if diff := cmp.Diff(want, v, cmpopts.IgnoreFields(View{}, "Recent", "Figures")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(v.Recent) != 3 || v.Recent[2].Person != "ana" || !v.Recent[2].Decided.Equal(noon) || len(v.Recent[0].Rules)+len(v.Recent[1].Rules) != 3 {
		t.Errorf("recent: %+v", v.Recent)
	}
}

// "A zombie can at worst repeat a batch byte for byte, under the same decision ids"
// (design.md): nothing counts twice, and no count goes back.
func TestWhatAZombieRepeatsCountsOnce(t *testing.T) {
	w := newWorld()
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 0)
	w.takesBack("ana", "d9", "refused.state", "s1")
	w.leaks("ana", "d8", "s1")
	for range 3 {
		w.pass(time.Minute)
		w.decides(mail("ana"), "refused.state")
	}
	once := w.view(t)
	for range 9 {
		w.repeat(8)
	}
	again := w.view(t)
	if diff := cmp.Diff(once, again, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-once +repeated):\n%s", diff)
	}
	if once.Figures.Revoked != 1 || once.Figures.Leaked != 1 || len(once.Recent) != 3 || once.ByReason[0].Vetoed != 3 {
		t.Errorf("%+v", once)
	}
}

// What is older than what is kept is in no number; memory does not grow with time.
func TestWhatIsOldIsForgotten(t *testing.T) {
	w := newWorld()
	o := func(o *Options) { o.Kept = time.Hour }
	w.says(t, "ana", "s1", rules.Refused, rules.Scope{}, 0)
	w.decides(mail("ana"), "refused.state")
	w.takesBack("ana", "d9", "refused.state", "s1")
	w.pass(time.Hour - time.Minute)
	wants(t, w.view(t, o), Figures{Exits: 1, Revoked: 1, ToQuiet: after(1, 0, 0), ToHonour: after(1, 0, 0)})
	f := foldAll(t, w.log, o)
	f.view(w.now)
	w.pass(2 * time.Minute)
	v := f.view(w.now)
	wants(t, v, Figures{})
	if len(v.Recent)+len(v.Minutes)+len(v.Lines)+len(v.ByReason)+len(v.ByCampaign)+len(f.minutes.at)+len(f.people.left) != 0 {
		t.Errorf("something is left: %+v", v)
	}
	wants(t, w.view(t, o), Figures{}) // whether it was read then or now
}

// "Memory is bounded by Options, whatever the topics hold."
func TestWhatIsKeptIsBounded(t *testing.T) {
	w := newWorld()
	for i := range 2000 {
		person, campaign := fmt.Sprint("p", i), fmt.Sprint("c", i)
		w.says(t, person, fmt.Sprint("s", i), rules.Refused, rules.Scope{}, 0)
		w.decides(by(mail(person), func(d *schemas.Decision) { d.Campaign = campaign }), "refused.state")
	}
	o := func(o *Options) { o.MostPeople, o.MostNames = 500, 10 }
	f := foldAll(t, w.log, o)
	v := f.view(w.now)
	if len(f.people.left) > 500 || v.Figures.OneIn < 4 || len(v.Recent) != 200 || len(v.ByCampaign) != 11 || len(v.Figures.Pester) > 20 {
		t.Errorf("%d people, one in %d, %d recent, %d campaigns, %d pairs", len(f.people.left), v.Figures.OneIn, len(v.Recent), len(v.ByCampaign), len(v.Figures.Pester))
	}
	if v.ByCampaign[0].Name != Others || v.ByCampaign[0].Vetoed != 1990 {
		t.Errorf("the first of the campaigns is %+v", v.ByCampaign[0])
	}
	if f := v.Figures; f.Exits < 1500 || f.Exits > 2500 || f.ToHonour.N != f.Exits {
		t.Errorf("%d exits are told of 2000, %d were blocked", f.Exits, f.ToHonour.N)
	}
}

// A record that cannot be read is told, without what stands in it.
func TestWhatCannotBeReadIsTold(t *testing.T) {
	f := foldAll(t, nil)
	for _, topic := range followed() {
		w := newWorld()
		w.append(topic, "ana", []byte(`{"person":"ana@example.org","at":7`))
		err := f.take(topic, 0, &w.log[0].record)
		if err == nil || len(err.Error()) > 200 || strings.Contains(err.Error(), "ana@example.org") {
			t.Errorf("%s: %v", topic, err)
		}
	}
}

// "Every figure with the sentence that defines it."
func TestEveryFigureIsDefined(t *testing.T) {
	defined := map[string]bool{"OneIn": true} // it is about the others
	for _, d := range Definitions() {
		defined[d.Name] = true
		if d.Title == "" || len(d.Sentence) < 20 || !strings.HasSuffix(d.Sentence, ".") {
			t.Errorf("%s: %q", d.Name, d.Sentence)
		}
	}
	for i := range reflect.TypeFor[Figures]().NumField() {
		if name := reflect.TypeFor[Figures]().Field(i).Name; !defined[name] {
			t.Errorf("%s has no sentence", name)
		}
	}
}
