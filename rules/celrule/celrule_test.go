package celrule

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"

	"github.com/contactgovernor/governor/rules"
)

func compiler(t testing.TB) *Compiler {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func caps() []string { return []string{"any", "email", "call.day"} }

// someFacts are about a predictive call that sells.
func someFacts(t testing.TB) *rules.CustomFacts {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return &rules.CustomFacts{
		Intent: &rules.Intent{
			ID: "i1", Person: "anna", Channel: "call", Purpose: "billing", Campaign: "spring", Subject: "balance:7", Brand: "Acme",
			Engine: "e1", Address: "+4930123456", Mode: rules.ModePredictive, Message: "m1", ReplyTo: "s1", Priority: 20, Promotes: true,
			Zones: []*time.Location{berlin},
		},
		Class: rules.Solicitation, Counts: map[string]int{"any": 2, "email": 0, "call.day": 1}, Contacts: 5, Silent: true,
	}
}

// Each expression is true of the facts; its opposite is not.
func TestWhatARuleCanSay(t *testing.T) {
	c, f := compiler(t), someFacts(t)
	for _, expression := range []string{
		`intent.channel == "call"`,
		`intent.purpose != "marketing"`,
		`intent.campaign.startsWith("spr")`,
		`intent.subject.contains(":")`,
		`intent.brand.endsWith("me")`,
		`intent.engine == "e1"`,
		`intent.mode in ["predictive", "prerecorded"]`,
		`intent.message != ""`,
		`intent.zones.exists(z, z.startsWith("Europe/"))`,
		`intent.zones[0] == "Europe/Berlin"`,
		`intent.priority < 50`,
		`intent.contains_promotion`,
		`class == "solicitation"`,
		`counts["any"] > 1`,
		`counts.any + counts["call.day"] == 3`,
		`"email" in counts`,
		`counts.all(name, counts[name] < 3)`,
		`counts.exists_one(name, counts[name] == 2)`,
		`size(counts) == 3`,
		`contacts * 2 - 1 == 9 && contacts / 2 == 2 && contacts % 2 == 1 && -contacts < 0`,
		`silent`,
		`silent ? counts["any"] > 1 : counts["any"] > 3`,
		`intent.subject.matches("^balance:[0-9]+$")`,
		"silent &&\n  // a comment, and a second line\n  contacts >= 5",
	} {
		for e, want := range map[string]bool{expression: true, "!(" + expression + "\n)": false} {
			rule, mistakes := c.Compile(e, caps())
			if mistakes != nil {
				t.Errorf("%s: %v", e, mistakes)
				continue
			}
			if got, err := rule(f); err != nil || got != want {
				t.Errorf("%s: %v, %v", e, got, err)
			}
		}
	}
}

// Whoever wrote something else is told where, and what to write instead.
func TestMistakes(t *testing.T) {
	c := compiler(t)
	for _, m := range []struct {
		expression string
		want       []string
	}{
		{`  `, []string{`0: the expression is empty: write for example counts["any"] > 1`}},
		{`intent.priority <`, []string{`17: this is no expression: mismatched input '<EOF>': write for example counts["any"] > 1`}},
		{`intent.priority`, []string{`0: the expression is a number, and must be true or false: write for example counts["any"] > 1`}},
		{`intent.brand`, []string{`0: the expression is a text, and must be true or false: write for example counts["any"] > 1`}},
		{`intent.zones`, []string{`0: the expression is of the type list(string), and must be true or false: write for example counts["any"] > 1`}},
		{`true || 1 < 2`, []string{`0: the expression looks at nothing, so it is always the same: name something of the intent or a count, or write a cap with at_most: 0`}},
		{`intent.priority < "10"`, []string{`16: < cannot be applied to (int, string): compare like with like; only whole numbers and texts have an order, and only whole numbers are reckoned with`}},
		{`intent.brand + intent.subject == ""`, []string{`13: + cannot be applied to (string, string): compare like with like; only whole numbers and texts have an order, and only whole numbers are reckoned with`}},
		{`class in ["a", 1]`, []string{`15: expected type 'string' but found 'int': write things of one kind`}},
		{`nope > 1 && "ü" == intent.brnad`, []string{
			`0: nothing is called nope here: write one of intent, class, counts, contacts, silent, size, contains, startsWith, endsWith, matches, all, exists, exists_one`,
			`26: an intent has no brnad: did you mean brand?`,
		}},
		{`priority < 10`, []string{`0: nothing is called priority here: did you mean intent.priority?`}},
		{`intent == "x"`, []string{`0: an intent as a whole is nothing to look at: write for example intent.channel`}},
		{`has(intent.subject)`, []string{`0: every field is there, and one that the engine left out is "": write for example intent.subject != ""`}},
		{`counts.map(k, k)[0] == "any"`, []string{`7: map makes a list, and rules make none: write all, exists or exists_one`}},
		{`size(counts.filter(k, counts[k] > 1)) > 1`, []string{`12: filter makes a list, and rules make none: write all, exists or exists_one`}},
		{`counts["cal.day"] > 1`, []string{`7: nothing is counted as "cal.day": of the caps, did you mean call.day?`}},
		{`counts.nope > 1`, []string{`6: nothing is counted as "nope": of the caps, write one of any, email, call.day`}},
		{`counts.call.day > 1`, []string{`11: this has no fields: write for example counts["call.day"]`}},
		{`"nope" in counts`, []string{`0: nothing is counted as "nope": of the caps, write one of any, email, call.day`}},
		{`intent.brand.matches("(")`, []string{`21: this is no pattern: mend it, or compare with startsWith, endsWith or contains`}},
		{`intent.brand.matches(intent.subject)`, []string{`27: a pattern that is put together while the rule runs cannot be checked: write it out`}},
		{`silent &&` + "\n" + `  intent.prority > 1`, []string{`19: an intent has no prority: did you mean priority?`}},
	} {
		rule, mistakes := c.Compile(m.expression, caps())
		var got []string
		for _, x := range mistakes {
			got = append(got, fmt.Sprintf("%d: %s", x.At, x.What))
		}
		if rule != nil || strings.Join(got, "\n") != strings.Join(m.want, "\n") {
			t.Errorf("%s\ngot\n%s\nwant\n%s", m.expression, strings.Join(got, "\n"), strings.Join(m.want, "\n"))
		}
	}
	if _, mistakes := c.Compile(`counts["any"] > 1`, []string{}); len(mistakes) != 1 || !strings.Contains(mistakes[0].What, "the policy has no caps") {
		t.Errorf("without caps: %v", mistakes)
	}
	if _, mistakes := c.Compile(`counts["nope"] > 1`, nil); mistakes != nil {
		t.Errorf("of caps that nobody knows: %v", mistakes)
	}
}

// Whoever means harm gets nothing that is not in the language: no time, no person,
// no endless work, no hole of the library that was known when this was written.
func TestHostile(t *testing.T) {
	c := compiler(t)
	for expression, want := range map[string]string{
		// The time would make a veto end when nobody said so.
		`timestamp("2026-01-01T00:00:00Z") < now()`: "cannot look at the time",
		`duration("1s") > duration("2s")`:           "cannot look at the time",
		`intent.at > 5`:                             "cannot look at the time",
		`intent.not_before == intent.not_after`:     "cannot look at the time",
		`google.protobuf.Timestamp{} == google.protobuf.Timestamp{seconds: 1} && silent`: "makes nothing of its own",
		// A rule is for everybody.
		`intent.person == "anna"`:        "tells one person from another",
		`intent.id == "i1"`:              "tells one person from another",
		`intent.address == "+4930"`:      "tells one person from another",
		`intent.reply_to.contains("s1")`: "tells one person from another",
		// What is not typed, or makes more of little.
		`dyn(silent) == 1`:                                 "nothing is called dyn",
		`type(silent) == bool`:                             "nothing is called type",
		`string(contacts) == "5"`:                          "nothing is called string",
		`[[1], ["a"]] == [] && silent`:                     "write things of one kind",
		`intent.zones + intent.zones == []`:                "cannot be applied to",
		`b"x" + b"y" == b"xy"`:                             "cannot be applied to",
		`cel.bind(x, silent, x)`:                           "nothing is called cel",
		`optional.of(1).hasValue()`:                        "optional",
		`counts.exists(k, v, v > 3)`:                       "takes a name and a condition",
		`lists.range(1000000000).exists(i, i == contacts)`: "nothing is called lists", // cel-expr/cel-go#1281
		// Endless work.
		`counts.all(a, counts.all(b, counts.all(c, a != b)))`:                "a walk within a walk within a walk",
		`intent.subject.matches("(a{100}){10}")`:                             "too large",
		`silent` + strings.Repeat(` && silent`, 300):                         "at most 2000",
		strings.Repeat("(", 100) + "silent" + strings.Repeat(")", 100):       "nested too deep",
		strings.Repeat("[", 100) + "1" + strings.Repeat("]", 100) + " == []": "nested too deep",
		`intent.zones.all(a, intent.zones.all(b, a.contains(b)))`:            "and 5000 is the most",
		`intent.zones.all(z, z.matches("^(a|b)*(c|d)*(e|f)*(g|h)*$"))`:       "and 5000 is the most",
		"silent \x00": "this is no expression",
		"\xff":        "",
		`1/0 == 1`:    "looks at nothing",
	} {
		rule, mistakes := c.Compile(expression, caps())
		var all []string
		for _, m := range mistakes {
			all = append(all, m.What)
		}
		if rule != nil || !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("%.80q: want %q, got %q", expression, want, all)
		}
	}
}

// "An error in one vetoes" (the issue): a rule that fails says so, and nothing of
// the intent is in what it says.
func TestARuleThatFails(t *testing.T) {
	c, f := compiler(t), someFacts(t)
	for expression, want := range map[string]string{
		`counts[intent.subject] > 1`:              "no such key",
		`contacts / (contacts - 5) == 1`:          "division by zero",
		`contacts % (contacts - 5) == 1`:          "modulus by zero",
		`contacts * 9223372036854775807 == 1`:     "integer overflow",
		`intent.zones[7] == ""`:                   "index out of bounds",
		`counts.all(k, counts[intent.brand] > 1)`: "no such key",
	} {
		rule, mistakes := c.Compile(expression, caps())
		if mistakes != nil {
			t.Errorf("%s: %v", expression, mistakes)
			continue
		}
		if no, err := rule(f); no || err == nil || err.Error() != want {
			t.Errorf("%s: %v, %v", expression, no, err)
		}
	}
	// What does not matter does not fail: this is how CEL reads or.
	rule, _ := c.Compile(`silent || contacts / 0 == 1`, caps())
	if no, err := rule(f); !no || err != nil {
		t.Errorf("got %v, %v", no, err)
	}
}

// The estimate is no less than what a rule costs, and what it costs is limited
// besides: an estimate can be wrong.
func TestCostsAreLimitedTwice(t *testing.T) {
	c, f := compiler(t), someFacts(t)
	checked, issues := c.env.Compile(`counts.all(a, counts.all(b, counts[a] + counts[b] < 100))`)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	estimate, err := c.env.EstimateCost(checked, sizes{len(f.Counts)})
	if err != nil {
		t.Fatal(err)
	}
	for most, want := range map[uint64]bool{estimate.Max: true, 10: false} {
		rule, mistakes := c.rule(checked, most)
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		no, err := rule(f)
		if (err == nil) != want || no != want {
			t.Errorf("of %d: %v, %v", most, no, err)
		}
		if err != nil && err.Error() != "operation cancelled" {
			t.Errorf("it says %q", err)
		}
	}
}

// The clock stops what the limit of costs does not, as it did not in
// cel-expr/cel-go#1281 and #1425.
func TestTheClockStopsWhatRunsOn(t *testing.T) {
	c, f := compiler(t), someFacts(t)
	f.Counts = map[string]int{}
	for i := range 5000 {
		f.Counts[fmt.Sprint("cap", i)] = i
	}
	checked, issues := c.env.Compile(`counts.all(a, counts.all(b, counts[a] + counts[b] >= 0))`)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	program, err := c.env.Program(checked, cel.InterruptCheckFrequency(MostCost)) // and no limit
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := run(program)(f); err == nil {
		t.Error("25 million steps were walked to the end")
	}
	if took := time.Since(start); took > 50*longestRun {
		t.Errorf("it took %s", took)
	}
	// Within the limit the clock is not looked at.
	rule, _ := c.Compile(`counts.exists(k, counts[k] == 7)`, nil)
	f.Counts = map[string]int{"x": 7}
	if no, err := rule(f); !no || err != nil {
		t.Errorf("got %v, %v", no, err)
	}
}

// A rule may be used by any number of goroutines, and says the same each time.
func TestConcurrently(t *testing.T) {
	rule, mistakes := compiler(t).Compile(`counts.exists_one(k, counts[k] == 2) && intent.zones.all(z, z != "")`, caps())
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 100 {
				if no, err := rule(someFacts(t)); !no || err != nil {
					t.Errorf("got %v, %v", no, err)
				}
			}
		}()
	}
	all.Wait()
}

// What a rule can look at is what the facts have, and no more.
func TestEveryNameIsThere(t *testing.T) {
	f := facts{someFacts(t)}
	for _, n := range names() {
		if _, ok := f.ResolveName(n.name); !ok {
			t.Errorf("%s is declared, and nowhere to be found", n.name)
		}
	}
	for _, name := range []string{"intent.person", "intent.id", "intent", ""} {
		if _, ok := f.ResolveName(name); ok {
			t.Errorf("%q is found, and not declared", name)
		}
	}
	if f.Parent() != nil {
		t.Error("there are more names")
	}
}

// An answer that is none is a failure, whatever the library did.
func TestAnswerThatIsNone(t *testing.T) {
	c := compiler(t)
	checked, issues := c.env.Compile(`contacts`)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	program, err := c.env.Program(checked)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(program)(someFacts(t)); err == nil || !strings.Contains(err.Error(), "neither true nor false") {
		t.Errorf("got %v", err)
	}
	if _, err := run(broken{})(someFacts(t)); err == nil || err.Error() != "it broke" {
		t.Errorf("got %v", err)
	}
}

type broken struct{ cel.Program }

func (broken) ContextEval(context.Context, any) (ref.Val, *cel.EvalDetails, error) {
	return nil, nil, errors.New("it broke: anna")
}

// Whatever the expression, it is a rule or a mistake that is somewhere in it, and
// a rule never fails to answer.
func FuzzCompile(f *testing.F) {
	for _, e := range []string{
		`intent.priority < 10 && counts["any"] > 1`, `counts.exists(k, k.startsWith("call"))`, `has(intent.x)`, `[1, "a"]`, `1 +`, "a\nb", `"` + "\xff" + `"`,
		`intent.zones.all(z, z.matches("^a+$"))`, `{"a": 1}.a > contacts`, `silent ? 1/0 > 1 : true`, `counts[intent.brand] > 9223372036854775807`, `a.b(c){d}`,
	} {
		f.Add(e)
	}
	c := compiler(f)
	facts := someFacts(f)
	f.Fuzz(func(t *testing.T, expression string) {
		rule, mistakes := c.Compile(expression, caps())
		if (rule == nil) == (len(mistakes) == 0) {
			t.Fatalf("%v, %v", rule == nil, mistakes)
		}
		for _, m := range mistakes {
			if m.At < 0 || m.At > len([]rune(expression)) || m.What == "" {
				t.Errorf("a mistake without a place: %v", m)
			}
		}
		if rule == nil {
			return
		}
		no, err := rule(facts)
		again, errAgain := rule(facts)
		if no != again || (err == nil) != (errAgain == nil) || err != nil && strings.Contains(err.Error(), "cancelled") {
			t.Errorf("%v, %v and then %v, %v", no, err, again, errAgain)
		}
	})
}

func BenchmarkRule(b *testing.B) {
	rule, mistakes := compiler(b).Compile(`intent.priority < 10 && counts["any"] > 1`, caps())
	if mistakes != nil {
		b.Fatal(mistakes)
	}
	f := someFacts(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rule(f); err != nil {
			b.Fatal(err)
		}
	}
}
