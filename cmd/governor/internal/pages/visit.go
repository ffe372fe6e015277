package pages

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// mostForm is how many bytes a form may have.
const mostForm = 128 << 10

// visit is one request.
type visit struct {
	*Pages
	w     http.ResponseWriter
	r     *http.Request
	route *route

	who    access.Principal
	in     bool   // who is known
	asked  bool   // for a token, which they can take back
	cookie string // what the browser has, or gets
}

// serve serves one request, if it may be.
func (p *Pages) serve(w http.ResponseWriter, r *http.Request, to *route) {
	guard(w, r)
	v := &visit{Pages: p, w: w, r: r, route: to, cookie: cookie(r)}
	if v.cookie == "" {
		v.cookie = rand.Text() + rand.Text()
		setCookie(w, r, v.cookie)
	}
	why := v.enter()
	if errors.Is(why, access.ErrForeign) {
		v.refuse(http.StatusForbidden, "Not from here", "Without tokens this page is for browsers on this machine, under the name localhost or 127.0.0.1, and for nobody else. Whoever runs the governor can have api.tokens_file set.")
		return
	}
	if to.roles != nil && !v.in {
		v.turnAway(why)
		return
	}
	if to.roles != nil && !v.who.Has(to.roles) {
		v.refuse(http.StatusForbidden, "Not yours to see", "It takes a token with one of the roles: "+access.Names(to.roles)+". Yours has: "+v.who.Named()+".")
		return
	}
	if r.Method == http.MethodPost && !v.meant() {
		v.refuse(http.StatusForbidden, "Too old, or not ours", "This form was sent to your browser before the governor was started, or by somebody else. Go back, reload the page, and send it again.")
		return
	}
	to.serve(v)
}

// enter finds out who it is. The error says why nobody knows.
func (v *visit) enter() error {
	if !v.o.Gate.Asks() {
		who, err := v.o.Gate.Here(v.r)
		v.who, v.in = who, err == nil
		return err
	}
	v.asked = true
	token := v.sessions.token(v.cookie)
	if token == "" {
		return access.ErrNobody
	}
	who, err := v.o.Gate.Whose(v.r.Context(), token)
	if errors.Is(err, access.ErrUnknown) {
		v.sessions.end(v.cookie)
	}
	v.who, v.in = who, err == nil
	return err
}

// turnAway sends whoever is not logged in to where they can.
func (v *visit) turnAway(why error) {
	switch {
	case errors.Is(why, access.ErrAway):
		v.w.Header().Set("Retry-After", "2")
		v.refuse(http.StatusServiceUnavailable, "Nobody knows who you are, now", "The OpenID provider cannot be reached. You stay logged in; try again in a moment.")
	case v.r.Method == http.MethodGet && v.route.title != "":
		http.Redirect(v.w, v.r, atLogin, http.StatusSeeOther)
	default:
		v.refuse(http.StatusUnauthorized, "Log in first", "Nobody is logged in here, or not any more.")
	}
}

// meant says whether a form comes from a page of ours that this browser got.
func (v *visit) meant() bool {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostForm)
	if err := http.NewCrossOriginProtection().Check(v.r); err != nil {
		return false
	}
	return v.r.ParseForm() == nil && v.isFormToken(v.cookie, v.r.PostForm.Get("token"))
}

// frame is what is around every page.
type frame struct {
	Title   string
	Heading string
	Menu    []link
	Status  status
	Who     string // "": nobody is logged in
	Roles   string
	Leave   bool   // they can log out
	Token   string // of forms
	Live    bool   // it keeps up by itself
	Again   int    // without scripts it is loaded again after so many seconds; 0: it is not
	Page    any
}

// link is one of the menu.
type link struct {
	Title string
	Path  string
	Here  bool
}

// show answers with a page.
func (v *visit) show(code int, name string, f frame) {
	f.Token = v.formToken(v.cookie)
	if v.in {
		f.Who, f.Roles, f.Leave = v.who.Name, v.who.Named(), v.asked
		f.Status = v.status()
		for _, one := range routes() {
			if one.title != "" && v.who.Has(one.roles) {
				f.Menu = append(f.Menu, link{one.title, one.path, one.path == v.route.path})
			}
		}
	}
	if f.Heading == "" {
		f.Heading = f.Title
	}
	var b bytes.Buffer
	if err := v.views.write(&b, name, f); err != nil {
		v.o.Tell.Error("a page cannot be written", zap.String("page", name), zap.Error(err))
		http.Error(v.w, "This page cannot be written: see the log of the governor.", http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(code)
	_, _ = v.w.Write(b.Bytes()) // who hangs up does not see it
}

// refusal is a page that says why there is no other.
type refusal struct{ Why string }

// refuse says why there is no page.
func (v *visit) refuse(code int, title, why string) {
	v.show(code, "refusal", frame{Title: title, Page: refusal{why}})
}

// sees says whether they may see who a person is.
func (v *visit) sees() bool { return v.who.Has([]access.Role{access.View}) }
