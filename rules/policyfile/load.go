package policyfile

import (
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
// Its error is an *Errors, for all files at once, where the policies could be
// read; else it says which could not.
func Load(names string) (*rules.Policy, error) {
	var sources []source
	for name := range strings.SplitSeq(names, ",") {
		s, err := find(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(sources, func(o source) bool { return o.file == s.file }) {
			return nil, fmt.Errorf("policy %q is named twice: name it once", name)
		}
		sources = append(sources, s)
	}
	return strictest(sources)
}

// strictest reads every source, and makes one policy of them.
func strictest(sources []source) (*rules.Policy, error) {
	var (
		files    []string
		texts    [][]byte
		specs    []*rules.Spec
		problems []rules.Problem
	)
	named := map[string]string{}
	for _, s := range sources {
		spec, wrong := parse(s.file, s.text)
		if other, twice := named[spec.Name]; twice && spec.Name != "" {
			wrong = append(wrong, rules.Problem{
				At:   rules.Position{File: s.file, Line: 1, Column: 1},
				What: fmt.Sprintf("policy %q is the name of %s too: give each a name of its own", spec.Name, other),
			})
		}
		named[spec.Name] = s.file
		files, texts, specs = append(files, s.file), append(texts, s.text), append(specs, spec)
		problems = append(problems, wrong...)
	}
	if err := strictyaml.Failure(problems, files...); err != nil {
		return nil, err
	}
	spec, problems := combine(specs)
	spec.Hash = hash(texts...)
	if len(problems) > 0 {
		return nil, strictyaml.Failure(problems, files...)
	}
	policy, problems := rules.Compile(spec)
	return policy, strictyaml.Failure(problems, files...)
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
