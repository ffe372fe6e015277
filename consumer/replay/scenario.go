package replay

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/rules/scenario"
	"github.com/contactgovernor/governor/rules/strictyaml"
	"github.com/contactgovernor/governor/state"
)

// Policies loads the policies of scenarios, each once. The zero value is ready; it is
// not for concurrent use.
type Policies struct {
	loaded map[string]*rules.Policy
}

// Of loads what the scenario is decided under. A name with a dot or a slash in it is
// that of a file, from the folder that the scenario's file is in.
func (p *Policies) Of(s *scenario.Scenario) (*rules.Policy, error) {
	if s.Policy.Text != nil {
		return compile(&s.Policy)
	}
	names := PolicyNames(s)
	if policy := p.loaded[names]; policy != nil {
		return policy, nil
	}
	policy, err := policyfile.Load(names)
	if err != nil {
		return nil, err
	}
	if p.loaded == nil {
		p.loaded = make(map[string]*rules.Policy)
	}
	p.loaded[names] = policy
	return policy, nil
}

// PolicyNames are the policies that the scenario names, as `governor replay` takes
// them: files with their folder.
func PolicyNames(s *scenario.Scenario) string {
	names := strings.Split(s.Policy.Names, ",")
	for i, name := range names {
		if strings.ContainsAny(name, "./") && !filepath.IsAbs(name) {
			names[i] = filepath.Join(filepath.Dir(s.At.File), name)
		}
	}
	return strings.Join(names, ",")
}

// compile makes a policy of the text that stands in a scenario.
func compile(p *scenario.Policy) (*rules.Policy, error) {
	spec, err := policyfile.Parse(p.At.File, p.Text)
	if err != nil {
		return nil, err
	}
	policy, problems := rules.Compile(spec)
	return policy, strictyaml.Failure(problems, p.At.File)
}

// Play decides the recording of a scenario under the policy, over a store that must be
// fresh, and gives what came out of each of its records.
func Play(ctx context.Context, policy *rules.Policy, store state.Store, recording []scenario.Record) ([][]scenario.Output, error) {
	var written bytes.Buffer
	r, err := New(ctx, policy, store, &written)
	if err != nil {
		return nil, err
	}
	came := make([][]scenario.Output, len(recording))
	var line []byte
	for i, record := range recording {
		r.line++
		line = record.AppendJSON(line[:0])
		if err := r.Line(ctx, line); err != nil {
			return nil, &LineError{int(r.line), err}
		}
		if err := r.out.Flush(); err != nil {
			return nil, err
		}
		if came[i], err = Outputs(written.Bytes()); err != nil {
			return nil, err
		}
		written.Reset()
	}
	return came, nil
}

// Outputs reads what a replay wrote.
func Outputs(written []byte) ([]scenario.Output, error) {
	var out []scenario.Output
	for line := range bytes.Lines(written) {
		var w struct {
			Topic   string            `json:"topic"`
			Value   jsontext.Value    `json:"value"`
			Headers map[string]string `json:"headers"`
		}
		if err := json.Unmarshal(line, &w, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
			return nil, fmt.Errorf("read a line of output: %w", err)
		}
		out = append(out, scenario.Output{Topic: w.Topic, Value: []byte(w.Value), Headers: w.Headers})
	}
	return out, nil
}
