package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// What the commands of a policy's owner have in common.

// onePolicy wants exactly one argument, a policy.
func onePolicy(c *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return fmt.Errorf("%s: which policy? Write no-means-no, or a file; see '%s --help'", c.Name(), c.CommandPath())
	case 1:
		return nil
	}
	return fmt.Errorf("%s: %q is one too many: several policies are written with commas, a,b; see '%s --help'", c.Name(), args[1], c.CommandPath())
}

// textOrJSON refuses every other form of output.
func textOrJSON(command, output string) error {
	if output != "text" && output != "json" {
		return &usageError{fmt.Errorf("%s: -o %q: write text or json", command, output)}
	}
	return nil
}

// writeJSON writes a value for machines, readable for people.
func writeJSON(w io.Writer, value any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(value)
}
