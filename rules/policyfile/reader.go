package policyfile

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
)

// reader turns one document into a Spec, and collects what is wrong with it. A
// rule that has anything wrong does not come into the Spec, so that nothing is
// complained about twice.
type reader struct {
	file     string
	spec     rules.Spec
	channels map[string]bool // those that the policy declares
	zones    zones.Finder

	problems []rules.Problem
	failures int                 // problems, and those kept silent because of spoilt
	spoilt   map[*yaml.Node]bool // nodes of which enough was said
	heard    map[string]entry    // by the words of a phrase: where it is
}

// at is where the node begins.
func (r *reader) at(n *yaml.Node) rules.Position {
	return rules.Position{File: r.file, Line: n.Line, Column: n.Column}
}

func (r *reader) wrong(n *yaml.Node, format string, args ...any) {
	r.failures++
	if !r.spoilt[n] {
		r.problems = append(r.problems, rules.Problem{At: r.at(n), What: fmt.Sprintf(format, args...)})
	}
}

// plain refuses what makes a line mean more than it says: anchors, aliases and
// tags, anywhere below the node.
func (r *reader) plain(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.wrong(n, "an alias is not allowed in a policy: write out what *%s stands for", n.Value)
		r.spoilt[n] = true
	case n.Anchor != "":
		r.wrong(n, "an anchor is not allowed in a policy: take away &%s, and write out its aliases", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		r.wrong(n, "a tag is not allowed in a policy: take away %s", n.Tag)
		r.spoilt[n] = true
	}
	for _, child := range n.Content {
		r.plain(child)
	}
}

// entry is one key of a mapping with its value.
type entry struct {
	key   *yaml.Node
	value *yaml.Node
	write string // what a good value looks like
	need  need
}

// field is one key that a mapping may have.
type field struct {
	key   string
	write string // what a good value looks like, for whoever wrote a bad one
	need  need
	read  func(entry)
}

// need says whether a key may be left out.
type need bool

const (
	must need = true
	may  need = false
)

// mapping reads a mapping that may have these keys and no other, in the order
// of the fields, and says whether nothing was wrong with it or below it.
func (r *reader) mapping(e entry, what string, fields ...field) bool {
	before := r.failures
	if !r.kind(e, what, yaml.MappingNode) {
		return false
	}
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	entries := r.entries(e.value)
	for _, have := range entries {
		if !slices.Contains(known, have.key.Value) {
			r.wrong(have.key, "unknown key %q in %s: %s", have.key.Value, what, suggest(have.key.Value, known))
		}
	}
	for _, f := range fields {
		have, ok := lookup(entries, f.key)
		switch {
		case ok && isNull(have.value):
			r.wrong(have.key, "%q has no value: write for example %s: %s", f.key, f.key, f.write)
		case ok:
			have.write, have.need = f.write, f.need
			f.read(have)
		case f.need == must:
			r.wrong(e.value, "%s needs the key %q: write for example %s: %s", what, f.key, f.key, f.write)
		}
	}
	return r.failures == before
}

// entries are the keys of a mapping with their values, in the order of the
// text, each once.
func (r *reader) entries(n *yaml.Node) []entry {
	var out []entry
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := entry{key: n.Content[i], value: n.Content[i+1]}
		first, twice := lines[e.key.Value]
		switch {
		case e.key.Kind != yaml.ScalarNode:
			r.wrong(e.key, "a key must be a word, not %s", describe(e.key))
		case twice:
			r.wrong(e.key, "the key %q is there twice, first at line %d: keep one", e.key.Value, first)
		default:
			lines[e.key.Value] = e.key.Line
			out = append(out, e)
		}
	}
	return out
}

func lookup(entries []entry, key string) (entry, bool) {
	for _, e := range entries {
		if e.key.Value == key {
			return e, true
		}
	}
	return entry{}, false
}

// items are the elements of a list, each once and as entries of the same key. A
// value that is no list is a list of one.
func (r *reader) items(e entry) []entry {
	if e.value.Kind != yaml.SequenceNode {
		return []entry{e}
	}
	switch {
	case len(e.value.Content) > 0:
	case e.need == must:
		r.wrong(e.value, "%q is an empty list: write for example %s", e.key.Value, e.write)
	default:
		r.wrong(e.value, "%q is an empty list: write for example %s, or leave the key out", e.key.Value, e.write)
	}
	var out []entry
	seen := map[string]int{}
	for _, n := range e.value.Content {
		if first, twice := seen[n.Value]; twice && n.Kind == yaml.ScalarNode {
			r.wrong(n, "%q is there twice, first at line %d: keep one", n.Value, first)
			continue
		}
		if n.Kind == yaml.ScalarNode {
			seen[n.Value] = n.Line
		}
		out = append(out, entry{key: e.key, value: n, write: e.write})
	}
	return out
}

// kind checks what sort of node a value is.
func (r *reader) kind(e entry, what string, want yaml.Kind) bool {
	if e.value.Kind == want && !isNull(e.value) {
		return true
	}
	r.wrong(e.value, "%s must be %s, not %s: write for example %s", what, kindName(want), describe(e.value), e.write)
	return false
}

func kindName(k yaml.Kind) string {
	if k == yaml.MappingNode {
		return "a mapping"
	}
	return "a single value"
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// describe says what sort of thing a node is, to a person.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if isNull(n) {
		return "nothing"
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return fmt.Sprintf("the text %q", n.Value)
	}
	return strconv.Quote(n.Value)
}
