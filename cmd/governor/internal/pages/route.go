package pages

import (
	"net/http"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// route is one page, or one thing that a form is sent to.
type route struct {
	method string
	path   string
	title  string        // in the menu; "": it is not there
	roles  []access.Role // any of them will do; none: nobody is asked who he is
	serve  func(*visit)
}

// The paths of the pages.
const (
	atOverview = "/"
	atLive     = "/live"
	atPeople   = "/people"
	atPolicy   = "/policy"
	atWhatIf   = "/what-if"
	atHolds    = "/holds"
	atLogin    = "/login"
	atLogout   = "/logout"
)

// routes are all there are, the pages in the order of the menu. What is shown is shown to whom the
// doors of package api would tell it. A test asks each with every role.
func routes() []route {
	anyone := access.Roles()
	look := []access.Role{access.View, access.Operate}
	view := []access.Role{access.View}
	return []route{
		{http.MethodGet, atOverview, "Overview", look, (*visit).overview},
		{http.MethodGet, atHolds, "Holds and lag", anyone, (*visit).holds},
		{http.MethodGet, atPeople, "A person", view, (*visit).askPerson},
		{http.MethodGet, atPolicy, "Policy", anyone, (*visit).policy},
		{http.MethodGet, atWhatIf, "What if", look, (*visit).askWhatIf},
		{http.MethodPost, atPeople, "", view, (*visit).person},
		{http.MethodPost, atWhatIf, "", look, (*visit).whatIf},
		{http.MethodGet, atLive, "", anyone, (*visit).live},
		{http.MethodGet, atLogin, "", nil, (*visit).askLogin},
		{http.MethodPost, atLogin, "", nil, (*visit).login},
		{http.MethodPost, atLogout, "", nil, (*visit).logout},
	}
}

// pattern is as http.ServeMux has it.
func (r *route) pattern() string {
	if r.path == "/" {
		return r.method + " /{$}"
	}
	return r.method + " " + r.path
}
