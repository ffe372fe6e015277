package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

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

// open opens a recorded stream; standard input where none is named.
func open(command string, cmd *cobra.Command, events string) (io.ReadCloser, error) {
	if events == "" || events == "-" {
		return io.NopCloser(cmd.InOrStdin()), nil
	}
	f, err := os.Open(events)
	if err != nil {
		return nil, &usageError{fmt.Errorf("%s: %w", command, err)}
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, &usageError{fmt.Errorf("%s: %s is a folder; write the file with the recorded stream", command, events)}
	}
	return f, nil
}
