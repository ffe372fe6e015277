package deploy

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// object is a manifest for Kubernetes.
type object map[string]any

// at is what stands at a path like spec.containers.0.image; nil where there is nothing.
func (o object) at(path string) any {
	var here any = map[string]any(o)
	for key := range strings.SplitSeq(path, ".") {
		switch in := here.(type) {
		case map[string]any:
			here = in[key]
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n >= len(in) {
				return nil
			}
			here = in[n]
		default:
			return nil
		}
	}
	return here
}

// manifests are what the chart gives for some values, by their kinds. The tests of helm/ hold the files against Helm.
func manifests(t *testing.T, file string) map[string][]object {
	t.Helper()
	out := make(map[string][]object)
	for d := yaml.NewDecoder(strings.NewReader(read(t, file))); ; {
		var o map[string]any
		err := d.Decode(&o)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		kind := fmt.Sprint(o["kind"])
		out[kind] = append(out[kind], o)
	}
}

// rendered are the manifests for each of the values in testdata.
func rendered(t *testing.T) map[string]map[string][]object {
	t.Helper()
	files, err := filepath.Glob("helm/testdata/*.golden.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("only %d files of manifests: %v", len(files), err)
	}
	out := make(map[string]map[string][]object)
	for _, file := range files {
		out[filepath.Base(file)] = manifests(t, file)
		if got := len(out[filepath.Base(file)]["Deployment"]); got != 1 {
			t.Fatalf("%s has %d deployments", file, got)
		}
	}
	return out
}

// "Restricted pod security": what the Pod Security Standards of Kubernetes want at the level restricted, and that nothing
// can be written, whatever the values say.
func TestThePodsAreRestricted(t *testing.T) {
	for file, all := range rendered(t) {
		d := all["Deployment"][0]
		for path, want := range map[string]any{
			"securityContext.runAsNonRoot":        true,
			"securityContext.runAsUser":           65532, // as in the image
			"securityContext.seccompProfile.type": "RuntimeDefault",
			"automountServiceAccountToken":        false,
			"hostNetwork":                         nil, "hostPID": nil, "hostIPC": nil, "hostUsers": nil, "initContainers": nil, "ephemeralContainers": nil,
			"containers.1": nil,
			"containers.0.securityContext.allowPrivilegeEscalation": false,
			"containers.0.securityContext.readOnlyRootFilesystem":   true,
			"containers.0.securityContext.runAsNonRoot":             true,
			"containers.0.securityContext.capabilities.drop":        []any{"ALL"},
			"containers.0.securityContext.capabilities.add":         nil,
			"containers.0.securityContext.privileged":               nil,
			"containers.0.securityContext.seccompProfile":           nil,
			"containers.0.env": nil, // no secret is in an environment
		} {
			if got := d.at("spec.template.spec." + path); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s is %v, want %v", file, path, got, want)
			}
		}
		volumes, _ := d.at("spec.template.spec.volumes").([]any)
		for _, v := range volumes {
			for kind := range v.(map[string]any) {
				if kind != "name" && kind != "configMap" && kind != "secret" {
					t.Errorf("%s: a volume is a %s", file, kind)
				}
			}
		}
		mounts, _ := d.at("spec.template.spec.containers.0.volumeMounts").([]any)
		if len(mounts) == 0 || len(mounts) != len(volumes) {
			t.Errorf("%s: %d volumes, %d of them mounted", file, len(volumes), len(mounts))
		}
		for _, m := range mounts {
			if m.(map[string]any)["readOnly"] != true {
				t.Errorf("%s: %v can be written", file, m)
			}
		}
		if ports, _ := d.at("spec.template.spec.containers.0.ports").([]any); strings.Contains(fmt.Sprint(ports), "hostPort") {
			t.Errorf("%s: a port is the node's", file)
		}
	}
}

// Who restarts a governor, who sends it requests, and how long it has to end.
func TestThePodsAreAskedTheRightThings(t *testing.T) {
	for file, all := range rendered(t) {
		d := all["Deployment"][0]
		for probe, path := range map[string]string{"liveness": "/livez", "readiness": "/readyz", "startup": "/startupz"} {
			if got := d.at("spec.template.spec.containers.0." + probe + "Probe.httpGet.path"); got != path {
				t.Errorf("%s: %s asks %v, want %s", file, probe, got, path)
			}
		}
		// A worker has ten seconds for its batch, then the group is left, and who asks has five to take his answer.
		const drain = 20
		if got, _ := d.at("spec.template.spec.terminationGracePeriodSeconds").(int); got <= drain {
			t.Errorf("%s: killed after %d s, and it may take %d to end", file, got, drain)
		}
		if got := d.at("spec.strategy.rollingUpdate.maxSurge"); got != 0 {
			t.Errorf("%s: %v more governors than wanted in a rollout", file, got)
		}
		var over []string
		constraints, _ := d.at("spec.template.spec.topologySpreadConstraints").([]any)
		for _, c := range constraints {
			over = append(over, fmt.Sprint(object(c.(map[string]any)).at("topologyKey")))
		}
		if want := []string{"kubernetes.io/hostname", "topology.kubernetes.io/zone"}; !reflect.DeepEqual(over, want) {
			t.Errorf("%s: spread over %v, want %v", file, over, want)
		}
		for _, s := range all["Service"] {
			if s.at("spec.publishNotReadyAddresses") != true {
				t.Errorf("%s: %v hides those that are not ready: from Prometheus, which wants to know why, or from who says no", file, s.at("metadata.name"))
			}
		}
	}
}

// Whatever selects the pods does select them, and the doors are closed to whom nobody named.
func TestWhatIsAboutThePodsIsAboutThem(t *testing.T) {
	for file, all := range rendered(t) {
		labels, _ := all["Deployment"][0].at("spec.template.metadata.labels").(map[string]any)
		selectors := map[string]string{"Deployment": "spec.selector.matchLabels", "Service": "spec.selector", "NetworkPolicy": "spec.podSelector.matchLabels", "PodDisruptionBudget": "spec.selector.matchLabels"}
		for kind, path := range selectors {
			if len(all[kind]) == 0 {
				t.Errorf("%s has no %s", file, kind)
			}
			for _, o := range all[kind] {
				selected, _ := o.at(path).(map[string]any)
				for key, value := range selected {
					if labels[key] != value {
						t.Errorf("%s: %s %v wants %s=%v, and the pods have %v", file, kind, o.at("metadata.name"), key, value, labels[key])
					}
				}
				if len(selected) == 0 {
					t.Errorf("%s: %s %v selects everything", file, kind, o.at("metadata.name"))
				}
			}
		}
		if got := all["PodDisruptionBudget"][0].at("spec.maxUnavailable"); got != 1 {
			t.Errorf("%s: %v governors may be taken away at once", file, got)
		}
		policy := all["NetworkPolicy"][0]
		if got := policy.at("spec.policyTypes"); !reflect.DeepEqual(got, []any{"Ingress", "Egress"}) {
			t.Errorf("%s: the network policy is about %v", file, got)
		}
		ingress, _ := policy.at("spec.ingress").([]any)
		for _, rule := range ingress {
			if from, _ := object(rule.(map[string]any)).at("from").([]any); len(from) == 0 {
				t.Errorf("%s: everybody is let in: %v", file, rule)
			}
		}
		if len(all["Secret"]) > 0 {
			t.Errorf("%s: the chart makes a Secret, which Helm keeps where others can read it", file)
		}
	}
}

// "No HPA beyond the partitions."
func TestNoMoreGovernorsThanPartitions(t *testing.T) {
	for file, all := range rendered(t) {
		var config struct {
			Kafka struct{ Topics struct{ Partitions int } }
		}
		text, _ := all["ConfigMap"][0].at("data").(map[string]any)["governor.yaml"].(string)
		if err := yaml.Unmarshal([]byte(text), &config); err != nil {
			t.Fatal(err)
		}
		most, _ := all["Deployment"][0].at("spec.replicas").(int)
		for _, scaler := range all["HorizontalPodAutoscaler"] {
			most, _ = scaler.at("spec.maxReplicas").(int)
		}
		if most == 0 || most > config.Kafka.Topics.Partitions {
			t.Errorf("%s: up to %d governors for %d partitions", file, most, config.Kafka.Topics.Partitions)
		}
	}
}
