package pages

import (
	"net/http"
	"strings"
)

// loginPage is where a token is asked for.
type loginPage struct{ Wrong string }

func (v *visit) askLogin() {
	if v.in {
		http.Redirect(v.w, v.r, v.home(), http.StatusSeeOther)
		return
	}
	v.offer(http.StatusOK, "")
}

func (v *visit) offer(code int, wrong string) {
	v.show(code, "login", frame{Title: "Log in", Page: loginPage{wrong}})
}

// login takes a token, and remembers who brought it. Tries are counted at the doors, with those
// that are made there.
func (v *visit) login() {
	token := strings.TrimSpace(v.r.PostForm.Get("secret"))
	switch code := v.knock(token); {
	case code == http.StatusTooManyRequests:
		v.w.Header().Set("Retry-After", "1")
		v.offer(code, "That was too often. Wait a moment, and try again.")
		return
	case code == http.StatusUnauthorized:
		v.offer(http.StatusUnauthorized, "The token is not known here, or not valid any more. Ask whoever runs the governor for one.")
		return
	}
	who, err := v.o.Gate.Whose(v.r.Context(), token)
	if err != nil {
		v.offer(http.StatusUnauthorized, "It cannot be found out now whose the token is. Try again in a moment.")
		return
	}
	v.sessions.end(v.cookie)
	v.who = who
	setCookie(v.w, v.r, v.sessions.begin(token)) // another one: who gave the browser the old one does not share the session
	http.Redirect(v.w, v.r, v.home(), http.StatusSeeOther)
}

func (v *visit) logout() {
	v.sessions.end(v.cookie)
	setCookie(v.w, v.r, "")
	http.Redirect(v.w, v.r, atLogin, http.StatusSeeOther)
}

// home is the first page that they may see.
func (v *visit) home() string {
	for _, one := range routes() {
		if one.title != "" && v.who.Has(one.roles) {
			return one.path
		}
	}
	return atLogin
}
