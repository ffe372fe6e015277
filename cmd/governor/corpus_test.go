package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules/scenario"
	"github.com/contactgovernor/governor/state/memstate"
)

// oneIn is how many scenarios there are to one that goes through the binary: a process
// that the race detector watches takes ten times as long to begin, and has no race that
// others have not.
func oneIn() int {
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return 16
	}
	return 1
}

// commandLine is the variable that makes of this test binary the governor.
const commandLine = "GOVERNOR_TEST_COMMAND_LINE"

// TestBeTheGovernor is no test: it is what the process does that a test starts.
func TestBeTheGovernor(t *testing.T) {
	line, started := os.LookupEnv(commandLine)
	if !started {
		t.Skip("only for the process that TestCorpusThroughTheBinary starts")
	}
	os.Args = append(os.Args[:1], strings.Split(line, "\n")...)
	main() // and no further
}

// "The corpus of the project runs three ways: pure, over Redis, through the binary"
// (issue 4). Over Redis it runs in consumer/replay; here `governor replay`, a process,
// must write what memory in this process gives, to the byte.
func TestCorpusThroughTheBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each scenario takes its time")
	}
	t.Chdir("../../rules/scenario/corpus")
	paths, err := filepath.Glob(filepath.Join("*", "*"+scenario.Extension))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	var policies replay.Policies
	seen, every := 0, oneIn()
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := scenario.Parse(path, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range f.Scenarios {
			if seen++; seen%every != 0 {
				continue
			}
			policy, err := policies.Of(s)
			if err != nil {
				continue // consumer/replay tells why, and whether that is expected
			}
			came, err := replay.Play(t.Context(), policy, memstate.New(), s.Recording())
			if err != nil {
				t.Fatalf("%s: %v", s.At, err)
			}
			var want []scenario.Output
			for _, list := range came {
				want = append(want, list...)
			}
			// The rates of a minute are written when it is over, of the last at the end.
			isRate := func(o scenario.Output) bool { return o.Topic == governor.VetoRates }
			want = slices.DeleteFunc(want, isRate)
			got := slices.DeleteFunc(replayed(t, s), isRate)
			for i := range min(len(want), len(got)) {
				if diff := cmp.Diff(want[i], got[i]); diff != "" {
					t.Fatalf("%s: record %d (-in process +binary):\n%s", s.At, i, diff)
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%s: %d records in process, %d from the binary", s.At, len(want), len(got))
			}
		}
	}
}

// replayed is what `governor replay` writes of a scenario.
func replayed(t *testing.T, s *scenario.Scenario) []scenario.Output {
	t.Helper()
	dir, policy := ".", replay.PolicyNames(s)
	if s.Policy.Text != nil { // at the same place, so that the lines of its rules are the same
		dir, policy = t.TempDir(), s.At.File
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(policy)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, policy), s.Policy.Text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var recording []byte
	for _, r := range s.Recording() {
		recording = append(r.AppendJSON(recording), '\n')
	}
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	var out, talk bytes.Buffer
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestBeTheGovernor$")
	cmd.Env = append(os.Environ(), commandLine+"=replay\n--policy\n"+policy)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, bytes.NewReader(recording), &out, &talk
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: governor replay: %v\n%s", s.At, err, &talk)
	}
	list, err := replay.Outputs(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return list
}
