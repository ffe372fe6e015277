package schemas

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Files holds the JSON Schemas (2020-12), one file a message, named
// intent.v1.json and so on. A released file is never edited but to add.
//
//go:embed *.json
var Files embed.FS

const schemaSuffix = ".json"

// Names lists the messages that have a schema, sorted: approved.v1, intent.v1 …
func Names() []string {
	paths, _ := fs.Glob(Files, "*"+schemaSuffix) // the pattern is well-formed
	names := make([]string, 0, len(paths))
	for _, p := range paths {
		names = append(names, strings.TrimSuffix(p, schemaSuffix))
	}
	slices.Sort(names)
	return names
}

// Schema returns the JSON Schema of one message, by a name that Names lists.
func Schema(name string) ([]byte, error) {
	schema, err := Files.ReadFile(name + schemaSuffix)
	if err != nil {
		return nil, fmt.Errorf("no schema %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return schema, nil
}
