package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules/packs"
)

// help is what a command says of itself.
type help struct {
	path     []string // of the command, without governor
	short    string   // as the list that it is in has it
	long     string
	examples []string // one command line each
	below    []help
}

// helpOf asks a command, and those below it.
func helpOf(t *testing.T, short string, path ...string) help {
	t.Helper()
	out, talk, exit := typed(t, append(slices.Clone(path), "--help")...)
	if exit != 0 || talk != "" {
		t.Fatalf("governor %s --help: exit status %d\n%s", strings.Join(path, " "), exit, talk)
	}
	h := help{path: path, short: short}
	h.long, out, _ = strings.Cut(out, "\nUsage:\n")
	if _, after, has := strings.Cut(out, "\nExamples:\n"); has {
		text, _, _ := strings.Cut(after, "\n\n")
		for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
			h.examples = append(h.examples, strings.TrimSpace(line))
		}
	}
	if _, after, has := strings.Cut(out, "\nAvailable Commands:\n"); has {
		list, _, _ := strings.Cut(after, "\n\n")
		for line := range strings.Lines(list) {
			name, short, _ := strings.Cut(strings.TrimSpace(line), " ")
			if name != "help" { // cobra's own
				h.below = append(h.below, helpOf(t, strings.TrimSpace(short), append(slices.Clone(path), name)...))
			}
		}
	}
	return h
}

// each visits the command and all below it.
func (h help) each(visit func(help)) {
	visit(h)
	for _, b := range h.below {
		b.each(visit)
	}
}

// "Help with an example for each command": a line that says what it does, some that say
// how, and examples that begin with what is to be typed.
func TestEveryCommandExplainsItself(t *testing.T) {
	seen := 0
	helpOf(t, "").each(func(h help) {
		name := "governor " + strings.Join(h.path, " ")
		if len(h.path) == 0 {
			return // its list of commands is its examples
		}
		seen++
		if h.short == "" || strings.HasSuffix(h.short, ".") {
			t.Errorf("%s: its Short is %q: say in a line what it does, without a full stop", name, h.short)
		}
		if strings.TrimSpace(h.long) == h.short || len(h.long) < 60 {
			t.Errorf("%s: it has no Long: say what it promises, and what its exit status is", name)
		}
		if len(h.examples) == 0 {
			t.Errorf("%s: it has no Example: show at least one line that somebody would type", name)
		}
		for _, line := range h.examples {
			if !strings.Contains(line, name+" ") && !strings.HasSuffix(line, name) && len(h.below) == 0 {
				t.Errorf("%s: this is no example of it: %s", name, line)
			}
		}
	})
	if seen < 20 {
		t.Errorf("only %d commands found: this test looks in the wrong place", seen)
	}
}

// Every example can be typed: its flags are there. Those that need neither Kafka nor
// Redis, and show no demo, are run, in a folder with the repository's files and those that
// the examples name, and end well.
func TestEveryExampleCanBeTyped(t *testing.T) {
	folder := examplesFolder(t)
	ran := map[string]bool{}
	helpOf(t, "").each(func(h help) {
		for _, line := range h.examples {
			args, in := arguments(t, line)
			if _, talk, exit := typed(t, append(slices.Clone(args), "--help")...); exit != 0 {
				t.Errorf("%s: %s", line, talk)
				continue
			}
			if needs(args) || testing.Short() && args[0] == "week" { // for which the race detector takes long
				continue
			}
			ran[args[0]] = true
			t.Run(line, func(t *testing.T) {
				t.Chdir(folder)
				var out, talk bytes.Buffer
				err := execute(t.Context(), args, strings.NewReader(in), &out, &talk)
				if strict := slices.Contains(args, "--strict") && status(err) == 1; err != nil && !strict || out.Len() == 0 { // no-means-no has warnings
					t.Errorf("exit status %d, %d bytes on standard output\n%s", status(err), out.Len(), &talk)
				}
			})
		}
	})
	for _, name := range []string{"check", "week", "explain", "backtest", "replay", "test", "verify", "size", "asyncapi", "completion"} {
		if !ran[name] && !(testing.Short() && name == "week") {
			t.Errorf("no example of governor %s was run", name)
		}
	}
}

// needs tells whether an example needs what is not here: a Kafka and a Redis, a governor
// that runs, or the minutes that a demo takes.
func needs(args []string) bool {
	return slices.Contains([]string{"demo", "probe"}, args[0]) ||
		slices.ContainsFunc(args, func(a string) bool { return a == "--config" || a == "--brokers" })
}

// arguments are those that a shell would hand over, and what comes from whatever stands
// before the governor.
func arguments(t *testing.T, line string) (args []string, in string) {
	t.Helper()
	word := regexp.MustCompile(`'[^']*'|"[^"]*"|[^\s'"]+`)
	words := word.FindAllString(line, -1)
	at := slices.Index(words, "governor")
	if at < 0 {
		t.Fatalf("%s: no governor is in it", line)
	}
	if at > 0 {
		in = recorded(t)
	}
	for _, w := range words[at+1:] {
		if w == "|" || w == ">" {
			break
		}
		args = append(args, strings.Trim(w, `'"`))
	}
	return args, in
}

// recorded is the day of deploy, with the ids that the examples have.
func recorded(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash("../../deploy/day.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.ReplaceAll(string(b), "by-mail-then", "spring-4711"), `"mara"`, `"p9f31"`)
}

// examplesFolder is a folder with every file that an example names.
func examplesFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "deploy"), os.DirFS(filepath.FromSlash("../../deploy"))); err != nil {
		t.Fatal(err)
	}
	policy, found := packs.Find("no-means-no")
	if !found {
		t.Fatal("no-means-no is not built in")
	}
	history := recorded(t)
	out, talk, exit := answered(t, history, "replay", "--policy", "no-means-no")
	if exit != 0 {
		t.Fatal(talk)
	}
	all := map[string]string{"recorded.jsonl": history, "replayed.jsonl": out}
	for _, name := range []string{"ours", "old", "new"} {
		all[name+".yaml"] = strings.Replace(string(policy), "policy: no-means-no", "policy: "+name, 1)
	}
	maps.Copy(all, map[string]string{
		"dumps/one.jsonl":     filesOf(t, "verify")["dump/one.jsonl"],
		"limits.yaml":         filesOf(t, "verify")["limits.yaml"],
		"policies/a.scenario": filesOf(t, "test")["ours/anna.scenario"],
		"policies/ours.yaml":  filesOf(t, "test")["ours/ours.yaml"],
	})
	all["ours.scenario"] = strings.ReplaceAll(all["policies/a.scenario"], "ours.yaml", "policies/ours.yaml")
	for name, text := range all {
		write(t, filepath.Join(folder, name), text)
	}
	return folder
}

// filesOf are the files of a script in testdata.
func filesOf(t *testing.T, script string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", script+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	files, name := map[string]string{}, ""
	for line := range strings.Lines(string(b)) {
		if rest, begins := strings.CutPrefix(line, "file "); begins {
			name = strings.TrimSpace(rest)
		}
		if text, inside := strings.CutPrefix(line, "|"); inside {
			files[name] += strings.TrimPrefix(text, " ")
		}
	}
	return files
}

// answered runs one command line with something on its standard input.
func answered(t *testing.T, in string, args ...string) (out, talk string, exit int) {
	t.Helper()
	var o, e bytes.Buffer
	err := execute(t.Context(), args, strings.NewReader(in), &o, &e)
	return o.String(), e.String(), status(err)
}
