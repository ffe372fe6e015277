package policyfile

import (
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
	"github.com/contactgovernor/governor/rules/zones"
)

type entry = strictyaml.Entry

// reader turns one document into a Spec, and collects what is wrong with it. A
// rule that has anything wrong does not come into the Spec, so that nothing is
// complained about twice.
type reader struct {
	*strictyaml.Reader
	spec     rules.Spec
	channels map[string]bool // those that the policy declares
	zones    zones.Finder
	heard    map[string]entry // by the words of a phrase: where it is
}
