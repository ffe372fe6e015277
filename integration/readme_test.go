//go:build integration

package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// "Every command in a README is executed by a test." Each line of a shell block of README.md is run here as it stands, in
// the repository, by the real binary; one that this test does not know fails it.
func TestEveryCommandOfTheREADMEDoesWhatItSays(t *testing.T) {
	said, err := os.ReadFile("../README.md")
	must(t, err)
	binary, err := governorBinary()
	must(t, err)
	ran := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(said), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			ran++
			t.Run(line, func(t *testing.T) {
				if line == "go test ./..." {
					script, err := os.ReadFile("../.ci/run")
					must(t, err)
					if !strings.Contains(string(script), line) {
						t.Error(".ci/run does not run it")
					}
					return
				}
				if url, asked := strings.CutPrefix(line, "curl -s "); asked {
					asks(t, binary, string(said), url)
					return
				}
				args, ours := strings.CutPrefix(line, "go run ./cmd/governor ")
				if !ours {
					t.Fatal("no test runs this command")
				}
				command := exec.Command(binary, strings.Fields(args)...)
				command.Dir = ".."
				command.Env = append(os.Environ(), "XDG_CACHE_HOME="+t.TempDir(), "NO_COLOR=1")
				switch {
				case strings.HasPrefix(args, "run "):
					waits(t, command)
				case strings.HasPrefix(args, "replay "):
					tellsTheDay(t, command, string(said))
				case args == "demo":
					shows(t, command, "105,754", "41,188", "88.0 %")
				case args == "demo --quick --page":
					staysUp(t, command)
				case args == "demo --with-workers":
					shows(t, command, "yes,\n                    as before", "contact.revoked", "contact.leaked", "List-Unsubscribe-Post", "abandon.cooldown")
				case slices.Contains([]string{"check", "week", "explain", "backtest"}, strings.Fields(args)[0]):
					answers(t, command, string(said), strings.Fields(args)[0])
				default:
					t.Fatal("no test runs this command")
				}
			})
		}
	}
	if ran < 4 {
		t.Errorf("only %d commands found: this test looks in the wrong place", ran)
	}
}

// waits starts a governor by the example, whose Kafka is not there: it says where it looks, and stops when told to.
func waits(t *testing.T, command *exec.Cmd) {
	t.Helper()
	p := startProcess(t, command)
	p.says(t, "127.0.0.1:9092")
	p.Stop(t)
}

// tellsTheDay wants every answer that the table of the day names to be given, in its order.
func tellsTheDay(t *testing.T, command *exec.Cmd, readme string) {
	t.Helper()
	out, err := command.Output()
	must(t, err)
	_, day, _ := strings.Cut(readme, "| UTC |")
	day, _, _ = strings.Cut(day, "\n\n")
	told := string(out)
	codes := regexp.MustCompile("`([a-z._]+)`").FindAllStringSubmatch(day, -1)
	if len(codes) < 4 {
		t.Fatalf("the day has only %d codes", len(codes))
	}
	for _, code := range codes {
		_, after, found := strings.Cut(told, `"`+code[1]+`"`)
		if !found {
			t.Errorf("the README says %s next, and the governor does not", code[1])
			continue
		}
		told = after
	}
}

// answers wants everything to be said that the table says is said here.
func answers(t *testing.T, command *exec.Cmd, readme, name string) {
	t.Helper()
	out, err := command.Output()
	must(t, err)
	saysWhatTheTableSays(t, string(out), readme, name)
}

// saysWhatTheTableSays wants the words of the last column of the table to be in the answer.
func saysWhatTheTableSays(t *testing.T, out, readme, name string) {
	t.Helper()
	_, row, found := strings.Cut(readme, "\n| `"+name+"` | ")
	row, _, _ = strings.Cut(row, " |\n")
	_, here, _ := strings.Cut(row, " | ")
	words := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(here, -1)
	if !found || len(words) == 0 {
		t.Fatalf("the README's table does not say what %s answers here", name)
	}
	for _, word := range words {
		if !strings.Contains(out, word[1]) {
			t.Errorf("the README says %q is said, and it is not:\n%s", word[1], out)
		}
	}
}

// asks starts a governor whose Kafka is not there, with the key that the README shows, and asks it how it fares.
func asks(t *testing.T, binary, readme, url string) {
	t.Helper()
	key := regexp.MustCompile(`(?m)^http: .*$`).FindString(readme)
	file := filepath.Join(t.TempDir(), "governor.yaml")
	must(t, os.WriteFile(file, []byte("kafka: {brokers: [\"127.0.0.1:1\"]}\n"+key+"\n"), 0o600))
	p := startProcess(t, exec.Command(binary, "run", "--config", file))
	p.says(t, "cannot reach Kafka at 127.0.0.1:1")
	out, err := exec.Command("curl", "-s", url).Output()
	must(t, err)
	saysWhatTheTableSays(t, string(out), readme, url[strings.LastIndex(url, "/")+1:])
	p.Stop(t)
}

// shows runs the whole demo.
func shows(t *testing.T, command *exec.Cmd, figures ...string) {
	t.Helper()
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, lastLines(string(out), 40))
	}
	for _, figure := range figures {
		if !strings.Contains(string(out), figure) {
			t.Errorf("the demo does not say %s", figure)
		}
	}
}

// What the contributor's page tells people to type is there.
func TestEveryStepOfTheContributorsPageExists(t *testing.T) {
	page, err := os.ReadFile("../.github/CONTRIBUTING.md")
	must(t, err)
	script, err := os.ReadFile("../.ci/run")
	must(t, err)
	for _, named := range regexp.MustCompile(`\.ci/run ([a-z_ ]+)`).FindAllStringSubmatch(string(page), -1) {
		for _, step := range strings.Fields(named[1]) {
			if !strings.Contains(string(script), "\n"+step+"() {") {
				t.Errorf(".ci/run has no step %s", step)
			}
		}
	}
	for _, named := range regexp.MustCompile("`(\\.ci/[a-z]+)").FindAllStringSubmatch(string(page), -1) {
		if _, err := os.Stat(filepath.Join("..", named[1])); err != nil {
			t.Errorf("%s is not there", named[1])
		}
	}
}
