package config

import (
	"fmt"
	"path/filepath"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Load reads and checks a configuration file: YAML, or JSON, which is YAML. What
// the file does not say is as in Default; an empty file says nothing. Its error
// is a *strictyaml.Errors with everything that is wrong, where the file could be
// read.
//
// Paths in the file are relative to its folder, so that a configuration means
// the same wherever the process is started.
func Load(file string) (Config, error) {
	text, err := strictyaml.ReadFile(file)
	if err != nil {
		return Config{}, fmt.Errorf("no configuration %q: %w: write the path of a file (deploy/governor.example.yaml is one to start from)", file, err)
	}
	doc, root := strictyaml.Read(strictyaml.Source{
		File: file, Text: text, Noun: "configuration",
		Large:  "that is no configuration",
		Second: "one file holds one configuration, so take one of them away",
	})
	r := reader{Reader: doc, folder: filepath.Dir(file), config: Default()}
	if root != nil {
		r.file(root)
	}
	if err := strictyaml.Failure(r.Problems(), file); err != nil {
		return Config{}, err
	}
	return r.config, nil
}

// reader turns one document into a Config.
type reader struct {
	*strictyaml.Reader
	folder string // of the file
	config Config // what the file does not say is as it was
}
