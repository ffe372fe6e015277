package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// "governor export --format csv|ndjson|parquet" (issue 7), over what a governor decided:
// every command of its README and of that of the queries, and the numbers agree with each
// other.
func TestWhatWasDecidedIsExported(t *testing.T) {
	o := operate(t)
	const mail = `"channel":"email","purpose":"marketing","campaign":"spring","engine":"crm"`
	o.says("s1", "ben", `"type":"refusal"`)
	for i := range 5 {
		o.wantsTo(fmt.Sprint("i", i), "ana", mail)
		o.wantsTo(fmt.Sprint("j", i), "ben", mail)
	}
	o.decision("contact.vetoed", "i4")
	o.decision("contact.vetoed", "j4")
	o.stop()

	text, err := os.ReadFile("internal/export/README.md")
	if err != nil {
		t.Fatal(err)
	}
	queries, err := os.ReadFile("../../deploy/queries/README.md")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, queries...)
	t.Chdir(t.TempDir())
	out := ""
	ran := 0
	for line := range strings.Lines(string(text)) {
		command, is := strings.CutPrefix(strings.TrimSpace(line), "governor export --config governor.yaml ")
		if !is {
			continue
		}
		ran++
		said, talk, exit := o.types("", strings.Fields("export --config CONFIG "+command)...)
		if exit != 0 || !strings.Contains(talk, " rows of ") || !strings.Contains(talk, "0 exact repeats") {
			t.Errorf("%s: exit %d: %s", command, exit, talk)
		}
		out += said
	}
	if ran < 11 || !strings.HasPrefix(out, "decided,verdict,reason,") {
		t.Errorf("%d commands of the README, which say\n%s", ran, out)
	}
	rows, err := parquet.ReadFile[struct {
		Verdict string `parquet:"verdict"`
		Person  string `parquet:"person"`
	}]("decisions.parquet")
	if err != nil {
		t.Fatal(err)
	}
	counts, people := map[string]int{}, map[string]bool{}
	for _, r := range rows {
		counts[r.Verdict]++
		people[r.Person] = true
	}
	if len(rows) != 10 || counts["approved"] != 2 || len(people) != 2 || people["ben"] {
		t.Errorf("%d rows, %v, of %v", len(rows), counts, people)
	}

	// The same, counted by the governor.
	said, _, _ := o.types("", "export", "--config", "CONFIG", "--topic", "rates")
	lines, err := csv.NewReader(strings.NewReader(said)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]int{}
	for _, line := range lines[1:] {
		n, err := strconv.Atoi(line[8])
		if err != nil {
			t.Fatal(err)
		}
		counted[line[6]] += n
	}
	if counted["approved"] != 2 || counted["vetoed"] != 8 {
		t.Errorf("the rates say %v", counted)
	}
	noes, err := os.ReadFile("noes.csv")
	if err != nil || strings.Count(string(noes), "\n") != 2 || strings.Contains(string(noes), "ben") {
		t.Errorf("noes: %s, %v", noes, err)
	}
	if plain, _, _ := o.types("", "export", "--config", "CONFIG", "--persons", "plain", "--topic", "noes"); !strings.Contains(plain, ",ben,refusal,") {
		t.Errorf("as they are: %s", plain)
	}
	if none, _, _ := o.types("", "export", "--config", "CONFIG", "--persons", "none", "--topic", "noes"); !strings.Contains(none, "Z,,refusal,") {
		t.Errorf("without: %s", none)
	}
}

// What is written wrongly is told, with what to write; and where nothing answers there is
// no file.
func TestWhatCannotBeExported(t *testing.T) {
	file := filepath.Join(t.TempDir(), "governor.yaml")
	write(t, file, "kafka: {brokers: [\"127.0.0.1:1\"]}\n")
	out := filepath.Join(t.TempDir(), "x.csv")
	for args, want := range map[string]string{
		"":                                      "write --config file",
		"--config no.yaml":                      "no.yaml",
		"--config FILE --format xls":            "write csv, ndjson, parquet",
		"--config FILE --topic x":               "write decisions, revoked, redeemed, leaked, noes, yeses, rates",
		"--config FILE --persons x":             "write hashed, plain or none",
		"--config FILE --from x":                "write a day, 2026-05-04, or a time with its offset",
		"--config FILE --from 2026-05-04T10:00": "with its offset",
		"--config FILE --from 2026-05-04 --to 2026-05-04": "is not before",
	} {
		var said, talk strings.Builder
		err := execute(t.Context(), append([]string{"export"}, strings.Fields(strings.ReplaceAll(args, "FILE", file))...), strings.NewReader(""), &said, &talk)
		if status(err) != 2 || !strings.Contains(strings.ToLower(talk.String()), want) {
			t.Errorf("%s: exit %d: %s", args, status(err), talk.String())
		}
	}
	var said, talk strings.Builder
	err := execute(t.Context(), []string{"export", "--config", file, "-o", out}, strings.NewReader(""), &said, &talk)
	files, _ := filepath.Glob(out + "*")
	if status(err) != 1 || len(files) > 0 {
		t.Errorf("exit %d, and there is %v: %s", status(err), files, talk.String())
	}
}
