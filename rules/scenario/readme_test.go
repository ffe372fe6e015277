package scenario

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "\n## Scenarios\n")
	if !ok {
		t.Fatal("the README has no section on scenarios")
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// The README says every word of the language, and what it shows is a scenario. That
// it comes out as expected is tested in consumer/replay.
func TestReadme(t *testing.T) {
	text := readme(t)
	shown := regexp.MustCompile("(?s)```scenario\n(.*?)```").FindStringSubmatch(text)
	if shown == nil {
		t.Fatal("the README shows no scenario")
	}
	one(t, shown[1])
	words := append(wantWords(), "?", "in all", "then", "times", "every", "daily", "time passes", "redeem", "outcome", "record", "redeemed")
	for _, v := range verbs() {
		words = append(words, v.words, v.kind)
	}
	s := &sentence{}
	for _, v := range verbs() {
		if v.clauses != nil {
			for _, c := range v.clauses(s) {
				words = append(words, c.word)
			}
		}
	}
	words = append(words, "message", "reply_to", "engine", "priority", "manual", "preview", "predictive", "prerecorded", "with promotion", "made",
		"not before", "not after", "in no zone", "also", "of", "by decision", "waived")
	for _, word := range words {
		if !regexp.MustCompile("`[^`\n]*" + strings.ReplaceAll(regexp.QuoteMeta(word), " ", "[ `\n]+")).MatchString(text) {
			t.Errorf("the README does not say %q", word)
		}
	}
}
