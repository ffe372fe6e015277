// Command governor stands between campaign engines and dialers: every intended
// contact passes it, and it is the one place that counts, remembers and refuses.
//
//	governor demo                      see it at work, with nothing but this binary
//	governor run --config FILE         govern: Kafka in, Kafka out, Redis for memory
//	governor replay --policy POLICY    decide a recorded stream, offline
//	governor test DIR|FILE...          test policies with scenarios
//	governor check POLICY...           check policies, and tell what they do
//	governor explain --policy POLICY   tell why one intent is approved or vetoed
//	governor backtest --policy A …     tell where two policies part
//	governor week POLICY --zone ZONE   print when people may be contacted
//	governor export --config FILE      write decisions as flat rows
//	governor probe URL                 ask a running governor whether all is well
//	governor asyncapi                  print every topic, message and header
//	governor topics create|check       make or check the topics
//	governor refuse --person ID        bring a no to the log
//	governor dlt list|show|replay      look after what could not be read
//	governor why ID                    tell why somebody was contacted, or left alone
//	governor doctor --config FILE      tell what is wrong, and how to mend it
//	governor size --people N …         tell what machines it will need
//	governor bench --brokers … --redis …  measure it on your own Kafka and Redis
//
// Standard output is data, standard error is talk. It exits with 0 when all went
// well, 2 when it was used wrongly or a policy or configuration is wrong, and 1
// when something else failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status(err))
}

// execute runs one command line.
func execute(ctx context.Context, args []string, in io.Reader, out, talk io.Writer) error {
	root := &cobra.Command{
		Use:           "governor",
		Short:         "One place that counts contacts, remembers every no, and refuses",
		Long:          "The governor stands between campaign engines and dialers and mailers. Engines publish\nwhat they intend; the governor answers approved or vetoed, each with its reasons.",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(demoCommand(), runCommand(), replayCommand(), testCommand(),
		checkCommand(), explainCommand(), backtestCommand(), weekCommand())
	root.AddCommand(verifyCommand(), rebuildCommand())
	root.AddCommand(exportCommand())
	root.AddCommand(probeCommand())
	root.AddCommand(asyncapiCommand())
	root.AddCommand(topicsCommand())
	root.AddCommand(refuseCommand())
	root.AddCommand(dltCommand())
	root.AddCommand(whyCommand())
	root.AddCommand(doctorCommand())
	root.AddCommand(sizeCommand())
	root.AddCommand(benchCommand())
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(talk)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; see '%s --help'", err, c.CommandPath())
	})
	completions(root)
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	err := root.ExecuteContext(ctx)
	if err != nil {
		if !began { // the command line itself was wrong
			err = &usageError{err}
		}
		fmt.Fprintln(talk, "governor:", told(err))
	}
	return err
}

// told is an error as it is printed. Of several mistakes in a file each has a
// line of its own, which begins with the place, so that editors find it.
func told(err error) string {
	if all := (*strictyaml.Errors)(nil); errors.As(err, &all) && len(all.Problems) > 1 {
		return fmt.Sprintf("%d mistakes, so nothing was done:\n%s", 1+strings.Count(err.Error(), "\n"), err)
	}
	return strings.TrimSpace(err.Error())
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version + " (" + info.GoVersion + ")"
}

// usageError is a mistake of whoever typed the command, or wrote its policy or
// configuration: exit status 2.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// status is the exit status that tells what kind of error it was.
func status(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	}
	return 1
}

// noArguments refuses arguments where there are only flags.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument %q; see '%s --help'", c.CommandPath(), args[0], c.CommandPath())
	}
	return nil
}
