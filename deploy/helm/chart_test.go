// Package helm tests the chart beside it with Helm's own engine, as `helm lint` and `helm template` would: good values give the
// manifests in testdata, which the tests of the folder above hold against what was promised of them; bad values are refused.
package helm

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"helm.sh/helm/v3/pkg/releaseutil"
)

// Only commit what -update wrote if you understand what caused it.
var update = flag.Bool("update", false, "write the manifests into testdata")

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // that alerts and dashboard are links to those of the folder above is as it should be
	os.Exit(m.Run())
}

func load(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.Load("governor")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// render is what `helm template governor governor --namespace contact --values FILE` prints.
func render(t *testing.T, values map[string]any) (string, error) {
	t.Helper()
	c := load(t)
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "governor", Namespace: "contact", Revision: 1, IsInstall: true}, chartutil.DefaultCapabilities)
	if err != nil {
		return "", err
	}
	files, err := engine.Render(c, all)
	if err != nil {
		return "", err
	}
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	_, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, m := range manifests {
		fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", m.Name, strings.TrimSpace(m.Content))
	}
	return out.String(), nil
}

func TestGoodValuesGiveTheManifests(t *testing.T) {
	files, err := filepath.Glob("testdata/*.values.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no values: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			values, err := chartutil.ReadValuesFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := render(t, values)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".values.yaml") + ".golden.yaml"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is not what the chart gives now; see what changed with go test -update and git diff", golden)
			}
		})
	}
}

// The alerts and the dashboard are those of the folder above, to the letter.
func TestTheChartBringsTheAlertsAndTheDashboard(t *testing.T) {
	got, err := render(t, map[string]any{"monitoring": map[string]any{"rules": true, "dashboard": true}})
	if err != nil {
		t.Fatal(err)
	}
	for file, indent := range map[string]string{"../prometheus/alerts.yaml": "  ", "../grafana/dashboard.json": "    "} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		for line := range strings.Lines(strings.TrimRight(string(b), "\n")) {
			want.WriteString(indent + line)
		}
		if !strings.Contains(got, want.String()) {
			t.Errorf("the manifests do not have %s", file)
		}
	}
}

// Each row is one mistake, and what its author is told.
func TestBadValuesAreRefused(t *testing.T) {
	for values, want := range map[string]string{
		"replicas: 9": "replicas is 9, and there are 8 partitions (config.kafka.topics.partitions): 1 governors would have nothing to do",
		"{replicas: 4, config: {kafka: {topics: {partitions: 3}}}}": "replicas is 4, and there are 3 partitions",
		"autoscaling: {enabled: true, most: 9}":                     "autoscaling.most is 9, and there are 8 partitions",
		"autoscaling: {enabled: true, most: 2}":                     "autoscaling.most is 2, less than replicas, 3",
		"replicas: 0":                                               "replicas",
		"replicas: three":                                           "replicas",
		"replica: 3":                                                "replica",
		"image: {digest: latest}":                                   "digest",
		"securityContext: {runAsUser: 0}":                           "securityContext",
		"podSecurityContext: {}":                                    "podSecurityContext",
		"config: {http: {listen: 0.0.0.0:80}}":                      "http",
		"config: {kafka: {broker: kafka:9092}}":                     "broker",
		"config: {api: {listen: 0.0.0.0:8471}}":                     "listen",
		"config: {redis: {password: hush}}":                         "password",
		"config: {policy: /policies/ours.yaml}":                     "config.policy is /policies/ours.yaml, and policies has no ours.yaml",
		"doors: {enabled: true}":                                    "doors.enabled needs config.api.tls",
		"{doors: {enabled: true}, config: {api: {tls: {cert_file: /a, key_file: /b}}}}": "doors.enabled needs config.api.tokens_file or config.api.oidc",
		"networkPolicy: {monitoring: [{}]}":                                             "monitoring",
		"secrets: [../etc]":                                                             "secrets",
	} {
		parsed, err := chartutil.ReadValues([]byte(values))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := render(t, parsed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", values, err, want)
		}
	}
}

// What `helm lint --strict` finds: nothing, but that there is no icon.
func TestTheChartIsWellMade(t *testing.T) {
	linter := lint.AllWithKubeVersionAndSchemaValidation("governor", map[string]any{}, "contact", nil, false)
	linter.Messages = slices.DeleteFunc(linter.Messages, func(m support.Message) bool { return strings.Contains(m.Err.Error(), "icon is recommended") })
	for _, m := range linter.Messages {
		t.Error(m)
	}
}
