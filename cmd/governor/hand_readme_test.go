package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// "Every command in a README is executed by a test." Each line of the shell blocks of what
// an operator's hand can do is typed here, in its order, and succeeds.
func TestWhatTheREADMEsOfTheHandTypeWorks(t *testing.T) {
	o := operate(t)
	// There is an intent of that name, and a letter at 3/17.
	o.wantsTo("spring-4711", "p9f31", `"channel":"email","purpose":"marketing","campaign":"spring"`)
	o.decision("contact.approved", "spring-4711")
	key := "p0"
	for i := 1; o.partition(key) != 3; i++ {
		key = fmt.Sprintf("p%d", i)
	}
	for i := range 19 {
		wrong := o.publish("contact.intents", key, fmt.Sprintf(`{"id":"w%d","person":%q,"channel":"emial","purpose":"marketing","campaign":"w%d","at":%q}`, i, key, i, stamp()))
		if place, _ := o.letter(wrong); i == 17 && place != "3/17" {
			t.Fatalf("it lies at %s", place)
		}
	}
	list := filepath.Join(t.TempDir(), "list.txt")
	write(t, list, "ben\ncid\n")
	ran := 0
	for _, readme := range []string{"why", "refuse", "deadletters"} {
		said, err := os.ReadFile("internal/" + readme + "/README.md")
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(said), -1) {
			for line := range strings.Lines(block[1]) {
				args, ours := strings.CutPrefix(strings.TrimSpace(line), "go run ./cmd/governor ")
				if !ours {
					t.Errorf("no test runs %s", line)
					continue
				}
				ran++
				typed := strings.NewReplacer("deploy/governor.example.yaml", "CONFIG", "list.txt", list).Replace(args)
				out, talk, exit := o.types("", strings.Fields(typed)...)
				all := strings.Contains(line, "--all")
				if exit != 0 && !all || all && (!strings.Contains(out, "sent before") || strings.Count(out, "sent to") != 18) {
					t.Errorf("%s: exit %d\n%s%s", args, exit, out, talk)
				}
			}
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands found: this test looks in the wrong place", ran)
	}
}
