package config

import (
	"net/url"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/consumer/registry"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Registry says where the schemas are of what comes framed and of what goes out so.
// Without URLs everything is plain JSON.
type Registry struct {
	URLs         []string // of one registry; the next is asked where one is not reached
	Outputs      string   // how what the governor writes is encoded: a registry.Format
	Register     bool     // the schemas of that; otherwise they must be there
	Username     string   // only together with PasswordFile
	PasswordFile string   // read for each request
	TokenFile    string   // likewise; instead of them
	TLS          HTTPSFiles
	Timeout      time.Duration // of a request
}

const (
	leastRegistryTimeout = 100 * time.Millisecond
	exampleRegistry      = "https://registry.example.org:8081"
)

// registry reads where schemas are.
func (r *reader) registry(e entry) {
	c := &r.config.Registry
	there := keys{}
	if !r.Mapping(e, "registry", there.noted(
		strictyaml.May("urls", "["+exampleRegistry+"]", r.registries(&c.URLs)),
		strictyaml.May("outputs", "avro", r.format(&c.Outputs)),
		strictyaml.May("register", "true", r.yes(&c.Register)),
		strictyaml.May("username", "governor", r.maybeText(&c.Username)),
		strictyaml.May("password_file", "/run/secrets/registry", r.secretFile(&c.PasswordFile, "password")),
		strictyaml.May("token_file", "/run/secrets/registry-token", r.secretFile(&c.TokenFile, "token")),
		strictyaml.May("tls", "{ca_file: ca.pem}", r.httpsFiles("registry.tls", "registry.example.org", &c.TLS)),
		strictyaml.May("timeout", "5s", r.duration(&c.Timeout, leastRegistryTimeout, mostTimeout)),
	)...) {
		return
	}
	if len(c.URLs) == 0 {
		if !there.has("urls") {
			r.idle(there, "without a registry: write for example urls: ["+exampleRegistry+"] beside it", "username", "password_file", "token_file")
			if c.Outputs != string(registry.Plain) {
				r.idle(there, "without a registry: write for example urls: ["+exampleRegistry+"] beside it", "outputs")
			}
		}
		return
	}
	if c.Register && c.Outputs == string(registry.Plain) {
		r.Wrong(there["register"].Value, "\"register\" means nothing to outputs that are plain: write for example outputs: avro beside it")
	}
	r.registryRights(there)
}

// registryRights reads who asks.
func (r *reader) registryRights(there keys) {
	c := &r.config.Registry
	switch {
	case c.TokenFile != "":
		r.idle(there, "beside a token, which says who comes: leave one of them out", "username", "password_file")
	case c.Username == "" && c.PasswordFile != "":
		r.Wrong(there["password_file"].Value, "\"password_file\" is nobody's: add username")
	case c.Username != "" && c.PasswordFile == "":
		r.Wrong(there["username"].Value, "\"username\" needs a password: add password_file")
	}
	for _, s := range c.URLs {
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "http" {
			continue
		}
		if (c.PasswordFile != "" || c.TokenFile != "") && !access.IsLoopback(u.Host) {
			r.Wrong(there["urls"].Value, "whoever is on the way to %s could read the password or the token: write https", u.Host)
		}
		if c.TLS != (HTTPSFiles{}) {
			r.Wrong(there["tls"].Value, "\"tls\" means nothing to %s, which is without: write https there", u.Host)
		}
	}
}

// registries reads URLs of one registry.
func (r *reader) registries(into *[]string) func(entry) {
	return func(e entry) {
		var all []string
		if len(e.Value.Content) > 0 || e.Value.Value != "" {
			for _, item := range r.Items(e) {
				if s, ok := r.Text(item); ok && r.isRegistry(item, s) {
					all = append(all, s)
				}
			}
		}
		*into = all
	}
}

func (r *reader) isRegistry(e entry, s string) bool {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		r.Wrong(e.Value, "\"urls\" has one that is no URL of http or https: write for example %s", exampleRegistry)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		r.Wrong(e.Value, "\"urls\" has one with more than a path: a password belongs into a file, password_file; write for example %s", exampleRegistry)
	default:
		return true
	}
	return false
}

// format reads how outputs are encoded.
func (r *reader) format(into *string) func(entry) {
	var known []string
	for _, f := range registry.Formats() {
		known = append(known, string(f))
	}
	return r.word(into, "format", known...)
}
