package tlsdial

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := new(authority)
	var err error
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	must(t, err)
	a.cert, err = x509.ParseCertificate(der)
	must(t, err)
	return a
}

func (a *authority) pem() []byte { return block("CERTIFICATE", a.cert.Raw) }

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// sign makes a certificate for the host and its key, which end then.
func (a *authority) sign(t *testing.T, host string, end time.Time) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: end.Add(-time.Hour), NotAfter: end,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &private.PublicKey, a.key)
	must(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	return block("CERTIFICATE", der), block("PRIVATE KEY", pkcs8)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, text []byte) string {
	t.Helper()
	must(t, os.WriteFile(path, text, 0o600))
	return path
}

// serve answers each connection with what it knows of the other side.
func serve(t *testing.T, config *tls.Config) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if config == nil {
				io.WriteString(conn, "220 I speak no TLS\r\n")
				conn.Close()
				continue
			}
			secure := tls.Server(conn, config)
			if secure.Handshake() == nil {
				name := "nobody"
				if peers := secure.ConnectionState().PeerCertificates; len(peers) > 0 {
					name = peers[0].DNSNames[0]
				}
				io.WriteString(secure, name)
			}
			secure.Close()
		}
	}()
	return l.Addr().String()
}

// server is one with a certificate of the authority.
func (a *authority) server(t *testing.T, host string, end time.Time) *tls.Config {
	t.Helper()
	cert, key := a.sign(t, host, end)
	pair, err := tls.X509KeyPair(cert, key)
	must(t, err)
	return &tls.Config{Certificates: []tls.Certificate{pair}}
}

// dial says what the server knows, or why there is no connection.
func (f Files) dial(t *testing.T, address string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, err := f.Dial(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	said, err := io.ReadAll(conn)
	return string(said), err
}

func wants(t *testing.T, f Files, address, want string) {
	t.Helper()
	if said, err := f.dial(t, address); err != nil || said != want {
		t.Errorf("got %q, %v, want %q", said, err, want)
	}
}

func refuses(t *testing.T, f Files, address string, says ...string) {
	t.Helper()
	_, err := f.dial(t, address)
	if err == nil {
		t.Errorf("there is a connection, want none because of %q", says)
		return
	}
	for _, want := range says {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %q, want in it %q", err, want)
		}
	}
}

// "The server is always verified", by whoever is trusted when it is dialled.
func TestWhoIsBelieved(t *testing.T) {
	folder, now := t.TempDir(), time.Now()
	ours, theirs := newAuthority(t), newAuthority(t)
	address := serve(t, ours.server(t, "127.0.0.1", now.Add(time.Hour)))
	ca := write(t, filepath.Join(folder, "ca.pem"), ours.pem())
	wants(t, Files{CA: ca}, address, "nobody")
	refuses(t, Files{}, address, "TLS with "+address, "certificate", "let ca_file have the authority that signed the server's certificate")
	refuses(t, Files{CA: ca, ServerName: "kafka.example.org"}, address, "match kafka.example.org", "let server_name be one")

	// The file changes, and with it who is believed; two are while they change.
	write(t, ca, theirs.pem())
	refuses(t, Files{CA: ca}, address, "unknown authority")
	write(t, ca, bytes.Join([][]byte{theirs.pem(), ours.pem()}, nil))
	wants(t, Files{CA: ca}, address, "nobody")
	write(t, ca, []byte("nothing"))
	refuses(t, Files{CA: ca}, address, ca+": there is no certificate in it")
	must(t, os.Remove(ca))
	if _, err := (Files{CA: ca}).dial(t, address); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without its file: %v", err)
	}

	write(t, ca, ours.pem())
	expired := serve(t, ours.server(t, "127.0.0.1", now.Add(-time.Minute)))
	refuses(t, Files{CA: ca}, expired, "expired", "give the server a certificate that holds now")
	named := serve(t, ours.server(t, "kafka.example.org", now.Add(time.Hour)))
	refuses(t, Files{CA: ca}, named, "dial a name that the certificate is for, or let server_name be one")
	wants(t, Files{CA: ca, ServerName: "kafka.example.org"}, named, "nobody")
}

// "(mTLS) certificates from files, re-read: a new connection uses what is in the
// file then."
func TestWhoWeAre(t *testing.T) {
	folder, now := t.TempDir(), time.Now()
	a := newAuthority(t)
	config := a.server(t, "127.0.0.1", now.Add(time.Hour))
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	config.ClientCAs.AddCert(a.cert)
	address := serve(t, config)
	f := Files{
		CA:   write(t, filepath.Join(folder, "ca.pem"), a.pem()),
		Cert: filepath.Join(folder, "cert.pem"), Key: filepath.Join(folder, "key.pem"),
	}
	become := func(name string, end time.Time) {
		cert, key := a.sign(t, name, end)
		write(t, f.Cert, cert)
		write(t, f.Key, key)
	}
	become("governor-1", now.Add(time.Hour))
	wants(t, f, address, "governor-1")
	become("governor-2", now.Add(time.Hour))
	wants(t, f, address, "governor-2")
	become("governor-3", now.Add(-time.Minute))
	refuses(t, f, address, "certificate")
	become("governor-4", now.Add(time.Hour))
	wants(t, f, address, "governor-4")
	refuses(t, Files{CA: f.CA}, address, "certificate required")

	// Half a change is no connection, and mends itself.
	cert, _ := a.sign(t, "governor-5", now.Add(time.Hour))
	write(t, f.Cert, cert)
	refuses(t, f, address, f.Cert+" with "+f.Key, "does not match")
}

// "TLS 1.2 at least."
func TestWhatIsTooOld(t *testing.T) {
	a := newAuthority(t)
	config := a.server(t, "127.0.0.1", time.Now().Add(time.Hour))
	ca := write(t, filepath.Join(t.TempDir(), "ca.pem"), a.pem())
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	refuses(t, Files{CA: ca}, serve(t, config), "protocol version")
	refuses(t, Files{CA: ca}, serve(t, nil), "does not speak TLS on this port")
	refuses(t, Files{CA: ca}, "127.0.0.1", "missing port")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	refuses(t, Files{CA: ca}, l.Addr().String(), "connection refused")
}

// ctx bounds the handshake too: a server that says nothing is left.
func TestAServerThatSaysNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := (Files{}).Dial(ctx, "tcp", l.Addr().String()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
