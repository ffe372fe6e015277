package strictyaml

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Is checks what sort of node a value is; nothing, written or not, is of no sort.
// What names the value in errors.
func (r *Reader) Is(e Entry, what string, want yaml.Kind) bool {
	if e.Value.Kind == want && !IsNull(e.Value) {
		return true
	}
	r.Wrong(e.Value, "%s must be %s, not %s: write for example %s", what, kindName(want), Describe(e.Value), e.Write)
	return false
}

func kindName(k yaml.Kind) string {
	switch k {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// IsNull tells whether nothing stands there: a key without a value, or null.
func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// Describe says what sort of thing a node is, to a person.
func Describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if IsNull(n) {
		return "nothing"
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return fmt.Sprintf("the text %q", n.Value)
	}
	return strconv.Quote(n.Value)
}
