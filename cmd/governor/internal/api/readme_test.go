package api

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// What the README types works, and every route is typed once; its table has the roles.
func TestTheReadmeIsRight(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	typed := map[string]bool{}
	command := regexp.MustCompile(`(?m)^\$ curl -s \$API(\S+)(.*)$`)
	for _, line := range command.FindAllStringSubmatch(string(b), -1) {
		path, rest := line[1], line[2]
		method, body := http.MethodGet, ""
		if _, quoted, has := strings.Cut(rest, "-d '"); has {
			method, body = http.MethodPost, strings.TrimSuffix(quoted, "'")
		}
		if strings.Contains(rest, "-X POST") {
			method = http.MethodPost
		}
		w, answered := newWorld(t), 0
		for _, role := range access.Roles() {
			r := newRequest(method, path, body)
			r.Header.Set("Authorization", "Bearer "+token(string(role)))
			if a := w.send(r); a.status == http.StatusOK {
				answered++
				typed[method+" "+r.Pattern] = true
			}
		}
		if answered == 0 {
			t.Errorf("%s: nobody is answered", line[0])
		}
	}
	for _, r := range routes() {
		if name := r.method + " " + r.path; !typed[name] && r.path != "/openapi.yaml" {
			t.Errorf("%s is not typed in the README", name)
		}
		if len(r.roles) == 0 || len(r.roles) == len(access.Roles()) {
			continue
		}
		if row := "| `" + r.method + " " + r.path + "` | " + access.Names(r.roles) + " |"; !strings.Contains(string(b), row) {
			t.Errorf("the README's table lacks %s", row)
		}
	}
}
