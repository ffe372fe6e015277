package config

import (
	"os"
	"reflect"
	"strings"
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

// What the README shows is a configuration.
func TestTheReadmeShowsConfigurations(t *testing.T) {
	b, err := os.ReadFile("../../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Split(string(b), "\n```yaml\n")[1:]
	cert, key := certificate(t)
	for _, text := range shown {
		text, _, _ = strings.Cut(text, "\n```")
		folder(t, map[string]string{
			"governor.yaml": text, "ca.pem": cert, "governor.pem": cert, "governor.key": key, "kafka-password": "hush",
			"tokens.yaml": tokens, "leave.key": linkKey, "identity.key": identityKey,
		})
		if _, err := Load("governor.yaml"); err != nil {
			t.Errorf("%s\n%v", text, err)
		}
	}
	if len(shown) == 0 {
		t.Error("it shows none")
	}
}
