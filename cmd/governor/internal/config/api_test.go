package config

import (
	"reflect"
	"strings"
	"testing"
)

// tokens is a file of one token.
const tokens = "tokens: [{name: mailer, roles: [operate], sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}]\n"

// "Off by default beyond loopback; TLS, bearer tokens from a file or OIDC" (issue 6).
func TestWhereTheDoorsMayBe(t *testing.T) {
	for _, text := range []string{
		"api: {listen: off}\n",
		"api: {tls: {cert_file: cert.pem, key_file: key.pem}, tokens_file: tokens}\n", // they listen nowhere
		"api: {listen: 127.0.0.1:8471}\n",
		"api: {listen: '[::1]:8471'}\n",
		"api: {listen: localhost:8471, tokens_file: '', audit_key_file: '', tls: {cert_file: '', key_file: ''}, oidc: {issuer: '', audience: ''}}\n",
		"api: {listen: 127.0.0.1:8471, tokens_file: tokens}\nleave: {base_url: https://leave.example.org, key_file: leave}\n",
		"api: {listen: 0.0.0.0:8471, tokens_file: tokens, tls: {cert_file: cert.pem, key_file: key.pem}}\n",
		"api: {listen: 0.0.0.0:8471, oidc: {issuer: http://localhost:9000/realms/x, audience: governor}, tls: {cert_file: cert.pem, key_file: key.pem}}\n",
	} {
		folder(t, etc(t, text))
		if _, err := Load("etc/governor.yaml"); err != nil {
			t.Errorf("%s%v", text, err)
		}
	}
}

// Each row is one mistake and all that its author is told of it.
func TestMistakesOfTheDoors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"api: true\n", `1:6: api must be a mapping, not "true": write for example {listen: 127.0.0.1:8471}`},
		{"api: {open: true}\n", `1:7: unknown key "open" in api: write one of listen, tls, tokens_file, oidc, audit_key_file, rate, timeout`},
		{"api: {listen: ':8471'}\n", `1:15: ":8471" does not say who may ask: write 127.0.0.1:8471 for this machine only, 0.0.0.0:8471 for everybody who reaches it, or off`},
		{"api: {listen: 0.0.0.0:8471}\n", `1:15: 0.0.0.0:8471 is for everybody who reaches it, and nobody is asked for a token: add tokens_file or oidc, or write 127.0.0.1:8471 for this machine only`},
		{"api: {listen: api.example.org:8471, tls: {cert_file: cert.pem, key_file: key.pem}}\n", `1:15: api.example.org:8471 is for everybody who reaches it, and nobody is asked for a token: add tokens_file or oidc, or write 127.0.0.1:8471 for this machine only`},
		{"api: {listen: 0.0.0.0:8471, tokens_file: tokens}\n", `1:15: 0.0.0.0:8471 is reached by others, and whoever is on the way could read the tokens: add tls, or write 127.0.0.1:8471 for this machine only, behind a proxy that has TLS`},
		{"api: {listen: 127.0.0.1:8471}\nleave: {base_url: https://leave.example.org, key_file: leave}\n", `1:15: strangers reach 127.0.0.1:8471 through leave, by way of a proxy on this machine perhaps, and nobody is asked for a token: add tokens_file or oidc`},
		{"api: {listen: 127.0.0.1:8471}\nleave: {hooks: [{name: sms, secret_file: secret}]}\n", `1:15: strangers reach 127.0.0.1:8471 through leave, by way of a proxy on this machine perhaps, and nobody is asked for a token: add tokens_file or oidc`},
		{"api: {tls: {cert_file: cert.pem}}\n", `1:24: "cert_file" proves nothing without its key: add key_file`},
		{"api: {tls: {key_file: key.pem}}\n", `1:23: "key_file" opens nothing without its certificate: add cert_file`},
		{"api: {tls: {cert_file: cert.pem, key_file: secret}}\n", `1:24: "cert_file" and "key_file" cannot be used: tls: failed to find any PEM data in key input: write the paths of a certificate and its key, in PEM`},
		{"api: {tls: {enabled: true}}\n", `1:13: unknown key "enabled" in api.tls: write one of cert_file, key_file`},
		{"api: {tokens_file: gone}\n", `1:20: "tokens_file" cannot be read: open etc/gone: no such file or directory: write the path of a file that this user may read`},
		{"api: {tokens_file: empty}\n", `1:20: "tokens_file" is an empty file, etc/empty: write the tokens into it, or leave the key out`},
		{"api: {tokens_file: secret}\n", `1:20: "tokens_file" has mistakes: etc/secret:1:1: the file of tokens must be a mapping, not "hush": write for example tokens:`},
		{"api: {oidc: {audience: governor}}\n", `1:24: "audience" means nothing without a provider: write for example issuer: https://id.example.org beside it`},
		{"api: {oidc: {issuer: https://id.example.org}}\n", `1:22: a token for anything else of this provider would do: add audience, for which tokens must be`},
		{"api: {oidc: {issuer: id.example.org, audience: governor}}\n", `1:22: "id.example.org" is no issuer: write the URL that is in its tokens as iss, for example https://id.example.org`},
		{"api: {oidc: {issuer: http://id.example.org, audience: governor}}\n", `1:22: whoever is on the way to http://id.example.org could let anybody in: write https`},
		{"api: {oidc: {issuer: https://id.example.org, audience: governor, role_claim: ''}}\n", `1:78: "role_claim" is empty, so that nobody may do anything: write for example roles, or leave it out`},
		{"api: {audit_key_file: secret}\n", `1:23: "audit_key_file" is a key of 5 bytes, etc/secret: with less than 16 people could be told by trying: make one with openssl rand -base64 32`},
		{"api: {rate: 0}\n", `1:13: "rate" must be from 1 to 100000, not 0: write for example 200`},
		{"api: {timeout: 2m}\n", `1:16: "timeout" must be from 100ms to 1m, not 2m: write for example 5s`},
	} {
		t.Run(strings.TrimSpace(c.text), func(t *testing.T) {
			folder(t, etc(t, c.text))
			got, err := Load("etc/governor.yaml")
			if want := "etc/governor.yaml:" + c.want; err == nil || err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
			if !reflect.DeepEqual(got, Config{}) {
				t.Errorf("a configuration with a mistake came out: %+v", got)
			}
		})
	}
}
