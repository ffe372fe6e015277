package config

import (
	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// keys are those of a mapping that are there: some mean nothing without others.
type keys map[string]entry

// noted are the fields, and notes which of them are there.
func (k keys) noted(fields ...strictyaml.Field) []strictyaml.Field {
	for i := range fields {
		read := fields[i].Read
		fields[i].Read = func(e entry) {
			k[e.Key.Value] = e
			read(e)
		}
	}
	return fields
}

// has tells whether the key is there and says something: the empty text does not,
// nor does the empty list.
func (k keys) has(key string) bool {
	e, ok := k[key]
	return ok && (e.Value.Kind != yaml.ScalarNode || e.Value.Value != "") && (e.Value.Kind != yaml.SequenceNode || len(e.Value.Content) > 0)
}

// idle tells that these keys are there and mean nothing.
func (r *reader) idle(there keys, why string, which ...string) {
	for _, key := range which {
		if there.has(key) {
			r.Wrong(there[key].Value, "%q means nothing %s", key, why)
		}
	}
}
