package asyncapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/schemas"
)

// Options are what the document is of.
type Options struct {
	Version string // of the governor
	Prefix  string // before the name of every topic
}

// Document is an AsyncAPI document.
type Document struct {
	AsyncAPI           string         `yaml:"asyncapi" json:"asyncapi"`
	ID                 string         `yaml:"id" json:"id"`
	Info               map[string]any `yaml:"info" json:"info"`
	DefaultContentType string         `yaml:"defaultContentType" json:"defaultContentType"`
	Channels           map[string]any `yaml:"channels" json:"channels"`
	Operations         map[string]any `yaml:"operations" json:"operations"`
	Components         map[string]any `yaml:"components" json:"components"`
}

// Version is the version of AsyncAPI that documents are of.
const Version = "3.0.0"

// The version of AsyncAPI's Kafka bindings that documents use.
const bindingVersion = "0.5.0"

// New makes the document.
func New(o Options) (*Document, error) {
	d := &Document{
		AsyncAPI: Version, ID: "urn:contactgovernor:governor", DefaultContentType: "application/json",
		Info: map[string]any{
			"title": "The governor", "version": o.Version,
			"description": "Every campaign engine decides by itself that one more message is fine. Nobody adds them up, and nobody remembers the no. " +
				"The governor stands between the engines and the dialers and mailers: every intended contact passes it, and it is the one place that counts, remembers and refuses.\n\n" +
				"All topics have the same number of partitions. Records that a person is the key of are produced with Java's default partitioner (murmur2).\n\n" +
				"This is plain JSON. A governor that has a schema registry reads frames in Avro, Protobuf and JSON Schema, too, and may write them; the fields are the same.",
		},
		Channels: map[string]any{}, Operations: map[string]any{},
	}
	payloads, err := payloads()
	if err != nil {
		return nil, err
	}
	messages := map[string]any{}
	for _, t := range topics() {
		if err := d.add(&t, o.Prefix, messages); err != nil {
			return nil, err
		}
	}
	d.Components = map[string]any{"messages": messages, "schemas": payloads}
	return d, nil
}

// add adds a topic, its messages and what is done with it.
func (d *Document) add(t *topic, prefix string, messages map[string]any) error {
	of := map[string]any{}
	for i := range t.messages {
		m := &t.messages[i]
		made, err := messageOf(t, m)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		messages[m.name] = made
		of[m.name] = ref("messages", m.name)
	}
	cleanup := "delete"
	if t.compact {
		cleanup = "compact"
	}
	name := strings.TrimPrefix(t.name, "contact.")
	d.Channels[name] = map[string]any{
		"address": prefix + t.name, "title": t.title, "description": t.about, "messages": of,
		"bindings": map[string]any{"kafka": map[string]any{
			"topic": prefix + t.name, "topicConfiguration": map[string]any{"cleanup.policy": []any{cleanup}}, "bindingVersion": bindingVersion,
		}},
	}
	channel := map[string]any{"$ref": "#/channels/" + name}
	if t.receives {
		d.Operations["receive-"+name] = map[string]any{"action": "receive", "channel": channel, "summary": "The governor reads " + t.name + "."}
	}
	if t.sends {
		d.Operations["send-"+name] = map[string]any{"action": "send", "channel": channel, "summary": "The governor writes " + t.name + "."}
	}
	return nil
}

// messageOf describes a message.
func messageOf(t *topic, m *message) (map[string]any, error) {
	out := map[string]any{
		"name": m.name, "title": m.title, "summary": m.about, "contentType": "application/json",
		"headers": headersOf(m), "payload": ref("schemas", m.schema),
		"bindings": map[string]any{"kafka": map[string]any{
			"key": map[string]any{"type": "string", "description": t.key}, "bindingVersion": bindingVersion,
		}},
	}
	if m.schema == deadLetterSchema {
		out["payload"] = map[string]any{"description": "Whatever it was; it need not be JSON."}
		out["contentType"] = "application/octet-stream"
	}
	given, err := examples(m.name)
	if err != nil {
		return nil, err
	}
	var list []any
	for _, e := range given {
		payload, err := tree(e.payload)
		if err != nil {
			return nil, fmt.Errorf("example %s of %s: %w", e.name, m.name, err)
		}
		one := map[string]any{"name": e.name, "payload": payload}
		if h := exampleHeaders(m, e.id); h != nil {
			one["headers"] = h
		}
		list = append(list, one)
	}
	out["examples"] = list
	return out, nil
}

func ref(kind, name string) map[string]any {
	return map[string]any{"$ref": "#/components/" + kind + "/" + name}
}

// YAML is the document as YAML.
func (d *Document) YAML() ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// JSON is the document as JSON.
func (d *Document) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(d, "", "  ")
	return append(b, '\n'), err
}

// payloads are the schemas of all messages, under components.schemas.
func payloads() (map[string]any, error) {
	out := map[string]any{audit: auditSchema(), told: toldSchema()}
	for _, name := range schemas.Names() {
		text, err := schemas.Schema(name)
		if err != nil {
			return nil, err
		}
		schema, err := tree(text)
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		lift(out, name, schema.(map[string]any))
	}
	return out, nil
}
