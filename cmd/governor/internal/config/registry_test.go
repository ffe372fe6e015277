package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestRegistry(t *testing.T) {
	for text, want := range map[string]Registry{
		"":                        {Outputs: "plain", Timeout: 5 * time.Second},
		"registry: {urls: []}":    {Outputs: "plain", Timeout: 5 * time.Second},
		"registry: {timeout: 1s}": {Outputs: "plain", Timeout: time.Second},
		"registry: {urls: ['http://registry:8081'], outputs: json}": {
			URLs: []string{"http://registry:8081"}, Outputs: "json", Timeout: 5 * time.Second,
		},
		"registry: {urls: ['https://a:8081', 'https://b/registry'], outputs: avro, register: true, username: us, password_file: secret}": {
			URLs: []string{"https://a:8081", "https://b/registry"}, Outputs: "avro", Register: true, Username: "us", PasswordFile: "etc/secret", Timeout: 5 * time.Second,
		},
		"registry: {urls: ['http://127.0.0.1:8081'], outputs: protobuf, token_file: secret}": {
			URLs: []string{"http://127.0.0.1:8081"}, Outputs: "protobuf", TokenFile: "etc/secret", Timeout: 5 * time.Second,
		},
		"registry: {urls: ['https://a'], tls: {ca_file: ca.pem, server_name: a, cert_file: cert.pem, key_file: key.pem}}": {
			URLs: []string{"https://a"}, Outputs: "plain", Timeout: 5 * time.Second, TLS: HTTPSFiles{"etc/ca.pem", "a", "etc/cert.pem", "etc/key.pem"},
		},
	} {
		folder(t, etc(t, text))
		if got, err := Load("etc/governor.yaml"); err != nil || !reflect.DeepEqual(got.Registry, want) {
			t.Errorf("%s: got %+v, %v", text, got.Registry, err)
		}
	}
}

// Each row is one mistake and all that its author is told of it: never what is in a file,
// nor what of a URL may be a secret.
func TestMistakesAboutTheRegistry(t *testing.T) {
	for text, want := range map[string]string{
		"registry: {urls: ['registry:8081']}":                               `1:19: "urls" has one that is no URL of http or https: write for example https://registry.example.org:8081`,
		"registry: {urls: ['https://us:hush@a']}":                           `1:19: "urls" has one with more than a path: a password belongs into a file, password_file; write for example https://registry.example.org:8081`,
		"registry: {outputs: avro}":                                         `1:21: "outputs" means nothing without a registry: write for example urls: [https://registry.example.org:8081] beside it`,
		"registry: {token_file: secret}":                                    `1:24: "token_file" means nothing without a registry: write for example urls: [https://registry.example.org:8081] beside it`,
		"registry: {urls: ['https://a'], outputs: xml}":                     `1:42: unknown format "xml": write one of plain, avro, protobuf, json`,
		"registry: {urls: ['https://a'], register: true}":                   `1:43: "register" means nothing to outputs that are plain: write for example outputs: avro beside it`,
		"registry: {urls: ['https://a'], username: us}":                     `1:43: "username" needs a password: add password_file`,
		"registry: {urls: ['https://a'], password_file: secret}":            `1:48: "password_file" is nobody's: add username`,
		"registry: {urls: ['https://a'], username: us, token_file: secret}": `1:43: "username" means nothing beside a token, which says who comes: leave one of them out`,
		"registry: {urls: ['http://a'], token_file: secret}":                `1:18: whoever is on the way to a could read the password or the token: write https`,
		"registry: {urls: ['http://a'], tls: {ca_file: ca.pem}}":            `1:37: "tls" means nothing to a, which is without: write https there`,
		"registry: {urls: ['https://a'], token_file: none}":                 `"token_file" cannot be read`,
		"registry: {urls: ['https://a'], timeout: 1m}":                      `"timeout" must be from 100ms to 10s, not 1m`,
		"registry: {urls: ['https://a'], tls: {cert_file: cert.pem}}":       `"cert_file" proves nothing without its key: add key_file`,
	} {
		folder(t, etc(t, text))
		_, err := Load("etc/governor.yaml")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "\n") > 0 || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What the registry's README shows is a configuration.
func TestTheRegistrysReadmeShowsAConfiguration(t *testing.T) {
	text, err := os.ReadFile("../../../../consumer/registry/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(text), "\n```yaml\n")
	shown, _, found := strings.Cut(shown, "\n```")
	if !found {
		t.Fatal("it shows none")
	}
	folder(t, etc(t, strings.ReplaceAll(shown, "/run/secrets/registry", "secret")))
	got, err := Load("etc/governor.yaml")
	if err != nil || got.Registry.Outputs != "avro" {
		t.Errorf("%+v, %v", got.Registry, err)
	}
}
