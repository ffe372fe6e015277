package doctor

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// mostRead bounds what is read of somebody else's answer.
const mostRead = 1 << 20

// examineIssuer asks the provider whose tokens are believed, where there is one.
func (p *patient) examineIssuer(ctx context.Context, n *notes) {
	issuer := p.config.API.OIDC.Issuer
	if issuer == "" {
		return
	}
	const what, mend = "api.oidc", "correct api.oidc.issuer, or start it; without it nobody is let in by its tokens"
	ctx, cancel := p.within(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		n.add(Wrong, what, err.Error(), mend)
		return
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		n.add(Wrong, what, err.Error(), mend)
		return
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, mostRead))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", issuer, answer.Status)
	}
	if err != nil {
		n.add(Wrong, what, err.Error(), mend)
		return
	}
	n.ok(what, "%s answers", issuer)
	if answer.TLS != nil && len(answer.TLS.PeerCertificates) > 0 {
		ends(n, what, issuer+" shows a certificate", answer.TLS.PeerCertificates[0].NotAfter, p.o.Clock(), "tell who runs it")
	}
}
