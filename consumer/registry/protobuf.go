package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// protoCodec is that of a Protobuf file: the frame says which of its messages it is.
type protoCodec struct{ file protoreflect.FileDescriptor }

// mainFile is the name under which a schema is compiled; others have the names by
// which they are imported.
const mainFile = "schema.proto"

func newProtobuf(text string, others []reference) (codec, error) {
	files := map[string]string{mainFile: text}
	for _, other := range others {
		files[other.name] = other.text
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(files)}),
		MaxParallelism: 1,
	}
	compiled, err := compiler.Compile(context.Background(), mainFile)
	if err != nil {
		return nil, err
	}
	if compiled[0].Messages().Len() == 0 {
		return nil, errors.New("a message is needed, whose fields are those of the record")
	}
	return &protoCodec{compiled[0]}, nil
}

// message finds the message by its path within the file.
func (c *protoCodec) message(path []int) (protoreflect.MessageDescriptor, error) {
	var found protoreflect.MessageDescriptor
	in := c.file.Messages()
	for _, i := range path {
		if i < 0 || i >= in.Len() {
			return nil, malformed("its Protobuf file has no message of the number that the frame names: encode it with the schema that its id names")
		}
		found = in.Get(i)
		in = found.Messages()
	}
	if found == nil || found.IsMapEntry() {
		return nil, malformed("the frame names no message of its Protobuf file: encode it with a serializer of the schema registry")
	}
	return found, nil
}

// decode implements codec.
func (c *protoCodec) decode(payload []byte) ([]byte, error) {
	path, rest, err := messageIndex(payload)
	if err != nil {
		return nil, err
	}
	of, err := c.message(path)
	if err != nil {
		return nil, err
	}
	m := dynamicpb.NewMessage(of)
	if err := (proto.UnmarshalOptions{DiscardUnknown: true, RecursionLimit: mostNested}).Unmarshal(rest, m); err != nil {
		return nil, malformed("the record is not what its Protobuf schema says: encode it with the schema that its id names")
	}
	if f := of.Fields().ByName(wholeField); f != nil && c.file.Package() == ours && m.Has(f) {
		return []byte(m.Get(f).String()), nil
	}
	w := writer{make([]byte, 0, 2*len(payload)+64)}
	if err := c.object(&w, m); err != nil {
		return nil, err
	}
	return w.b, nil
}

// object writes the fields that are there, in the order in which the file has them.
func (c *protoCodec) object(w *writer, m protoreflect.Message) error {
	w.open()
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if !m.Has(f) || isNone(f, m.Get(f)) {
			continue
		}
		w.name(nameOf(f))
		if err := c.field(w, f, m.Get(f)); err != nil {
			return err
		}
	}
	w.close()
	return nil
}

// nameOf is a field's name in JSON: its name, unless the file says json_name.
func nameOf(f protoreflect.FieldDescriptor) string {
	if f.HasJSONName() && f.JSONName() != camel(string(f.Name())) {
		return f.JSONName()
	}
	return string(f.Name())
}

// camel is the name that Protobuf gives a field in JSON by itself.
func camel(name string) string {
	var b strings.Builder
	up := false
	for _, c := range []byte(name) {
		switch {
		case c == '_':
			up = true
		case up && c >= 'a' && c <= 'z':
			b.WriteByte(c - 'a' + 'A')
			up = false
		default:
			b.WriteByte(c)
			up = false
		}
	}
	return b.String()
}

func (c *protoCodec) field(w *writer, f protoreflect.FieldDescriptor, v protoreflect.Value) error {
	switch {
	case f.IsMap():
		return c.mapping(w, f, v.Map())
	case f.IsList():
		return c.list(w, f, v.List())
	}
	return c.value(w, f, v)
}

func (c *protoCodec) list(w *writer, f protoreflect.FieldDescriptor, list protoreflect.List) error {
	w.b = append(w.b, '[')
	for i := range list.Len() {
		w.comma('[')
		if err := c.value(w, f, list.Get(i)); err != nil {
			return err
		}
	}
	w.b = append(w.b, ']')
	return nil
}

// mapping writes a map; nothing that is read has one.
func (c *protoCodec) mapping(w *writer, f protoreflect.FieldDescriptor, m protoreflect.Map) error {
	entries := make(map[string]protoreflect.Value, m.Len())
	m.Range(func(key protoreflect.MapKey, v protoreflect.Value) bool {
		entries[key.String()] = v
		return true
	})
	w.open()
	for _, key := range sorted(entries) {
		w.name(key)
		if err := c.value(w, f.MapValue(), entries[key]); err != nil {
			return err
		}
	}
	w.close()
	return nil
}

// value writes one value.
func (c *protoCodec) value(w *writer, f protoreflect.FieldDescriptor, v protoreflect.Value) error {
	switch f.Kind() {
	case protoreflect.BoolKind:
		w.bool(v.Bool())
	case protoreflect.EnumKind:
		w.str(word(f.Enum(), v.Enum()))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind,
		protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		w.int(v.Int())
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		w.uint(v.Uint())
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		w.float(v.Float())
	case protoreflect.StringKind:
		w.str(v.String())
	case protoreflect.BytesKind:
		w.str(base64.StdEncoding.EncodeToString(v.Bytes()))
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return c.inner(w, v.Message())
	}
	return nil
}

// isNone says whether the value is the nothing of an enum: its number 0, where that is
// called so.
func isNone(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
	if f.Kind() != protoreflect.EnumKind || f.IsList() || f.IsMap() {
		return false
	}
	said := word(f.Enum(), v.Enum())
	return v.Enum() == 0 && (said == "unspecified" || said == "unknown")
}

// word is what a value of an enum is called in JSON: its name in small letters, without
// the enum's own name before it.
func word(e protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	v := e.Values().ByNumber(n)
	if v == nil {
		return fmt.Sprintf("the number %d", n) // of a later version; the strict decoder refuses it
	}
	name := strings.ToLower(string(v.Name()))
	return strings.TrimPrefix(name, snake(string(e.Name()))+"_")
}

// snake is a name of the form SignalType as signal_type.
func snake(name string) string {
	var b strings.Builder
	for i, c := range []byte(name) {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// listField is the one field of a message that stands for an array which may be empty.
const listField = "list"

// isList says whether the message stands for an array.
func isList(m protoreflect.MessageDescriptor) bool {
	return m.Fields().Len() == 1 && m.Fields().Get(0).Name() == listField && m.Fields().Get(0).IsList()
}

// inner writes a message within another: an object, or what well-known messages mean.
func (c *protoCodec) inner(w *writer, m protoreflect.Message) error {
	fields := m.Descriptor().Fields()
	switch name := m.Descriptor().FullName(); {
	case name == "google.protobuf.Timestamp":
		w.time(time.Unix(m.Get(fields.ByNumber(1)).Int(), m.Get(fields.ByNumber(2)).Int()))
	case name == "google.protobuf.Duration":
		w.str((time.Duration(m.Get(fields.ByNumber(1)).Int())*time.Second + time.Duration(m.Get(fields.ByNumber(2)).Int())).String())
	case name.Parent() == "google.protobuf" && strings.HasSuffix(string(name), "Value") && fields.Len() == 1 && fields.Get(0).Name() == "value":
		return c.value(w, fields.Get(0), m.Get(fields.Get(0))) // StringValue, Int64Value …
	case name.Parent() == "google.protobuf":
		return malformed("its Protobuf schema has a %s, which is not read here: leave the field out, or make it a string", name)
	case isList(m.Descriptor()):
		return c.list(w, fields.Get(0), m.Get(fields.Get(0)).List())
	default:
		return c.object(w, m)
	}
	return nil
}

// encode implements codec. It writes the first message of the file.
func (c *protoCodec) encode(b []byte, o object) ([]byte, error) {
	m := dynamicpb.NewMessage(c.file.Messages().Get(0))
	if err := c.fill(m, o.fields); err != nil {
		return nil, err
	}
	out, err := proto.MarshalOptions{Deterministic: true}.MarshalAppend(appendMessageIndex(b, []int{0}), m)
	if err != nil {
		return nil, malformed("its Protobuf schema has no words for it")
	}
	return out, nil
}

// fill sets the fields of which the object has something to say.
func (c *protoCodec) fill(m protoreflect.Message, from map[string]any) error {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		v, there := from[nameOf(f)]
		if !there {
			continue
		}
		if f.IsList() {
			if err := c.fillList(m.Mutable(f).List(), f, v); err != nil {
				return err
			}
			continue
		}
		made, err := c.make(f, v, func() protoreflect.Value { return m.NewField(f) })
		if err != nil {
			return err
		}
		m.Set(f, made)
	}
	return nil
}

func (c *protoCodec) fillList(list protoreflect.List, f protoreflect.FieldDescriptor, v any) error {
	items, ok := v.([]any)
	if !ok {
		return errNoWords()
	}
	for _, item := range items {
		made, err := c.make(f, item, list.NewElement)
		if err != nil {
			return err
		}
		list.Append(made)
	}
	return nil
}

func errNoWords() error { return malformed("its Protobuf schema has no words for it") }

// make is a value of the field's kind; empty makes an empty one.
func (c *protoCodec) make(f protoreflect.FieldDescriptor, v any, empty func() protoreflect.Value) (protoreflect.Value, error) {
	switch v := v.(type) {
	case string:
		if f.Kind() == protoreflect.StringKind {
			return protoreflect.ValueOfString(v), nil
		}
		if f.Kind() == protoreflect.MessageKind && f.Message().FullName() == "google.protobuf.Timestamp" {
			return timestamp(v, empty())
		}
	case bool:
		if f.Kind() == protoreflect.BoolKind {
			return protoreflect.ValueOfBool(v), nil
		}
	case json.Number:
		switch f.Kind() {
		case protoreflect.Int64Kind:
			n, err := v.Int64()
			return protoreflect.ValueOfInt64(n), err
		case protoreflect.DoubleKind:
			x, err := v.Float64()
			return protoreflect.ValueOfFloat64(x), err
		}
	case map[string]any:
		if f.Kind() == protoreflect.MessageKind {
			made := empty()
			return made, c.fill(made.Message(), v)
		}
	case []any:
		if f.Kind() == protoreflect.MessageKind && isList(f.Message()) {
			made := empty()
			inner := made.Message()
			only := f.Message().Fields().Get(0)
			return made, c.fillList(inner.Mutable(only).List(), only, v)
		}
	}
	return protoreflect.Value{}, errNoWords()
}

func timestamp(text string, made protoreflect.Value) (protoreflect.Value, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return made, errNoWords()
	}
	fields := made.Message().Descriptor().Fields()
	made.Message().Set(fields.ByNumber(1), protoreflect.ValueOfInt64(t.Unix()))
	made.Message().Set(fields.ByNumber(2), protoreflect.ValueOfInt32(int32(t.Nanosecond())))
	return made, nil
}
