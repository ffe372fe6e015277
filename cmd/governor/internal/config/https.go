package config

import "github.com/contactgovernor/governor/rules/strictyaml"

// HTTPSFiles say by which files connections to URLs of https are encrypted. They are
// read for each connection.
type HTTPSFiles struct {
	CAFile     string // whom to trust; empty: the authorities of the system
	ServerName string // what the certificates are for; empty: the host of the URL
	CertFile   string // what to show to who asks; only together with KeyFile
	KeyFile    string
}

// httpsFiles reads them.
func (r *reader) httpsFiles(name, example string, into *HTTPSFiles) func(entry) {
	return func(e entry) {
		there, t := keys{}, TLS{}
		if !r.Mapping(e, name, there.noted(
			strictyaml.May("ca_file", "ca.pem", r.authorities(&t.CAFile)),
			strictyaml.May("server_name", example, r.host(&t.ServerName)),
			strictyaml.May("cert_file", "governor.pem", r.secretFile(&t.CertFile, "certificate")),
			strictyaml.May("key_file", "/run/secrets/governor.key", r.secretFile(&t.KeyFile, "key")),
		)...) {
			return
		}
		before := r.Failures()
		r.pair(&t, there)
		if r.Failures() == before {
			*into = HTTPSFiles{t.CAFile, t.ServerName, t.CertFile, t.KeyFile}
		}
	}
}
