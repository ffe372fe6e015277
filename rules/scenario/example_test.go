package scenario_test

import (
	"fmt"

	"github.com/contactgovernor/governor/rules/scenario"
)

// A scenario is read, its recording is decided by whoever can (consumer/replay,
// `governor replay`), and what came is judged.
func Example() {
	file, err := scenario.Parse("anna.scenario", []byte(`
scenario A1: A refusal vetoes the contact one second later
policy   no-means-no
zone     Europe/Berlin
person   anna

Fri 2026-05-01 10:00  anna refuses marketing by email
+1s                   i1: marketing by email to anna, campaign spring
                      => vetoed refused.state, for good
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	s := file.Scenarios[0]
	for _, record := range s.Recording() {
		fmt.Printf("%s\n", record.AppendJSON(nil))
	}
	report, err := s.Judge([][]scenario.Output{nil, {{
		Topic: "contact.approved",
		Value: []byte(`{"id":"d1","intent":"i1","person":"anna","verdict":"approved","decided":"2026-05-01T08:00:01Z"}`),
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, failure := range report.Failures {
		fmt.Println(failure)
	}
	// Output:
	// {"arrived":"2026-05-01T08:00:00Z","topic":"contact.signals","value":{"id":"s1","person":"anna","type":"refusal","purpose":"marketing","channel":"email","at":"2026-05-01T08:00:00Z"}}
	// {"arrived":"2026-05-01T08:00:01Z","topic":"contact.intents","value":{"id":"i1","purpose":"marketing","channel":"email","campaign":"spring","person":"anna","at":"2026-05-01T08:00:01Z"}}
	// anna.scenario:9:23: Fri 2026-05-01 10:00:01  i1: marketing by email to anna, campaign spring
	//   expected  vetoed refused.state, for good
	//   came      approved
}
