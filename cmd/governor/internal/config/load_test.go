package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// folder makes a folder with these files, and goes there.
func folder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// "Default is what an empty file means."
func TestEmptyFileIsAllDefaults(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# nothing\n", "---\n", "---\n# nothing\n", "{}\n"} {
		folder(t, map[string]string{"governor.yaml": text})
		got, err := Load("governor.yaml")
		if err != nil || !reflect.DeepEqual(got, Default()) {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

func TestEveryKey(t *testing.T) {
	want := Config{
		Policy: "no-means-no,etc/ours.yaml",
		Kafka: Kafka{
			Brokers: []string{"kafka-1:9092", "[::1]:9093"}, ClientID: "us", Group: "us-1",
			Topics: Topics{Prefix: "staging.", Create: false, Partitions: 64, Replication: 3, Retention: 30 * 24 * time.Hour},
			TLS:    TLS{Enabled: true, CAFile: "etc/ca.pem", ServerName: "kafka.example.org", CertFile: "etc/cert.pem", KeyFile: "etc/key.pem"},
			SASL:   SASL{Mechanism: "SCRAM-SHA-512", Username: "us", PasswordFile: "etc/secret", Plaintext: true},
		},
		Redis: Redis{
			Sentinel: Sentinel{Master: "main", Addresses: []string{"s-1:26379", "s-2:26379"}, Username: "watcher", PasswordFile: "etc/secret"},
			Username: "governor", PasswordFile: "etc/secret", Database: 5,
			Prefix: "gov:", Timeout: 250 * time.Millisecond,
			TLS:  TLS{Enabled: true, CAFile: "etc/ca.pem"},
			Wait: Wait{Replicas: 2, Timeout: 100 * time.Millisecond},
		},
		Log:    Log{Level: "debug", Format: "console"},
		Limits: Limits{People: 1000, FetchBytes: 65536},
		HTTP:   HTTP{Listen: "127.0.0.1:8470"},
		Leave: Leave{
			BaseURL: "https://leave.example.org", KeyFile: "etc/leave", Channels: []string{"email", "chat"}, Mailto: "leave@example.org",
			Hooks: []Hook{{Name: "sms", Form: "twilio", SecretFile: "etc/secret", Person: "tel:{from}", Channel: "sms", Brand: "north"}},
		},
		API: API{
			Listen: "0.0.0.0:8471", TLS: Certificate{CertFile: "etc/cert.pem", KeyFile: "etc/key.pem"}, TokensFile: "etc/tokens",
			OIDC:         OIDC{Issuer: "https://id.example.org/", Audience: "governor", RoleClaim: "realm_access.roles"},
			AuditKeyFile: "etc/audit", Rate: 1000, Timeout: 2 * time.Second,
		},

		Identity: Identity{Mode: "hashed", KeyFile: "etc/identity"},
		Tracing: Tracing{
			Endpoint: "https://collector:4318/v1/traces", TLS: HTTPSFiles{CAFile: "etc/ca.pem", ServerName: "collector"}, HeadersFile: "etc/headers", Ratio: 0.5,
		},
		Registry: Registry{
			URLs: []string{"https://registry:8081"}, Outputs: "avro", Register: true, Username: "governor", PasswordFile: "etc/secret",
			TLS: HTTPSFiles{CAFile: "etc/ca.pem", ServerName: "registry"}, Timeout: 2 * time.Second,
		},
	}
	for name, text := range map[string]string{
		"YAML": `policy: no-means-no, ours.yaml
kafka:
  brokers: [kafka-1:9092, "[::1]:9093"]
  client_id: us
  group: us-1
  topics: {prefix: staging., create: false, partitions: 64, replication: 3, retention: 30d}
  tls: {enabled: true, ca_file: ca.pem, server_name: kafka.example.org, cert_file: cert.pem, key_file: key.pem}
  sasl: {mechanism: SCRAM-SHA-512, username: us, password_file: secret, token_file: "", plaintext: true}
redis:
  sentinel: {master: main, addresses: ["s-1:26379", "s-2:26379"], username: watcher, password_file: secret}
  cluster: []
  username: governor
  password_file: secret
  database: 5
  prefix: "gov:"
  timeout: 250ms
  tls: {enabled: true, ca_file: ca.pem}
  wait: {replicas: 2, timeout: 100ms}
log: {level: debug, format: console}
http: {listen: 127.0.0.1:8470}
limits: {people: 1000, fetch_bytes: 65536}
leave:
  base_url: https://leave.example.org
  key_file: leave
  channels: [email, chat]
  mailto: leave@example.org
  hooks:
    - {name: sms, form: twilio, secret_file: secret, person: "tel:{from}", channel: sms, brand: north}
identity: {mode: hashed, key_file: identity}
tracing:
  endpoint: https://collector:4318/v1/traces
  tls: {ca_file: ca.pem, server_name: collector}
  headers_file: headers
  ratio: 0.5
registry:
  urls: ["https://registry:8081"]
  outputs: avro
  register: true
  username: governor
  password_file: secret
  tls: {ca_file: ca.pem, server_name: registry}
  timeout: 2s
api:
  listen: 0.0.0.0:8471
  tls: {cert_file: cert.pem, key_file: key.pem}
  tokens_file: tokens
  oidc: {issuer: https://id.example.org/, audience: governor, role_claim: realm_access.roles}
  audit_key_file: audit
  rate: 1000
  timeout: 2s
`,
		// "The file may be JSON too."
		"JSON": `{
  "policy": "no-means-no,./ours.yaml",
  "kafka": {
    "brokers": [
      "kafka-1:9092",
      "[::1]:9093"
    ],
    "client_id": "us",
    "group": "us-1",
    "topics": {
      "create": false,
      "partitions": 64,
      "prefix": "staging.",
      "replication": 3,
      "retention": "720h"
    },
    "sasl": {"mechanism": "SCRAM-SHA-512", "password_file": "secret", "plaintext": true, "username": "us"},
    "tls": {"ca_file": "ca.pem", "cert_file": "cert.pem", "enabled": true, "key_file": "key.pem", "server_name": "kafka.example.org"}
  },
  "redis": {
    "database": 5,
    "password_file": "../etc/secret",
    "prefix": "gov:",
    "sentinel": {"addresses": ["s-1:26379", "s-2:26379"], "master": "main", "password_file": "secret", "username": "watcher"},
    "timeout": "250ms",
    "tls": {"ca_file": "ca.pem", "enabled": true},
    "username": "governor",
    "wait": {"replicas": 2, "timeout": "100ms"}
  },
  "log": {"level": "debug", "format": "console"},
  "http": {"listen": "127.0.0.1:8470"},
  "leave": {
    "base_url": "https://leave.example.org", "key_file": "leave", "channels": ["email", "chat"], "mailto": "leave@example.org",
    "hooks": [{"name": "sms", "form": "twilio", "secret_file": "secret", "person": "tel:{from}", "channel": "sms", "brand": "north"}]
  },
  "limits": {"people": 1000, "fetch_bytes": 65536},
  "api": {
    "listen": "0.0.0.0:8471", "tls": {"cert_file": "cert.pem", "key_file": "key.pem"}, "tokens_file": "tokens",
    "oidc": {"issuer": "https://id.example.org/", "audience": "governor", "role_claim": "realm_access.roles"},
    "audit_key_file": "audit", "rate": 1000, "timeout": "2s"
  },
  "tracing": {
    "endpoint": "https://collector:4318/v1/traces", "tls": {"ca_file": "ca.pem", "server_name": "collector"}, "headers_file": "headers", "ratio": 0.5
  },
  "registry": {
    "urls": ["https://registry:8081"], "outputs": "avro", "register": true, "username": "governor", "password_file": "secret",
    "tls": {"ca_file": "ca.pem", "server_name": "registry"}, "timeout": "2s"
  },
  "identity": {"mode": "hashed", "key_file": "identity"}
}`,
	} {
		t.Run(name, func(t *testing.T) {
			folder(t, etc(t, text))
			got, err := Load("etc/governor.yaml")
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
			}
		})
	}
}

// What a deployment leaves out of the example, or writes down as it is, changes nothing.
func TestTheEmptyTextIsTheDefaultWhereItIsOne(t *testing.T) {
	folder(t, map[string]string{"governor.yaml": `{kafka: {topics: {prefix: ""}}, redis: {username: "", password_file: "", prefix: ""}}`})
	got, err := Load("governor.yaml")
	if err != nil || !reflect.DeepEqual(got, Default()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// "off: nobody can ask." It is so without the key, too.
func TestOffIsOff(t *testing.T) {
	folder(t, map[string]string{"governor.yaml": "http: {listen: off}"})
	got, err := Load("governor.yaml")
	if err != nil || !reflect.DeepEqual(got, Default()) || got.HTTP.Listen != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// "A relative path is relative to the configuration file's folder." A file beside
// the configuration is never taken for a built-in policy that it was not named as.
func TestPathsAreRelativeToTheFile(t *testing.T) {
	folder(t, map[string]string{"governor.yaml": "policy: ./no-means-no\n", "no-means-no": ""})
	got, err := Load("governor.yaml")
	if err != nil || got.Policy != "./no-means-no" {
		t.Errorf("got %q, %v", got.Policy, err)
	}
	absolute, err := filepath.Abs("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	folder(t, map[string]string{"governor.yaml": "policy: " + absolute + "\n"})
	if got, err := Load("governor.yaml"); err != nil || got.Policy != absolute {
		t.Errorf("got %q, %v", got.Policy, err)
	}
}

// Each row is one mistake and all that its author is told of it.
func TestMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// The whole, and keys.
		{"- kafka\n", `1:1: the configuration must be a mapping, not a list: write for example policy: no-means-no`},
		{"log:\n\tlevel: info\n", `2:1: a tab in the indentation is no YAML: indent with spaces`},
		{"log: {level: info}\n---\nlog: {level: debug}\n", `2:1: a second document begins here: one file holds one configuration, so take one of them away`},
		{"kafak: {}\n", `1:1: unknown key "kafak" in the configuration: did you mean kafka?`},
		{"kafka: {broker: [a:1]}\n", `1:9: unknown key "broker" in kafka: did you mean brokers?`},
		{"kafka: {topics: {partition: 8}}\n", `1:18: unknown key "partition" in kafka.topics: did you mean partitions?`},
		{"redis: {password: hush}\n", `1:9: unknown key "password" in redis: write one of address, sentinel, cluster, username, password_file, database, prefix, timeout, tls, wait`},
		{"log: {verbosity: 5}\n", `1:7: unknown key "verbosity" in log: write one of level, format`},
		{"log: {level: info}\nlog: {format: json}\n", `2:1: the key "log" is there twice, first at line 1: keep one`},
		{"kafka:\n", `1:1: "kafka" has no value: write for example kafka: {brokers: [kafka:9092]}`},
		{"redis: &r {}\n", `1:8: an anchor is not allowed in a configuration: take away &r, and write out its aliases`},
		{"kafka: [a:1]\n", `1:8: kafka must be a mapping, not a list: write for example {brokers: [kafka:9092]}`},

		// Addresses.
		{"kafka: {brokers: []}\n", `1:18: "brokers" is an empty list: write for example [kafka-1:9092, kafka-2:9092], or leave the key out`},
		{"kafka: {brokers: [a:1, a:1]}\n", `1:24: "a:1" is there twice, first at line 1: keep one`},
		{"kafka: {brokers: kafka}\n", `1:18: "kafka" is no host:port: write for example [kafka-1:9092, kafka-2:9092]`},
		{"kafka: {brokers: {a: 1}}\n", `1:18: "brokers" must be a single value, not a mapping: write for example [kafka-1:9092, kafka-2:9092]`},
		{"kafka: {brokers: 'a:1, b:2'}\n", `1:18: "a:1, b:2" is more than one host:port: write a list, [a:1, b:2]`},
		{"redis: {address: 6379}\n", `1:18: "6379" is no host:port: write for example redis:6379`},
		{"redis: {address: ':6379'}\n", `1:18: ":6379" is no host:port: write for example redis:6379`},
		{"redis: {address: 'redis:0'}\n", `1:18: "redis:0" has no port from 1 to 65535: write for example redis:6379`},
		{"redis: {address: redis:65536}\n", `1:18: "redis:65536" has no port from 1 to 65535: write for example redis:6379`},
		{"redis: {address: redis:redis}\n", `1:18: "redis:redis" has no port from 1 to 65535: write for example redis:6379`},
		{"redis: {address: '::1:6379'}\n", `1:18: "::1:6379" is no host:port: write for example redis:6379`},
		{"redis: {address: redis://redis:6379/}\n", `1:18: "redis://redis:6379/" is no host:port but a URL: write for example redis:6379`},
		{"redis: {address: 'me@redis:6379'}\n", `1:18: "me@redis:6379" is no host:port: write for example redis:6379`},
		{"redis: {address: ''}\n", `1:18: "address" is empty: write for example redis:6379`},

		// Names and prefixes.
		{"kafka: {group: ''}\n", `1:16: "group" is empty: write for example contact-governor`},
		{"kafka: {group: my group}\n", `1:16: "group" has a letter that Kafka does not take in names, ' ': write letters, digits, dots, hyphens and underscores`},
		{"kafka: {client_id: café}\n", `1:20: "client_id" has a letter that Kafka does not take in names, 'é': write letters, digits, dots, hyphens and underscores`},
		{"kafka: {topics: {prefix: staging/}}\n", `1:26: "prefix" has a letter that Kafka does not take in names, '/': write letters, digits, dots, hyphens and underscores`},
		{"kafka: {topics: {prefix: " + strings.Repeat("x", 121) + "}}\n", `1:26: "prefix" is 121 letters long: write at most 120`},
		{"redis: {prefix: '{gov}:'}\n", `1:17: "prefix" has braces, which would scatter a partition over a Redis Cluster: write it without, for example 'gov:'`},
		{"redis: {prefix: [a]}\n", `1:17: "prefix" must be a single value, not a list: write for example 'gov:'`},

		// Numbers, yes and no.
		{"kafka: {topics: {partitions: 0}}\n", `1:30: "partitions" must be from 1 to 10000, not 0: write for example 8`},
		{"kafka: {topics: {partitions: eight}}\n", `1:30: "partitions" must be a whole number in plain digits, not "eight": write for example 8`},
		{"kafka: {topics: {replication: -1}}\n", `1:31: "replication" must be from 1 to 100, not -1: write for example 3`},
		{"kafka: {topics: {create: no}}\n", `1:26: "create" must be true or false, not "no": write for example false`},
		{"limits: {people: 10}\n", `1:18: "people" must be from 100 to 10000000, not 10: write for example 5000`},
		{"limits: {fetch_bytes: 1MiB}\n", `1:23: "fetch_bytes" must be a whole number in plain digits, not "1MiB": write for example 1048576`},
		{"limits: {persons: 5}\n", `1:10: unknown key "persons" in limits: write one of people, fetch_bytes`},
		{"redis: {database: '0'}\n", `1:19: "database" must be a whole number in plain digits, not the text "0": write for example 0`},
		{"redis: {database: -1}\n", `1:19: "database" must be from 0 to 1000000, not -1: write for example 0`},

		// Durations.
		{"kafka: {topics: {retention: 400}}\n", `1:29: "retention" has no unit: write for example 400m, 400h or 400d`},
		{"kafka: {topics: {retention: 13 months}}\n", `1:29: "retention" must be a duration, not "13 months": write for example 400d, with the units d (24h), h, m, s, ms`},
		{"kafka: {topics: {retention: -1}}\n", `1:29: "retention" must be longer than nothing, not -1: write for example 400d, or leave it out`},
		{"kafka: {topics: {retention: 10s}}\n", `1:29: "retention" must be from 1h to 36500d, not 10s: write for example 400d`},
		{"redis: {timeout: 1ms}\n", `1:18: "timeout" must be from 10ms to 10s, not 1ms: write for example 1s`},
		{"redis: {timeout: 1m30s}\n", `1:18: "timeout" must be from 10ms to 10s, not 1m30s: write for example 1s`},
		{"redis: {timeout: 60m}\n", `1:18: "timeout" must be from 10ms to 10s, not 1h: write for example 1s`},

		// Words.
		{"log: {level: inf}\n", `1:14: unknown log level "inf": did you mean info?`},
		{"log: {level: verbose}\n", `1:14: unknown log level "verbose": write one of debug, info, warn, error`},
		{"log: {format: text}\n", `1:15: unknown log format "text": write one of json, console`},

		// Where it listens.
		{"http: {port: 80}\n", `1:8: unknown key "port" in http: write listen`},
		{"http: 8470\n", `1:7: http must be a mapping, not "8470": write for example {listen: 127.0.0.1:8470}`},
		{"http: {listen: ':8470'}\n", `1:16: ":8470" does not say who may ask: write 127.0.0.1:8470 for this machine only, 0.0.0.0:8470 for everybody who reaches it, or off`},
		{"http: {listen: 127.0.0.1:0}\n", `1:16: "127.0.0.1:0" has no port from 1 to 65535: write for example 127.0.0.1:8470`},
		{"http: {listen: 127.0.0.1}\n", `1:16: "127.0.0.1" is no host:port: write for example 127.0.0.1:8470`},
		{"http: {listen: http://127.0.0.1:8470/}\n", `1:16: "http://127.0.0.1:8470/" is no host:port but a URL: write for example 127.0.0.1:8470`},
		{"http: {listen: false}\n", `1:16: "false" is no host:port: write for example 127.0.0.1:8470`},
		{"http: {listen: ''}\n", `1:16: "listen" is empty: write for example 127.0.0.1:8470`},

		// Files.
		{"policy: no-mean-no\n", `1:9: no policy "no-mean-no": it is not built in, and there is no file etc/no-mean-no: did you mean no-means-no?`},
		{"policy: no-means-no,\n", `1:9: "policy" has a comma without a policy beside it: take the comma away`},
		{"policy: ''\n", `1:9: "policy" is empty: write for example no-means-no`},
		{"policy: [no-means-no]\n", `1:9: "policy" must be a single value, not a list: write for example no-means-no`},
		{"redis: {password_file: gone}\n", `1:24: "password_file" cannot be read: open etc/gone: no such file or directory: write the path of a file that this user may read`},
		{"redis: {password_file: .}\n", `1:24: "password_file" cannot be read: read ./etc: is a directory: write the path of a file that this user may read`},
		{"redis: {password_file: empty}\n", `1:24: "password_file" is an empty file, etc/empty: write the password into it, or leave the key out`},
		{"redis: {password_file: [a]}\n", `1:24: "password_file" must be a single value, not a list: write for example /run/secrets/redis`},
		{"redis: {username: me}\n", `1:19: "username" means nothing to Redis without a password: add password_file, or leave username out`},
	} {
		t.Run(strings.TrimSpace(c.text), func(t *testing.T) {
			folder(t, map[string]string{"etc/governor.yaml": c.text, "etc/empty": "\n"})
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

// "Every mistake at once."
func TestEveryMistakeAtOnce(t *testing.T) {
	folder(t, map[string]string{"governor.yaml": `policy: nobody
kafka:
  brokers: [kafka, b:0]
  topics: {partitions: 0, retention: 400}
redis:
  adress: redis:6379
  timeout: 1ms
log: {level: loud}
`})
	_, err := Load("governor.yaml")
	var all *strictyaml.Errors
	if !errors.As(err, &all) {
		t.Fatalf("got %v", err)
	}
	var lines []int
	for _, p := range all.Problems {
		lines = append(lines, p.At.Line)
	}
	if want := []int{1, 3, 3, 4, 4, 6, 7, 8}; !reflect.DeepEqual(lines, want) {
		t.Errorf("got problems in lines %v, want %v:\n%v", lines, want, err)
	}
}

func TestAFolderThatSplitsItsPolicies(t *testing.T) {
	folder(t, map[string]string{"a,b/governor.yaml": "policy: ours.yaml\n", "a,b/ours.yaml": ""})
	_, err := Load("a,b/governor.yaml")
	want := `a,b/governor.yaml:1:9: the path "a,b/ours.yaml" has a comma, which here separates policies: give the folder another name`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestMissingFile(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Load("gone.yaml")
	want := `no configuration "gone.yaml": open gone.yaml: no such file or directory: write the path of a file (deploy/governor.example.yaml is one to start from)`
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestEndlessFile(t *testing.T) {
	_, err := Load("/dev/zero")
	want := "/dev/zero:1:1: the configuration has more than 1048576 bytes: that is no configuration"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
