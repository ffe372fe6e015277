package packs

import (
	"bytes"
	"os"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	names := Names()
	if !slices.IsSorted(names) || !slices.Contains(names, "no-means-no") {
		t.Errorf("the names are %q", names)
	}
	for _, name := range names {
		got, ok := Find(name)
		want, err := os.ReadFile(File(name))
		if !ok || err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its file says (%v)", name, err)
		}
		got[0] = 'x'
		if again, _ := Find(name); !bytes.Equal(again, want) {
			t.Errorf("%s can be written to", name)
		}
	}
	for _, name := range []string{"", ".", "no-means-yes", "../packs/no-means-no", "no-means-no.yaml"} {
		if _, ok := Find(name); ok {
			t.Errorf("there is no policy %q", name)
		}
	}
}
