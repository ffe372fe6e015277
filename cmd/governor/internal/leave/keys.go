package leave

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// keyBytes is how long a key is.
const keyBytes = 32

// Keys seal links and open them. The first seals, all open: a new key is put before
// the old ones, which stay for as long as anybody may have a message with one of
// their links, which is for ever.
type Keys struct {
	all []key
}

// key is one line of the file, and what is derived of it: nothing is done with the
// key itself.
type key struct {
	id    [idBytes]byte // which it is; tells nothing of the key
	aead  cipher.AEAD
	nonce []byte // key of the nonces
}

// ParseKeys reads a key file: a line for each key, which is 32 bytes in base64. Lines
// that are empty or begin with # are comments. Its errors never say what is in a
// line.
func ParseKeys(text string) (*Keys, error) {
	k := &Keys{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		secret, err := decodeKey(line)
		if err != nil {
			return nil, fmt.Errorf("line %d %w", i+1, err)
		}
		one, err := newKey(secret)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if k.find(one.id[:]) != nil {
			return nil, fmt.Errorf("line %d has a key that is there already", i+1)
		}
		k.all = append(k.all, one)
	}
	if len(k.all) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return k, nil
}

var errNoKey = errors.New("is no key: write 32 bytes in base64, as openssl rand -base64 32 prints them")

// decodeKey takes base64 of either alphabet, with its padding or without.
func decodeKey(line string) ([]byte, error) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(line, "="))
	secret, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil || len(secret) != keyBytes {
		return nil, errNoKey
	}
	return secret, nil
}

func newKey(secret []byte) (k key, err error) {
	derive := func(what string, n int) []byte {
		out, wrong := hkdf.Key(sha256.New, secret, nil, "contact governor: leave: v1: "+what, n)
		err = errors.Join(err, wrong)
		return out
	}
	id, seal, nonce := derive("id", idBytes), derive("seal", 32), derive("nonce", 32)
	if err != nil {
		return key{}, err
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return key{}, err
	}
	k.nonce = nonce
	copy(k.id[:], id)
	k.aead, err = cipher.NewGCM(block)
	return k, err
}

// find is the key with that id, or nil.
func (k *Keys) find(id []byte) *key {
	for i := range k.all {
		if string(k.all[i].id[:]) == string(id) {
			return &k.all[i]
		}
	}
	return nil
}
