package access

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// OIDC believes an OpenID provider: a token that it signed, for this audience, and
// that is not over. What the token's owner may do is in a claim.
type OIDC struct {
	o      OIDCOptions
	client *http.Client

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier // nil until the provider was asked
	asked    time.Time             // in vain
}

// OIDCOptions say whom to believe.
type OIDCOptions struct {
	Issuer    string // the provider's URL, to the letter
	Audience  string // for whom tokens must be
	RoleClaim string // where the roles are: a name, or a path with dots: realm_access.roles
	Clock     func() time.Time
	Client    *http.Client // may be nil
}

// fromProvider begins the names of those whom a provider vouches for, so that the audit
// tells them from tokens of the file.
const fromProvider = "oidc:"

const (
	askWithin = 5 * time.Second // the provider
	askAgain  = 2 * time.Second // if it was away
)

// NewOIDC asks nobody yet: the provider is asked when the first token comes, and may
// be away until then.
func NewOIDC(o OIDCOptions) *OIDC {
	client := o.Client
	if client == nil {
		client = &http.Client{Timeout: askWithin}
	}
	return &OIDC{o: o, client: client}
}

// whose is the principal of a token.
func (p *OIDC) whose(ctx context.Context, token string) (Principal, error) {
	if strings.Count(token, ".") != 2 {
		return Principal{}, ErrUnknown
	}
	verifier := p.ready()
	if verifier == nil {
		return Principal{}, ErrAway
	}
	id, err := verifier.Verify(ctx, token)
	if err != nil {
		// Keys that cannot be fetched are not told apart from a signature that is
		// wrong: nobody is let in by either.
		return Principal{}, ErrUnknown
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil || id.Subject == "" || len(id.Subject) > longestName {
		return Principal{}, ErrUnknown
	}
	return Principal{Name: fromProvider + id.Subject, Roles: rolesIn(claims, p.o.RoleClaim)}, nil
}

// ready is the verifier; nil while the provider is away.
func (p *OIDC) ready() *oidc.IDTokenVerifier {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.o.Clock()
	if since := now.Sub(p.asked); p.verifier != nil || since >= 0 && since < askAgain {
		return p.verifier
	}
	// It is not this request's: what it learns serves all that come later.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.client), p.o.Issuer)
	if err != nil {
		p.asked = now
		return nil
	}
	p.verifier = provider.Verifier(&oidc.Config{ClientID: p.o.Audience, Now: p.o.Clock})
	return p.verifier
}

// rolesIn are the roles that a claim names: as a list, or in one text with spaces
// between them. What is no role of ours is somebody else's.
func rolesIn(claims map[string]any, claim string) []Role {
	value := any(claims)
	if direct, ok := claims[claim]; ok { // names of claims may have dots: https://example.org/roles
		value = direct
	} else {
		for name := range strings.SplitSeq(claim, ".") {
			inner, _ := value.(map[string]any)
			value = inner[name]
		}
	}
	var names []string
	switch v := value.(type) {
	case string:
		names = strings.Fields(v)
	case []any:
		for _, item := range v {
			if s, ok := item.(string); ok {
				names = append(names, s)
			}
		}
	}
	var roles []Role
	for _, name := range names {
		if IsRole(name) {
			roles = append(roles, Role(name))
		}
	}
	return sorted(roles)
}
