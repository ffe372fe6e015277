package policyfile_test

import (
	"fmt"

	"github.com/contactgovernor/governor/rules/policyfile"
)

// A policy is not what its author meant: all of it is told at once, with the place and
// what to write instead, and there is no policy.
func ExampleParse() {
	_, err := policyfile.Parse("ours.yaml", []byte(`policy: ours
channels: {email: {}, sms: {}}
purposes: {offer: solicitation}
caps:
  - {name: texts, of: {class: solicitation, channel: sms}, at_most: 1, within: 24}
quiet_hour: []
`))
	fmt.Println(err)
	// Output:
	// ours.yaml:5:80: "within" has no unit: write for example 24m, 24h or 24d
	// ours.yaml:6:1: unknown key "quiet_hour" in a policy: did you mean quiet_hours?
}

// The built-in policies are loaded by their names, others by their paths; of several the
// strictest holds.
func ExampleLoad() {
	policy, err := policyfile.Load("no-means-no,us-reg-f")
	if err != nil {
		fmt.Println(err)
		return
	}
	class, known := policy.Class("marketing")
	fmt.Println(policy.Name(), class, known, len(policy.Hash()))
	// Output:
	// no-means-no+us-reg-f solicitation true 16
}
