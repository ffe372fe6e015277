package api

import (
	"net/http"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// route is one way in.
type route struct {
	method string
	path   string        // as http.ServeMux has it
	roles  []access.Role // any of them will do; none: nobody is asked who he is
	serve  func(*call) (any, error)
}

// routes are all there are. A test compares them with openapi.yaml, both ways, and asks
// each of them with every role.
func routes() []route {
	anyone := access.Roles()
	view := []access.Role{access.View}
	look := []access.Role{access.View, access.Operate}
	operate := []access.Role{access.Operate}
	no := []access.Role{access.Operate, access.Consent} // a no is easy
	consent := []access.Role{access.Consent}
	return []route{
		{http.MethodPost, "/v1/preflight", look, preflight},
		{http.MethodPost, "/v1/redeem", operate, redeem},
		{http.MethodPost, "/v1/outcomes", operate, outcome},
		{http.MethodPost, "/v1/refuse", no, refuse},
		{http.MethodPost, "/v1/consent", consent, agree},
		{http.MethodGet, "/v1/people/{person}", view, person},
		{http.MethodGet, "/v1/people/{person}/export", view, export},
		{http.MethodPost, "/v1/people/{person}/erase", consent, erase},
		{http.MethodGet, "/v1/campaigns", look, campaigns},
		{http.MethodPost, "/v1/campaigns", operate, register},
		{http.MethodPost, "/v1/campaigns/{name}/kill", operate, kill},
		{http.MethodGet, "/v1/policy", anyone, policy},
		{http.MethodGet, "/v1/policy/history", anyone, history},
		{http.MethodGet, "/v1/health", anyone, health},
		{http.MethodGet, "/openapi.json", nil, openAPI(asJSON)},
		{http.MethodGet, "/openapi.yaml", nil, openAPI(asYAML)},
	}
}
