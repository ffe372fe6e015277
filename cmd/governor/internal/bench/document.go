package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write writes the results for people.
func (r *Results) Write(out io.Writer) error {
	var failed error
	for _, s := range scenarios() {
		section, ran := r.Sections[s.name]
		if !ran {
			continue
		}
		fmt.Fprintf(out, "%s: %s\n", s.name, s.about)
		t := tableOf(s.name, section.Runs)
		failed = errors.Join(failed, t.write(out))
		for _, aim := range section.targets(s.name) {
			fmt.Fprintf(out, "  %s: wanted %s, seen %s: %s\n", aim.what, aim.wanted, aim.seen, met(aim.met))
		}
	}
	_, err := fmt.Fprintf(out, "on %s\n", r.Machine.line())
	return errors.Join(failed, err)
}

func met(is bool) string {
	if is {
		return "met"
	}
	return "NOT MET"
}

func (m *Machine) line() string {
	return fmt.Sprintf("%d cores (%s), %d GiB, %s; %s, Kafka %s, Redis %s; commit %s", m.Cores, m.Processor, m.MemoryGiB, m.System, m.Go, m.Kafka, m.Redis, m.Commit)
}

// beside is where the figures of a document are: in the folder bench beside it.
func beside(document string) string {
	return filepath.Join(filepath.Dir(document), "bench", "results.json")
}

// Document writes the results into the document, and the figures that it is made of into
// bench/results.json beside it. What was not measured this time stays as it was, with the
// date that it has.
func (r *Results) Document(file string) error {
	kept := Results{Sections: make(map[string]Section)}
	figures := beside(file)
	old, err := os.ReadFile(figures)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("--write: %w", err)
	default:
		if err := json.Unmarshal(old, &kept); err != nil {
			return fmt.Errorf("--write: %s is no file of results: %w; remove it, and measure everything anew", figures, err)
		}
	}
	for name, section := range r.Sections {
		kept.Sections[name] = section
	}
	kept.Machine = r.Machine
	text, err := json.MarshalIndent(&kept, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(figures), 0o755)
	}
	if err == nil {
		err = os.WriteFile(figures, append(text, '\n'), 0o644)
	}
	if err == nil {
		err = os.WriteFile(file, []byte(kept.markdown()), 0o644)
	}
	if err != nil {
		return fmt.Errorf("--write: %w", err)
	}
	return nil
}

// markdown is the document.
func (r *Results) markdown() string {
	var out strings.Builder
	out.WriteString(`# How fast it is

This page is written by ` + "`governor bench --write integration/BENCH.md`" + `, from [bench/results.json](bench/results.json), and never by hand.
[bench](bench/README.md) says what is measured, and how to do so on your own Kafka and Redis.

Speeds are of one machine on one day, on which Kafka, Redis, the subject and what measures it share the cores: compare within a
section, whose subjects ran by turns, and CPU rather than speed. CPU is in seconds for a million intents; "all" adds up the
subject's own, that of Redis and that of the broker. A median of two is the lower.
`)
	for _, s := range scenarios() {
		section, there := r.Sections[s.name]
		if !there {
			continue
		}
		fmt.Fprintf(&out, "\n## %s\n\n%s.\n\n", s.name, upper(s.about))
		t := tableOf(s.name, section.Runs)
		t.markdown(&out)
		if aims := section.targets(s.name); len(aims) > 0 {
			out.WriteString("\n| aimed at | wanted | seen | |\n|---|--:|--:|---|\n")
			for _, aim := range aims {
				fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", aim.what, aim.wanted, aim.seen, strings.Replace(met(aim.met), "NOT MET", "**not met**", 1))
			}
		}
		if section.Quick {
			out.WriteString("\n**Measured with --quick: it shows that it works, and not how fast it is.**\n")
		}
		fmt.Fprintf(&out, "\nUp to %s intents. %s, on %s. Command: `%s`\n", count(float64(largest(section.Runs))), section.When.Format("2006-01-02 15:04 UTC"), section.Machine.line(), section.Command)
	}
	return out.String()
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// largest is the most intents of a run.
func largest(runs []Run) (n int) {
	for i := range runs {
		n = max(n, runs[i].N)
	}
	return n
}
