package api

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// Who is vouched for by the page may do there what a token of theirs could, and no more.
func TestWhoIsVouchedForHasTheirRolesAndNoOthers(t *testing.T) {
	for _, r := range routes() {
		for _, role := range access.Roles() {
			w := newWorld(t)
			req := newRequest(r.method, r.filled(), requests()[r.method+" "+r.path])
			req = req.WithContext(As(req.Context(), access.Principal{Name: "vera", Roles: []access.Role{role}}))
			by, vouched := w.ask(string(role), r.method, r.filled(), requests()[r.method+" "+r.path]), httptest.NewRecorder()
			w.handler.ServeHTTP(vouched, req)
			if vouched.Code != by.status {
				t.Errorf("%s %s as %s: %d, by a token %d", r.method, r.path, role, vouched.Code, by.status)
			}
		}
	}
	w := newWorld(t)
	if a := w.ask("", http.MethodGet, "/v1/policy", ""); a.status != http.StatusUnauthorized {
		t.Errorf("of nobody: %d", a.status)
	}
}
