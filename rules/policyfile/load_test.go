package policyfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules/packs"
)

// inFolder changes to an empty folder with these files in it.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func TestBuiltInPoliciesLoad(t *testing.T) {
	for _, name := range packs.Names() {
		p, err := Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name() != name {
			t.Errorf("policy %q calls itself %q", name, p.Name())
		}
		text, _ := packs.Find(name)
		if !strings.HasPrefix(string(text), "# yaml-language-server: $schema=../policyfile/policy.schema.json\n") {
			t.Errorf("%s does not begin with the line that names its schema to editors", packs.File(name))
		}
	}
}

const (
	one = "policy: one\npurposes: {marketing: solicitation}\nchannels: {email: {}}\n"
	two = "policy: two\npurposes: {marketing: solicitation, dues: collection}\nchannels: {email: {}, mail: {}}\n"
)

func TestLoadFiles(t *testing.T) {
	inFolder(t, map[string]string{"one.yaml": one, "two.yaml": two, "no-means-no": two})
	for names, want := range map[string]string{
		"one.yaml":               "one",
		"one.yaml, two.yaml":     "one+two",
		"two.yaml,no-means-no":   "two+no-means-no", // the built-in one, whatever lies in the folder
		"./no-means-no,one.yaml": "two+one",
	} {
		p, err := Load(names)
		if err != nil {
			t.Errorf("%s: %v", names, err)
			continue
		}
		if p.Name() != want {
			t.Errorf("%s is called %q, want %q", names, p.Name(), want)
		}
	}
}

// The hash is that of the bytes in order: another order, and another byte, are
// another policy.
func TestHash(t *testing.T) {
	inFolder(t, map[string]string{"one.yaml": one, "two.yaml": two, "commented.yaml": one + "# c\n"})
	seen := map[string]string{}
	for _, names := range []string{"one.yaml", "two.yaml", "commented.yaml", "one.yaml,two.yaml", "two.yaml,one.yaml"} {
		p, err := Load(names)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[p.Hash()]; twice {
			t.Errorf("%s and %s have the same hash", names, other)
		}
		seen[p.Hash()] = names
	}
	if seen[hash([]byte(one+two))] != "one.yaml,two.yaml" {
		t.Error("the hash is not that of the bytes in order")
	}
	// The words that are borrowed are part of what was said.
	borrows := []byte("policy: three\nvocabulary: no-means-no\n")
	lent, _ := packs.Find("no-means-no")
	if got := mustParse(t, "three.yaml", string(borrows)).Hash; got != hash(borrows, lent) || got == hash(borrows) {
		t.Errorf("the hash is %s whatever the vocabulary says", got)
	}
}

func TestLoadErrors(t *testing.T) {
	inFolder(t, map[string]string{
		"one.yaml":   one,
		"again.yaml": "# another\n" + one,
		"bad1.yaml":  one + "silence: {after: 0}\n",
		"bad2.yaml":  two + "\nsilence: {after: 90}\nmax_age: 0\n",
		"sells.yaml": "policy: sells\npurposes:\n  marketing: person\nchannels: {email: {}}\n",
	})
	builtIn := strings.Join(packs.Names(), ", ")
	for names, want := range map[string]string{
		"":                    "a policy without a name: write the path of a file, or a built-in policy (" + builtIn + ")",
		"one.yaml,":           "a policy without a name: write the path of a file, or a built-in policy (" + builtIn + ")",
		"no-means-yes":        `no policy "no-means-yes": it is not built in (` + builtIn + ` is), and as the path of a file: open no-means-yes: no such file or directory`,
		"one.yaml,one.yaml":   `policy "one.yaml" is named twice: name it once`,
		"one.yaml,again.yaml": `again.yaml:1:1: policy "one" is the name of one.yaml too: give each a name of its own`,
		"bad2.yaml,bad1.yaml": `bad2.yaml:5:18: "after" has no unit: write for example 90m, 90h or 90d` + "\n" +
			`bad2.yaml:6:10: "max_age" must be longer than nothing, not 0: write for example 72h, or leave it out` + "\n" +
			`bad1.yaml:4:18: "after" must be longer than nothing, not 0: write for example 90d, or leave it out`,
		"one.yaml,sells.yaml": `sells.yaml:3:3: purpose "marketing" is person here, and solicitation at one.yaml:2:12: let the policies agree, or do not combine them`,
		// Everything at once, also what could not be read.
		"gone.yaml,bad1.yaml,,bad1.yaml,bad2.yaml": "no policy \"gone.yaml\": it is not built in (" + builtIn + " is), and as the path of a file: open gone.yaml: no such file or directory\n" +
			"a policy without a name: write the path of a file, or a built-in policy (" + builtIn + ")\n" +
			`policy "bad1.yaml" is named twice: name it once` + "\n" +
			`bad1.yaml:4:18: "after" must be longer than nothing, not 0: write for example 90d, or leave it out` + "\n" +
			`bad2.yaml:5:18: "after" has no unit: write for example 90m, 90h or 90d` + "\n" +
			`bad2.yaml:6:10: "max_age" must be longer than nothing, not 0: write for example 72h, or leave it out`,
	} {
		p, err := Load(names)
		if p != nil || err == nil || err.Error() != want {
			t.Errorf("%q: got\n%v\nwant\n%s", names, err, want)
		}
	}
	if _, err := Load("no-means-yes"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not about a missing file", err)
	}
	if _, err := Load("."); err == nil {
		t.Error("a folder is no policy")
	}
}

// A file that has no end is not read to its end.
func TestLoadEndless(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("this machine has no /dev/zero")
	}
	if _, err := Load("/dev/zero"); err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
}
