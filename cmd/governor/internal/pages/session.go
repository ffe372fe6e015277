package pages

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net"
	"net/http"
	"sync"
	"time"
)

// session is somebody who logged in. The token is asked about again at each request: one that
// is nobody's any more ends the session.
type session struct {
	token string
	began time.Time
	used  time.Time
}

// How long somebody stays logged in, how long without doing anything, and how many may be.
const (
	mostSession  = 12 * time.Hour
	mostIdle     = 2 * time.Hour
	mostSessions = 512
)

// sessions are those of this process. They are kept by the hash of what is in the cookie, and end
// with the process.
type sessions struct {
	clock func() time.Time

	mu  sync.Mutex
	all map[[sha256.Size]byte]*session
}

func newSessions(clock func() time.Time) *sessions {
	return &sessions{clock: clock, all: make(map[[sha256.Size]byte]*session)}
}

// begin begins one, and returns what goes into the cookie.
func (s *sessions) begin(token string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	var oldest [sha256.Size]byte
	for id, one := range s.all {
		if s.over(one, now) {
			delete(s.all, id)
		} else if last := s.all[oldest]; last == nil || one.used.Before(last.used) {
			oldest = id
		}
	}
	if len(s.all) >= mostSessions {
		delete(s.all, oldest)
	}
	value := rand.Text() + rand.Text()
	s.all[sha256.Sum256([]byte(value))] = &session{token, now, now}
	return value
}

// token is whose session it is; "" if it is none, or over.
func (s *sessions) token(value string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, now := sha256.Sum256([]byte(value)), s.clock()
	one := s.all[id]
	if one == nil {
		return ""
	}
	if s.over(one, now) {
		delete(s.all, id)
		return ""
	}
	one.used = now
	return one.token
}

func (s *sessions) over(one *session, now time.Time) bool {
	return now.Sub(one.began) > mostSession || now.Sub(one.used) > mostIdle
}

// end ends one, if it is one.
func (s *sessions) end(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(value)))
}

// secure says whether nobody on the way can read the cookie. A proxy that says so is believed: who
// says so without one does not get the cookie back.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// cookieName is one for each server of a machine, for browsers do not tell its ports apart. Where
// nobody can read the cookie, no neighbour can set it either.
func cookieName(r *http.Request) string {
	if secure(r) {
		return "__Host-governor"
	}
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if _, port, err := net.SplitHostPort(at.String()); err == nil {
			return "governor-" + port
		}
	}
	return "governor"
}

// cookie is what the browser has of us.
func cookie(r *http.Request) string {
	c, err := r.Cookie(cookieName(r))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie gives the browser a cookie, which no script reads and no other site makes it send. An
// empty value takes it away.
func setCookie(w http.ResponseWriter, r *http.Request, value string) {
	c := &http.Cookie{Name: cookieName(r), Value: value, Path: "/", Secure: secure(r), HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// formToken is what a form must bring along that was sent to the browser with the cookie.
func (p *Pages) formToken(cookie string) string {
	h := hmac.New(sha256.New, p.key)
	h.Write([]byte(cookie)) // writing to a hash never fails
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// isFormToken says whether a form is one that was sent to the browser with the cookie.
func (p *Pages) isFormToken(cookie, token string) bool {
	return cookie != "" && subtle.ConstantTimeCompare([]byte(token), []byte(p.formToken(cookie))) == 1
}
