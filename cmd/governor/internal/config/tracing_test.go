package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestTracing(t *testing.T) {
	for text, want := range map[string]Tracing{
		"":                                    {Ratio: 0.1},
		"tracing: {endpoint: '', ratio: 0.1}": {Ratio: 0.1},
		"tracing: {endpoint: 'http://collector:4318/v1/traces', ratio: 1}":                               {Endpoint: "http://collector:4318/v1/traces", Ratio: 1},
		"tracing: {endpoint: 'https://c.example.org/otlp/v1/traces', ratio: 0, headers_file: headers}":   {Endpoint: "https://c.example.org/otlp/v1/traces", HeadersFile: "etc/headers"},
		"tracing: {endpoint: 'http://127.0.0.1:4318/v1/traces', headers_file: headers, ratio: 0.000001}": {Endpoint: "http://127.0.0.1:4318/v1/traces", HeadersFile: "etc/headers", Ratio: 0.000001},
		"tracing: {tls: {ca_file: ca.pem, server_name: c, cert_file: cert.pem, key_file: key.pem}, endpoint: 'https://c:4318/v1/traces'}": {
			Endpoint: "https://c:4318/v1/traces", Ratio: 0.1, TLS: HTTPSFiles{"etc/ca.pem", "c", "etc/cert.pem", "etc/key.pem"},
		},
	} {
		files := etc(t, text)
		files["etc/headers"] = "# ours\nAuthorization: Bearer hush\n\nX-Tenant: us\n"
		folder(t, files)
		if got, err := Load("etc/governor.yaml"); err != nil || got.Tracing != want {
			t.Errorf("%s: got %+v, %v", text, got.Tracing, err)
		}
	}
}

// Each row is one mistake and all that its author is told of it: never what is in a file,
// nor what of a URL may be a secret.
func TestMistakesAboutTracing(t *testing.T) {
	const c = "endpoint: 'https://c:4318/v1/traces'"
	for _, row := range []struct{ text, want string }{
		{"tracing: on\n", `1:10: tracing must be a mapping, not "on": write for example {endpoint: https://collector.example.org:4318/v1/traces}`},
		{"tracing: {url: x}\n", `1:11: unknown key "url" in tracing: write one of endpoint, tls, headers_file, ratio`},
		{"tracing: {endpoint: 'collector:4318'}\n", `1:21: "endpoint" is no URL of http or https: write for example https://collector.example.org:4318/v1/traces`},
		{"tracing: {endpoint: 'grpc://collector:4317'}\n", `1:21: "endpoint" is no URL of http or https: write for example https://collector.example.org:4318/v1/traces`},
		{"tracing: {endpoint: 'http://collector:4318'}\n", `1:21: "endpoint" has no path, and spans are posted to what it says and no further: write for example http://collector:4318/v1/traces`},
		{"tracing: {endpoint: 'https://us:hush@c/v1/traces'}\n", `1:21: "endpoint" has more than a path: a secret belongs into a file, headers_file; write for example https://collector.example.org:4318/v1/traces`},
		{"tracing: {endpoint: 'https://c/v1/traces?key=hush'}\n", `1:21: "endpoint" has more than a path: a secret belongs into a file, headers_file; write for example https://collector.example.org:4318/v1/traces`},
		{"tracing: {headers_file: headers}\n", `1:25: "headers_file" means nothing without a collector: write for example endpoint: https://collector.example.org:4318/v1/traces beside it`},
		{"tracing: {" + c + ", headers_file: gone}\n", `1:63: "headers_file" cannot be read: open etc/gone: no such file or directory: write the path of a file that this user may read`},
		{"tracing: {" + c + ", headers_file: empty}\n", `1:63: "headers_file" is an empty file, etc/empty: write the headers into it, or leave the key out`},
		{"tracing: {" + c + ", headers_file: secret}\n", `1:63: "headers_file" is no file of headers, etc/secret: line 1 is no header: write Name: value, as in Authorization: Bearer …`},
		{"tracing: {" + c + ", headers_file: comment}\n", `1:63: "headers_file" is no file of headers, etc/comment: there is no header in it: write Name: value, as in Authorization: Bearer …`},
		{"tracing: {" + c + ", headers_file: typed}\n", `1:63: "headers_file" is no file of headers, etc/typed: line 2 is a header that is set by itself: leave it out`},
		{"tracing: {endpoint: 'http://c:4318/v1/traces', headers_file: headers}\n", `1:62: "headers_file" would be read by everybody on the way to c:4318: write https there`},
		{"tracing: {endpoint: 'http://c:4318/v1/traces', tls: {ca_file: ca.pem}}\n", `1:53: "tls" means nothing to an endpoint without it: write https there`},
		{"tracing: {" + c + ", tls: {enabled: true}}\n", `1:55: unknown key "enabled" in tracing.tls: write one of ca_file, server_name, cert_file, key_file`},
		{"tracing: {" + c + ", tls: {cert_file: cert.pem}}\n", `1:66: "cert_file" proves nothing without its key: add key_file`},
		{"tracing: {ratio: 1.5}\n", `1:18: "ratio" must be a share from 0, nothing, to 1, everything, not "1.5": write for example 0.1`},
		{"tracing: {ratio: -0.1}\n", `1:18: "ratio" must be a share from 0, nothing, to 1, everything, not "-0.1": write for example 0.1`},
		{"tracing: {ratio: 10%}\n", `1:18: "ratio" must be a share from 0, nothing, to 1, everything, not "10%": write for example 0.1`},
		{"tracing: {ratio: .nan}\n", `1:18: "ratio" must be a share from 0, nothing, to 1, everything, not ".nan": write for example 0.1`},
	} {
		t.Run(strings.TrimSpace(row.text), func(t *testing.T) {
			files := etc(t, row.text)
			files["etc/headers"], files["etc/comment"], files["etc/typed"] = "Authorization: Bearer hush\n", "# none\n", "A: b\nContent-Type: text/hush\n"
			folder(t, files)
			got, err := Load("etc/governor.yaml")
			if want := "etc/governor.yaml:" + row.want; err == nil || err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("a secret is told: %v", err)
			}
			if !reflect.DeepEqual(got, Config{}) {
				t.Errorf("a configuration with a mistake came out: %+v", got)
			}
		})
	}
}

// What its README shows is a configuration.
func TestTheReadmeOfTracingShowsAConfiguration(t *testing.T) {
	b, err := os.ReadFile("../tracing/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(b), "\n```yaml\n")
	text, _, ended := strings.Cut(text, "\n```")
	if !found || !ended {
		t.Fatal("it shows none")
	}
	cert, _ := certificate(t)
	folder(t, map[string]string{"governor.yaml": text, "ca.pem": cert, "collector-headers": "Authorization: Bearer hush\n"})
	if got, err := Load("governor.yaml"); err != nil || got.Tracing.Endpoint == "" {
		t.Errorf("%s\n%+v, %v", text, got.Tracing, err)
	}
}
