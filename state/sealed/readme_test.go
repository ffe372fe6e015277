package sealed

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What README.md says about looking somebody up finds them.
func TestTheReadmeFindsSomebody(t *testing.T) {
	for _, program := range []string{"sh", "openssl", "xxd", "base64", "od"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s on this machine", program)
		}
	}
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(b), "## To look somebody up")
	_, script, _ = strings.Cut(script, "```sh\n")
	script, _, _ = strings.Cut(script, "```")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "governor-identity"), []byte("# ours\n"+line(1)+"\n"+line(2)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "person=ada")
	out, err := cmd.Output()
	if want := keys(t, 1).all[0].living("ada"); err != nil || strings.TrimSpace(string(out)) != string(want) {
		t.Errorf("it says %q, %v; want %s", out, err, want)
	}
}
