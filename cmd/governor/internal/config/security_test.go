package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

// etc is a folder with a configuration and every file that one may name.
func etc(t *testing.T, text string) map[string]string {
	t.Helper()
	cert, key := certificate(t)
	return map[string]string{
		"etc/governor.yaml": text, "etc/ours.yaml": "", "etc/secret": "hush\n", "etc/empty": "\n",
		"etc/ca.pem": cert, "etc/cert.pem": cert, "etc/key.pem": key, "etc/identity": identityKey, "etc/leave": linkKey,
		"etc/tokens": tokens, "etc/audit": "0123456789abcdef\n", "etc/headers": "Authorization: Bearer hush\n",
	}
}

// certificate is one that holds now, and its key, in PEM.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

// What holds only together, and each way to have it right.
func TestWaysToConnect(t *testing.T) {
	for _, c := range []struct {
		text string
		want func(*Config)
	}{
		{"kafka: {tls: {enabled: true}}", func(c *Config) { c.Kafka.TLS.Enabled = true }},
		{"kafka: {tls: {enabled: true, server_name: 10.0.0.1}}", func(c *Config) { c.Kafka.TLS = TLS{Enabled: true, ServerName: "10.0.0.1"} }},
		{"kafka: {tls: {enabled: false, ca_file: ''}, sasl: {mechanism: '', plaintext: false}}", func(*Config) {}},
		{"kafka: {sasl: {mechanism: PLAIN, username: us, password_file: secret}, tls: {enabled: true}}", func(c *Config) {
			c.Kafka.TLS.Enabled = true
			c.Kafka.SASL = SASL{Mechanism: Plain, Username: "us", PasswordFile: "etc/secret"}
		}},
		{"kafka: {sasl: {mechanism: PLAIN, username: us, password_file: secret, plaintext: true}}", func(c *Config) {
			c.Kafka.SASL = SASL{Mechanism: Plain, Username: "us", PasswordFile: "etc/secret", Plaintext: true}
		}},
		{"kafka: {sasl: {mechanism: SCRAM-SHA-256, username: us, password_file: secret}}", func(c *Config) {
			c.Kafka.SASL = SASL{Mechanism: ScramSHA256, Username: "us", PasswordFile: "etc/secret"}
		}},
		{"kafka: {sasl: {mechanism: OAUTHBEARER, token_file: secret}, tls: {enabled: true}}", func(c *Config) {
			c.Kafka.TLS.Enabled = true
			c.Kafka.SASL = SASL{Mechanism: OAuthBearer, TokenFile: "etc/secret"}
		}},
		{"redis: {cluster: ['a:1', 'b:2']}", func(c *Config) { c.Redis.Address, c.Redis.Cluster = "", []string{"a:1", "b:2"} }},
		{"redis: {sentinel: {master: m, addresses: ['a:1']}, cluster: []}", func(c *Config) {
			c.Redis.Address, c.Redis.Sentinel = "", Sentinel{Master: "m", Addresses: []string{"a:1"}}
		}},
		{"redis: {address: 'a:1', sentinel: {master: '', addresses: [], username: '', password_file: ''}, cluster: []}", func(c *Config) { c.Redis.Address = "a:1" }},
		{"redis: {sentinel: {master: m, addresses: ['a:1'], password_file: secret}}", func(c *Config) {
			c.Redis.Address, c.Redis.Sentinel = "", Sentinel{Master: "m", Addresses: []string{"a:1"}, PasswordFile: "etc/secret"}
		}},
	} {
		folder(t, etc(t, c.text))
		want := Default()
		c.want(&want)
		if got, err := Load("etc/governor.yaml"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", c.text, got, err)
		}
	}
}

// Each row is one mistake and all that its author is told of it. No row tells
// what is in a file.
func TestMistakesOfConnecting(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// TLS.
		{"kafka: {tls: true}\n", `1:14: kafka.tls must be a mapping, not "true": write for example {enabled: true, ca_file: ca.pem}`},
		{"redis: {tls: {insecure: true}}\n", `1:15: unknown key "insecure" in redis.tls: write one of enabled, ca_file, server_name, cert_file, key_file`},
		{"kafka: {tls: {enabled: yes}}\n", `1:24: "enabled" must be true or false, not "yes": write for example true`},
		{"kafka: {tls: {ca_file: ca.pem}}\n", `1:24: "ca_file" means nothing without TLS: write enabled: true beside it`},
		{"redis: {tls: {enabled: false, server_name: redis}}\n", `1:44: "server_name" means nothing without TLS: write enabled: true beside it`},
		{"kafka: {tls: {enabled: true, ca_file: gone}}\n", `1:39: "ca_file" cannot be read: open etc/gone: no such file or directory: write the path of a file that this user may read`},
		{"kafka: {tls: {enabled: true, ca_file: empty}}\n", `1:39: "ca_file" is an empty file, etc/empty: write the certificate into it, or leave the key out`},
		{"kafka: {tls: {enabled: true, ca_file: secret}}\n", `1:39: "ca_file" is no file of certificates, etc/secret: there is no certificate in it: write the path of one in PEM, -----BEGIN CERTIFICATE-----`},
		{"kafka: {tls: {enabled: true, cert_file: cert.pem}}\n", `1:41: "cert_file" proves nothing without its key: add key_file`},
		{"kafka: {tls: {enabled: true, key_file: key.pem}}\n", `1:40: "key_file" opens nothing without its certificate: add cert_file`},
		{"kafka: {tls: {enabled: true, cert_file: key.pem, key_file: cert.pem}}\n", `1:41: "cert_file" and "key_file" cannot be used: tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched: write the paths of a certificate and its key, in PEM`},
		{"kafka: {tls: {enabled: true, cert_file: cert.pem, key_file: secret}}\n", `1:41: "cert_file" and "key_file" cannot be used: tls: failed to find any PEM data in key input: write the paths of a certificate and its key, in PEM`},
		{"kafka: {tls: {enabled: true, server_name: 'kafka:9093'}}\n", `1:43: "kafka:9093" is no name of a host, without a port: write for example kafka.example.org`},

		// SASL.
		{"kafka: {sasl: {mechanism: GSSAPI}}\n", `1:27: unknown SASL mechanism "GSSAPI": write one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER`},
		{"kafka: {sasl: {mechanism: SCRAM-SHA-51}}\n", `1:27: unknown SASL mechanism "SCRAM-SHA-51": write one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER`},
		{"kafka: {sasl: {username: us}}\n", `1:26: "username" means nothing without a mechanism: write for example mechanism: SCRAM-SHA-512 beside it`},
		{"kafka: {sasl: {password: hush}}\n", `1:16: unknown key "password" in kafka.sasl: write one of mechanism, username, password_file, token_file, plaintext`},
		{"kafka: {sasl: {mechanism: SCRAM-SHA-256}}\n", `1:27: SCRAM-SHA-256 needs a user and a password: add username and password_file`},
		{"kafka: {sasl: {mechanism: SCRAM-SHA-256, username: us}}\n", `1:27: SCRAM-SHA-256 needs a user and a password: add username and password_file`},
		{"kafka: {sasl: {mechanism: SCRAM-SHA-256, username: us, password_file: empty}}\n", `1:71: "password_file" is an empty file, etc/empty: write the password into it, or leave the key out`},
		{"kafka: {sasl: {mechanism: SCRAM-SHA-256, username: us, password_file: secret, token_file: secret}}\n", `1:91: "token_file" means nothing to SCRAM-SHA-256: leave it out, or write mechanism: OAUTHBEARER`},
		{"kafka: {sasl: {mechanism: OAUTHBEARER, plaintext: true}}\n", `1:27: OAUTHBEARER needs a token: add token_file`},
		{"kafka: {sasl: {mechanism: OAUTHBEARER, username: us, token_file: secret, plaintext: true}}\n", `1:50: "username" means nothing to OAUTHBEARER, where the token says who comes: leave it out`},
		{"kafka: {sasl: {mechanism: OAUTHBEARER, token_file: empty}}\n", `1:52: "token_file" is an empty file, etc/empty: write the token into it, or leave the key out`},
		{"kafka: {sasl: {mechanism: PLAIN, username: us, password_file: secret}}\n", `1:27: PLAIN sends the password so that whoever listens can read it, and kafka.tls is not enabled: enable it, or, where nobody can listen, write plaintext: true beside it`},
		{"kafka: {sasl: {mechanism: OAUTHBEARER, token_file: secret, plaintext: false}}\n", `1:27: OAUTHBEARER sends the token so that whoever listens can read it, and kafka.tls is not enabled: enable it, or, where nobody can listen, write plaintext: true beside it`},

		// Which Redis.
		{"redis: {address: 'a:1', cluster: ['b:2']}\n", `1:25: "cluster" and "address" are two places for one memory: keep one`},
		{"redis: {address: 'a:1', sentinel: {master: m, addresses: ['b:2']}}\n", `1:25: "sentinel" and "address" are two places for one memory: keep one`},
		{"redis: {sentinel: {master: m, addresses: ['b:2']}, cluster: ['c:3']}\n", `1:52: "cluster" and "sentinel" are two places for one memory: keep one`},
		{"redis: {cluster: ['b:2'], database: 1}\n", `1:37: a cluster has no database but 0, not 1: leave database out, and take a prefix instead`},
		{"redis: {cluster: b}\n", `1:18: "b" is no host:port: write for example [redis-1:6379, redis-2:6379]`},
		{"redis: {sentinel: {addresses: ['b:2']}}\n", `1:19: redis.sentinel needs the name by which the Sentinels know the primary: write for example master: governor`},
		{"redis: {sentinel: {master: m}}\n", `1:19: redis.sentinel needs addresses of Sentinels: write for example addresses: [sentinel-1:26379, sentinel-2:26379]`},
		{"redis: {sentinel: {password_file: secret}}\n", `1:35: "password_file" means nothing without Sentinels: add master and addresses`},
		{"redis: {sentinel: {master: m, addresses: ['b:2'], username: me}}\n", `1:61: "username" means nothing to a Sentinel without a password: add password_file, or leave username out`},
		{"redis: {username: me, password_file: ''}\n", `1:19: "username" means nothing to Redis without a password: add password_file, or leave username out`},

		// Replicas.
		{"redis: {wait: 1}\n", `1:15: redis.wait must be a mapping, not "1": write for example {replicas: 1}`},
		{"redis: {wait: {replicas: -1}}\n", `1:26: "replicas" must be from 0 to 100, not -1: write for example 1`},
		{"redis: {wait: {timeout: 6s}}\n", `1:25: "timeout" must be from 10ms to 5s, not 6s: write for example 500ms`},
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
