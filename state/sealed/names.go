package sealed

import (
	"encoding/base64"
	"strings"

	"github.com/contactgovernor/governor/rules"
)

// living is the name under which a hashed store keeps somebody, or an address: the
// keyed hash of the id. What is no person keeps the control character that its id
// begins with, for a store may treat it otherwise.
func (k *key) living(id rules.PersonID) rules.PersonID {
	return mark(id) + hash(k.name, string(id))
}

// mark is the control character that an id begins with that is no person's.
func mark(id rules.PersonID) rules.PersonID {
	if id != "" && id[0] < ' ' {
		return id[:1]
	}
	return ""
}

// tombMark begins the names of the erased. No id of a person has a control
// character, and nothing else is kept under this one.
const tombMark = "\x1e"

// tombstone is the name under which an erased person is kept, or an address that
// one had refused: the keyed hash of the id, and which key that was.
func (k *key) tombstone(id rules.PersonID) rules.PersonID {
	return tombMark + rules.PersonID(base64.RawURLEncoding.EncodeToString(k.print[:])) + "." + hash(k.tomb, string(id))
}

// IsTombstone says whether the id is the name of somebody who was erased, and not
// an id that anybody could have.
func IsTombstone(id rules.PersonID) bool {
	_, is := printOf(id)
	return is
}

// printOf is the fingerprint of the key that made the name of somebody erased.
func printOf(id rules.PersonID) (print []byte, is bool) {
	name, marked := strings.CutPrefix(string(id), tombMark)
	print64, hash64, dotted := strings.Cut(name, ".")
	if !marked || !dotted {
		return nil, false
	}
	print, err := base64.RawURLEncoding.DecodeString(print64)
	sum, wrong := base64.RawURLEncoding.DecodeString(hash64)
	return print, err == nil && wrong == nil && len(print) == printSize && len(sum) == hashSize
}

// hashSize is the length of a hash, in bytes; in base64 it has 43 letters.
const hashSize = 32

func hash(key []byte, id string) rules.PersonID {
	return rules.PersonID(base64.RawURLEncoding.EncodeToString(mac(key, []byte(id))))
}
