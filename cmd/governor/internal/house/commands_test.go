package house

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// "Every README command is executed by a test" (issue 7). Which test that is cannot be seen from the document, so it is named here:
// whoever writes a command into a document that has none yet writes its test too, and says where. That the test types all of the
// commands is for the test to see to: this one sees only that it is there, and reads that document.
func TestWhatADocumentTypesIsTypedByATest(t *testing.T) {
	typedBy := map[string]string{ // document → the file of the test, its name
		"README.md":              "integration/readme_test.go TestEveryCommandOfTheREADMEDoesWhatItSays",
		"cmd/governor/README.md": "cmd/governor/readme_test.go TestWhatTheReadmeTypesWorks",
		"cmd/governor/internal/deadletters/README.md": "cmd/governor/hand_readme_test.go TestWhatTheREADMEsOfTheHandTypeWorks",
		"cmd/governor/internal/export/README.md":      "cmd/governor/export_test.go TestWhatWasDecidedIsExported",
		"cmd/governor/internal/refuse/README.md":      "cmd/governor/hand_readme_test.go TestWhatTheREADMEsOfTheHandTypeWorks",
		"cmd/governor/internal/why/README.md":         "cmd/governor/hand_readme_test.go TestWhatTheREADMEsOfTheHandTypeWorks",
		"deploy/README.md":                            "integration/compose_test.go TestComposeUpPublishVeto",
		"deploy/examples/README.md":                   "integration/workers_test.go TestEveryCommandOfTheExamplesREADMEDoesWhatItSays",
		"deploy/queries/README.md":                    "cmd/governor/export_test.go TestWhatWasDecidedIsExported",
		"integration/bench/README.md":                 "cmd/governor/bench_test.go TestWhatTheReadmeOfTheBenchTypesWorks",
		"rules/README.md":                             "cmd/governor/rules_readme_test.go TestWhatTheREADMEsOfTheRulesTypeWorks",
		"rules/packs/README.md":                       "cmd/governor/rules_readme_test.go TestWhatTheREADMEsOfTheRulesTypeWorks",
		"schemas/README.md":                           "cmd/governor/asyncapi_test.go TestTheCommandsOfTheSchemasReadme",
		"state/README.md":                             "state/redisstate/readme_test.go TestTheCommandsOfTheReadmeFindWhatTheySay",
		"state/sealed/README.md":                      "state/sealed/readme_test.go TestTheReadmeFindsSomebody",
	}
	untyped := map[string]string{ // document → why no test types what it shows
		"consumer/registry/README.md":   "it asks a registry on the network; nothing of it is the governor's",
		"consumer/simulation/README.md": "it runs go test on the tests that it stands beside, for hours",
	}
	command := regexp.MustCompile("(?m)^```sh$|^(?:    |\\$ )?(?:go run \\./cmd/governor|governor) ")
	ours := regexp.MustCompile(`(?m)^ *(?:go run \./cmd/governor|governor) `)
	all := documents(t)
	for document, text := range all {
		if !command.MatchString(text) {
			continue
		}
		where, excused := typedBy[document], untyped[document]
		switch {
		case where == "" && excused == "":
			t.Errorf("%s has commands, and no test types them: write one, and name it in this test", document)
		case excused != "" && ours.MatchString(text):
			t.Errorf("%s has commands of the governor: no excuse (%s) is good enough", document, excused)
		}
	}
	for document, where := range typedBy {
		file, name, _ := strings.Cut(where, " ")
		test := read(t, file)
		if !strings.Contains(test, "\nfunc "+name+"(") {
			t.Errorf("%s is not in %s: who types the commands of %s?", name, file, document)
		}
		if !command.MatchString(all[document]) {
			t.Errorf("%s has no command any more: take it out of this test", document)
		}
		folder := filepath.Base(filepath.Dir(document))
		if !strings.Contains(test, `README.md"`) || !slices.ContainsFunc([]string{
			filepath.ToSlash(relative(t, file, document)), `"` + folder + `"`, // a list of folders
		}, func(path string) bool { return strings.Contains(test, path) }) {
			t.Errorf("%s reads no %s", file, document)
		}
	}
}

func relative(t *testing.T, from, to string) string {
	t.Helper()
	path, err := filepath.Rel(filepath.Dir(from), to)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
