package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// enough are the rights in Redis that the start-up check names.
const enough = "+ping +info +time +mget +eval +evalsha +get +set +mset +del +hset +hdel +hmget +hgetall +hkeys +hlen +hincrby +watch +unwatch +multi +exec"

// secureRedis is a redis-server that speaks TLS only, to those whom the authority
// signed, and knows a user governor with this password. It is told commands by admin.
func secureRedis(t *testing.T, a *authority, password string) (address string, admin *redis.Client) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server on this machine")
	}
	address = nobody(t)
	_, port, _ := net.SplitHostPort(address)
	cert, key := a.sign(t, "redis", time.Now().Add(time.Hour))
	cmd := exec.Command(program, "--port", "0", "--tls-port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "",
		"--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", filepath.Join(a.folder, "ca.pem"), "--tls-auth-clients", "yes")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	admin = redis.NewClient(&redis.Options{Addr: address, TLSConfig: a.config(t, "admin")})
	t.Cleanup(func() {
		admin.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	for end := time.Now().Add(patience); admin.Ping(t.Context()).Err() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("redis-server does not answer")
		}
	}
	setUser(t, admin, password)
	return address, admin
}

func setUser(t *testing.T, admin *redis.Client, password string) {
	t.Helper()
	words := []any{"ACL", "SETUSER", "governor", "reset", "on", ">" + password, "~gov:*"}
	for right := range strings.FieldsSeq(enough) {
		words = append(words, right)
	}
	if err := admin.Do(t.Context(), words...).Err(); err != nil {
		t.Fatal(err)
	}
}

// secured is a folder with a configuration under which everything is secured, and
// what it needs.
func secured(t *testing.T, kafka *kfake.Cluster, redis, folder string) (file string) {
	t.Helper()
	write(t, filepath.Join(folder, "kafka-password"), "canary-k1\n")
	write(t, filepath.Join(folder, "redis-password"), "canary-r1\n")
	file = filepath.Join(folder, "governor.yaml")
	write(t, file, fmt.Sprintf(`kafka:
  brokers: [%q]
  topics: {partitions: 2}
  tls: {enabled: true, ca_file: ca.pem, cert_file: governor.pem, key_file: governor.key}
  sasl: {mechanism: SCRAM-SHA-512, username: governor, password_file: kafka-password}
redis:
  address: %s
  username: governor
  password_file: redis-password
  prefix: "gov:"
  tls: {enabled: true, ca_file: ca.pem, cert_file: governor.pem, key_file: governor.key}
`, kafka.ListenAddrs()[0], redis))
	return file
}

// "Certificates and passwords from files, re-read": everything works, and goes on
// when all of them are replaced and every connection is cut. None is ever told.
func TestEverythingIsSecured(t *testing.T) {
	folder := t.TempDir()
	a := newAuthority(t, folder)
	a.sign(t, "governor", time.Now().Add(time.Hour))
	kafka := fakeKafka(t, kfake.TLS(a.config(t, "kafka")), kfake.EnableSASL(),
		kfake.Superuser("SCRAM-SHA-512", "governor", "canary-k1"), kfake.Superuser("SCRAM-SHA-512", "engine", "engine"))
	address, admin := secureRedis(t, a, "canary-r1")
	file := secured(t, kafka, address, folder)
	p := startRunOf(t, file)
	p.waitFor(t, 1, `"governing"`)

	ctx := soon(t)
	engine := newEngine(t, kafka, kgo.DialTLSConfig(a.config(t, "engine")),
		kgo.SASL(scram.Auth{User: "engine", Pass: "engine"}.AsSha512Mechanism()))
	engine.isApproved(t)

	// All that is secret is replaced.
	a.sign(t, "governor", time.Now().Add(time.Hour))
	write(t, filepath.Join(folder, "kafka-password"), "canary-k2\n")
	write(t, filepath.Join(folder, "redis-password"), "canary-r2\n")
	if altered, err := kadm.NewClient(engine.Client).AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{User: "governor", Mechanism: kadm.ScramSha512, Iterations: 4096, Password: "canary-k2"}}); err != nil || altered.Error() != nil {
		t.Fatal(err, altered.Error())
	}
	setUser(t, admin, "canary-r2")
	engine.isApproved(t) // by the connections that stand

	// Every connection is cut.
	var cut atomic.Int64
	for _, key := range []kmsg.Key{kmsg.Fetch, kmsg.Produce, kmsg.Heartbeat, kmsg.Metadata} {
		kafka.ControlKey(key.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
			cut.Add(1)
			return nil, errors.New("cut"), true
		})
	}
	if err := admin.Do(ctx, "CLIENT", "KILL", "TYPE", "normal").Err(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); cut.Load() < 2 && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	engine.isApproved(t)

	// Whoever looks is the governor too.
	var out, talk bytes.Buffer
	if err := execute(ctx, []string{"verify", "--config", file}, strings.NewReader(""), &out, &talk); err != nil || !strings.Contains(out.String(), "3 contact.approved") {
		t.Errorf("verify: %v\n%s%s", err, &out, &talk)
	}
	p.stop()
	if status := p.ended(t); status != 0 {
		t.Errorf("it ended with %d", status)
	}
	for _, line := range append(p.said(), out.String(), talk.String()) {
		if strings.Contains(line, "canary") {
			t.Errorf("a secret is told: %s", line)
		}
	}
	if denied := admin.Do(t.Context(), "ACL", "LOG").Val(); len(denied.([]any)) > 0 {
		t.Errorf("Redis denied %v", denied)
	}
}

// A certificate that has expired, a password that is wrong: the governor waits, says
// which, and goes on when the file is mended.
func TestRunWaitsForWhatItNeedsToConnect(t *testing.T) {
	folder := t.TempDir()
	a := newAuthority(t, folder)
	a.sign(t, "governor", time.Now().Add(-time.Minute))
	kafka := fakeKafka(t, kfake.TLS(a.config(t, "kafka")), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512", "governor", "right"))
	address, _ := secureRedis(t, a, "right")
	p := startRunOf(t, secured(t, kafka, address, folder))
	p.waitFor(t, 1, "waiting", `"for":"kafka"`, "certificate")
	a.sign(t, "governor", time.Now().Add(time.Hour))
	p.waitFor(t, 1, "waiting", `"for":"kafka"`, "SASL")
	write(t, filepath.Join(folder, "kafka-password"), "right")
	p.waitFor(t, 1, "waiting", `"for":"redis"`, "WRONGPASS")
	write(t, filepath.Join(folder, "redis-password"), "right")
	p.waitFor(t, 1, `"governing"`)
	p.stop()
	p.ended(t)
	for _, line := range p.said() {
		if strings.Contains(line, "canary") {
			t.Errorf("a secret is told: %s", line)
		}
	}
}

// A broker whose certificate nobody trusts is not believed, whatever it says.
func TestRunDoesNotBelieveAnybody(t *testing.T) {
	folder, other := t.TempDir(), t.TempDir()
	a := newAuthority(t, folder)
	a.sign(t, "governor", time.Now().Add(time.Hour))
	config := newAuthority(t, other).config(t, "kafka")
	config.ClientAuth = tls.NoClientCert
	kafka := fakeKafka(t, kfake.TLS(config), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512", "governor", "canary-k1"))
	p := startRunOf(t, secured(t, kafka, nobody(t), folder))
	p.waitFor(t, 2, "waiting", `"for":"kafka"`, "unknown authority", "let ca_file have the authority")
	p.stop()
	p.ended(t)
}
