//go:build integration

package integration

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// composeCommand is Docker's own compose, or that of Debian.
func composeCommand(t *testing.T) []string {
	t.Helper()
	if exec.Command("docker", "compose", "version").Run() == nil {
		return []string{"docker", "compose"}
	}
	if _, err := exec.LookPath("docker-compose"); err != nil {
		t.Fatal("neither docker compose nor docker-compose is there; .ci/services installs one")
	}
	return []string{"docker-compose"}
}

// locally is what the images that .ci/services makes need otherwise than the official ones: their commands take
// arguments only, and there is nothing in them but the server.
const locally = `
services:
  kafka:
    command:
      - --override
      - listeners=INSIDE://:9092,OUTSIDE://:29092,CONTROLLER://localhost:9093
      - --override
      - advertised.listeners=INSIDE://kafka:9092,OUTSIDE://127.0.0.1:%s
      - --override
      - listener.security.protocol.map=INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
      - --override
      - inter.broker.listener.name=INSIDE
    labels: {%[2]s: "%[3]d"}
  redis:
    command: [--protected-mode, "no", --maxmemory-policy, noeviction, --appendonly, "yes", --save, ""]
    labels: {%[2]s: "%[3]d"}
  governor:
    labels: {%[2]s: "%[3]d"}
`

// "Then compose up with real Kafka and Redis, publish, veto, see it on the page" (issue 7), with the secrets that make-secrets makes.
func TestComposeUpPublishVeto(t *testing.T) {
	image, err := governorImage()
	must(t, err)
	folder := t.TempDir()
	for _, part := range []string{"compose", "prometheus", "grafana"} {
		must(t, os.CopyFS(filepath.Join(folder, part), os.DirFS("../deploy/"+part)))
	}
	file, err := os.ReadFile("../deploy/compose.yaml")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, "compose.yaml"), file, 0o600))
	// Those that somebody made for himself stay his.
	secrets := filepath.Join(folder, "compose/secrets")
	must(t, errors.Join(os.RemoveAll(secrets), os.Mkdir(secrets, 0o700)))
	if said, err := exec.Command("sh", filepath.Join(folder, "compose/make-secrets")).CombinedOutput(); err != nil {
		t.Fatalf("make-secrets: %v\n%s", err, said)
	}

	port := func() string {
		_, port, err := net.SplitHostPort(freeAddress(t))
		must(t, err)
		return port
	}
	kafkaPort, doors, health := port(), port(), port()
	files := []string{"-f", filepath.Join(folder, "compose.yaml")}
	if strings.HasPrefix(kafkaImage(), "local/") {
		over := filepath.Join(folder, "locally.yaml")
		must(t, os.WriteFile(over, fmt.Appendf(nil, locally, kafkaPort, ownerLabel, os.Getpid()), 0o600))
		files = append(files, "-f", over)
	}
	project := "governor" + strings.ToLower(rand.Text()[:8])
	compose := func(args ...string) string {
		t.Helper()
		all := append(append(append(composeCommand(t), "--project-name", project), files...), args...)
		c := exec.Command(all[0], all[1:]...)
		c.Env = append(os.Environ(), "KAFKA_IMAGE="+kafkaImage(), "REDIS_IMAGE="+redisImage(), "GOVERNOR_IMAGE="+image,
			"KAFKA_PORT="+kafkaPort, "GOVERNOR_PORT="+doors, "GOVERNOR_HEALTH_PORT="+health)
		said, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("compose %s: %v\n%s", args, err, said)
		}
		return string(said)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the services said:\n%s", lastLines(compose("logs", "--tail", "40"), 120))
		}
		compose("down", "--volumes", "--timeout", "45")
	})
	compose("up", "--detach", "kafka", "redis", "governor")
	waitAtLength(t, "the governor to decide", func() bool { return answersWell("http://127.0.0.1:" + health + "/readyz") })

	// And then what the README says: everybody is approved, Ben says no, and is left alone.
	here := strings.NewReplacer("127.0.0.1:29092", "127.0.0.1:"+kafkaPort, "localhost:8471", "localhost:"+doors, "deploy/compose/secrets", secrets)
	var answers []string
	for _, line := range readmeLines(t) {
		if strings.HasPrefix(line, "deploy/compose/make-secrets") || strings.HasPrefix(line, "docker compose -f deploy/compose.yaml up ") || strings.HasPrefix(line, "go run ./cmd/governor ") {
			continue // done above; and those are played beside the command
		}
		c := exec.Command("sh", "-c", here.Replace(line))
		c.Dir = ".."
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, said)
		}
		answers = append(answers, string(said))
	}
	if len(answers) != 3 {
		t.Fatalf("%d commands: this test looks in the wrong place", len(answers))
	}
	if strings.Count(answers[0], "approved until") != 6 {
		t.Errorf("the first campaign:\n%s", answers[0])
	}
	if !strings.Contains(answers[1], `"recorded":true`) {
		t.Errorf("the no was answered:\n%s", answers[1])
	}
	if strings.Count(answers[2], "approved until") != 5 || !strings.Contains(answers[2], "summer-2 vetoed for good: refused.state") {
		t.Errorf("the next campaign:\n%s", answers[2])
	}

	// The doors are open to who has the token, under the certificate that was made with it, and to nobody else.
	token, err := os.ReadFile(filepath.Join(folder, "compose/secrets/token"))
	must(t, err)
	for bearer, want := range map[string]int{strings.TrimSpace(string(token)): http.StatusOK, strings.Repeat("0", 64): http.StatusUnauthorized} {
		if got := knocks(t, "https://127.0.0.1:"+doors+"/v1/policy", bearer, filepath.Join(folder, "compose/secrets/api.pem")); got != want {
			t.Errorf("a token is answered %d, want %d", got, want)
		}
	}
	onThePage(t, "https://localhost:"+doors, strings.TrimSpace(string(token)), filepath.Join(folder, "compose/secrets/api.pem"), "summer", "the person said no")
	waitFor(t, "the health check to have asked", func() bool {
		id := strings.TrimSpace(compose("ps", "-q", "governor"))
		told, err := exec.Command("docker", "inspect", "--format", "{{.State.Health.Status}}", id).Output()
		return err == nil && string(bytes.TrimSpace(told)) == "healthy"
	})
	compose("stop", "--timeout", strconv.Itoa(45), "governor")
	id := strings.TrimSpace(compose("ps", "-q", "-a", "governor"))
	if told, err := exec.Command("docker", "inspect", "--format", "{{.State.ExitCode}}", id).Output(); err != nil || string(bytes.TrimSpace(told)) != "0" {
		t.Errorf("the governor, told to stop, ended with %s (%v)", told, err)
	}
}

// readmeLines are the commands of deploy/README.md.
func readmeLines(t *testing.T) (lines []string) {
	t.Helper()
	text, err := os.ReadFile("../deploy/README.md")
	must(t, err)
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		lines = append(lines, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	return lines
}

func answersWell(url string) bool {
	answer, err := http.Get(url)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err == nil && answer.StatusCode == http.StatusOK
}

// knocks is the status of an answer of whoever shows that very certificate.
func knocks(t *testing.T, where, bearer, certificate string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, where, nil)
	must(t, err)
	request.Header.Set("Authorization", "Bearer "+bearer)
	c := http.Client{Transport: believing(t, certificate)}
	answer, err := c.Do(request)
	must(t, err)
	defer answer.Body.Close()
	return answer.StatusCode
}

// believing speaks with whoever shows that very certificate.
func believing(t *testing.T, certificate string) *http.Transport {
	t.Helper()
	pem, err := os.ReadFile(certificate)
	must(t, err)
	believed := x509.NewCertPool()
	believed.AppendCertsFromPEM(pem)
	return &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: believed}}
}

// onThePage logs in with the token, and looks until the page has the texts.
func onThePage(t *testing.T, at, token, certificate string, texts ...string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	browser := http.Client{Transport: believing(t, certificate), Jar: jar}
	read := func(answer *http.Response, err error) string {
		t.Helper()
		must(t, err)
		defer answer.Body.Close()
		page, err := io.ReadAll(answer.Body)
		must(t, err)
		return string(page)
	}
	hidden := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(read(browser.Get(at + "/login")))
	if hidden == nil {
		t.Fatal("there is no form to log in by")
	}
	read(browser.PostForm(at+"/login", url.Values{"token": {hidden[1]}, "secret": {token}}))
	waitFor(t, fmt.Sprintf("%q on the page", texts), func() bool {
		page := read(browser.Get(at + "/"))
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(page, text) })
	})
}
