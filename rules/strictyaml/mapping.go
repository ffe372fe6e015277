package strictyaml

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// Entry is one key of a mapping with its value.
type Entry struct {
	Key    *yaml.Node
	Value  *yaml.Node
	Write  string // what a good value looks like, for whoever wrote a bad one
	Needed bool   // the key may not be left out
}

// Root is the document itself as an entry, for Mapping.
func Root(n *yaml.Node, write string) Entry { return Entry{Key: n, Value: n, Write: write} }

// Field is one key that a mapping has. Must and May make them.
type Field struct {
	Key    string
	Write  string      // what a good value looks like
	Needed bool        // the key may not be left out
	Read   func(Entry) // reads the value, which is there and is not null; nil where the key is refused
	Why    string      // of a key that is refused: what its author is told
}

// Must is a key that a mapping must have.
func Must(key, write string, read func(Entry)) Field {
	return Field{Key: key, Write: write, Needed: true, Read: read}
}

// May is a key that a mapping may have.
func May(key, write string, read func(Entry)) Field {
	return Field{Key: key, Write: write, Read: read}
}

// Never is a key that a mapping cannot have, though its author may well think so:
// why tells them.
func Never(key, why string) Field { return Field{Key: key, Why: why} }

// Mapping reads a mapping that may have these keys and no other, in the order
// of the fields, and says whether nothing was wrong with it or below it. What
// names it in errors: a cap.
func (r *Reader) Mapping(e Entry, what string, fields ...Field) bool {
	before := r.failures
	if !r.Is(e, what, yaml.MappingNode) {
		return false
	}
	known, refused := make([]string, 0, len(fields)), map[string]bool{}
	for _, f := range fields {
		if f.Read == nil {
			refused[f.Key] = true
			continue
		}
		known = append(known, f.Key)
	}
	entries := r.Entries(e.Value)
	for _, have := range entries {
		if key := have.Key.Value; !refused[key] && !slices.Contains(known, key) {
			r.Wrong(have.Key, "unknown key %q in %s: %s", key, what, Suggest(key, known))
		}
	}
	for _, f := range fields {
		have, ok := lookup(entries, f.Key)
		switch {
		case ok && f.Read == nil:
			r.Wrong(have.Key, "%s", f.Why)
		case ok && IsNull(have.Value):
			r.Wrong(have.Key, "%q has no value: write for example %s: %s", f.Key, f.Key, f.Write)
		case ok:
			have.Write, have.Needed = f.Write, f.Needed
			f.Read(have)
		case f.Needed:
			r.Wrong(e.Value, "%s needs the key %q: write for example %s: %s", what, f.Key, f.Key, f.Write)
		}
	}
	return r.failures == before
}

// Entries are the keys of a mapping with their values, in the order of the text,
// each once. It is for mappings whose keys are names that their author gives;
// Mapping is for the others.
func (r *Reader) Entries(n *yaml.Node) []Entry {
	var out []Entry
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := Entry{Key: n.Content[i], Value: n.Content[i+1]}
		first, twice := lines[e.Key.Value]
		switch {
		case e.Key.Kind != yaml.ScalarNode:
			r.Wrong(e.Key, "a key must be a word, not %s", Describe(e.Key))
		case twice:
			r.Wrong(e.Key, "the key %q is there twice, first at line %d: keep one", e.Key.Value, first)
		default:
			lines[e.Key.Value] = e.Key.Line
			out = append(out, e)
		}
	}
	return out
}

func lookup(entries []Entry, key string) (Entry, bool) {
	for _, e := range entries {
		if e.Key.Value == key {
			return e, true
		}
	}
	return Entry{}, false
}

// Items are the elements of a list, each once and as entries of the same key. A
// value that is no list is a list of one.
func (r *Reader) Items(e Entry) []Entry {
	if e.Value.Kind != yaml.SequenceNode {
		return []Entry{e}
	}
	switch {
	case len(e.Value.Content) > 0:
	case e.Needed:
		r.Wrong(e.Value, "%q is an empty list: write for example %s", e.Key.Value, e.Write)
	default:
		r.Wrong(e.Value, "%q is an empty list: write for example %s, or leave the key out", e.Key.Value, e.Write)
	}
	var out []Entry
	seen := map[string]int{}
	for _, n := range e.Value.Content {
		if first, twice := seen[n.Value]; twice && n.Kind == yaml.ScalarNode {
			r.Wrong(n, "%q is there twice, first at line %d: keep one", n.Value, first)
			continue
		}
		if n.Kind == yaml.ScalarNode {
			seen[n.Value] = n.Line
		}
		out = append(out, Entry{Key: e.Key, Value: n, Write: e.Write})
	}
	return out
}
