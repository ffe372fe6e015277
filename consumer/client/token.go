package client

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// Token is a fresh worker token: for a contact that this process begins, or nobody.
func Token() string { return rand.Text() }

// TokenOf is the token of a worker for an approval, the same whenever it is asked for:
// a worker that was lost between the answer and the contact asks with it again. No two
// workers may have the same name at the same time, or both would hear yes.
func TokenOf(name, decision string) string {
	sum := sha256.Sum256([]byte(name + "\x00" + decision))
	return hex.EncodeToString(sum[:])
}
