// Package tlsdial opens connections under TLS, with certificates from files. The
// files are read for each connection: what was put there since, holds from the next
// one on, and nothing needs a restart. A connection that stands is left alone.
//
// The server is always verified, and TLS is 1.2 at least.
package tlsdial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
)

// Files say where the certificates are. The zero value trusts the authorities of
// the system and shows no certificate of its own.
type Files struct {
	CA         string // PEM, the authorities that are trusted; empty: the system's
	ServerName string // what the server's certificate must be for; empty: the host that is dialled
	Cert, Key  string // PEM, what is shown to a server that asks who this is; both or neither
}

// Dial opens a connection to host:port and ends its handshake. ctx bounds both. An
// error says which file or certificate is wrong; it never has a key in it.
func (f Files) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	config, err := f.config(address)
	if err != nil {
		return nil, err
	}
	plain, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		plain.Close()
		return nil, fmt.Errorf("TLS with %s: %w%s", address, err, advice(err))
	}
	return conn, nil
}

// config is what holds for one connection.
func (f Files) config(address string) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if f.ServerName != "" {
		c.ServerName = f.ServerName
	}
	if f.CA != "" {
		text, err := os.ReadFile(f.CA)
		if err != nil {
			return nil, err
		}
		if c.RootCAs, err = Authorities(text); err != nil {
			return nil, fmt.Errorf("%s: %w", f.CA, err)
		}
	}
	if f.Cert != "" {
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return nil, fmt.Errorf("%s with %s: %w", f.Cert, f.Key, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// Authorities are the certificates in a PEM text, of which there is at least one.
func Authorities(text []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("there is no certificate in it")
	}
	return pool, nil
}

// advice is what to do about a certificate that was not believed.
func advice(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return "; let ca_file have the authority that signed the server's certificate"
	case errors.As(err, &name):
		return "; dial a name that the certificate is for, or let server_name be one"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "; give the server a certificate that holds now, or mend this machine's clock"
	case errors.As(err, &noTLS):
		return "; the server does not speak TLS on this port"
	}
	return ""
}
