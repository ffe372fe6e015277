package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/asyncapi"
)

// asyncapiCommand prints what goes in and what comes out.
func asyncapiCommand() *cobra.Command {
	var output, prefix string
	cmd := &cobra.Command{
		Use:   "asyncapi [--prefix PREFIX] [-o yaml|json]",
		Short: "Print every topic, message and header as an AsyncAPI document",
		Long: `Asyncapi prints an AsyncAPI 3.0 document of what engines, workers and analysts exchange
with the governor: every topic with its key, its headers, the JSON Schemas of its
messages, and examples of them. Tools make pages, clients and mocks of it.

It is made of what this binary reads and writes, so it fits this version. Nothing is
asked and no configuration is read.`,
		Example: `  governor asyncapi > asyncapi.yaml
  governor asyncapi -o json | jq '.channels | keys'
  governor asyncapi --prefix staging.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "yaml" && output != "json" {
				return &usageError{fmt.Errorf("asyncapi: -o %q: write yaml or json", output)}
			}
			document, err := asyncapi.New(asyncapi.Options{Version: version(), Prefix: prefix})
			if err != nil {
				return err
			}
			print := document.YAML
			if output == "json" {
				print = document.JSON
			}
			text, err := print()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	cmd.Flags().StringVar(&prefix, "prefix", "", "what stands before the names of the topics (kafka.topics.prefix)")
	cmd.Flags().StringVarP(&output, "output", "o", "yaml", "yaml or json")
	return cmd
}
