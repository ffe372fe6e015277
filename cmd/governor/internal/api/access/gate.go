package access

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Gate finds out who asks. With neither Tokens nor OIDC it is open, to whoever is on
// this machine and to nobody else, for what Open allows: it must then listen on a
// loopback address only.
type Gate struct {
	Tokens *Tokens // may be nil
	OIDC   *OIDC   // may be nil
}

// Open is what somebody on this machine may do where nobody is asked for a token. A
// no can be added, and none lifted: speaking for the person always takes a token.
func Open() []Role { return []Role{Operate, View} }

// ErrForeign says that a request came to the open gate by way of a browser or a proxy, or under
// another name than this machine's: a page on the Web could send it.
var ErrForeign = errors.New("without tokens only programs on this machine may ask, under the name localhost or an address of the loopback, and no page in a browser and no proxy: set api.tokens_file")

// Who says who asks. The error is ErrNobody, ErrUnknown, ErrAway or ErrForeign.
func (g *Gate) Who(r *http.Request) (Principal, error) {
	if !g.Asks() {
		if !local(r) {
			return Principal{}, ErrForeign
		}
		return Principal{Name: "this machine", Roles: Open()}, nil
	}
	token, err := bearer(r)
	if err != nil {
		return Principal{}, err
	}
	return g.Whose(r.Context(), token)
}

// local says whether the request is from a program on this machine. A page on the
// Web could make a browser here send one: to another name that leads here (Host), or
// from another place (Origin, Sec-Fetch-Site). A proxy here could pass one on.
func local(r *http.Request) bool {
	return !passedOn(r) && r.Header.Get("Origin") == "" && slices.Contains([]string{"", "none"}, r.Header.Get("Sec-Fetch-Site")) && onLoopback(r)
}

// IsLoopback says whether a host, or a host:port, is this machine by its name or by
// an address of its own that nobody else reaches.
func IsLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
