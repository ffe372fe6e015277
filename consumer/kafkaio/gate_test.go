package kafkaio

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// gate stands before the fake Kafka, which does not know OAUTHBEARER, and lets
// through who shows the token, as Kafka's OAuthBearerSaslServer does: it answers a
// bad one with a challenge that says why, and refuses when that is acknowledged.
type gate struct {
	token   string
	opened  atomic.Int64
	endless atomic.Bool // challenge again instead
	mute    atomic.Bool // answer nothing instead, for ever
	asked   atomic.Int64

	// lifetime is how long a connection may stand, as by connections.max.reauth.ms; 0
	// is for ever. Kafka ends it at the first request after that.
	lifetime time.Duration
}

func (g *gate) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	return &gateListener{l, g}, err
}

type gateListener struct {
	net.Listener
	gate *gate
}

func (l *gateListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &gateConn{Conn: conn, gate: l.gate}, nil
}

// gateConn hands on the requests of those who are in, and before that only who asks
// for versions.
type gateConn struct {
	net.Conn
	gate    *gate
	in      bool
	refused bool
	left    []byte // of the request that is handed on
	until   time.Time
}

func (c *gateConn) Read(b []byte) (int, error) {
	for !c.in && len(c.left) == 0 {
		if err := c.request(); err != nil {
			return 0, err
		}
	}
	if len(c.left) > 0 {
		n := copy(b, c.left)
		c.left = c.left[n:]
		return n, nil
	}
	n, err := c.Conn.Read(b)
	if c.gate.lifetime > 0 && time.Now().After(c.until) {
		return 0, io.EOF
	}
	return n, err
}

// request reads one, and answers it or hands it on.
func (c *gateConn) request() error {
	frame := make([]byte, 4)
	if _, err := io.ReadFull(c.Conn, frame); err != nil {
		return err
	}
	frame = append(frame, make([]byte, binary.BigEndian.Uint32(frame))...)
	if _, err := io.ReadFull(c.Conn, frame[4:]); err != nil {
		return err
	}
	key, version := int16(binary.BigEndian.Uint16(frame[4:])), int16(binary.BigEndian.Uint16(frame[6:]))
	id, body := frame[8:12], frame[14+max(0, int(int16(binary.BigEndian.Uint16(frame[12:])))):]
	req := kmsg.RequestForKey(key)
	req.SetVersion(version)
	if _, versions := req.(*kmsg.ApiVersionsRequest); versions {
		c.left = frame
		return nil
	}
	if req.IsFlexible() {
		body = body[1:] // no tags
	}
	if err := req.ReadFrom(body); err != nil {
		return err
	}
	c.gate.asked.Add(1)
	if c.gate.mute.Load() {
		_, err := io.Copy(io.Discard, c.Conn)
		return cmp.Or(err, io.EOF)
	}
	var res kmsg.Response
	switch req := req.(type) {
	case *kmsg.SASLHandshakeRequest:
		answer := kmsg.NewPtrSASLHandshakeResponse()
		if answer.SupportedMechanisms = []string{"OAUTHBEARER"}; req.Mechanism != "OAUTHBEARER" {
			answer.ErrorCode = kerr.UnsupportedSaslMechanism.Code
		}
		res = answer
	case *kmsg.SASLAuthenticateRequest:
		res = c.authenticate(string(req.SASLAuthBytes))
	default:
		return errors.New("not before who you are is known")
	}
	res.SetVersion(version)
	out := append(make([]byte, 4), id...)
	if res.IsFlexible() {
		out = append(out, 0)
	}
	out = res.AppendTo(out)
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	_, err := c.Conn.Write(out)
	return err
}

func (c *gateConn) authenticate(shown string) kmsg.Response {
	res := kmsg.NewPtrSASLAuthenticateResponse()
	res.SASLAuthBytes = []byte{}
	switch {
	case c.gate.endless.Load():
		res.SASLAuthBytes = []byte(`{"status":"invalid_token"}`)
	case c.refused:
		res.ErrorCode = kerr.SaslAuthenticationFailed.Code
		if shown == "\x01" {
			why := `{"status":"invalid_token"}`
			res.ErrorMessage = &why
		}
	case shown == "n,,\x01auth=Bearer "+c.gate.token+"\x01\x01":
		c.in, c.until = true, time.Now().Add(c.gate.lifetime)
		c.gate.opened.Add(1)
	default:
		c.refused = true
		res.SASLAuthBytes = []byte(`{"status":"invalid_token"}`)
	}
	return res
}
