package policyfile

import (
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/celrule"
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
	purposes map[string]bool // those that the policy declares, or uses; nil where they could not be read
	channels map[string]bool // likewise
	lender   string          // the policy whose vocabulary it uses
	lent     []byte          // and its text
	adrift   bool            // the vocabulary that it uses could not be read
	counted  []string        // the names of the caps
	zones    zones.Finder
	compiler *celrule.Compiler
	heard    map[string]entry // by the words of a phrase: where it is
}
