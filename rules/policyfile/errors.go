package policyfile

import "github.com/contactgovernor/governor/rules/strictyaml"

// Errors is everything that is wrong with one policy, or with several that were
// to hold together: in the order of the files, then of the lines. It is the
// error of Parse, and of Load where the files could be read.
type Errors = strictyaml.Errors
