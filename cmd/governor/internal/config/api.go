package config

import (
	"net/url"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// API says where the doors over HTTP are, and who is let in.
type API struct {
	Listen       string        // host:port; empty: nowhere
	TLS          Certificate   // needed beyond this machine
	TokensFile   string        // read when it changes; empty: there are none
	OIDC         OIDC          // whose tokens are believed
	AuditKeyFile string        // what people are hashed with in the audit; empty: a key of this process alone
	Rate         int           // requests a second, of each token
	Timeout      time.Duration // how long an answer may take
}

// Certificate is what a server shows. Both files are read for each connection.
type Certificate struct {
	CertFile string // only together with KeyFile
	KeyFile  string
}

// OIDC says which OpenID provider is believed.
type OIDC struct {
	Issuer    string // empty: none
	Audience  string // for whom tokens must be
	RoleClaim string // where their roles are
}

const (
	mostRate         = 100_000
	leastAPITimeout  = 100 * time.Millisecond
	mostAPITimeout   = time.Minute
	leastAuditKey    = 16
	exampleAPIListen = "127.0.0.1:8471"
)

// api reads the doors. It comes after what people are offered to leave by, which
// strangers reach through the same address.
func (r *reader) api(e entry) {
	a := &r.config.API
	there := keys{}
	if !r.Mapping(e, "api", there.noted(
		strictyaml.May("listen", exampleAPIListen, r.listen(&a.Listen)),
		strictyaml.May("tls", "{cert_file: governor.pem, key_file: /run/secrets/governor.key}", r.certificate),
		strictyaml.May("tokens_file", "/run/secrets/tokens.yaml", r.tokens(&a.TokensFile)),
		strictyaml.May("oidc", "{issuer: https://id.example.org, audience: governor}", r.oidc),
		strictyaml.May("audit_key_file", "/run/secrets/audit", r.auditKey(&a.AuditKeyFile)),
		strictyaml.May("rate", "200", r.whole(&a.Rate, 1, mostRate)),
		strictyaml.May("timeout", "5s", r.duration(&a.Timeout, leastAPITimeout, mostAPITimeout)),
	)...) || a.Listen == "" {
		return
	}
	authenticated, listen := a.TokensFile != "" || a.OIDC.Issuer != "", there["listen"].Value
	leave := &r.config.Leave
	switch {
	case access.IsLoopback(a.Listen) && !authenticated && (leave.BaseURL != "" || len(leave.Hooks) > 0):
		r.Wrong(listen, "strangers reach %s through leave, by way of a proxy on this machine perhaps, and nobody is asked for a token: add tokens_file or oidc", a.Listen)
	case access.IsLoopback(a.Listen):
	case !authenticated:
		r.Wrong(listen, "%s is for everybody who reaches it, and nobody is asked for a token: add tokens_file or oidc, or write %s for this machine only", a.Listen, exampleAPIListen)
	case a.TLS.CertFile == "":
		r.Wrong(listen, "%s is reached by others, and whoever is on the way could read the tokens: add tls, or write %s for this machine only, behind a proxy that has TLS", a.Listen, exampleAPIListen)
	}
}

// certificate reads what the server shows.
func (r *reader) certificate(e entry) {
	there, c := keys{}, TLS{}
	if !r.Mapping(e, "api.tls", there.noted(
		strictyaml.May("cert_file", "governor.pem", r.secretFile(&c.CertFile, "certificate")),
		strictyaml.May("key_file", "/run/secrets/governor.key", r.secretFile(&c.KeyFile, "key")),
	)...) {
		return
	}
	before := r.Failures()
	r.pair(&c, there)
	if r.Failures() == before {
		r.config.API.TLS = Certificate{c.CertFile, c.KeyFile}
	}
}

// tokens reads the path of a file of tokens, and whether there are mistakes in it.
func (r *reader) tokens(into *string) func(entry) {
	return r.fileWith(into, "tokens", func(e entry, path string, _ []byte) bool {
		if _, err := access.ReadTokens(path); err != nil {
			r.Wrong(e.Value, "%q has mistakes: %s", e.Key.Value, oneLine(err))
			return false
		}
		return true
	})
}

// oidc reads which provider is believed. Nobody asks it yet: it may be away.
func (r *reader) oidc(e entry) {
	o := &r.config.API.OIDC
	there := keys{}
	if !r.Mapping(e, "api.oidc", there.noted(
		strictyaml.May("issuer", "https://id.example.org", r.issuer(&o.Issuer)),
		strictyaml.May("audience", "governor", r.maybeText(&o.Audience)),
		strictyaml.May("role_claim", "roles", r.maybeText(&o.RoleClaim)),
	)...) {
		return
	}
	switch {
	case o.Issuer == "":
		r.idle(there, "without a provider: write for example issuer: https://id.example.org beside it", "audience")
	case o.Audience == "":
		r.Wrong(there["issuer"].Value, "a token for anything else of this provider would do: add audience, for which tokens must be")
	case o.RoleClaim == "":
		r.Wrong(there["role_claim"].Value, "\"role_claim\" is empty, so that nobody may do anything: write for example roles, or leave it out")
	}
}

// issuer reads the URL of a provider, to the letter: its tokens have the same.
func (r *reader) issuer(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.MaybeText(e)
		if !ok || s == "" {
			return
		}
		u, err := url.Parse(s)
		switch {
		case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http"):
			r.Wrong(e.Value, "%q is no issuer: write the URL that is in its tokens as iss, for example %s", s, e.Write)
		case u.Scheme == "http" && !access.IsLoopback(u.Host):
			r.Wrong(e.Value, "whoever is on the way to %s could let anybody in: write https", s)
		default:
			*into = s
		}
	}
}

// auditKey reads the path of a file with a key.
func (r *reader) auditKey(into *string) func(entry) {
	return r.fileWith(into, "key", func(e entry, path string, text []byte) bool {
		if len(text) < leastAuditKey {
			r.Wrong(e.Value, "%q is a key of %d bytes, %s: with less than %d people could be told by trying: make one with openssl rand -base64 32", e.Key.Value, len(text), path, leastAuditKey)
			return false
		}
		return true
	})
}

// oneLine is an error of several lines in one.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
