package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/scenario"
	"github.com/contactgovernor/governor/rules/strictyaml"
	"github.com/contactgovernor/governor/state/memstate"
)

// testCommand tells whether policies do what their scenarios say.
func testCommand() *cobra.Command {
	t := &tests{}
	cmd := &cobra.Command{
		Use:   "test DIR|FILE...",
		Short: "Test policies with scenarios: stories of people and what is expected",
		Long: `Test reads scenarios, decides them in simulated time with the code of the live
service, and says what came out otherwise than expected, with every objection of the
decision. Of a folder it reads every file in it and below it that ends in
` + scenario.Extension + `. rules/README.md, "Scenarios", describes the language.

It exits with 0 if all came as expected, 1 if something did not, and 2 if a file
cannot be read or has mistakes, which it tells all at once.`,
		Example: `  governor test ours` + scenario.Extension + `
  governor test --rewrite policies/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			t.out = cmd.OutOrStdout()
			return t.run(cmd.Context(), args)
		},
	}
	cmd.Flags().BoolVar(&t.rewrite, "rewrite", false, "write what came into the files, where it is not what was expected")
	cmd.Flags().BoolVarP(&t.verbose, "verbose", "v", false, "also name what came as expected")
	return cmd
}

// tests is one run of the command.
type tests struct {
	rewrite, verbose bool
	out              io.Writer
	policies         replay.Policies
	played, failed   int
}

func (t *tests) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return &usageError{errors.New("test: which scenarios? Write a folder, or a file that ends in " + scenario.Extension)}
	}
	paths, err := scenarioFiles(args)
	if err != nil {
		return &usageError{err}
	}
	files, err := t.load(paths)
	if err != nil {
		return &usageError{err}
	}
	for _, f := range files {
		if err := t.file(ctx, f); err != nil {
			return err
		}
	}
	if t.failed > 0 {
		return fmt.Errorf("test: %d of %s did not come out as expected", t.failed, scenarios(t.played))
	}
	fmt.Fprintf(t.out, "%s: all came out as expected\n", scenarios(t.played))
	return nil
}

func scenarios(n int) string {
	if n == 1 {
		return "1 scenario"
	}
	return fmt.Sprintf("%d scenarios", n)
}

// scenarioFiles finds the files, each once, those of a folder in order.
func scenarioFiles(args []string) ([]string, error) {
	var paths []string
	for _, arg := range args {
		before := len(paths)
		err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (path == arg || filepath.Ext(path) == scenario.Extension) {
				paths = append(paths, path)
			}
			return err
		})
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("test: there is no %s; write a folder, or a file that ends in %s", arg, scenario.Extension)
		}
		if err != nil {
			return nil, fmt.Errorf("test: %w", err)
		}
		if len(paths) == before {
			return nil, fmt.Errorf("test: there is no file in %s that ends in %s", arg, scenario.Extension)
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(paths, func(path string) bool {
		twice := seen[filepath.Clean(path)]
		seen[filepath.Clean(path)] = true
		return twice
	}), nil
}

// load reads the files and the policies that they name. Its error has every mistake
// in all of them.
func (t *tests) load(paths []string) ([]*scenario.File, error) {
	var problems []rules.Problem
	var files []*scenario.File
	told := map[string]bool{}
	for _, path := range paths {
		text, err := strictyaml.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("test: %w", err)
		}
		f, err := scenario.Parse(path, text)
		if err != nil {
			problems = append(problems, mistakes(err, rules.Position{File: path, Line: 1, Column: 1})...)
			continue
		}
		files = append(files, f)
		for _, s := range f.Scenarios {
			// What is wrong with a policy is told once, however many scenarios name it.
			if _, err := t.policies.Of(s); err != nil && !told[err.Error()] {
				told[err.Error()] = true
				problems = append(problems, mistakes(err, s.Policy.At)...)
			}
		}
	}
	if len(problems) > 0 {
		return nil, &strictyaml.Errors{Problems: problems}
	}
	return files, nil
}

// mistakes are the problems of an error; of one that has no places, at that place.
func mistakes(err error, at rules.Position) []rules.Problem {
	if all := (*strictyaml.Errors)(nil); errors.As(err, &all) {
		return all.Problems
	}
	return []rules.Problem{{At: at, What: err.Error()}}
}

// file plays the scenarios of a file and tells how they came out, after it was
// rewritten if that is wanted.
func (t *tests) file(ctx context.Context, f *scenario.File) error {
	reports, err := t.play(ctx, f)
	if err != nil {
		return err
	}
	if text, changed := f.Rewrite(reports); t.rewrite && changed > 0 {
		if f, err = scenario.Parse(f.Name, text); err != nil {
			return fmt.Errorf("test: what came cannot be written as a scenario: %w", err)
		}
		if err := os.WriteFile(f.Name, text, 0o644); err != nil {
			return fmt.Errorf("test: %w", err)
		}
		fmt.Fprintf(t.out, "%s: %d rewritten; keep only what you understand\n", f.Name, changed)
		if reports, err = t.play(ctx, f); err != nil {
			return err
		}
	}
	t.tell(reports)
	return nil
}

// play decides and judges the scenarios of a file.
func (t *tests) play(ctx context.Context, f *scenario.File) ([]*scenario.Report, error) {
	var reports []*scenario.Report
	for _, s := range f.Scenarios {
		policy, err := t.policies.Of(s)
		if err != nil {
			return nil, fmt.Errorf("test: %w", err)
		}
		came, err := replay.Play(ctx, policy, memstate.New(), s.Recording())
		if err != nil {
			return nil, fmt.Errorf("test: %s: %w", s.At, err)
		}
		report, err := s.Judge(came)
		if err != nil {
			return nil, fmt.Errorf("test: %s: %w", s.At, err)
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// tell writes how scenarios came out.
func (t *tests) tell(reports []*scenario.Report) {
	for _, r := range reports {
		t.played++
		if len(r.Failures) == 0 {
			if t.verbose {
				fmt.Fprintf(t.out, "ok    %s: %s\n", r.Scenario.ID, r.Scenario.Title)
			}
			continue
		}
		t.failed++
		fmt.Fprintf(t.out, "FAIL  %s: %s\n", r.Scenario.ID, r.Scenario.Title)
		for _, f := range r.Failures {
			fmt.Fprintln(t.out, f)
		}
	}
}
