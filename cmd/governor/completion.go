package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/contactgovernor/governor/cmd/governor/internal/completion"
)

// completions lets shells complete every command of the root: the script for each
// shell, and what may be offered for each flag and argument.
func completions(root *cobra.Command) {
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(completionCommand(root))
	offer(root)
}

// completionCommand prints what a shell needs.
func completionCommand(root *cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion (bash|zsh|fish|powershell)",
		Short: "Generate the autocompletion script for the specified shell",
		Long: `Completion prints a script by which a shell completes what is typed: commands, flags,
files, and the names of built-in policies, of zones and of forms of output. It asks
neither Kafka nor Redis.`,
		Example: `  governor completion bash
  governor completion zsh`,
		Args: cobra.NoArgs,
	}
	for _, shell := range []struct {
		name, use, example string
		print              func(*cobra.Command) error
	}{
		{"bash", "Put it into a file of bash-completion's, or source it:\n\n    source <(governor completion bash)", "  governor completion bash",
			func(c *cobra.Command) error { return root.GenBashCompletionV2(c.OutOrStdout(), true) }},
		{"zsh", "Put it into a folder of $fpath, as _governor, or source it after compinit:\n\n    source <(governor completion zsh)", "  governor completion zsh",
			func(c *cobra.Command) error { return root.GenZshCompletion(c.OutOrStdout()) }},
		{"fish", "Put it into ~/.config/fish/completions/governor.fish, or source it:\n\n    governor completion fish | source", "  governor completion fish",
			func(c *cobra.Command) error { return root.GenFishCompletion(c.OutOrStdout(), true) }},
		{"powershell", "Add it to your profile, or run it:\n\n    governor completion powershell | Out-String | Invoke-Expression", "  governor completion powershell",
			func(c *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(c.OutOrStdout()) }},
	} {
		cmd.AddCommand(&cobra.Command{
			Use: shell.name, Short: "Generate the autocompletion script for " + shell.name, Long: shell.use, Example: shell.example,
			Args: noArguments, RunE: func(c *cobra.Command, _ []string) error { return shell.print(c) },
		})
	}
	return cmd
}

// offer says for each flag and argument what may be offered. What has nothing to offer
// offers nothing: a shell would offer files.
func offer(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() != "bool" {
			// It fails only where a command said so before, which is better known there.
			_ = c.RegisterFlagCompletionFunc(f.Name, offered(f))
		}
	})
	if c.ValidArgsFunction == nil && !c.HasSubCommands() {
		c.ValidArgsFunction = cobra.NoFileCompletions
		switch c.Name() {
		case "check":
			c.ValidArgsFunction = policies
		case "week":
			c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
				if len(args) > 0 {
					return nil, cobra.ShellCompDirectiveNoFileComp
				}
				return policies(c, args, typed)
			}
		case "test":
			c.ValidArgsFunction = files
		}
		if c.Parent() != nil && c.Parent().Name() != c.Root().Name() {
			c.ValidArgsFunction = cobra.NoFileCompletions // topics check is not check
		}
	}
	for _, below := range c.Commands() {
		offer(below)
	}
}

// offered is what may be offered for a flag.
func offered(f *pflag.Flag) cobra.CompletionFunc {
	if words := completion.Words(f.Usage, "text", "json", "csv", "yaml", "ndjson", "parquet"); slices.Contains([]string{"output", "format"}, f.Name) && len(words) > 0 {
		return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	}
	switch f.Name {
	case "policy", "limits":
		return policies
	case "zone":
		return zoneNames
	case "topic":
		if words := completion.Words(f.Usage, "decisions", "revoked", "redeemed", "leaked", "noes", "yeses", "rates"); len(words) > 0 {
			return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
		}
		return cobra.FixedCompletions([]string{"contact.intents", "contact.signals"}, cobra.ShellCompDirectiveNoFileComp)
	case "persons":
		return cobra.FixedCompletions(completion.Words(f.Usage, "hashed", "plain", "none"), cobra.ShellCompDirectiveNoFileComp)
	case "config":
		return cobra.FixedCompletions([]string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt)
	case "data":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case "events", "outputs", "dump", "intent", "person-file", "output":
		return files
	}
	return cobra.NoFileCompletions
}

// policies offers built-in policies, and files beside them.
func policies(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return completion.Policies(typed), cobra.ShellCompDirectiveDefault
}

// zoneNames offers zones.
func zoneNames(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return completion.Zones(typed), cobra.ShellCompDirectiveNoFileComp
}

// files offers files.
func files(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}
