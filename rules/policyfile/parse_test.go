package policyfile

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

var update = flag.Bool("update", false, "write the error texts in testdata anew; only commit what you understand")

func read1(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mistakes(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no mistakes in testdata: %v", err)
	}
	return files
}

// Each file in testdata has one mistake, after which it is named. The text
// beside it is what its author is told.
func TestMistakes(t *testing.T) {
	for _, path := range mistakes(t) {
		name := filepath.Base(path)
		t.Run(strings.TrimSuffix(name, ".bad.yaml"), func(t *testing.T) {
			spec, err := Parse(name, read1(t, path))
			if err == nil || spec != nil {
				t.Fatal("the mistake was not noticed")
			}
			if typed := (*Errors)(nil); !errors.As(err, &typed) || len(typed.Problems) != strings.Count(err.Error(), "\n")+1 {
				t.Errorf("want *Errors with one line a problem, got %T", err)
			}
			golden := strings.TrimSuffix(path, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(read1(t, golden)); err.Error()+"\n" != want {
				t.Errorf("got\n%s\nwant\n%s", err, want)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	_, err := Parse("large.yaml", []byte(strings.Repeat("#", strictyaml.Largest+1)))
	if want := "large.yaml:1:1: the policy has more than 1048576 bytes: nobody can read that; split it, and name several"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := Parse("full.yaml", append(read1(t, "testdata/good.yaml"), strings.Repeat("#", 500_000)...)); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, path := range mistakes(f) {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, name := range packs.Names() {
		b, _ := packs.Find(name)
		f.Add(b)
	}
	f.Add(read1(f, "testdata/good.yaml"))
	f.Fuzz(func(t *testing.T, b []byte) {
		spec, err := Parse("fuzz.yaml", b)
		if (spec == nil) == (err == nil) {
			t.Fatalf("want a spec or an error, got %v and %v", spec, err)
		}
		if err == nil {
			if _, problems := rules.Compile(spec); problems != nil {
				t.Errorf("it parses, and does not compile: %v", problems)
			}
			return
		}
		typed := (*Errors)(nil)
		if !errors.As(err, &typed) {
			t.Fatalf("want *Errors, got %T", err)
		}
		for _, p := range typed.Problems {
			if p.At.File != "fuzz.yaml" || p.At.Line < 1 || p.At.Column < 1 || p.What == "" || strings.Contains(p.What, "%!") && !bytes.Contains(b, []byte("%!")) {
				t.Errorf("a problem without a place: %v", p)
			}
		}
	})
}
