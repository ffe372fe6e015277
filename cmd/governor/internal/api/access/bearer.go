package access

import (
	"errors"
	"net/http"
	"strings"
)

// Why somebody is not let in.
var (
	// ErrNobody says that no token came with the request.
	ErrNobody = errors.New("no token: send the header Authorization: Bearer TOKEN")

	// ErrUnknown says that the token is nobody's, or not valid now. It does not say
	// which, so that nobody learns by trying.
	ErrUnknown = errors.New("the token is not known here, or not valid any more: ask whoever runs the governor for one")

	// ErrAway says that it cannot be found out now whose the token is.
	ErrAway = errors.New("the OpenID provider cannot be reached, so nobody knows whose the token is: try again")
)

// shortest is how long a token must be that is not signed: what is shorter could be
// found by trying, hash or no hash. Longest bounds what is looked at.
const (
	shortest = 24
	longest  = 8 << 10
)

// bearer is the token that came with the request.
func bearer(r *http.Request) (string, error) {
	all := r.Header.Values("Authorization")
	if len(all) == 0 {
		return "", ErrNobody
	}
	kind, token, _ := strings.Cut(all[0], " ")
	if len(all) > 1 || !strings.EqualFold(kind, "Bearer") || token == "" || len(token) > longest {
		return "", ErrUnknown
	}
	return token, nil
}
