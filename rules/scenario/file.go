package scenario

import (
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Extension is how the names of files with scenarios end.
const Extension = ".scenario"

// File is a file with scenarios, without a mistake.
type File struct {
	Name      string
	Scenarios []*Scenario

	text string
}

// Scenario is one story, ready to be decided and judged.
type Scenario struct {
	ID     string // one word; no other scenario of the file has it
	Title  string // what the story shows
	Why    string // the sentence, paragraph or complaint behind it
	At     rules.Position
	Policy Policy

	zone  *time.Location // of times that name none; nil if each names its own
	lines []*line        // as they were told
	steps []step         // as they happen

	records map[rules.IntentID][]int // of each intent, where among the steps they are
}

// Policy is what a scenario is decided under: policies by name, or one that is
// written out in the scenario.
type Policy struct {
	// Names are built-in policies and files beside the scenario, with commas
	// between them; "" where the policy is written out.
	Names string
	// Text is the policy that is written out, below as many empty lines as there
	// are lines above it in the file, so that a place in it is a place in the file.
	Text []byte

	At rules.Position
}

// Parse reads a file with scenarios. The file is its name in positions; it need not
// exist. Its error is a *strictyaml.Errors with everything that is wrong.
func Parse(file string, text []byte) (*File, error) {
	p := &parser{file: file, text: string(text), out: &File{Name: file, text: string(text)}}
	p.read()
	if err := strictyaml.Failure(p.problems, file); err != nil {
		return nil, err
	}
	return p.out, nil
}
