package config

import (
	"github.com/contactgovernor/governor/rules/strictyaml"
	"github.com/contactgovernor/governor/state/sealed"
)

// identity reads who is kept how.
func (r *reader) identity(e entry) {
	i := &r.config.Identity
	there := keys{}
	whole := r.Mapping(e, "identity", there.noted(
		strictyaml.May("mode", Hashed, r.word(&i.Mode, "identity mode", PlainIDs, Hashed)),
		strictyaml.May("key_file", "/run/secrets/governor-identity", r.identityKeys(&i.KeyFile)),
	)...)
	if whole && i.Mode == Hashed && !there.has("key_file") {
		r.Wrong(there["mode"].Value, "hashes without a key can be guessed one by one: add key_file, a file that openssl rand -base64 32 makes")
	}
}

// identityKeys reads the path of a key file.
func (r *reader) identityKeys(into *string) func(entry) {
	return r.fileWith(into, "key", func(e entry, path string, text []byte) bool {
		if _, err := sealed.ParseKeys(text); err != nil {
			r.Wrong(e.Value, "%q is no key file, %s: %s", e.Key.Value, path, err)
			return false
		}
		return true
	})
}
