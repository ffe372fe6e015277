package access

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// provider is an OpenID provider of one key.
type provider struct {
	*httptest.Server
	key   *ecdsa.PrivateKey
	away  atomic.Bool
	asked atomic.Int32
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{key: newKey(t)}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.asked.Add(1)
		if p.away.Load() {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL, "token_endpoint": p.URL,
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t *testing.T, key *ecdsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(b)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestATokenOfTheProviderIsBelievedForWhatItSays(t *testing.T) {
	p := newProvider(t)
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	claims := func(change map[string]any) map[string]any {
		all := map[string]any{
			"iss": p.URL, "aud": "governor", "sub": "u1", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
			"roles": []any{"operate", "view", "somebody-elses", 7, "view"},
		}
		for name, v := range change {
			all[name] = v
		}
		return all
	}
	open := func(claim string) *Gate {
		return &Gate{OIDC: NewOIDC(OIDCOptions{Issuer: p.URL, Audience: "governor", RoleClaim: claim, Clock: func() time.Time { return now }})}
	}
	good := sign(t, p.key, claims(nil))
	for _, c := range []struct {
		why, claim, token string
		roles             []Role
		err               error
	}{
		{"a list", "roles", good, []Role{Operate, View}, nil},
		{"a text", "roles", sign(t, p.key, claims(map[string]any{"roles": "consent view"})), []Role{Consent, View}, nil},
		{"a path", "realm.roles", sign(t, p.key, claims(map[string]any{"realm": map[string]any{"roles": []string{"view"}}})), []Role{View}, nil},
		{"a name with dots", "https://e.org/roles", sign(t, p.key, claims(map[string]any{"https://e.org/roles": "view"})), []Role{View}, nil},
		{"no roles", "roles", sign(t, p.key, claims(map[string]any{"roles": 7})), nil, nil},
		{"a path that ends", "roles.more", good, nil, nil},
		{"for somebody else", "roles", sign(t, p.key, claims(map[string]any{"aud": "shop"})), nil, ErrUnknown},
		{"of somebody else", "roles", sign(t, p.key, claims(map[string]any{"iss": "https://example.org"})), nil, ErrUnknown},
		{"over", "roles", sign(t, p.key, claims(map[string]any{"exp": now.Add(-time.Second).Unix()})), nil, ErrUnknown},
		{"of nobody", "roles", sign(t, p.key, claims(map[string]any{"sub": ""})), nil, ErrUnknown},
		{"forged", "roles", sign(t, newKey(t), claims(nil)), nil, ErrUnknown},
		{"cut", "roles", good[:len(good)-2], nil, ErrUnknown},
		{"no JWT", "roles", mailer, nil, ErrUnknown},
		{"unsigned", "roles", "eyJhbGciOiJub25lIn0.e30.", nil, ErrUnknown},
		{"none", "roles", "", nil, ErrNobody},
	} {
		got, err := open(c.claim).Who(request(c.token))
		if !errors.Is(err, c.err) || !slices.Equal(got.Roles, c.roles) || (err == nil) != (got.Name == "oidc:u1") {
			t.Errorf("%s: got %+v, %v", c.why, got, err)
		}
	}
}

// A provider that is away lets nobody in, and is not asked at every request.
func TestAProviderThatIsAwayLetsNobodyIn(t *testing.T) {
	p := newProvider(t)
	p.away.Store(true)
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	o := NewOIDC(OIDCOptions{Issuer: p.URL, Audience: "governor", RoleClaim: "roles", Clock: func() time.Time { return now }})
	token := sign(t, p.key, map[string]any{"iss": p.URL, "aud": "governor", "sub": "u1", "exp": now.Add(time.Minute).Unix(), "roles": "view"})
	for range 3 {
		if _, err := o.whose(context.Background(), token); !errors.Is(err, ErrAway) {
			t.Errorf("got %v", err)
		}
	}
	if n := p.asked.Load(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
	p.away.Store(false)
	now = now.Add(askAgain)
	if got, err := o.whose(context.Background(), token); err != nil || got.Named() != "view" {
		t.Errorf("it is back: %+v, %v", got, err)
	}
}
