package config

import (
	"crypto/tls"
	"net"
	"strings"

	"github.com/contactgovernor/governor/cmd/governor/internal/tlsdial"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// tls reads how connections are encrypted. What names the mapping in errors.
func (r *reader) tls(into *TLS, what string) func(entry) {
	return func(e entry) {
		there := keys{}
		whole := r.Mapping(e, what, there.noted(
			strictyaml.May("enabled", "true", r.yes(&into.Enabled)),
			strictyaml.May("ca_file", "ca.pem", r.authorities(&into.CAFile)),
			strictyaml.May("server_name", "kafka.example.org", r.host(&into.ServerName)),
			strictyaml.May("cert_file", "governor.pem", r.secretFile(&into.CertFile, "certificate")),
			strictyaml.May("key_file", "/run/secrets/governor.key", r.secretFile(&into.KeyFile, "key")),
		)...)
		if !whole {
			return
		}
		if !into.Enabled {
			r.idle(there, "without TLS: write enabled: true beside it", "ca_file", "server_name", "cert_file", "key_file")
			return
		}
		r.pair(into, there)
	}
}

// authorities reads the path of a file with certificates to trust.
func (r *reader) authorities(into *string) func(entry) {
	return r.fileWith(into, "certificate", func(e entry, path string, text []byte) bool {
		if _, err := tlsdial.Authorities(text); err != nil {
			r.Wrong(e.Value, "%q is no file of certificates, %s: %s: write the path of one in PEM, -----BEGIN CERTIFICATE-----", e.Key.Value, path, err)
			return false
		}
		return true
	})
}

// pair makes sure that certificate and key are both there, and of one another.
func (r *reader) pair(t *TLS, there keys) {
	switch {
	case t.CertFile == "" && t.KeyFile == "":
	case t.KeyFile == "":
		r.Wrong(there["cert_file"].Value, "\"cert_file\" proves nothing without its key: add key_file")
	case t.CertFile == "":
		r.Wrong(there["key_file"].Value, "\"key_file\" opens nothing without its certificate: add cert_file")
	default:
		if _, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile); err != nil {
			r.Wrong(there["cert_file"].Value, "\"cert_file\" and \"key_file\" cannot be used: %s: write the paths of a certificate and its key, in PEM", err)
		}
	}
}

// host reads a name that a certificate can be for.
func (r *reader) host(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.MaybeText(e)
		switch {
		case !ok:
		case strings.ContainsAny(s, " \t/@:*") && net.ParseIP(s) == nil:
			r.Wrong(e.Value, "%q is no name of a host, without a port: write for example %s", s, e.Write)
		default:
			*into = s
		}
	}
}

// sasl reads who connects to Kafka. It comes after TLS, without which a password
// that can be read on the wire needs a word of its own.
func (r *reader) sasl(e entry) {
	s := &r.config.Kafka.SASL
	there := keys{}
	if !r.Mapping(e, "kafka.sasl", there.noted(
		strictyaml.May("mechanism", ScramSHA512, r.mechanism(&s.Mechanism)),
		strictyaml.May("username", "governor", r.maybeText(&s.Username)),
		strictyaml.May("password_file", "/run/secrets/kafka", r.secretFile(&s.PasswordFile, "password")),
		strictyaml.May("token_file", "/run/secrets/kafka-token", r.secretFile(&s.TokenFile, "token")),
		strictyaml.May("plaintext", "true", r.yes(&s.Plaintext)),
	)...) {
		return
	}
	mechanism := there["mechanism"].Value
	switch {
	case s.Mechanism == "":
		r.idle(there, "without a mechanism: write for example mechanism: "+ScramSHA512+" beside it", "username", "password_file", "token_file")
	case s.Mechanism == OAuthBearer:
		r.idle(there, "to "+OAuthBearer+", where the token says who comes: leave it out", "username", "password_file")
		if s.TokenFile == "" {
			r.Wrong(mechanism, "%s needs a token: add token_file", s.Mechanism)
		}
	default:
		r.idle(there, "to "+s.Mechanism+": leave it out, or write mechanism: "+OAuthBearer, "token_file")
		if s.Username == "" || s.PasswordFile == "" {
			r.Wrong(mechanism, "%s needs a user and a password: add username and password_file", s.Mechanism)
		}
	}
	readable := map[string]string{Plain: "password", OAuthBearer: "token"}[s.Mechanism]
	if readable != "" && !r.config.Kafka.TLS.Enabled && !s.Plaintext {
		r.Wrong(mechanism, "%s sends the %s so that whoever listens can read it, and kafka.tls is not enabled: enable it, or, where nobody can listen, write plaintext: true beside it", s.Mechanism, readable)
	}
}

// mechanism reads one of the mechanisms, or none.
func (r *reader) mechanism(into *string) func(entry) {
	known := r.word(into, "SASL mechanism", Plain, ScramSHA256, ScramSHA512, OAuthBearer)
	return func(e entry) {
		if s, ok := r.MaybeText(e); ok && s != "" {
			known(e)
		}
	}
}
