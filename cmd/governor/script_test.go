package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Only commit what -update wrote if you understand what caused it.
var update = flag.Bool("update", false, "write what the commands answer now into the scripts in testdata")

// Each script in testdata tells what somebody types and what the governor
// answers, in a folder of its own:
//
//	# why this is here
//	file NAME               a file, with these lines
//	| text
//	> governor run --help   a command; < NAME at its end is its standard input
//	1 text                  its standard output
//	2 text                  its standard error
//	= 0                     its exit status
//
// A test plays the commands again and wants the same script to come out.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			path, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			got := play(t, string(want))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-script +what happened):\n%s", diff)
			}
		})
	}
}

// play runs the commands of a script, and returns it with what they answered.
func play(t *testing.T, script string) string {
	t.Helper()
	var out strings.Builder
	files := map[string]*strings.Builder{}
	file := ""
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "1", "2", "=":
			continue // what was answered before
		case "file":
			file = rest
			files[file] = &strings.Builder{}
		case "|":
			fmt.Fprintln(files[file], rest)
		case "", "#", ">":
		default:
			t.Fatalf("%q: begin a line with #, file, |, >, 1, 2 or =", line)
		}
		fmt.Fprintln(&out, line)
		if mark == ">" {
			for name, text := range files {
				write(t, name, text.String())
			}
			clear(files)
			answer(t, &out, rest)
		}
	}
	return out.String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// answer runs one command and writes what it answers.
func answer(t *testing.T, script io.Writer, command string) {
	t.Helper()
	command, from, given := strings.Cut(command, " < ")
	var in io.Reader = strings.NewReader("")
	if given {
		f, err := os.Open(from)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		in = f
	}
	args, ours := strings.CutPrefix(command, "governor")
	if !ours {
		t.Fatalf("%q: a script plays the governor only", command)
	}
	var out, talk bytes.Buffer
	err := execute(t.Context(), strings.Fields(args), in, &out, &talk)
	for mark, stream := range []*bytes.Buffer{&out, &talk} {
		for line := range strings.Lines(stream.String()) {
			fmt.Fprintln(script, strings.TrimRight(fmt.Sprintf("%d %s", mark+1, line), " \n"))
		}
	}
	fmt.Fprintln(script, "=", status(err))
}
