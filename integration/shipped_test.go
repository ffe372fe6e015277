//go:build integration

package integration

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// governorImage returns the name of the image of deploy/Dockerfile. No registry may be in reach, so its last stage is
// built over what its first stage would have made here, by the same command. Whoever has the real one names it in
// GOVERNOR_TEST_GOVERNOR_IMAGE.
var governorImage = sync.OnceValues(func() (string, error) {
	if image := os.Getenv("GOVERNOR_TEST_GOVERNOR_IMAGE"); image != "" {
		return image, nil
	}
	const image = "local/contact-governor:integration"
	file, err := os.ReadFile("../deploy/Dockerfile")
	if err != nil {
		return "", err
	}
	root, err := os.MkdirTemp("", "governor-image-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(root)
	build := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 .*go build .*)$`).FindSubmatch(file)
	_, final, found := strings.Cut(string(file), "\nFROM scratch\n")
	if build == nil || !found {
		return "", errors.New("deploy/Dockerfile builds nothing from scratch")
	}
	// Without -trimpath, for which everything would have to be compiled once more.
	command := strings.NewReplacer("-trimpath ", "", " /out/governor ", " "+root+"/out/governor ").Replace(string(build[1]))
	compile := exec.Command("sh", "-c", command)
	compile.Dir, compile.Env = "..", append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+runtime.GOARCH)
	if said, err := compile.CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(said)))
	}
	const certificates = "/etc/ssl/certs/ca-certificates.crt"
	text, err := os.ReadFile(certificates)
	if err != nil {
		return "", err
	}
	err = errors.Join(
		os.MkdirAll(filepath.Join(root, filepath.Dir(certificates)), 0o755),
		os.WriteFile(filepath.Join(root, certificates), text, 0o644),
		os.WriteFile(filepath.Join(root, "Dockerfile"), []byte("FROM scratch\n"+strings.ReplaceAll(final, "--from=build ", "")), 0o644))
	if err != nil {
		return "", err
	}
	// The builder that is in every engine: the newer one asks a registry for its own parts.
	docker := exec.Command("docker", "build", "--quiet", "--tag", image, "--build-arg", "VERSION=v1.2.3", root)
	docker.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	if said, err := docker.CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(said)))
	}
	return image, nil
})

// "Dockerfile (static, non-root, read-only)": the image governs a real Kafka and a real Redis with a root that nobody can
// write to and without a single capability, and ends well when it is told to.
func TestTheImageGovernsWithAReadOnlyRootAndNoCapability(t *testing.T) {
	image, err := governorImage()
	must(t, err)
	p := newPlace(t)
	c := p.config()
	health := freeAddress(t)
	c["http"] = config{"listen": health}
	folder := t.TempDir()
	must(t, os.Chmod(folder, 0o755)) // the user of the image is nobody here
	file := filepath.Join(folder, "governor.yaml")
	must(t, os.WriteFile(file, []byte(text(t, c)), 0o644))

	probe := func(ctx context.Context) error {
		return exec.CommandContext(ctx, "curl", "-sf", "http://"+health+"/readyz").Run()
	}
	s, err := runContainer(patiently(t), image, health, probe, func(host *container.HostConfig) {
		host.NetworkMode = "host"
		host.ReadonlyRootfs = true
		host.CapDrop = []string{"ALL"}
		host.SecurityOpt = []string{"no-new-privileges"}
		host.Binds = []string{file + ":/etc/governor/governor.yaml:ro"}
	})
	must(t, err)
	s.ownedBy(t)

	if got := p.ask(t, marketing("first", "ada", "email", "spring")); got.Verdict != "approved" {
		t.Errorf("ada, of whom nothing is known: %+v", got)
	}
	p.send(t, "contact.signals", "ada", text(t, signal{ID: "no", Person: "ada", Type: "refusal", At: stamp(time.Now())}))
	if got := p.ask(t, marketing("second", "ada", "email", "summer")); got.Verdict != "vetoed" || got.Reason != "refused.state" {
		t.Errorf("ada, who said no: %+v", got)
	}

	// As the health check of the image asks: the binary itself, in the container.
	for url, want := range map[string]int{"http://" + health + "/readyz": 0, "http://" + health + "/nowhere": 1} {
		code, _, err := s.container.Exec(t.Context(), []string{"/governor", "probe", url})
		must(t, err)
		if code != want {
			t.Errorf("probe %s ends with %d, want %d", url, code, want)
		}
	}
	s.Stop(t)
	state, err := s.container.State(t.Context())
	must(t, err)
	if state.ExitCode != 0 {
		t.Errorf("it ended with %d", state.ExitCode)
	}
}

// There is nothing in the image but the binary and the certificates: no shell, no library, no package manager.
func TestTheImageHoldsTwoFiles(t *testing.T) {
	image, err := governorImage()
	must(t, err)
	docker, err := testcontainers.NewDockerClientWithOpts(t.Context())
	must(t, err)
	defer docker.Close()
	made, err := docker.ContainerCreate(t.Context(), client.ContainerCreateOptions{Image: image})
	must(t, err)
	defer docker.ContainerRemove(context.WithoutCancel(t.Context()), made.ID, client.ContainerRemoveOptions{Force: true})
	all, err := docker.ContainerExport(t.Context(), made.ID, client.ContainerExportOptions{})
	must(t, err)
	defer all.Close()
	var files []string
	for r := tar.NewReader(all); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		// What the engine lays over every container is no part of the image.
		if h.Typeflag == tar.TypeReg && h.Size > 0 {
			files = append(files, h.Name)
		}
	}
	if want := []string{"etc/ssl/certs/ca-certificates.crt", "governor"}; !slices.Equal(files, want) {
		t.Errorf("the image holds %q, want %q", files, want)
	}
	told, err := docker.ImageInspect(t.Context(), image)
	must(t, err)
	if user := told.Config.User; user != "65532:65532" {
		t.Errorf("it runs as %q", user)
	}
	if got := told.Config.Labels["org.opencontainers.image.version"]; got != "v1.2.3" && os.Getenv("GOVERNOR_TEST_GOVERNOR_IMAGE") == "" {
		t.Errorf("its label says version %q", got)
	}
}
