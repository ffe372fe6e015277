package leave

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf8"
)

// Ticket is what a link says: whose no it is to what, and from which approval the
// person has it.
type Ticket struct {
	Person   string
	Channel  string
	Brand    string
	Decision string
}

// A token is, in base64url: the version, the id of the key, the nonce, and what
// AES-256-GCM makes of the ticket. The nonce is an HMAC of the ticket, as in SIV:
// the same ticket is the same token, and two tickets never share a nonce but by
// chance, of 2^-96 for a pair. Opening compares it again, so that even then nothing
// can be forged that the HMAC does not know.
const (
	version    = 1
	idBytes    = 3
	headBytes  = 1 + idBytes
	nonceBytes = 12
	tagBytes   = 16

	// MaxToken is longer than any token that Seal makes.
	MaxToken = 4096
)

// ErrTicket says that a ticket is none: it names nobody, or is too long.
var ErrTicket = errors.New("no link can be made of this")

// ErrToken says that a token was not sealed with any of the keys. Why, it does not
// say: there is nobody to tell.
var ErrToken = errors.New("this is no link of ours")

// Seal makes the token of a ticket.
func (k *Keys) Seal(t Ticket) (string, error) {
	plain := t.pack()
	if len(k.all) == 0 || t.Person == "" || base64.RawURLEncoding.EncodedLen(headBytes+nonceBytes+len(plain)+tagBytes) > MaxToken {
		return "", ErrTicket
	}
	one := &k.all[0]
	b := make([]byte, 0, headBytes+nonceBytes+len(plain)+tagBytes)
	b = append(b, version)
	b = append(b, one.id[:]...)
	nonce := one.nonceOf(plain)
	b = append(b, nonce...)
	b = one.aead.Seal(b, nonce, plain, b[:headBytes])
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Open reads what one of the keys sealed. Anything else is ErrToken.
//
// What a mail program or a hand put behind a link, a full stop or a bracket, is no
// part of it.
func (k *Keys) Open(token string) (Ticket, error) {
	token = strings.TrimRight(token, " \t\r\n.,;:!?)>]}/\"'=")
	if len(token) > MaxToken {
		return Ticket{}, ErrToken
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < headBytes+nonceBytes+tagBytes || b[0] != version {
		return Ticket{}, ErrToken
	}
	one := k.find(b[1:headBytes])
	if one == nil {
		return Ticket{}, ErrToken
	}
	nonce := b[headBytes : headBytes+nonceBytes]
	plain, err := one.aead.Open(nil, nonce, b[headBytes+nonceBytes:], b[:headBytes])
	if err != nil || subtle.ConstantTimeCompare(nonce, one.nonceOf(plain)) != 1 {
		return Ticket{}, ErrToken
	}
	return unpack(plain)
}

func (k *key) nonceOf(plain []byte) []byte {
	mac := hmac.New(sha256.New, k.nonce)
	mac.Write(plain)
	return mac.Sum(nil)[:nonceBytes]
}

// pack writes a ticket: the decision, the channel, the brand, and the person to the
// end. What comes before the end is behind its length.
func (t *Ticket) pack() []byte {
	var b []byte
	if raw, ok := rawDecision(t.Decision); ok {
		b = append([]byte{isRaw}, raw...)
	} else {
		b = appendText([]byte{isText}, t.Decision)
	}
	b = appendText(b, t.Channel)
	b = appendText(b, t.Brand)
	return append(b, t.Person...)
}

// How a decision's id is written: as it is, or, as the governor's own ids can be, in
// half of the letters.
const (
	isText = 0
	isRaw  = 1

	decisionPrefix = "d-"
	decisionBytes  = 16
)

func rawDecision(id string) ([]byte, bool) {
	digits, ours := strings.CutPrefix(id, decisionPrefix)
	raw, err := hex.DecodeString(digits)
	return raw, ours && err == nil && len(raw) == decisionBytes && hex.EncodeToString(raw) == digits
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func unpack(b []byte) (t Ticket, err error) {
	r := unpacker{rest: b}
	switch how := r.take(1); {
	case len(how) == 1 && how[0] == isRaw:
		t.Decision = decisionPrefix + hex.EncodeToString(r.take(decisionBytes))
	case len(how) == 1 && how[0] == isText:
		t.Decision = r.text()
	default:
		r.failed = true
	}
	t.Channel, t.Brand = r.text(), r.text()
	t.Person = string(r.rest)
	if r.failed || t.Person == "" || !utf8.ValidString(t.Person) {
		return Ticket{}, ErrToken
	}
	return t, nil
}

type unpacker struct {
	rest   []byte
	failed bool
}

func (r *unpacker) take(n int) []byte {
	if r.failed || n > len(r.rest) {
		r.failed = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *unpacker) text() string {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > uint64(len(r.rest)) {
		r.failed = true
		return ""
	}
	r.take(size)
	return string(r.take(int(n)))
}
