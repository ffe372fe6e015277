package config

import (
	"os"
	"reflect"
	"testing"

	"go.yaml.in/yaml/v3"
)

const exampleFile = "../../../../deploy/governor.example.yaml"

// "Every key is here with its default, so an empty file means the same as this one."
func TestTheExampleIsTheDefault(t *testing.T) {
	got, err := Load(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if want := Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	b, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if keys, fields := leaves(file), settings(reflect.TypeFor[Config]()); keys != fields {
		t.Errorf("the example has %d keys, a configuration %d: name each of them there, and say what breaks if it is wrong", keys, fields)
	}
}

// leaves are the keys that have a value of their own.
func leaves(value any) int {
	mapping, ok := value.(map[string]any)
	if !ok {
		return 1
	}
	n := 0
	for _, v := range mapping {
		n += leaves(v)
	}
	return n
}

// settings are the fields that have a value of their own.
func settings(typ reflect.Type) int {
	if typ.Kind() != reflect.Struct {
		return 1
	}
	n := 0
	for i := range typ.NumField() {
		n += settings(typ.Field(i).Type)
	}
	return n
}
