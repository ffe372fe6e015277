package kafkaio

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	saslplain "github.com/segmentio/kafka-go/sasl/plain"
	"github.com/twmb/franz-go/pkg/kfake"
)

// certificate returns a certificate for 127.0.0.1 and a pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	parsed, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// Everything, once, over TLS and SASL.
func TestEverythingWorksOverTLSAndSASL(t *testing.T) {
	cert, pool := certificate(t)
	c := fakeCluster(t, kfake.NumBrokers(2), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}}),
		kfake.EnableSASL(), kfake.Superuser("PLAIN", "governor", "secret"))
	secure := func(password string) func(*Config) {
		return func(c *Config) {
			c.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
			c.SASL = saslplain.Mechanism{Username: "governor", Password: password}
		}
	}
	everything(t, c, secure("secret"))

	err := newClient(t, c, secure("wrong")).Admin().Ping(within(t))
	if err == nil || !strings.HasPrefix(err.Error(), "cannot reach Kafka at 127.0.0.1:") || !strings.Contains(err.Error(), "SASL") {
		t.Errorf("with a wrong password: %v", err)
	}
	err = newClient(t, c, secure("secret"), func(c *Config) { c.TLS = &tls.Config{MinVersion: tls.VersionTLS12} }).Admin().Ping(within(t))
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("with an unknown authority: %v", err)
	}
}
