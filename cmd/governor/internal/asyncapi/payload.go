package asyncapi

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/contactgovernor/governor/schemas"
)

// The schemas of messages that have none in package schemas, since nobody outside
// writes or needs them.
const (
	told  = "told"
	audit = "audit"
)

// lift puts a schema under components.schemas, and each of its definitions beside it:
// in AsyncAPI's own dialect, draft 7, there is no $defs, and a $ref stands alone.
func lift(into map[string]any, name string, schema map[string]any) {
	definitions, _ := schema["$defs"].(map[string]any)
	for key, d := range definitions {
		into[name+"."+key] = relink(d, name)
	}
	for _, key := range []string{"$defs", "$schema", "$id"} {
		delete(schema, key)
	}
	into[name] = relink(schema, name)
}

// relink points references to definitions of the schema at where lift puts them.
func relink(node any, name string) any {
	switch n := node.(type) {
	case map[string]any:
		if to, is := n["$ref"].(string); is {
			here := ref("schemas", name+"."+strings.TrimPrefix(to, "#/$defs/"))
			if about, has := n["description"]; has {
				return map[string]any{"description": about, "allOf": []any{here}}
			}
			return here
		}
		for key, v := range n {
			n[key] = relink(v, name)
		}
	case []any:
		for i, v := range n {
			n[i] = relink(v, name)
		}
	}
	return node
}

// tree is JSON as values; whole numbers stay whole.
func tree(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	return numbers(out), nil
}

func numbers(node any) any {
	switch n := node.(type) {
	case map[string]any:
		for key, v := range n {
			n[key] = numbers(v)
		}
	case []any:
		for i, v := range n {
			n[i] = numbers(v)
		}
	case json.Number:
		if whole, err := n.Int64(); err == nil {
			return whole
		}
		x, _ := n.Float64() // it came out of JSON
		return x
	}
	return node
}

func text(about string) map[string]any {
	return map[string]any{"type": "string", "description": about}
}

func object(required []any, properties map[string]any) map[string]any {
	return map[string]any{"type": "object", "required": required, "properties": properties}
}

// toldSchema is that of what governors tell each other, as far as it goes.
func toldSchema() map[string]any {
	given := func(about string) map[string]any { return map[string]any{"type": "object", "description": about} }
	return object([]any{"id", "person", "type", "at"}, map[string]any{
		"id": text("Made of what it says and what brought it about."), "person": text("The key."), "at": text("RFC 3339."),
		"type":     map[string]any{"enum": []any{string(schemas.ToldRecord), string(schemas.ToldAddress), string(schemas.ToldCampaign)}},
		"record":   text("Another record of the same person."),
		"standing": given("What stands for it."), "signal": given("A signal that was published for it, as it came."),
		"log":     text("Contacts and known ids, in base64."),
		"address": given("Who refused an address, as hashes, and what."), "campaign": given("That a campaign is registered, or killed."),
	})
}

// auditSchema is that of the audit.
func auditSchema() map[string]any {
	return object([]any{"id", "at", "who", "roles", "action", "outcome"}, map[string]any{
		"id": text("Of the record."), "at": text("RFC 3339."), "who": text("The name of the token, or hook, or link."),
		"roles":  map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "description": "What it may do."},
		"action": text("What was asked for."), "person": text("A keyed hash."), "campaign": text("Which."), "signal": text("The id of the signal that it made."),
		"outcome": text("done; no: and a reason, of a redeem; unknown, where nothing was acknowledged."),
	})
}
