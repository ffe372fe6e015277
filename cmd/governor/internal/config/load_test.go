package config

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// write makes a configuration file in a folder of its own.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "governor.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// "Default is what an empty file means."
func TestEmptyFileIsAllDefaults(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# nothing\n", "---\n", "---\n# nothing\n", "{}\n"} {
		got, err := Load(write(t, text))
		if err != nil || !reflect.DeepEqual(got, Default()) {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}
