package registry

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/twmb/avro"
)

// avroCodec is that of an Avro schema.
type avroCodec struct {
	schema *avro.Schema
	root   *avro.SchemaNode
	named  map[string]*avro.SchemaNode // records, enums and fixeds by their full names
	meant  map[*avro.SchemaNode]*avro.SchemaNode
}

func newAvro(text string, others []reference) (codec, error) {
	var all avro.SchemaCache
	c := &avroCodec{named: make(map[string]*avro.SchemaNode), meant: make(map[*avro.SchemaNode]*avro.SchemaNode)}
	var roots []*avro.SchemaNode
	for _, other := range others {
		s, err := all.Parse(other.text)
		if err != nil {
			return nil, fmt.Errorf("the one that it refers to as %q: %w", other.name, err)
		}
		roots = append(roots, s.Root())
	}
	var err error
	if c.schema, err = all.Parse(text); err != nil {
		return nil, err
	}
	c.root = c.schema.Root()
	roots = append(roots, c.root)
	for _, root := range roots {
		c.note(root)
	}
	for _, root := range roots {
		c.link(root, "")
	}
	if c.resolve(c.root).Type != "record" {
		return nil, errors.New("a record is needed, whose fields are those of the message")
	}
	return c, nil
}

// note finds the types that have names.
func (c *avroCodec) note(n *avro.SchemaNode) {
	if n.Name != "" {
		c.named[fullName(n)] = n
	}
	each(n, c.note)
}

// link finds what names stand for: in their own namespace, or in none.
func (c *avroCodec) link(n *avro.SchemaNode, namespace string) {
	if n.Name != "" {
		namespace = ""
		if full := fullName(n); strings.Contains(full, ".") {
			namespace = full[:strings.LastIndexByte(full, '.')]
		}
	}
	for _, full := range []string{namespace + "." + n.Type, n.Type} {
		if named, ok := c.named[full]; ok && n.Name == "" {
			c.meant[n] = named
			break
		}
	}
	each(n, func(inner *avro.SchemaNode) { c.link(inner, namespace) })
}

func fullName(n *avro.SchemaNode) string {
	if n.Namespace == "" || strings.Contains(n.Name, ".") {
		return n.Name
	}
	return n.Namespace + "." + n.Name
}

// each visits the types that are in one.
func each(n *avro.SchemaNode, visit func(*avro.SchemaNode)) {
	for i := range n.Fields {
		visit(&n.Fields[i].Type)
	}
	for i := range n.Branches {
		visit(&n.Branches[i])
	}
	if n.Items != nil {
		visit(n.Items)
	}
	if n.Values != nil {
		visit(n.Values)
	}
}

// resolve is the type that a name stands for.
func (c *avroCodec) resolve(n *avro.SchemaNode) *avro.SchemaNode {
	if named, ok := c.meant[n]; ok {
		return named
	}
	return n
}

// decode implements codec.
func (c *avroCodec) decode(payload []byte) ([]byte, error) {
	var v any
	rest, err := c.schema.Decode(payload, &v, avro.TaggedUnions())
	if err != nil {
		return nil, malformed("the record is not what its Avro schema says: encode it with the schema that its id names")
	}
	if len(rest) > 0 {
		return nil, malformed("the record goes on for %d bytes after what its Avro schema says: encode it with the schema that its id names", len(rest))
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, malformed("its Avro schema is not that of a record")
	}
	if c.root.Namespace == ours {
		if whole, ok := union(fields[wholeField]).(string); ok {
			return []byte(whole), nil
		}
	}
	w := writer{make([]byte, 0, 2*len(payload)+64)}
	if err := c.write(&w, c.root, v); err != nil {
		return nil, err
	}
	return w.b, nil
}

// union is what stands in a union, which is tagged with its type.
func union(v any) any {
	if tagged, ok := v.(map[string]any); ok && len(tagged) == 1 {
		for _, inner := range tagged {
			return inner
		}
	}
	return v
}

// write writes a value that is of the type.
func (c *avroCodec) write(w *writer, n *avro.SchemaNode, v any) error {
	n = c.resolve(n)
	switch n.Type {
	case "record", "error":
		return c.record(w, n, v)
	case "union":
		branch, inner, err := c.branch(n, v)
		if err != nil {
			return err
		}
		return c.write(w, branch, inner)
	case "array":
		list, _ := v.([]any)
		w.b = append(w.b, '[')
		for _, item := range list {
			w.comma('[')
			if err := c.write(w, n.Items, item); err != nil {
				return err
			}
		}
		w.b = append(w.b, ']')
		return nil
	case "map":
		return c.mapping(w, n, v)
	}
	return c.scalar(w, n, v)
}

// jsonName is the property of a field whose name in JSON is none that Avro allows.
const jsonName = "json_name"

// record writes the fields that are there, in the order of the schema.
func (c *avroCodec) record(w *writer, n *avro.SchemaNode, v any) error {
	fields, _ := v.(map[string]any)
	w.open()
	for i := range n.Fields {
		f := &n.Fields[i]
		value, there := fields[f.Name]
		if !there || value == nil {
			continue // null is as good as nothing
		}
		name := f.Name
		if other, ok := f.Props[jsonName].(string); ok {
			name = other
		}
		w.name(name)
		if err := c.write(w, &f.Type, value); err != nil {
			return err
		}
	}
	w.close()
	return nil
}

// mapping writes a map; nothing that is read has one, so its order is no matter.
func (c *avroCodec) mapping(w *writer, n *avro.SchemaNode, v any) error {
	entries, _ := v.(map[string]any)
	w.open()
	for _, key := range sorted(entries) {
		w.name(key)
		if err := c.write(w, n.Values, entries[key]); err != nil {
			return err
		}
	}
	w.close()
	return nil
}

// branch is the type in a union that a tagged value is of.
func (c *avroCodec) branch(n *avro.SchemaNode, v any) (*avro.SchemaNode, any, error) {
	if v == nil {
		return &avro.SchemaNode{Type: "null"}, nil, nil
	}
	tagged, _ := v.(map[string]any)
	for tag, inner := range tagged {
		for i := range n.Branches {
			b := c.resolve(&n.Branches[i])
			if full := fullName(b); full != "" && (tag == full || tag == b.Name) || full == "" && tag == b.Type {
				return b, inner, nil
			}
		}
	}
	return nil, nil, malformed("its Avro schema has a union that cannot be read: make it one of null and another type")
}

// scalar writes what has nothing in it.
func (c *avroCodec) scalar(w *writer, n *avro.SchemaNode, v any) error {
	switch v := v.(type) {
	case nil:
		w.b = append(w.b, "null"...)
	case bool:
		w.bool(v)
	case int32:
		w.int(int64(v))
	case int64:
		w.int(v)
	case float32:
		w.float(float64(v))
	case float64:
		w.float(v)
	case string:
		w.str(v)
	case [16]byte:
		w.str(fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:]))
	case []byte:
		w.str(base64.StdEncoding.EncodeToString(v))
	case time.Time:
		switch {
		case n.LogicalType == "date":
			w.str(v.Format(time.DateOnly))
		case strings.HasPrefix(n.LogicalType, "local-"):
			w.str(v.Format("2006-01-02T15:04:05.999999999")) // without an offset it is no time
		default:
			w.time(v)
		}
	case time.Duration: // of a day
		w.clock(v)
	case *big.Rat:
		w.b = append(w.b, v.FloatString(decimals(v))...)
	default:
		return malformed("its Avro schema has a field of a type that is not read here (%T): leave the field out, or make it a string", v)
	}
	return nil
}

// encode implements codec.
func (c *avroCodec) encode(b []byte, o object) ([]byte, error) {
	out, err := c.schema.AppendEncode(b, c.rename(c.root, o.fields))
	if err != nil {
		return nil, malformed("its Avro schema has no words for it")
	}
	return out, nil
}

// rename gives fields the names that they have in Avro.
func (c *avroCodec) rename(n *avro.SchemaNode, v any) any {
	n = c.resolve(n)
	switch {
	case v == nil:
	case n.Type == "union":
		for i := range n.Branches {
			if n.Branches[i].Type != "null" {
				return c.rename(&n.Branches[i], v)
			}
		}
	case n.Type == "array":
		list, ok := v.([]any)
		if !ok {
			return v
		}
		out := make([]any, len(list))
		for i := range list {
			out[i] = c.rename(n.Items, list[i])
		}
		return out
	case n.Type == "record":
		fields, ok := v.(map[string]any)
		if !ok {
			return v
		}
		out := make(map[string]any, len(fields))
		for i := range n.Fields {
			f := &n.Fields[i]
			name := f.Name
			if other, ok := f.Props[jsonName].(string); ok {
				name = other
			}
			if value, there := fields[name]; there {
				out[f.Name] = c.rename(&f.Type, value)
			}
		}
		return out
	}
	return v
}
