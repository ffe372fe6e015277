package strictyaml

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
)

// Reader collects what is wrong with one document, while its caller walks it.
// Read makes one. It is not for concurrent use.
type Reader struct {
	file     string
	noun     string
	text     string
	problems []rules.Problem
	failures int                 // problems, and those kept silent because of spoilt
	spoilt   map[*yaml.Node]bool // nodes of which enough was said
}

// At is where the node begins.
func (r *Reader) At(n *yaml.Node) rules.Position {
	return rules.Position{File: r.file, Line: n.Line, Column: n.Column}
}

// Wrong tells that something is wrong at the node. The text says what is wrong,
// and after a colon what to write instead.
func (r *Reader) Wrong(n *yaml.Node, format string, args ...any) {
	r.wrong(n, r.At(n), format, args...)
}

// WrongWithin tells that something is wrong within a single value, before which so
// many of its characters stand.
func (r *Reader) WrongWithin(n *yaml.Node, before int, format string, args ...any) {
	r.wrong(n, r.Within(n, before), format, args...)
}

func (r *Reader) wrong(n *yaml.Node, at rules.Position, format string, args ...any) {
	r.failures++
	if !r.spoilt[n] {
		r.problems = append(r.problems, rules.Problem{At: at, What: fmt.Sprintf(format, args...)})
	}
}

// Problems are what is wrong so far, in the order in which it was told; Failure
// puts them in the order of the text.
func (r *Reader) Problems() []rules.Problem { return slices.Clip(r.problems) }

// Failures is how often something was wrong so far. Compare it before and after
// a part was read to know whether that part can be used: it also counts what is
// not among the Problems, because enough was said of that node already.
func (r *Reader) Failures() int { return r.failures }

// plain refuses what makes a line mean more than it says: anchors, aliases and
// tags, anywhere below the node.
func (r *Reader) plain(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.Wrong(n, "an alias is not allowed in a %s: write out what *%s stands for", r.noun, n.Value)
		r.spoilt[n] = true
	case n.Anchor != "":
		r.Wrong(n, "an anchor is not allowed in a %s: take away &%s, and write out its aliases", r.noun, n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		r.Wrong(n, "a tag is not allowed in a %s: take away %s", r.noun, n.Tag)
		r.spoilt[n] = true
	}
	for _, child := range n.Content {
		r.plain(child)
	}
}
