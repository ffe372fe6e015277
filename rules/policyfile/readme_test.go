package policyfile

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What the README shows as a policy is one.
func TestReadmeSnippets(t *testing.T) {
	snippets := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(snippets) == 0 {
		t.Fatal("there is no policy in the README")
	}
	for _, s := range snippets {
		if _, err := Parse("README.md", []byte(s[1])); err != nil {
			t.Errorf("%v\nin\n%s", err, s[1])
		}
	}
}

// The README explains every key, and every class.
func TestReadmeIsComplete(t *testing.T) {
	text := readme(t)
	var known []string
	r := reader{}
	for _, f := range r.policyFields(false) {
		if f.Read != nil {
			known = append(known, f.Key)
		}
	}
	for _, c := range rules.Classes() {
		known = append(known, string(c))
	}
	for _, word := range known {
		if !strings.Contains(text, "| `"+word+"` |") {
			t.Errorf("the README has no line for %s", word)
		}
	}
}

// Whatever a policy can say is named in the README, in code.
func TestReadmeNamesEveryKey(t *testing.T) {
	text := readme(t)
	for _, o := range objects() {
		for _, f := range o.fields {
			if f.Read != nil && !regexp.MustCompile("[`:][^`|]*\\b"+f.Key+"\\b").MatchString(text) {
				t.Errorf("the README does not name %s of %s", f.Key, o.name)
			}
		}
	}
}

// The README's day is what the house policy decides, line by line.
func TestReadmeDay(t *testing.T) {
	policy, err := Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^\| ([0-9:]{5}) \| (.*?) \| (.*?) \| .* \|$`)
	intent := regexp.MustCompile("^`([a-z_]+)` by `([a-z]+)`, campaign `([a-z-]+)`$")
	who := rules.Person{Zones: []*time.Location{berlin}}
	lines := line.FindAllStringSubmatch(readme(t), -1)
	if len(lines) < 10 {
		t.Fatalf("the day has %d lines", len(lines))
	}
	for _, l := range lines {
		clock, err := time.ParseInLocation("2006-01-02 15:04", "2026-05-04 "+l[1], berlin)
		if err != nil {
			t.Fatal(err)
		}
		now := rules.At(clock)
		says := intent.FindStringSubmatch(l[2])
		if says == nil {
			if !policy.Understand("STOP").OptOut || !strings.Contains(l[2], "`STOP`") {
				t.Fatalf("what is %q?", l[2])
			}
			who.Noes = append(who.Noes, rules.No{Kind: rules.Refused, Scope: rules.Scope{Channel: "sms"}, At: now})
			who.OptOut = now
			continue
		}
		in := rules.Intent{
			ID: rules.IntentID(l[1]), Person: "anna", Purpose: rules.Purpose(says[1]),
			Channel: rules.Channel(says[2]), Campaign: rules.Campaign(says[3]), At: now,
		}
		d := rules.Decide(policy, &who, &in, now)
		local := func(i rules.Instant) string { return i.Time().In(berlin).Format("Mon 15:04") }
		got := "no, `" + string(d.Reason()) + "`; for good"
		switch {
		case d.Verdict == rules.Approved:
			got = "yes, until " + local(d.NotAfter)
			who.Contacts = append(who.Contacts, rules.Contact{
				Intent: in.ID, At: now, Channel: in.Channel, Purpose: in.Purpose, Campaign: in.Campaign,
				Class: policy.Judged(&in), Fate: rules.Happened, Delivered: now,
			})
		case !d.Final():
			got = "no, `" + string(d.Reason()) + "`; from " + local(d.Earliest)
		}
		if got != l[3] {
			t.Errorf("at %s the governor says %s, the README %s", l[1], got, l[3])
		}
	}
}
