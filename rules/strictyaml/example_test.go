package strictyaml_test

import (
	"fmt"
	"time"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// A language is a walk over the document; every mistake comes out of one run.
func Example() {
	text := "wait: 15\ncolour: green\ncoulour: red\nrepeat: [1h, 2h]\n"
	r, root := strictyaml.Read(strictyaml.Source{File: "signal.yaml", Text: []byte(text), Noun: "signal"})
	var wait time.Duration
	if root != nil {
		r.Mapping(strictyaml.Root(root, "wait: 15m"), "a signal",
			strictyaml.Must("wait", "15m", func(e strictyaml.Entry) {
				wait, _ = r.Duration(e)
			}),
			strictyaml.May("colour", "green", func(e strictyaml.Entry) {
				strictyaml.OneOf(r, e, "colour", "green", "amber", "red")
			}),
			strictyaml.Must("name", "north", func(e strictyaml.Entry) {
				r.Text(e)
			}),
		)
	}
	fmt.Println(wait)
	fmt.Println(strictyaml.Failure(r.Problems(), "signal.yaml"))
	// Output:
	// 0s
	// signal.yaml:1:1: a signal needs the key "name": write for example name: north
	// signal.yaml:1:7: "wait" has no unit: write for example 15m, 15h or 15d
	// signal.yaml:3:1: unknown key "coulour" in a signal: did you mean colour?
	// signal.yaml:4:1: unknown key "repeat" in a signal: write one of wait, colour, name
}
