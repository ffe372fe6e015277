// Package packs holds the built-in policies: files in the same language as
// everybody's own (package policyfile), each rule of which cites the sentence
// it enforces. The file is the documentation.
//
// The package hands out bytes only. Who reads them is package policyfile, so
// that a built-in policy gets no treatment that another would not get.
package packs

import (
	"embed"
	"strings"
)

//go:embed *.yaml
var files embed.FS // never written to; embed leaves no other place for it

const extension = ".yaml"

// Find is the built-in policy of that name, as it was written, and whether
// there is one. The bytes are the caller's own.
func Find(name string) ([]byte, bool) {
	b, err := files.ReadFile(name + extension)
	return b, err == nil
}

// File is how positions in the built-in policy of that name are told: the name
// of the file in this package.
func File(name string) string { return name + extension }

// Names are the names of the built-in policies, sorted.
func Names() []string {
	entries, _ := files.ReadDir(".") // the folder is in the binary: it cannot fail
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), extension))
	}
	return names
}
