package backtest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/memstate"
)

const vocabulary = `
purposes: {newsletter: solicitation, dues: collection, service: service}
channels: {email: {}, sms: {}, call: {delivery: unreported}}
`

// policy compiles a text that follows the vocabulary.
func policy(t testing.TB, name, text string) *rules.Policy {
	t.Helper()
	spec, err := policyfile.Parse(name+".yaml", []byte("policy: "+name+vocabulary+text))
	if err != nil {
		t.Fatal(err)
	}
	p, problems := rules.Compile(spec)
	if problems != nil {
		t.Fatal(problems)
	}
	return p
}

func run(t testing.TB, q *Question, recording string) *Report {
	t.Helper()
	r, err := Run(t.Context(), q, strings.NewReader(recording))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wish(at, id, person, campaign, more string) string {
	return fmt.Sprintf(`{"arrived":"%[1]s","topic":"contact.intents","value":{"id":"%s","person":"%s","campaign":"%s","channel":"email","purpose":"newsletter","at":"%[1]s"%[5]s}}`+"\n", at, id, person, campaign, more)
}

const capOf = "caps: [{name: email, of: {channel: email}, at_most: %d, within: 7d}]\n"

// One a week, or two: the second of each week is what B approves alone, with the reason that A had.
func TestWhereTwoPoliciesPart(t *testing.T) {
	q := &Question{A: policy(t, "one", fmt.Sprintf(capOf, 1)), B: policy(t, "two", fmt.Sprintf(capOf, 2)), CarryOut: true}
	recording := wish("2026-05-04T10:00:00Z", "mon", "anna", "spring", "") +
		wish("2026-05-05T10:00:00Z", "tue", "anna", "spring", "") +
		wish("2026-05-06T10:00:00Z", "wed", "anna", "may", "") +
		wish("2026-05-06T11:00:00Z", "wed", "bert", "may", "")
	r := run(t, q, recording)
	if r.Intents != 4 || r.A.Approved != 2 || r.A.Vetoed != 2 || r.B.Approved != 3 || r.B.Vetoed != 1 || r.A.VetoRate != 0.5 || r.OnlyA.Count != 0 {
		t.Errorf("%+v", r)
	}
	example := Example{"tue", "2026-05-05T10:00:00.000Z", []string{"cap.email: 1 contact of 1 used within 168h"}}
	rule := &Rule{"cap.email", "one.yaml:4:8"}
	want := Difference{
		Count:      1,
		ByCampaign: []Group{{Campaign: "spring", Count: 1, Example: example}},
		ByRule:     []Group{{Rule: rule, Count: 1, Example: example}},
		ByDay:      []Group{{Day: "2026-05-05", Count: 1, Example: example}},
		cells:      r.OnlyB.cells,
	}
	if diff := cmp.Diff(want, r.OnlyB, cmp.AllowUnexported(Difference{}), cmp.Comparer(func(a, b cell) bool { return true })); diff != "" {
		t.Error(diff)
	}
	var csv, text strings.Builder
	if err := errors.Join(r.WriteCSV(&csv), r.Write(&text)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(csv.String(), "\nB,spring,cap.email,one.yaml:4:8,2026-05-05,1,tue,2026-05-05T10:00:00.000Z,cap.email: 1 contact of 1 used within 168h\n") {
		t.Error(csv.String())
	}
	for _, line := range []string{
		"A  one                               2          2     50.00%          0\n",
		"B  two                               3          1     25.00%          0\n",
		"   B more than A                    +1         -1    -25.00\n",
		"Approved under B, and not under A: 1\n",
		"           1  cap.email (one.yaml:4:8)\n              e.g. tue at 2026-05-05T10:00:00.000Z: cap.email: 1 contact of 1\n",
		"Approved under A, and not under B: 0\n",
	} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("nobody says %q:\n%s", line, text.String())
		}
	}
	for _, name := range []string{"anna", "bert"} {
		if strings.Contains(text.String()+csv.String(), name) {
			t.Errorf("%s is named", name)
		}
	}
}

// "It expires and gives its slot back, so that this side approves more afterwards than it would have."
func TestWhatNobodyCarriedOutIsGivenBack(t *testing.T) {
	q := &Question{A: policy(t, "one", fmt.Sprintf(capOf, 1)), B: policy(t, "two", fmt.Sprintf(capOf, 2))}
	recording := wish("2026-05-04T10:00:00Z", "mon", "anna", "spring", "") + wish("2026-05-05T10:00:00Z", "tue", "anna", "spring", "")
	if r := run(t, q, recording); r.A.Approved != 2 || r.OnlyB.Count != 0 {
		t.Errorf("the approval of monday was not given back: %+v", r)
	}
	q.CarryOut = true
	if r := run(t, q, recording); r.A.Approved != 1 || r.OnlyB.Count != 1 {
		t.Errorf("the approval of monday was given back: %+v", r)
	}
	// What the recording redeems, takes back, or tells an outcome of stays as it is.
	said := `{"arrived":"2026-05-04T10:05:00Z","topic":"contact.signals","value":{"id":"s","person":"anna","type":"outcome","intent":"mon","result":"not_sent","at":"2026-05-04T10:05:00Z"}}` + "\n"
	lines := strings.SplitAfter(recording, "\n")
	if r := run(t, q, lines[0]+said+lines[1]); r.A.Approved != 2 {
		t.Errorf("what was not sent was carried out: %+v", r)
	}
}

// A notice that is due, and carried out, between two lines of the recording.
func TestANoticeIsCarriedOutWhenItIsDue(t *testing.T) {
	text := "notices: {wait: 15m, repeat: 24h}\ncaps: [{name: any, of: {class: collection}, at_most: 1, within: 7d}]\n"
	q := &Question{A: policy(t, "a", text), B: policy(t, "b", text), CarryOut: true}
	notice := `,"purpose":"dues","subject":"acct"`
	recording := strings.Replace(wish("2026-05-04T10:00:00Z", "first", "anna", "dues", notice), `"purpose":"newsletter",`, "", 1) +
		strings.Replace(wish("2026-05-06T10:00:00Z", "second", "anna", "dues", notice), `"purpose":"newsletter",`, "", 1) +
		`{"arrived":"2026-05-06T11:00:00Z","topic":"tick"}` + "\n"
	if r := run(t, q, recording); r.A.Approved != 1 || r.A.Vetoed != 1 {
		t.Errorf("%+v", r.A)
	}
}

func TestOnePolicyPartsWithItselfNowhere(t *testing.T) {
	house, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, &Question{A: house, B: house}, random(1, 2000))
	if r.OnlyA.Count+r.OnlyB.Count+r.OtherReason != 0 || r.A.Vetoed == 0 || r.A.Approved == 0 || r.A != r.B {
		t.Errorf("%+v", r)
	}
}

// What is not declared under one policy, what still waits, and what cannot be read at all.
func TestWhatIsNotDecided(t *testing.T) {
	a := policy(t, "a", "notices: {wait: 15m, repeat: 24h}\n")
	spec, err := policyfile.Parse("b.yaml", []byte("policy: b\npurposes: {newsletter: solicitation, service: service}\nchannels: {email: {}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := rules.Compile(spec)
	recording := wish("2026-05-04T10:00:00Z", "sms", "anna", "spring", `,"mode":"manual"`)
	recording = strings.Replace(recording, `"email"`, `"sms"`, 1) +
		`{"arrived":"2026-05-04T10:00:01Z","topic":"contact.intents","value":{"id":17}}` + "\n" +
		strings.Replace(wish("2026-05-04T10:00:02Z", "held", "anna", "dues", `,"subject":"acct"`), `"newsletter"`, `"service"`, 1)
	r := run(t, &Question{A: a, B: b}, recording)
	if r.A.DeadLetters != 1 || r.B.DeadLetters != 2 || r.A.Waiting != 1 || r.B.Approved != 1 || r.OnlyA.Count != 1 || r.OnlyB.Count != 1 {
		t.Errorf("%+v", r)
	}
	if got := r.OnlyA.ByRule[0].Rule.Reason + "/" + r.OnlyB.ByRule[0].Rule.Reason; got != "dead letter/waiting" {
		t.Error(got)
	}
	var unreadable *replay.LineError
	if _, err := Run(t.Context(), &Question{A: a, B: b}, strings.NewReader(recording+"{")); !errors.As(err, &unreadable) || unreadable.Line != 4 {
		t.Errorf("a torn line is told as %v", err)
	}
}

// Over random recordings the figures are those of two plain replays, and what parts is what the decisions, record by record,
// say.
func TestFiguresAreThoseOfTwoReplays(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	house, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := packs.Find("no-means-no")
	other, err := policyfile.Parse("b.yaml", bytes.Replace(text, []byte("policy: no-means-no"), []byte("policy: b"), 1))
	if err != nil {
		t.Fatal(err)
	}
	other.Caps[1].Most, other.Caps[2].Most, other.Notices = 1, 2, nil
	b, problems := rules.Compile(other)
	if problems != nil {
		t.Fatal(problems)
	}
	for seed := range uint64(3) {
		recording := random(seed, 4000)
		r := run(t, &Question{A: house, B: b}, recording)
		byA, byB := plain(t, house, recording), plain(t, b, recording)
		var onlyA, onlyB, approvedA, approvedB int
		for id, yes := range byA {
			if yes {
				approvedA++
				if !byB[id] {
					onlyA++
				}
			}
		}
		for id, yes := range byB {
			if yes {
				approvedB++
				if !byA[id] {
					onlyB++
				}
			}
		}
		if r.A.Approved != approvedA || r.B.Approved != approvedB || r.A.Vetoed != len(byA)-approvedA || r.B.Vetoed != len(byB)-approvedB ||
			r.OnlyA.Count != onlyA || r.OnlyB.Count != onlyB || onlyA == 0 || onlyB == 0 {
			t.Errorf("seed %d: %d and %d approved, %d and %d alone; the backtest says %+v", seed, approvedA, approvedB, onlyA, onlyB, r)
		}
	}
}

// plain says of every decision of a replay whether it is a yes.
func plain(t testing.TB, p *rules.Policy, recording string) map[string]bool {
	t.Helper()
	var out bytes.Buffer
	r, err := replay.New(t.Context(), p, memstate.New(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context(), strings.NewReader(recording)); err != nil {
		t.Fatal(err)
	}
	decided := make(map[string]bool)
	for line := range bytes.Lines(out.Bytes()) {
		var w struct {
			Topic string         `json:"topic"`
			Value jsontext.Value `json:"value"`
		}
		if err := json.Unmarshal(line, &w); err != nil {
			t.Fatal(err)
		}
		if w.Topic != "contact.approved" && w.Topic != "contact.vetoed" {
			continue
		}
		d, err := schemas.DecodeDecision(w.Value)
		if err != nil {
			t.Fatal(err)
		}
		decided[d.ID] = d.Verdict == schemas.Approved
	}
	return decided
}

// random is a recording of so many lines: people, many wishes, of which most are redeemed, a few signals, and ids that come
// again.
func random(seed uint64, lines int) string {
	type made struct{ id, person string }
	var (
		r      = rand.New(rand.NewPCG(seed, 7))
		b      strings.Builder
		at     = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
		recent = []made{{"none", "nobody"}}
		pick   = func(list ...string) string { return list[r.IntN(len(list))] }
	)
	for i := range lines {
		at = at.Add(time.Duration(r.IntN(4*60)) * time.Second)
		stamp, last := at.Format(time.RFC3339), recent[max(0, len(recent)-1-r.IntN(8))]
		person := fmt.Sprint("p", r.IntN(10+lines/15))
		switch n := r.IntN(100); {
		case n < 40:
			fmt.Fprintf(&b, `{"arrived":"%s","topic":"redeem","value":{"intent":"%s","person":"%s"}}`+"\n", stamp, last.id, last.person)
		case n < 42:
			fmt.Fprintf(&b, `{"arrived":"%[1]s","topic":"contact.signals","value":{"id":"s%d","person":"%s","type":"refusal","channel":"%s","at":"%[1]s"}}`+"\n", stamp, i, person, pick("email", "sms"))
		case n < 43:
			fmt.Fprintf(&b, `{"arrived":"%[1]s","topic":"contact.signals","value":{"id":"s%d","person":"%s","type":"consent","source":"settings","at":"%[1]s"}}`+"\n", stamp, i, person)
		default:
			next := made{fmt.Sprint("i", i), person}
			if n > 96 {
				next = last
			}
			recent = append(recent, next)
			fmt.Fprintf(&b, `{"arrived":"%[1]s","topic":"contact.intents","value":{"id":"%s","person":"%s","campaign":"c%d","channel":"%s","purpose":"%s","subject":"%s","at":"%[1]s"}}`+"\n",
				stamp, next.id, next.person, r.IntN(5), pick("email", "sms", "call", "push"), pick("marketing", "service", "collection", "receipt", "survey"), pick("", "", "a", "b"))
		}
	}
	return b.String()
}

func BenchmarkBacktest(b *testing.B) {
	house, err := policyfile.Load("no-means-no")
	if err != nil {
		b.Fatal(err)
	}
	recording := random(1, 20_000)
	for b.Loop() {
		run(b, &Question{A: house, B: house}, recording)
	}
	b.ReportMetric(float64(20_000*b.N)/b.Elapsed().Seconds(), "lines/s")
}
