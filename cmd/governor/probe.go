package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
)

// probeCommand asks a running governor how it fares, where there is no curl.
func probeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "probe URL",
		Short: "Ask a running governor whether all is well",
		Long: `Probe asks a governor where http.listen of its configuration says, and ends with 0 if
the answer is 200, else with 1 and what was said. It is for health checks of images,
which have neither shell nor curl: /livez where a restart would follow, /readyz for
whoever wants to know whether all partitions decide.`,
		Example: `  governor probe http://127.0.0.1:8470/livez
  governor probe http://127.0.0.1:8470/readyz`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("probe: ask whom? Write a URL, for example http://127.0.0.1:8470/readyz; see '%s --help'", c.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := health.Probe(cmd.Context(), args[0]); err != nil {
				return fmt.Errorf("probe: %w", err)
			}
			return nil
		},
	}
}
