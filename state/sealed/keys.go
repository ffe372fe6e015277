package sealed

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Keys are the keys of a key file. The first one hashes and seals whatever is
// written; all of them find and open what was written before.
type Keys struct {
	all []key
}

// key is what follows from one line of a key file. Each use has a key of its own.
type key struct {
	print [printSize]byte // names the key and betrays nothing of it
	name  []byte          // hashes names of the living
	tomb  []byte          // hashes names of the erased
	root  []byte          // from which the keys of values follow
}

// printSize is the length of a key's fingerprint: enough to tell apart the few keys
// that a deployment ever has.
const printSize = 8

// The bounds of a key file.
const (
	leastKey = 32 // bytes of a key; it stands for all that was ever hashed under it, so it must not be guessed
	mostKeys = 16 // each one more is looked under, whenever a person is loaded
)

// ParseKeys reads a key file: a key a line, of 32 bytes at least, in base64 or
// hexadecimal (openssl rand -base64 32). Empty lines, and those that begin with #,
// say nothing. Its errors name lines, and never what stands there.
func ParseKeys(text []byte) (*Keys, error) {
	var k Keys
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		secret, ok := decode(line)
		switch {
		case !ok:
			return nil, fmt.Errorf("line %d is no key: write one in base64 or hexadecimal, as openssl rand -base64 32 makes it", i+1)
		case len(secret) < leastKey:
			return nil, fmt.Errorf("line %d is a key of %d bytes, which can be guessed: write %d at least, as openssl rand -base64 32 makes them", i+1, len(secret), leastKey)
		}
		next := derive(secret)
		if k.find(next.print[:]) != nil {
			return nil, fmt.Errorf("line %d is a key that is there already: keep one", i+1)
		}
		k.all = append(k.all, next)
	}
	switch {
	case len(k.all) == 0:
		return nil, errors.New("there is no key in it: write one on a line, as openssl rand -base64 32 makes it")
	case len(k.all) > mostKeys:
		return nil, fmt.Errorf("there are %d keys in it: %d at most, for everybody is looked for under each", len(k.all), mostKeys)
	}
	return &k, nil
}

// decode reads hexadecimal, and base64 in either alphabet, padded or not. What is
// both is hexadecimal: the other reading would have letters in both cases.
func decode(line string) ([]byte, bool) {
	if b, err := hex.DecodeString(line); err == nil {
		return b, true
	}
	line = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(line), "=")
	b, err := base64.RawStdEncoding.DecodeString(line)
	return b, err == nil
}

func derive(secret []byte) key {
	use := func(what string) []byte { return mac(secret, []byte("contact governor: "+what)) }
	k := key{name: use("names of the living"), tomb: use("names of the erased"), root: use("values")}
	copy(k.print[:], use("fingerprint"))
	return k
}

// mac is the HMAC-SHA-256 of the parts, one behind the other.
func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		h.Write(part) // never fails
	}
	return h.Sum(nil)
}

// find is the key of the fingerprint, nil if it is none of these.
func (k *Keys) find(print []byte) *key {
	if k == nil {
		return nil
	}
	for i := range k.all {
		if bytes.Equal(k.all[i].print[:], print) {
			return &k.all[i]
		}
	}
	return nil
}

// String is how many there are: keys are never told.
func (k *Keys) String() string { return fmt.Sprintf("%d keys", len(k.all)) }

// GoString is String.
func (k *Keys) GoString() string { return k.String() }

// prints are the fingerprints of all keys.
func (k *Keys) prints() (all [][]byte) {
	if k == nil {
		return nil
	}
	for i := range k.all {
		all = append(all, k.all[i].print[:])
	}
	return all
}
