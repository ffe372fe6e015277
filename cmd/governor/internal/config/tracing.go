package config

import (
	"net/url"
	"strconv"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/cmd/governor/internal/tracing/collector"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Tracing says where spans go. Without an Endpoint nothing is traced.
type Tracing struct {
	Endpoint    string // the URL to which they are posted, OTLP over HTTP
	TLS         HTTPSFiles
	HeadersFile string  // what is sent with them, a header a line; read each time
	Ratio       float64 // of what begins here, from 0 to 1
}

const exampleEndpoint = "https://collector.example.org:4318/v1/traces"

// tracing reads where spans go.
func (r *reader) tracing(e entry) {
	t := &r.config.Tracing
	there := keys{}
	if !r.Mapping(e, "tracing", there.noted(
		strictyaml.May("endpoint", exampleEndpoint, r.endpoint(&t.Endpoint)),
		strictyaml.May("tls", "{ca_file: ca.pem}", r.httpsFiles("tracing.tls", "collector.example.org", &t.TLS)),
		strictyaml.May("headers_file", "/run/secrets/collector-headers", r.headers(&t.HeadersFile)),
		strictyaml.May("ratio", "0.1", r.ratio(&t.Ratio)),
	)...) {
		return
	}
	at, _ := url.Parse(t.Endpoint)
	switch plain := at != nil && at.Scheme == "http"; {
	case t.Endpoint == "" && !there.has("endpoint"):
		r.idle(there, "without a collector: write for example endpoint: "+exampleEndpoint+" beside it", "headers_file")
	case plain && t.HeadersFile != "" && !access.IsLoopback(at.Host):
		r.Wrong(there["headers_file"].Value, "\"headers_file\" would be read by everybody on the way to %s: write https there", at.Host)
	case plain && t.TLS != (HTTPSFiles{}):
		r.Wrong(there["tls"].Value, "\"tls\" means nothing to an endpoint without it: write https there")
	}
}

// endpoint reads the URL of a collector.
func (r *reader) endpoint(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.MaybeText(e)
		if !ok || s == "" {
			return
		}
		u, err := url.Parse(s)
		switch {
		case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
			r.Wrong(e.Value, "\"endpoint\" is no URL of http or https: write for example %s", e.Write)
		case u.User != nil || u.RawQuery != "" || u.Fragment != "":
			r.Wrong(e.Value, "\"endpoint\" has more than a path: a secret belongs into a file, headers_file; write for example %s", e.Write)
		case u.Path == "" || u.Path == "/":
			r.Wrong(e.Value, "\"endpoint\" has no path, and spans are posted to what it says and no further: write for example %s", u.Scheme+"://"+u.Host+"/v1/traces")
		default:
			*into = s
		}
	}
}

// headers reads the path of a file of headers.
func (r *reader) headers(into *string) func(entry) {
	return r.fileWith(into, "headers", func(e entry, path string, text []byte) bool {
		if _, err := collector.ParseHeaders(string(text)); err != nil {
			r.Wrong(e.Value, "%q is no file of headers, %s: %s", e.Key.Value, path, err)
			return false
		}
		return true
	})
}

// ratio reads a share of all.
func (r *reader) ratio(into *float64) func(entry) {
	return func(e entry) {
		s, ok := r.Text(e)
		if !ok {
			return
		}
		share, err := strconv.ParseFloat(s, 64)
		if tag := e.Value.ShortTag(); err != nil || tag != "!!float" && tag != "!!int" || !(share >= 0 && share <= 1) {
			r.Wrong(e.Value, "%q must be a share from 0, nothing, to 1, everything, not %s: write for example %s", e.Key.Value, strictyaml.Describe(e.Value), e.Write)
			return
		}
		*into = share
	}
}
