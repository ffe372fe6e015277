package policyfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Load reads and checks the policy of that name: the name of a built-in one
// (package packs), else the path of a file. A built-in name always means the
// built-in policy; write ./name for a file that is called the same. Several
// names, with commas between them, mean the strictest of all (see combine).
//
// Its error is everything that is wrong with any of them at once: an *Errors, and
// joined to that (errors.Join) which could not be read.
func Load(names string) (*rules.Policy, error) {
	var (
		policies []parsed
		files    []string
		missing  []error
	)
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		s, err := find(name)
		switch {
		case err != nil:
			missing = append(missing, err)
		case slices.Contains(files, s.file):
			missing = append(missing, fmt.Errorf("policy %q is named twice: name it once", name))
		default:
			files = append(files, s.file)
			policies = append(policies, parse(s.file, s.text))
		}
	}
	policy, problems := strictest(policies)
	wrong := strictyaml.Failure(problems, files...)
	if len(missing) > 0 {
		return nil, errors.Join(append(missing, wrong)...)
	}
	return policy, wrong
}

// strictest makes one policy of all.
func strictest(policies []parsed) (*rules.Policy, []rules.Problem) {
	var (
		texts    [][]byte
		specs    []*rules.Spec
		problems []rules.Problem
	)
	named := map[string]string{}
	for _, p := range policies {
		if other, twice := named[p.spec.Name]; twice && p.spec.Name != "" {
			problems = append(problems, rules.Problem{
				At:   rules.Position{File: p.file, Line: 1, Column: 1},
				What: fmt.Sprintf("policy %q is the name of %s too: give each a name of its own", p.spec.Name, other),
			})
		}
		named[p.spec.Name] = p.file
		texts, specs = append(texts, p.text...), append(specs, p.spec)
		problems = append(problems, p.problems...)
	}
	if len(problems) > 0 || len(specs) == 0 {
		return nil, problems
	}
	spec, problems := combine(specs)
	if len(problems) > 0 {
		return nil, problems
	}
	spec.Hash = hash(texts...)
	return rules.Compile(spec)
}

// source is a policy as it was found.
type source struct {
	file string
	text []byte
}

func find(name string) (source, error) {
	if text, ok := packs.Find(name); ok {
		return source{packs.File(name), text}, nil
	}
	builtIn := strings.Join(packs.Names(), ", ")
	if name == "" {
		return source{}, fmt.Errorf("a policy without a name: write the path of a file, or a built-in policy (%s)", builtIn)
	}
	text, err := strictyaml.ReadFile(name)
	if err != nil {
		return source{}, fmt.Errorf("no policy %q: it is not built in (%s is), and as the path of a file: %w", name, builtIn, err)
	}
	return source{name, text}, nil
}
