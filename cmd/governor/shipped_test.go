package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// Every configuration that deploy/ ships, or that its chart makes, is one that the governor takes: keys, values and the
// policy that it names. What it reads secrets from is there, as those who run it put it there.
func TestTheGovernorTakesEveryConfigurationThatIsShipped(t *testing.T) {
	compose, err := os.ReadFile("../../deploy/compose/governor.yaml")
	if err != nil {
		t.Fatal(err)
	}
	shipped := map[string]string{"compose/governor.yaml": string(compose)}
	policies := make(map[string]string)
	charts, err := filepath.Glob("../../deploy/helm/testdata/*.golden.yaml")
	if err != nil || len(charts) < 2 {
		t.Fatalf("only %d manifests: %v", len(charts), err)
	}
	for _, file := range charts {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for manifest := range bytes.SplitSeq(b, []byte("\n---\n")) {
			var m struct {
				Kind string
				Data map[string]string
			}
			if err := yaml.Unmarshal(manifest, &m); err != nil {
				t.Fatal(err)
			}
			if m.Kind != "ConfigMap" {
				continue
			}
			for name, text := range m.Data {
				if name == "governor.yaml" {
					shipped[filepath.Base(file)] = text
				} else {
					policies[name] = text
				}
			}
		}
	}
	if len(shipped) < 3 || len(policies) == 0 {
		t.Fatalf("%d configurations and %d policies: this test looks in the wrong place", len(shipped), len(policies))
	}
	secrets := t.TempDir()
	a := newAuthority(t, secrets)
	cert, key := a.sign(t, "shipped", time.Now().Add(time.Hour))
	for name, text := range shipped {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for policy, text := range policies {
				write(t, filepath.Join(folder, "policies", policy), text)
			}
			for _, secret := range regexp.MustCompile(`/run/secrets/[^ ,}\n]+`).FindAllString(text, -1) {
				content := "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n" // a key, a password
				switch filepath.Base(secret) {
				case "ca.crt":
					content = read(t, filepath.Join(secrets, "ca.pem"))
				case "api.pem", "tls.crt":
					content = read(t, cert)
				case "api.key", "tls.key":
					content = read(t, key)
				case "tokens.yaml":
					content = "tokens: [{name: operator, roles: [view], sha256: " + strings.Repeat("0a", 32) + "}]\n"
				}
				write(t, filepath.Join(folder, secret), content)
			}
			text = strings.NewReplacer("/run/secrets/", folder+"/run/secrets/", "/policies/", folder+"/policies/").Replace(text)
			file := filepath.Join(folder, "governor.yaml")
			write(t, file, text)
			c, err := config.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := policyfile.Load(c.Policy); err != nil {
				t.Error(err)
			}
			// In a container its own loopback is nobody else's: probes and Prometheus come from outside.
			if c.HTTP.Listen != "0.0.0.0:8470" {
				t.Errorf("it tells how it fares at %q", c.HTTP.Listen)
			}
		})
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
