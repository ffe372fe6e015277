package access

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
)

// What follows is for a page that people look at in a browser. A browser sends no bearer
// token by itself: the page takes one, once, and remembers who brought it.

// Asks says whether anybody is asked for a token at all. Where nobody is, only Here lets
// somebody in.
func (g *Gate) Asks() bool { return g.Tokens != nil || g.OIDC != nil }

// Whose says whose a token is, now: one that was taken out of the file, or is over, is
// nobody's. The error is ErrNobody, ErrUnknown or ErrAway.
func (g *Gate) Whose(ctx context.Context, token string) (Principal, error) {
	switch {
	case token == "":
		return Principal{}, ErrNobody
	case len(token) > longest:
		return Principal{}, ErrUnknown
	}
	if g.Tokens != nil {
		if p, ok := g.Tokens.whose(token); ok {
			return p, nil
		}
	}
	if g.OIDC != nil {
		return g.OIDC.whose(ctx, token)
	}
	return Principal{}, ErrUnknown
}

// Here says who looks at a page with a browser on this machine, where nobody is asked for
// a token. What another site has a browser send is nobody's, but for following a link:
// that changes nothing, and the other site does not see what comes. The error is ErrForeign.
func (g *Gate) Here(r *http.Request) (Principal, error) {
	followed := (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		r.Header.Get("Sec-Fetch-Dest") == "document"
	site := r.Header.Get("Sec-Fetch-Site")
	ours := slices.Contains([]string{"", "none", "same-origin"}, site) && sameOrigin(r)
	if g.Asks() || passedOn(r) || !onLoopback(r) || !ours && !followed {
		return Principal{}, ErrForeign
	}
	return Principal{Name: "this machine", Roles: Open()}, nil
}

// sameOrigin says whether the request names no other place as the one that sent it.
func sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// passedOn says whether a proxy says that it passed the request on.
func passedOn(r *http.Request) bool {
	return slices.ContainsFunc([]string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"}, func(name string) bool {
		return r.Header.Get(name) != ""
	})
}

// onLoopback says whether the request came from this machine, and under its name.
func onLoopback(r *http.Request) bool {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && remote.Addr().Unmap().IsLoopback() && IsLoopback(r.Host)
}
