package api

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/httpserver"
)

// NewLimits are those for answers that may take so long, and as long again until they
// are audited.
func NewLimits(answer time.Duration) httpserver.Limits {
	return httpserver.Limits{
		Header: 5 * time.Second, Request: 10 * time.Second, Answer: 2*answer + 10*time.Second, Idle: 2 * time.Minute,
		Bytes: 32 << 10, Clients: 1024, End: 2*answer + time.Second,
	}
}

// Certificate says where the server's certificate and its key are, in PEM. The zero
// value is none: then there is no TLS.
type Certificate struct{ Cert, Key string }

// Listen begins to serve at host:port. It fails if nobody can listen there, or if the
// certificate cannot be used.
func Listen(address string, h http.Handler, certificate Certificate, l httpserver.Limits, log *zap.Logger) (*httpserver.Server, error) {
	var secure *tls.Config
	if certificate != (Certificate{}) {
		keeper := &keeper{Certificate: certificate, log: log}
		if _, err := keeper.get(nil); err != nil {
			return nil, fmt.Errorf("api.tls: %w: write the paths of a certificate and its key, in PEM", err)
		}
		secure = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: keeper.get}
	}
	s, err := httpserver.Listen(address, h, secure, l, log.Named("api"))
	if err != nil {
		return nil, fmt.Errorf("api.listen: %w: give every governor of a machine an address of its own, or write off", err)
	}
	return s, nil
}

// keeper has the certificate as it is in its files: it is read for each connection,
// and made anew where it changed. Files that do not fit one another, as while they are
// being replaced, leave the one before.
type keeper struct {
	Certificate
	log *zap.Logger

	mu        sync.Mutex
	cert, key []byte
	now       *tls.Certificate
}

func (k *keeper) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	cert, err := os.ReadFile(k.Cert)
	if err != nil {
		return k.before(err)
	}
	key, err := os.ReadFile(k.Key)
	if err != nil {
		return k.before(err)
	}
	if k.now != nil && bytes.Equal(cert, k.cert) && bytes.Equal(key, k.key) {
		return k.now, nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return k.before(err)
	}
	k.cert, k.key, k.now = cert, key, &pair
	return k.now, nil
}

// before is the certificate before, if there was one.
func (k *keeper) before(why error) (*tls.Certificate, error) {
	if k.now == nil {
		return nil, why
	}
	k.log.Warn("the certificate of the API cannot be read, and the one before is shown: mend api.tls", zap.Error(why))
	return k.now, nil
}
