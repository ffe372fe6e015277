package api

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/httpserver"
)

// patience is more than any of these tests should need.
const patience = 20 * time.Second

// serve serves a world's handler.
func serve(t *testing.T, h http.Handler, c Certificate, l httpserver.Limits) *httpserver.Server {
	t.Helper()
	s, err := Listen("127.0.0.1:0", h, c, l, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func dial(t *testing.T, s *httpserver.Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// "No slow-loris": whoever sends a header letter by letter, or no body, is hung up on,
// and others are answered meanwhile and afterwards, though there is room for few.
func TestWhoIsSlowKeepsNobodyElse(t *testing.T) {
	w := newWorld(t)
	l := NewLimits(time.Second)
	l.Header, l.Request, l.Clients, l.End = 100*time.Millisecond, 200*time.Millisecond, 2, 100*time.Millisecond
	s := serve(t, w.handler, Certificate{}, l)

	var slow []net.Conn
	for range 3 { // more than there is room for
		conn := dial(t, s)
		slow = append(slow, conn)
		go func() {
			for _, c := range "GET /openapi.json HTTP/1.1\r\nX: " + strings.Repeat("y", 10_000) {
				if _, err := conn.Write([]byte(string(c))); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}()
	}
	for i, conn := range slow {
		if b, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) || strings.HasPrefix(string(b), "HTTP/1.1 200") {
			t.Errorf("slow header %d: got %q, %v", i, b, err)
		}
	}

	conn := dial(t, s)
	fmt.Fprintf(conn, "POST /v1/refuse HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{", token("operate"))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusRequestTimeout {
		t.Errorf("a body that does not come: got %v, %v", res, err)
	}
	if n := w.writes(); n != 0 {
		t.Errorf("%d records of it", n)
	}

	client := &http.Client{Timeout: patience, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	if res, err = client.Get("http://" + s.Address() + "/openapi.json"); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("who comes then: %v, %v", res, err)
	}
	res.Body.Close()
}

// A header that is too large is not read.
func TestHeadersAreBounded(t *testing.T) {
	w := newWorld(t)
	s := serve(t, w.handler, Certificate{}, NewLimits(time.Second))
	conn := dial(t, s)
	go fmt.Fprintf(conn, "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n", strings.Repeat("y", 1<<20))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil && res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %v", res)
	}
}

func TestAnAddressThatIsTakenIsTold(t *testing.T) {
	w := newWorld(t)
	s := serve(t, w.handler, Certificate{}, NewLimits(time.Second))
	if _, err := Listen(s.Address(), w.handler, Certificate{}, NewLimits(time.Second), zaptest.NewLogger(t)); err == nil || !strings.HasPrefix(err.Error(), "api.listen: ") || !strings.Contains(err.Error(), "give every governor of a machine an address of its own") {
		t.Errorf("got %v", err)
	}
	if _, err := Listen("127.0.0.1:0", w.handler, Certificate{"/nowhere", "/nowhere"}, NewLimits(time.Second), zaptest.NewLogger(t)); err == nil || !strings.HasPrefix(err.Error(), "api.tls: ") {
		t.Errorf("got %v", err)
	}
}

// certify writes a certificate of this name into the files.
func certify(t *testing.T, c Certificate, name string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{c.Cert: {Type: "CERTIFICATE", Bytes: der}, c.Key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// A certificate may be replaced without a restart; one that cannot be read leaves the
// one before. Old TLS is refused.
func TestTheCertificateMayChange(t *testing.T) {
	folder := t.TempDir()
	c := Certificate{filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")}
	first := certify(t, c, "first")
	w := newWorld(t)
	s := serve(t, w.handler, c, NewLimits(time.Second))
	shown := func(trust *x509.Certificate, most uint16) (string, error) {
		pool := x509.NewCertPool()
		pool.AddCert(trust)
		conn, err := tls.Dial("tcp", s.Address(), &tls.Config{RootCAs: pool, MaxVersion: most})
		if err != nil {
			return "", err
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		b, err := io.ReadAll(conn)
		if err != nil || !strings.Contains(string(b), "Strict-Transport-Security: max-age=31536000\r\n") {
			return "", fmt.Errorf("got %q, %v", b, err)
		}
		return conn.ConnectionState().PeerCertificates[0].Subject.CommonName, nil
	}
	if name, err := shown(first, 0); name != "first" {
		t.Errorf("got %q, %v", name, err)
	}
	if name, err := shown(first, tls.VersionTLS11); err == nil {
		t.Errorf("TLS 1.1 was taken: %q", name)
	}
	if err := os.WriteFile(c.Cert, []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	if name, err := shown(first, 0); name != "first" {
		t.Errorf("while it is being replaced: got %q, %v", name, err)
	}
	second := certify(t, c, "second")
	if name, err := shown(second, 0); name != "second" {
		t.Errorf("got %q, %v", name, err)
	}
	if err := os.Remove(c.Key); err != nil {
		t.Fatal(err)
	}
	if name, err := shown(second, 0); name != "second" {
		t.Errorf("without a key: got %q, %v", name, err)
	}
}
