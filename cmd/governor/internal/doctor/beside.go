package doctor

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"

	"github.com/contactgovernor/governor/cmd/governor/internal/tlsdial"
)

// examineBeside looks at what is asked beside Kafka and Redis, where the configuration
// names it: whether it takes connections, and until when its certificate holds. It asks
// it nothing.
func (p *patient) examineBeside(ctx context.Context, n *notes) {
	r, t := &p.config.Registry, &p.config.Tracing
	for _, at := range r.URLs {
		p.connect(ctx, n, "registry", at, tlsdial.Files{CA: r.TLS.CAFile, ServerName: r.TLS.ServerName, Cert: r.TLS.CertFile, Key: r.TLS.KeyFile},
			Wrong, "start the registry, or correct registry.urls and registry.tls; schemas that nobody has seen yet are waited for")
	}
	if t.Endpoint != "" {
		p.connect(ctx, n, "tracing", t.Endpoint, tlsdial.Files{CA: t.TLS.CAFile, ServerName: t.TLS.ServerName, Cert: t.TLS.CertFile, Key: t.TLS.KeyFile},
			Warning, "start the collector, or correct tracing.endpoint; spans are lost meanwhile, and nothing else")
	}
}

// connect connects to where the URL points, and hangs up.
func (p *patient) connect(ctx context.Context, n *notes, what, at string, files tlsdial.Files, away Verdict, mend string) {
	ctx, cancel := p.within(ctx)
	defer cancel()
	u, err := url.Parse(at)
	if err != nil {
		n.add(away, what, err.Error(), mend)
		return
	}
	secure := u.Scheme == "https"
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[secure]
	}
	dial := new(net.Dialer).DialContext
	if secure {
		dial = files.Dial
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		n.add(away, what, err.Error(), mend)
		return
	}
	defer conn.Close()
	n.ok(what, "%s://%s takes connections", u.Scheme, u.Host) // no more of it: a URL may have a password
	if under, ok := conn.(*tls.Conn); ok {
		if shown := under.ConnectionState().PeerCertificates; len(shown) > 0 {
			ends(n, what, u.Host+" shows a certificate", shown[0].NotAfter, p.o.Clock(), "tell who runs it")
		}
	}
}
