package policyfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
)

// largest is how many bytes a policy may have. The house policy has some
// thousands; what is larger was not written by a person.
const largest = 1 << 20

// Parse reads one policy. The file is its name in positions; it need not exist.
// Its error is an *Errors with everything that is wrong, what rules.Compile
// finds included: a Spec that Parse returns compiles.
func Parse(file string, b []byte) (*rules.Spec, error) {
	spec, problems := parse(file, b)
	if err := failure(problems, file); err != nil {
		return nil, err
	}
	return spec, nil
}

func parse(file string, b []byte) (*rules.Spec, []rules.Problem) {
	r := reader{file: file, spoilt: map[*yaml.Node]bool{}, heard: map[string]entry{}}
	if document := r.document(b); document != nil {
		r.plain(document)
		r.policy(document)
	}
	r.spec.Hash = hash(b)
	// What is left of the rules is checked against each other. Complaints about
	// the whole are follies of what is missing, if anything is.
	if r.channels != nil {
		_, problems := rules.Compile(&r.spec)
		for _, p := range problems {
			if r.failures == 0 || p.At != (rules.Position{}) {
				r.problems = append(r.problems, p)
			}
		}
	}
	return &r.spec, r.problems
}

// hash identifies the bytes of a policy, or of several in their order.
func hash(texts ...[]byte) string {
	h := sha256.New()
	for _, b := range texts {
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// document is the one mapping that a policy is; nil if there is none.
func (r *reader) document(b []byte) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(b) > largest {
		r.wrong(start, "the policy has more than %d bytes: nobody can read that; split it, and name several", largest)
		return nil
	}
	if !r.legible(b) {
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	var first, second yaml.Node
	switch err := d.Decode(&first); {
	case err != nil && !errors.Is(err, io.EOF):
		r.syntax(b, err)
		return nil
	case err != nil || isNull(first.Content[0]):
		r.wrong(start, "the policy is empty: begin with policy: and its name")
		return nil
	}
	switch err := d.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(b, err)
	default:
		r.wrong(&second, "a second document begins here: one file holds one policy, and several are named with commas")
	}
	return first.Content[0]
}
