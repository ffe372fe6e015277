package completion

import (
	"slices"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/zones"
)

// What is offered is understood.
func TestEveryZoneThatIsOfferedIsOne(t *testing.T) {
	var find zones.Finder
	all := Zones("")
	if len(all) < 400 || !slices.IsSorted(all) || !slices.Contains(all, "Europe/Berlin") || !slices.Contains(all, "Etc/UTC") {
		t.Errorf("%d zones are offered", len(all))
	}
	for _, name := range all {
		if _, err := find.Find(name); err != nil {
			t.Error(err)
		}
	}
	if got := Zones("europe/ber"); !slices.Equal(got, []string{"Europe/Berlin"}) {
		t.Errorf("got %q", got)
	}
	if got := Zones("Nowhere"); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestPoliciesAreOfferedBehindCommasToo(t *testing.T) {
	if got := Policies(""); !slices.Equal(got, packs.Names()) {
		t.Errorf("got %q", got)
	}
	if got := Policies("no-m"); !slices.Equal(got, []string{"no-means-no"}) {
		t.Errorf("got %q", got)
	}
	for _, name := range Policies("no-means-no,us-") {
		if !strings.HasPrefix(name, "no-means-no,us-") {
			t.Errorf("got %q", name)
		}
	}
	if got := Policies("no-means-no,"); len(got) != len(packs.Names())-1 || slices.Contains(got, "no-means-no,no-means-no") {
		t.Errorf("got %q", got)
	}
}

func TestWordsAreThoseThatTheHelpNames(t *testing.T) {
	for help, want := range map[string][]string{
		"text or json": {"text", "json"}, "text, or json: one object a line": {"text", "json"}, "file to write, - for standard output": nil, "text, json or csv": {"text", "json", "csv"},
	} {
		if got := Words(help, "text", "json", "csv"); !slices.Equal(got, want) {
			t.Errorf("%s: %q", help, got)
		}
	}
}
