package policyfile

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Parse reads one policy. The file is its name in positions; it need not exist.
// Its error is an *Errors with everything that is wrong, what rules.Compile
// finds included: a Spec that Parse returns compiles.
func Parse(file string, b []byte) (*rules.Spec, error) {
	spec, problems := parse(file, b)
	if err := strictyaml.Failure(problems, file); err != nil {
		return nil, err
	}
	return spec, nil
}

func parse(file string, b []byte) (*rules.Spec, []rules.Problem) {
	doc, root := strictyaml.Read(strictyaml.Source{
		File: file, Text: b, Noun: "policy",
		Empty:  "begin with policy: and its name",
		Large:  "nobody can read that; split it, and name several",
		Second: "one file holds one policy, and several are named with commas",
	})
	r := reader{Reader: doc, heard: map[string]entry{}}
	if root != nil {
		r.policy(root)
	}
	r.spec.Hash = hash(b)
	problems := r.Problems()
	// What is left of the rules is checked against each other. Complaints about
	// the whole are follies of what is missing, if anything is.
	if r.channels != nil {
		_, found := rules.Compile(&r.spec)
		for _, p := range found {
			if r.Failures() == 0 || p.At != (rules.Position{}) {
				problems = append(problems, p)
			}
		}
	}
	return &r.spec, problems
}

// hash identifies the bytes of a policy, or of several in their order.
func hash(texts ...[]byte) string {
	h := sha256.New()
	for _, b := range texts {
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
