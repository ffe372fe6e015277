package api

import (
	_ "embed"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var openapiYAML []byte

// document is what describes the routes, OpenAPI 3.1.
type document struct{ yaml, json []byte }

// readDocument makes JSON of the document.
func readDocument() (document, error) {
	var tree any
	if err := yaml.Unmarshal(openapiYAML, &tree); err != nil {
		return document{}, fmt.Errorf("openapi.yaml: %w", err)
	}
	b, err := json.Marshal(tree, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return document{}, fmt.Errorf("openapi.yaml: %w", err)
	}
	return document{yaml: openapiYAML, json: append(b, '\n')}, nil
}

func asJSON(d *document) (string, []byte) { return "application/openapi+json;version=3.1", d.json }
func asYAML(d *document) (string, []byte) { return "application/openapi+yaml;version=3.1", d.yaml }

// openAPI answers with the document. It is no secret.
func openAPI(as func(*document) (kind string, text []byte)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		kind, text := as(&c.document)
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(text) // who hangs up does not hear it
		}), nil
	}
}
