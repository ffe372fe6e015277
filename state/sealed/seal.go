package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// sealVersion is the first byte of what is sealed.
//
//	version (1) | fingerprint of the key (8) | nonce (12) | what AES-256-GCM makes of it, with its tag
//
// Every place has keys of its own, which follow from the key of the file and the
// place; so what was moved from one place to another does not open there. The nonce
// is a keyed hash of what is sealed: the same in the same place is the same bytes,
// and two that differ would have to meet among the values of one single place for a
// nonce to come twice.
const sealVersion = 1

const (
	headSize  = 1 + printSize
	nonceSize = 12
)

// place is where a value stands: what part of it, in which partition, of whom.
type place struct {
	part      string // standing, log, outbox, waiting, tombstone
	partition int32
	name      rules.PersonID // as the store has it; of a part that is one of the partition there is none
}

// keysOf are the key of the place's cipher and that of its nonces.
func (k *key) keysOf(at place) (enc, nonce []byte) {
	h := hmac.New(sha512.New, k.root)
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(at.partition)))
	h.Write([]byte(at.part + "\x00" + string(at.name))) // no part has a zero in it
	sum := h.Sum(nil)
	return sum[:32], sum[32:]
}

// seal seals the value for the place.
func (k *key) seal(at place, value []byte) ([]byte, error) {
	enc, nonceKey := k.keysOf(at)
	gcm, err := gcmOf(enc)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, headSize+nonceSize+len(value)+gcm.Overhead())
	out = append(append(out, sealVersion), k.print[:]...)
	nonce := mac(nonceKey, value)[:nonceSize]
	return gcm.Seal(append(out, nonce...), nonce, value, out[:headSize]), nil
}

func gcmOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return gcm, nil
}

// open opens what was sealed for the place, under any of the keys.
func (k *Keys) open(at place, sealed []byte) ([]byte, error) {
	if len(sealed) < headSize+nonceSize || sealed[0] != sealVersion {
		return nil, spoilt(at)
	}
	of := k.find(sealed[1:headSize])
	if of == nil {
		return nil, fmt.Errorf("partition %d: %w", at.partition, ErrKeyMissing)
	}
	enc, _ := of.keysOf(at)
	gcm, err := gcmOf(enc)
	if err != nil {
		return nil, err
	}
	head, rest := sealed[:headSize], sealed[headSize:]
	value, err := gcm.Open(nil, rest[:nonceSize], rest[nonceSize:], head)
	if err != nil {
		return nil, spoilt(at)
	}
	return value, nil
}

func spoilt(at place) error {
	return fmt.Errorf("the sealed %s of somebody or something in partition %d: %w", at.part, at.partition, state.ErrSpoilt)
}

// member is the name under which a hashed store keeps somebody who waits: not a
// hash, for the governor must learn from it who that is, but sealed, and the same
// for the same person.
func (k *key) member(partition int32, id rules.PersonID) (rules.PersonID, error) {
	b, err := k.seal(place{part: "waiting", partition: partition}, []byte(id))
	return rules.PersonID(base64.RawURLEncoding.EncodeToString(b)), err
}

// who is the person of a member.
func (k *Keys) who(partition int32, member rules.PersonID) (rules.PersonID, error) {
	at := place{part: "waiting", partition: partition}
	b, err := base64.RawURLEncoding.DecodeString(string(member))
	if err != nil {
		return "", spoilt(at)
	}
	id, err := k.open(at, b)
	return rules.PersonID(id), err
}
