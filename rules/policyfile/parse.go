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
	p := parse(file, b)
	if err := strictyaml.Failure(p.problems, file); err != nil {
		return nil, err
	}
	return p.spec, nil
}

// parsed is what a policy says, and what is wrong with it. The text is its own,
// and that of the vocabulary it uses.
type parsed struct {
	file     string
	text     [][]byte
	spec     *rules.Spec
	problems []rules.Problem
}

func parse(file string, b []byte) parsed {
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
	p := parsed{file: file, text: [][]byte{b}, spec: &r.spec, problems: r.Problems()}
	if r.lent != nil {
		p.text = append(p.text, r.lent)
	}
	r.spec.Hash = hash(p.text...)
	// What is left of the rules is checked against each other. Complaints about
	// the whole are follies of what is missing, if anything is.
	if r.purposes != nil && r.channels != nil {
		_, found := rules.Compile(&r.spec)
		for _, problem := range found {
			if r.Failures() == 0 || problem.At != (rules.Position{}) {
				p.problems = append(p.problems, problem)
			}
		}
	}
	return p
}

// hash identifies the bytes of a policy, or of several in their order.
func hash(texts ...[]byte) string {
	h := sha256.New()
	for _, b := range texts {
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
