package packs_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones, wherever the tests run

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/policyfile"
)

const house = "no-means-no"

// floors are the packs beside the house's own.
func floors() []string {
	return slices.DeleteFunc(packs.Names(), func(name string) bool { return name == house })
}

func text(t *testing.T, name string) string {
	t.Helper()
	b, ok := packs.Find(name)
	if !ok {
		t.Fatalf("there is no pack %q", name)
	}
	return string(b)
}

func spec(t *testing.T, name string) *rules.Spec {
	t.Helper()
	s, err := policyfile.Parse(packs.File(name), []byte(text(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// terms are those of every rule of a policy, whatever it is a rule of.
func terms(s *rules.Spec) []rules.Terms {
	var found []rules.Terms
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() && v.Type() != reflect.TypeFor[*time.Location]() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			if t, ok := reflect.TypeAssert[rules.Terms](v); ok {
				found = append(found, t)
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(s))
	return found
}

// Issue 4: "each rule cites its paragraph".
func TestEveryRuleCites(t *testing.T) {
	for _, name := range floors() {
		for _, rule := range terms(spec(t, name)) {
			if rule.Cites == "" {
				t.Errorf("%s: the rule cites nothing: write its paragraph", rule.Line)
			}
			if rule.Shadow {
				t.Errorf("%s: a floor that is only on trial is none", rule.Line)
			}
		}
	}
}

// Issue 4: "what is marked unverified says so", and what must be checked.
func TestWhatNobodyReadSaysWhatToCheck(t *testing.T) {
	for _, name := range floors() {
		head, _, _ := strings.Cut(strings.ReplaceAll(text(t, name), "\n# ", " "), "\npolicy:")
		lines := strings.Split(text(t, name), "\n")
		for i, line := range lines {
			if !strings.Contains(line, "unverified: true") || strings.Contains(head, "To check before relying on it") {
				continue
			}
			above := i
			for above > 0 && !strings.HasPrefix(strings.TrimSpace(lines[above]), "#") {
				above--
			}
			comment := ""
			for above > 0 && strings.HasPrefix(strings.TrimSpace(lines[above]), "#") {
				comment = lines[above] + " " + comment
				above--
			}
			if !strings.Contains(comment, "To check") {
				t.Errorf("%s:%d: the comment does not say what is to be checked", packs.File(name), i+1)
			}
		}
	}
}

// "One purpose must not have two meanings": any packs can be named together.
func TestPacksCombine(t *testing.T) {
	names := packs.Names()
	for i, a := range names {
		for _, b := range names[i+1:] {
			if _, err := policyfile.Load(a + "," + b); err != nil {
				t.Errorf("%s with %s: %v", a, b, err)
			}
		}
	}
	if _, err := policyfile.Load(strings.Join(names, ",")); err != nil {
		t.Errorf("all of them: %v", err)
	}
}

func TestPurposesAgree(t *testing.T) {
	ours := spec(t, house)
	for _, name := range floors() {
		s := spec(t, name)
		for _, want := range ours.Purposes {
			if !slices.ContainsFunc(s.Purposes, func(p rules.PurposeSpec) bool {
				return p.Name == want.Name && p.Class == want.Class && p.Role == want.Role
			}) {
				t.Errorf("%s does not know the purpose %s as the house does", name, want.Name)
			}
		}
		for _, want := range ours.Channels {
			if !slices.ContainsFunc(s.Channels, func(c rules.ChannelSpec) bool { return c.Name == want.Name && c.Silent == want.Silent }) {
				t.Errorf("%s does not know the channel %s as the house does", name, want.Name)
			}
		}
		if len(s.Zones) == 0 || s.Zones[0].Zone.String() == "UTC" {
			t.Errorf("%s does not say where its people live", name)
		}
	}
}

// A veto says cap.<name>, and so it says the same whatever a pack is named with.
func TestNamesOfCapsAreTheirOwn(t *testing.T) {
	whose := map[string]string{}
	for _, name := range packs.Names() {
		s := spec(t, name)
		var caps []string
		for _, c := range s.Caps {
			caps = append(caps, c.Name)
		}
		for _, p := range s.Pauses {
			caps = append(caps, p.Name)
		}
		for _, c := range caps {
			if other, taken := whose[c]; taken {
				t.Errorf("cap %s is in %s and in %s", c, other, name)
			}
			whose[c] = name
		}
	}
}

// A pack that hears a no of its own hears none that the house does not.
func TestTheHouseHearsEveryNo(t *testing.T) {
	p, err := policyfile.Load(house)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range floors() {
		for _, phrase := range spec(t, name).OptOutPhrases {
			if !p.Understand(phrase).OptOut {
				t.Errorf("%q is a no to %s, and none to the house", phrase, name)
			}
		}
	}
}

// The default zones stand for all of a region: where some of it keeps another
// time, in these years, one of them does too. The lists are tzdata's zone.tab.
func TestZonesOfTheRegion(t *testing.T) {
	states := []string{
		"America/New_York", "America/Detroit", "America/Kentucky/Louisville", "America/Kentucky/Monticello",
		"America/Indiana/Indianapolis", "America/Indiana/Vincennes", "America/Indiana/Winamac", "America/Indiana/Marengo",
		"America/Indiana/Petersburg", "America/Indiana/Vevay", "America/Chicago", "America/Indiana/Tell_City",
		"America/Indiana/Knox", "America/Menominee", "America/North_Dakota/Center", "America/North_Dakota/New_Salem",
		"America/North_Dakota/Beulah", "America/Denver", "America/Boise", "America/Phoenix", "America/Los_Angeles",
		"America/Anchorage", "America/Juneau", "America/Sitka", "America/Metlakatla", "America/Yakutat", "America/Nome",
		"America/Adak", "Pacific/Honolulu",
	}
	provinces := []string{
		"America/St_Johns", "America/Halifax", "America/Glace_Bay", "America/Moncton", "America/Goose_Bay",
		"America/Blanc-Sablon", "America/Toronto", "America/Iqaluit", "America/Atikokan", "America/Winnipeg",
		"America/Resolute", "America/Rankin_Inlet", "America/Regina", "America/Swift_Current", "America/Edmonton",
		"America/Cambridge_Bay", "America/Inuvik", "America/Creston", "America/Dawson_Creek", "America/Fort_Nelson",
		"America/Whitehorse", "America/Dawson", "America/Vancouver",
	}
	france := []string{"Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion", "Indian/Mayotte"}
	for name, region := range map[string][]string{
		"us-reg-f": states, "us-tsr": states, "us-tcpa": states, "can-spam": states,
		"us-florida": {"America/New_York", "America/Chicago"}, "us-oklahoma": {"America/Chicago"},
		"us-washington": {"America/Los_Angeles"}, "us-massachusetts-debt": {"America/New_York"},
		"ca-utr": provinces, "fr-calls": france, "uk-pecr": {"Europe/London"}, "in-tcccpr": {"Asia/Kolkata"},
	} {
		known := map[string]bool{}
		for _, z := range spec(t, name).Zones {
			if !slices.Contains(region, z.Zone.String()) {
				t.Errorf("%s: %s is not in its region", name, z.Zone)
			}
			known[clocks(z.Zone)] = true
		}
		if name == "fr-calls" { // which names its departments, though two keep the same time
			region = nil
		} else if len(known) != len(spec(t, name).Zones) {
			t.Errorf("%s: two of its zones keep the same time: one is enough", name)
		}
		for _, place := range region {
			loc, err := time.LoadLocation(place)
			if err != nil {
				t.Fatal(err)
			}
			if !known[clocks(loc)] {
				t.Errorf("%s: no default zone keeps the time of %s", name, place)
			}
		}
	}
}

// clocks is how the clocks of a zone are set, hour by hour of three years.
func clocks(loc *time.Location) string {
	var b strings.Builder
	for at := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2028; at = at.Add(time.Hour) {
		_, offset := at.In(loc).Zone()
		b.WriteByte(byte(offset / 900))
	}
	return b.String()
}

// The README's table has every pack, its examples are policies, and what it says
// of the sources is what the files say.
func TestReadme(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range floors() {
		row := regexp.MustCompile("(?m)^\\| `" + name + "` \\|.*\\| ([^|]+) \\|$").FindStringSubmatch(string(b))
		if row == nil {
			t.Errorf("README.md does not say what %s covers", name)
			continue
		}
		unverified, all := 0, terms(spec(t, name))
		for _, rule := range all {
			if rule.Unverified {
				unverified++
			}
		}
		says := map[bool]string{true: "all", false: "a part"}[unverified == len(all)]
		if unverified == 0 {
			says = "–"
		}
		if (row[1] == "all" || row[1] == "–" || says != "a part") && row[1] != says && len(all) > 0 {
			t.Errorf("README.md says that %q of %s is unverified, and the file says %s", row[1], name, says)
		}
	}
	examples := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```").FindAllStringSubmatch(string(b), -1)
	if len(examples) == 0 {
		t.Error("README.md has no examples")
	}
	for _, e := range examples {
		if _, err := policyfile.Parse("README.md", []byte(e[1])); err != nil {
			t.Errorf("%v in\n%s", err, e[1])
		}
	}
}

// Issue 4: "each pack carries the regulator's own examples as cases".
func TestEveryPackHasCases(t *testing.T) {
	for _, name := range floors() {
		if _, err := os.Stat(filepath.Join("..", "scenario", "corpus", "packs", name+".scenario")); err != nil {
			t.Errorf("%s has no cases: %v", name, err)
		}
	}
}
