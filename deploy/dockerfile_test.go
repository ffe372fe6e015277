package deploy

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile, its continued lines joined.
type instruction struct{ name, rest string }

// dockerfile reads the instructions of each stage; what comes before the first FROM is stage 0.
func dockerfile(t *testing.T) (stages [][]instruction) {
	t.Helper()
	stages = append(stages, nil)
	text := regexp.MustCompile(`\\\n\s*`).ReplaceAllString(read(t, "Dockerfile"), "")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		if name == "FROM" {
			stages = append(stages, nil)
		}
		last := len(stages) - 1
		stages[last] = append(stages[last], instruction{name, rest})
	}
	return stages
}

// of are those of a stage with a name, in their order.
func of(stage []instruction, name string) (out []string) {
	for _, i := range stage {
		if i.name == name {
			out = append(out, i.rest)
		}
	}
	return out
}

// "Dockerfile (static, non-root, read-only)": what runs is one binary and its certificates, without a shell, as a user
// whose number says that it is not root.
func TestTheImageHoldsNothingThatItDoesNotNeed(t *testing.T) {
	stages := dockerfile(t)
	final := stages[len(stages)-1]
	if got := of(final, "FROM"); !slices.Equal(got, []string{"scratch"}) {
		t.Errorf("the image is made from %q, want scratch", got)
	}
	want := []string{
		"--from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
		"--from=build /out/governor /governor",
	}
	if got := of(final, "COPY"); !slices.Equal(got, want) {
		t.Errorf("it takes %q, want %q", got, want)
	}
	if got := of(final, "USER"); len(got) != 1 || !regexp.MustCompile(`^[1-9]\d{3,}:[1-9]\d{3,}$`).MatchString(got[0]) {
		t.Errorf("it runs as %q, want a number that is not root's", got)
	}
	for _, name := range []string{"RUN", "ADD", "VOLUME", "SHELL", "ENV"} {
		if got := of(final, name); got != nil {
			t.Errorf("%s %s: there is no shell, nothing is written, and nothing is fetched", name, got)
		}
	}
	for _, name := range []string{"ENTRYPOINT", "CMD", "HEALTHCHECK"} {
		got := of(final, name)
		if len(got) != 1 || !regexp.MustCompile(`(^|CMD )\["[^$]*"\]$`).MatchString(got[0]) {
			t.Errorf("%s %q: want one, as a list, since there is no shell", name, got)
		}
	}
	if got := of(final, "STOPSIGNAL"); !slices.Equal(got, []string{"SIGTERM"}) {
		t.Errorf("it is stopped by %q", got)
	}
	for _, label := range []string{"title", "description", "source", "version", "revision", "created"} {
		if !strings.Contains(strings.Join(of(final, "LABEL"), " "), "org.opencontainers.image."+label+"=") {
			t.Errorf("no label org.opencontainers.image.%s", label)
		}
	}
}

// The same commit and the same Go make the same binary, which links nothing of the system.
func TestTheBinaryIsStaticAndTheSameForEverybody(t *testing.T) {
	stages := dockerfile(t)
	builds := strings.Join(of(stages[1], "RUN"), "\n")
	for _, word := range []string{"CGO_ENABLED=0", "-trimpath", "-mod=readonly", "-buildid=", "GOARCH=$TARGETARCH", "go mod verify"} {
		if !strings.Contains(builds, word) {
			t.Errorf("%s is missing in %s", word, builds)
		}
	}
	tag := regexp.MustCompile(`golang:(\d+\.\d+)\.\d+-`).FindStringSubmatch(strings.Join(of(stages[0], "ARG"), " "))
	needs := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))
	if tag == nil || needs == nil || tag[1] != needs[1] {
		t.Errorf("built by Go %q; go.mod says %q; a version must be named in full", tag, needs)
	}
}

// What somebody made for himself beside the sources does not get into a layer.
func TestNoSecretGetsIntoALayer(t *testing.T) {
	ignored := strings.Split(read(t, "Dockerfile.dockerignore"), "\n")
	for _, folder := range []string{"examples", "compose/secrets"} {
		for line := range strings.Lines(read(t, folder+"/.gitignore")) {
			name := strings.TrimPrefix(strings.TrimSpace(line), "/")
			if name == "" || strings.HasPrefix(name, "#") || strings.HasPrefix(name, "!") {
				continue
			}
			if !slices.Contains(ignored, "deploy/"+folder+"/"+name) {
				t.Errorf("deploy/%s/%s is ignored by git, and not by Dockerfile.dockerignore", folder, name)
			}
		}
	}
	for _, stage := range dockerfile(t) {
		for _, i := range stage {
			if (i.name == "ARG" || i.name == "ENV") && regexp.MustCompile(`(?i)passw|secret|token|key`).MatchString(i.rest) {
				t.Errorf("%s %s: what is given to a build can be read in its history", i.name, i.rest)
			}
		}
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
