package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/segmentio/kafka-go/sasl"
	saslplain "github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// Secret is a password or a token as it is now. It is asked for at each
// connection, so that a new one holds from the next connection on. Its errors must
// not have it in them; ours have not.
type Secret func() (string, error)

// Plain is SASL PLAIN. Whoever can read the connection can read the password, so it
// is for connections under TLS.
func Plain(user string, password Secret) sasl.Mechanism {
	return fresh{"PLAIN", func() (sasl.Mechanism, error) {
		word, err := password()
		if err == nil && strings.Contains(user+word, "\x00") {
			err = errors.New("PLAIN takes no NUL in a user or a password: choose another")
		}
		return saslplain.Mechanism{Username: user, Password: word}, err
	}}
}

// ScramSHA256 is SASL SCRAM-SHA-256. The password does not go over the connection,
// and a broker that does not know it either is found out.
func ScramSHA256(user string, password Secret) sasl.Mechanism {
	return scrammed(scram.SHA256, user, password)
}

// ScramSHA512 is SASL SCRAM-SHA-512, and otherwise as ScramSHA256.
func ScramSHA512(user string, password Secret) sasl.Mechanism {
	return scrammed(scram.SHA512, user, password)
}

func scrammed(algorithm scram.Algorithm, user string, password Secret) sasl.Mechanism {
	return fresh{algorithm.Name(), func() (sasl.Mechanism, error) {
		word, err := password()
		if err != nil {
			return nil, err
		}
		m, err := scram.Mechanism(algorithm, user, word)
		if err != nil { // it names a letter of what it was given, so it is not repeated
			return nil, errors.New("SCRAM does not take every letter in a user or a password: choose others, without control characters")
		}
		return m, nil
	}}
}

// OAuthBearer is SASL OAUTHBEARER (RFC 7628). Whoever can read the connection can
// read the token, so it is for connections under TLS.
func OAuthBearer(token Secret) sasl.Mechanism {
	return fresh{"OAUTHBEARER", func() (sasl.Mechanism, error) {
		word, err := token()
		if err == nil && (word == "" || strings.ContainsFunc(word, notOfToken)) {
			err = errors.New("the token is empty, or has letters that no bearer token has: it is letters, digits and -._~+/ with = at its end")
		}
		return bearer(word), err
	}}
}

func notOfToken(c rune) bool {
	return (c|0x20 < 'a' || c|0x20 > 'z') && !strings.ContainsRune("0123456789-._~+/=", c)
}

// fresh is a mechanism that is made anew for each connection.
type fresh struct {
	name string
	now  func() (sasl.Mechanism, error)
}

// Name implements sasl.Mechanism.
func (f fresh) Name() string { return f.name }

// Start implements sasl.Mechanism.
func (f fresh) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	m, err := f.now()
	if err != nil {
		return nil, nil, fmt.Errorf("SASL %s: %w", f.name, err)
	}
	return m.Start(ctx)
}

// bearer is a token.
type bearer string

// Name implements sasl.Mechanism.
func (bearer) Name() string { return "OAUTHBEARER" }

// Start implements sasl.Mechanism.
func (b bearer) Start(context.Context) (sasl.StateMachine, []byte, error) {
	return new(showing), []byte("n,,\x01auth=Bearer " + string(b) + "\x01\x01"), nil
}

// showing is the conversation about a token.
type showing struct{ refused bool }

// Next implements sasl.StateMachine. A broker that refuses a token says why, waits
// for an empty answer, and only then ends the conversation.
func (s *showing) Next(_ context.Context, challenge []byte) (done bool, response []byte, err error) {
	switch {
	case s.refused:
		return false, nil, errors.New("SASL OAUTHBEARER: the broker refused the token, and then did not end the conversation")
	case len(challenge) == 0:
		return true, nil, nil
	}
	s.refused = true
	return false, []byte{1}, nil
}
