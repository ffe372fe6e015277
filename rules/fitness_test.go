package rules_test

import (
	"hash/fnv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules"
)

// wayOut is a campaign that is entered in one step and left in one, by this label.
func wayOut(label string) *rules.CampaignSpec {
	return &rules.CampaignSpec{
		Name: "spring", Ends: rules.Date{Year: 2026, Month: 6, Day: 30}, MostAttempts: 3,
		WayIn: rules.WaySpec{Steps: 1, Label: "Sign up"}, WayOut: rules.WaySpec{Steps: 1, Label: label},
	}
}

// heldOut is the third of the corpus that was not looked at while the wordings
// were written. Whoever adds a wording for the sake of a line in it must say so.
func heldOut(source, label string) bool {
	h := fnv.New32a()
	h.Write([]byte(label))
	return source != "after" && h.Sum32()%3 == 0
}

// score is how the judgement of labels compares with the corpus.
type score struct{ flagged, rightly, bad, good, called int }

func (s score) precision() float64 { return float64(s.rightly) / float64(s.flagged) }
func (s score) recall() float64    { return float64(s.rightly) / float64(s.bad) }

// "An opt-out label that begs, mocks or stalls is campaign.unfit" (design.md),
// "detected, with a corpus of real-world wordings good and bad". A plain label
// that is stopped is worse than an exotic one that is missed.
func TestWaysOut(t *testing.T) {
	does := map[string]string{
		"begs": "pleads with the person", "mocks": "speak ill of themselves", "stalls": "puts the choice off",
		"silent": "does not say that it is the way out", "fit": "",
	}
	parts := map[bool]*score{false: {}, true: {}}
	for line, fields := range table(t, "testdata/ways-out.tsv", 4) {
		verdict, label, held := fields[0], fields[3], heldOut(fields[2], fields[3])
		told, known := does[verdict]
		if !known {
			t.Fatalf("ways-out.tsv:%d: %q is no verdict", line, verdict)
		}
		part, wrong := parts[held], rules.Fitness(wayOut(label))
		if verdict == "fit" {
			part.good++
		} else {
			part.bad++
		}
		if len(wrong) > 0 {
			part.flagged++
			if verdict != "fit" {
				part.rightly++
			}
		}
		if label == "" || len(wrong) == 1 && told != "" && strings.Contains(wrong[0], told) || len(wrong) == 0 && told == "" {
			part.called++
		} else if !held {
			t.Logf("ways-out.tsv:%d: %q is to be %s, and is told: %q", line, label, verdict, wrong)
		}
	}
	for _, want := range []struct {
		heldOut                   bool
		name                      string
		precision, recall, called float64
	}{
		{false, "looked at", 1, 1, 1},
		{true, "held out", 1, 0.99, 0.99},
	} {
		s := parts[want.heldOut]
		called := float64(s.called) / float64(s.good+s.bad)
		t.Logf("%s: %d bad, %d good; precision %.3f, recall %.3f, by its right name %.3f", want.name, s.bad, s.good, s.precision(), s.recall(), called)
		if s.precision() < want.precision || s.recall() < want.recall || called < want.called {
			t.Errorf("%s: want at least precision %.3f, recall %.3f, by its right name %.3f", want.name, want.precision, want.recall, want.called)
		}
		if s.bad < 50 || s.good < 50 {
			t.Errorf("%s: %d bad and %d good wordings are too few to say anything", want.name, s.bad, s.good)
		}
	}
}

// "An exit longer than the entry" (design.md); what is wrong is told in words that
// begin after "the campaign's", all at once.
func TestFitness(t *testing.T) {
	longer := wayOut("Unsubscribe")
	longer.WayIn.Steps, longer.WayOut.Steps = 1, 3
	both := wayOut("Maybe later")
	both.WayIn.Steps, both.WayOut.Steps = 2, 3
	shorter := wayOut("Unsubscribe")
	shorter.WayIn.Steps = 4
	nameless := wayOut(" ")
	for _, c := range []struct {
		campaign *rules.CampaignSpec
		want     []string
	}{
		{wayOut("Unsubscribe"), nil},
		{shorter, nil},
		{longer, []string{"way out takes 3 steps and its way in 1: make the way out as short"}},
		{nameless, []string{`way out has no label: call it what it is, for example "Unsubscribe"`}},
		{both, []string{
			"way out takes 3 steps and its way in 2: make the way out as short",
			`way out is called "Maybe later", which puts the choice off, waters it down, or sends the person elsewhere to make it: call it only what it is, for example "Unsubscribe" or "No, thanks"`,
		}},
		{wayOut("Please don’t go!"), []string{`way out is called "Please don’t go!", which pleads with the person, threatens, or asks again: call it only what it is, for example "Unsubscribe" or "No, thanks"`}},
		{wayOut("No thanks, I hate saving money"), []string{`way out is called "No thanks, I hate saving money", which makes the person speak ill of themselves or of their choice: call it only what it is, for example "Unsubscribe" or "No, thanks"`}},
		{wayOut("→"), []string{`way out is called "→", which does not say that it is the way out: call it only what it is, for example "Unsubscribe" or "No, thanks"`}},
	} {
		if diff := cmp.Diff(c.want, rules.Fitness(c.campaign)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.campaign.WayOut.Label, diff)
		}
	}
}

// Letter case, punctuation and accents change nothing, and a label that nobody
// could read is judged by its beginning in no time.
func TestFitnessReadsAsRepliesAreRead(t *testing.T) {
	for _, label := range []string{"MAYBE LATER", "Maybe later…", "“maybe later”", "ｍａｙｂｅ ｌａｔｅｒ", "May\u200bbe later", strings.Repeat("no i rather later please ", 10000)} {
		if rules.Fitness(wayOut(label)) == nil {
			t.Errorf("%.40q is fit", label)
		}
	}
	for _, label := range []string{"UNSUBSCRIBE", "unsubscribe!", "→ Unsubscribe ←", "Se desabonner", "SE DÉSABONNER", "Ku\u0308ndigen", "Xyzzy"} {
		if wrong := rules.Fitness(wayOut(label)); wrong != nil {
			t.Errorf("%q is unfit: %q", label, wrong)
		}
	}
}

// FuzzFitness: no label is too strange to be judged, and the same label is judged
// alike in capitals.
func FuzzFitness(f *testing.F) {
	for _, fields := range table(f, "testdata/ways-out.tsv", 4) {
		f.Add(fields[3])
	}
	f.Fuzz(func(t *testing.T, label string) {
		if a, b := rules.Fitness(wayOut(label)), rules.Fitness(wayOut(strings.ToUpper(label))); (a == nil) != (b == nil) && !strings.ContainsRune(label, '\u0345') {
			t.Errorf("%q: %q, in capitals %q", label, a, b)
		}
	})
}
