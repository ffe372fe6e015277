package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules/policyfile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is more than any answer should need; what is away refuses at once.
const patience = time.Minute

// clinic is where a governor is to be looked at: a Kafka with all topics, and a Redis
// that tells of itself what a real one would.
type clinic struct {
	t      *testing.T
	folder string
	kafka  *kfake.Cluster
	told   map[string]string // by Redis, of itself
	redis  string
	clock  func() time.Time
}

func newClinic(t *testing.T, options ...kfake.Opt) *clinic {
	t.Helper()
	c := &clinic{t: t, folder: t.TempDir(), told: map[string]string{
		"redis_version": "7.2.1", "maxmemory_policy": "noeviction", "used_memory": "1048576", "maxmemory": "1073741824",
		"total_system_memory": "8589934592", "role": "master", "aof_enabled": "1", "aof_last_write_status": "ok", "evicted_keys": "0",
		"slave0": "ip=10.0.0.1,port=6379,state=online,offset=1,lag=0",
	}}
	var err error
	if c.kafka, err = kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, options...)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kafka.Close)
	redis := miniredis.RunT(t)
	redis.Server().SetPreHook(func(p *server.Peer, command string, _ ...string) bool {
		if command != "INFO" {
			return false
		}
		var b strings.Builder
		for name, value := range c.told {
			fmt.Fprintf(&b, "%s:%s\r\n", name, value)
		}
		p.WriteBulk(b.String())
		return true
	})
	c.redis = redis.Addr()
	return c
}

func (c *clinic) file(name, text string, mode os.FileMode) string {
	c.t.Helper()
	path := filepath.Join(c.folder, name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// makeTopics makes them as run does, of which the signals have the brokers' time.
func (c *clinic) makeTopics() {
	c.t.Helper()
	stamped := map[string]string{"message.timestamp.type": "LogAppendTime", "retention.ms": "-1", "retention.bytes": "-1"}
	if err := c.kafka.CreateTopic("contact.signals", 8, stamped); err != nil {
		c.t.Fatal(err)
	}
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		c.t.Fatal(err)
	}
	k := config.Default().Kafka
	k.Brokers = c.kafka.ListenAddrs()
	topics, err := app.TopicsOf(&k, policy)
	if err != nil {
		c.t.Fatal(err)
	}
	defer topics.Close()
	if err := topics.Make(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// examine looks, by a configuration of so many lines beside where Kafka and Redis are.
func (c *clinic) examine(lines ...string) *Report {
	c.t.Helper()
	has := func(key string) bool {
		return slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, key+":") })
	}
	if !has("kafka") {
		lines = append(lines, fmt.Sprintf("kafka: {brokers: [%q]}", c.kafka.ListenAddrs()[0]))
	}
	if !has("redis") {
		lines = append(lines, fmt.Sprintf("redis: {address: %q}", c.redis))
	}
	file := c.file("governor.yaml", strings.Join(lines, "\n")+"\n", 0o600)
	return Examine(c.t.Context(), Options{File: file, Version: "test", Timeout: patience, Clock: c.clock})
}

// says wants a finding of this verdict, of this thing, with these words.
func says(t *testing.T, r *Report, v Verdict, what string, words ...string) {
	t.Helper()
	for _, f := range r.Findings {
		if f.Verdict == v && f.What == what && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(f.Says+"\x00"+f.Mend, w) }) {
			return
		}
	}
	t.Errorf("nothing says %s of %s with %q in\n%s", v, what, words, text(t, r))
}

func text(t *testing.T, r *Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A policy for the past is the policy of a benchmark, or left over from one.
func TestAPolicyForThePast(t *testing.T) {
	c := newClinic(t)
	past := c.file("past.yaml", "policy: past\npurposes: {marketing: solicitation}\nchannels: {email: {}}\nclock: event\n", 0o600)
	r := c.examine("policy: " + past)
	says(t, r, OK, "policy", "past, event-")
	says(t, r, Warning, "policy clock", "may reach anybody", "take clock: event out")
}

func TestAHealthyGovernor(t *testing.T) {
	c := newClinic(t)
	c.makeTopics()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.kafka.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "contact.signals", Value: []byte("{}")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	r := c.examine()
	if r.Wrong != 0 || r.Warnings != 0 || r.Unknown != 1 { // whether it may write, since nobody asks who comes
		t.Errorf("%d wrong, %d warnings, %d unknown", r.Wrong, r.Warnings, r.Unknown)
	}
	says(t, r, OK, "governor", "test")
	says(t, r, OK, "configuration", "no mistakes")
	says(t, r, OK, "policy", "no-means-no", "looks back ")
	says(t, r, OK, "kafka", "1 broker")
	says(t, r, OK, "kafka broker 0", c.kafka.ListenAddrs()[0], "speaks as Apache Kafka ")
	says(t, r, OK, "kafka topics", "topics as they must be, with 1 copy and 8 partitions")
	says(t, r, OK, "kafka group", "contact-governor", "no governor runs")
	says(t, r, OK, "kafka rights", "can be read")
	says(t, r, OK, "clock of kafka", "not ahead", "cannot be seen")
	says(t, r, OK, "redis", c.redis, "redis 7.2.1, master, 1 replica")
	says(t, r, OK, "redis memory", "1.0 MiB, 0 % of 1.0 GiB (maxmemory)")
	says(t, r, OK, "redis persistence", "append-only")
	says(t, r, OK, "redis rights")
	says(t, r, OK, "clock of redis", "this machine's")
	if strings.Count(text(t, r), "\n") != len(r.Findings) {
		t.Error("a finding is not one line")
	}
}

// "What is away is told, and the rest is looked at all the same."
func TestEverythingIsAway(t *testing.T) {
	c := newClinic(t)
	kafka, redis := nobody(t), nobody(t)
	r := c.examine(fmt.Sprintf("kafka: {brokers: [%q]}", kafka), fmt.Sprintf("redis: {address: %q}", redis))
	says(t, r, OK, "policy", "no-means-no")
	says(t, r, Wrong, "kafka", "cannot reach Kafka at "+kafka, "kafka.brokers")
	says(t, r, Unknown, "kafka topics", "Kafka does not answer")
	says(t, r, Wrong, "redis", redis, "redis.address")
	says(t, r, Unknown, "clock of redis", "Redis does not answer")
}

// What takes a connection and then says nothing is told after the timeout.
func TestSomebodyTakesConnectionsAndSaysNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	silent := l.Addr().String()
	c := newClinic(t)
	file := c.file("governor.yaml", fmt.Sprintf("kafka: {brokers: [%q]}\nredis: {address: %q, timeout: 100ms}\n", silent, silent), 0o600)
	r := Examine(t.Context(), Options{File: file, Timeout: 200 * time.Millisecond})
	says(t, r, Wrong, "kafka", silent)
	says(t, r, Wrong, "redis", silent)
}

func TestAConfigurationWithMistakes(t *testing.T) {
	c := newClinic(t)
	r := c.examine("kafka: {brokerz: []}", "redis: {port: 1}")
	if r.Wrong != 2 || len(r.Findings) != 3 {
		t.Errorf("got\n%s", text(t, r))
	}
	says(t, r, Wrong, "configuration", "governor.yaml:1:", "brokerz")
	says(t, r, Wrong, "configuration", "governor.yaml:2:", "port")
	if r := Examine(t.Context(), Options{File: filepath.Join(c.folder, "none.yaml"), Timeout: patience}); r.Wrong != 1 {
		t.Errorf("got\n%s", text(t, r))
	}
}

func TestAPolicyWithMistakes(t *testing.T) {
	c := newClinic(t)
	policy := c.file("ours.yaml", "name: ours\nrulez: []\n", 0o600)
	r := c.examine("policy: " + policy)
	says(t, r, Wrong, "policy", "ours.yaml:2:", "rulez")
	says(t, r, Unknown, "kafka topics", "policy")
	says(t, r, OK, "redis", c.redis)
}

func TestTopicsThatAreMissingOrWrong(t *testing.T) {
	c := newClinic(t)
	if err := c.kafka.CreateTopic("contact.standing", 8, map[string]string{"cleanup.policy": "delete"}); err != nil {
		t.Fatal(err)
	}
	brokers := c.kafka.ListenAddrs()[0]
	says(t, c.examine(), Warning, "kafka topics", "contact.intents, contact.signals", "governor run makes them", "governor topics create --config ")
	r := c.examine(fmt.Sprintf("kafka: {brokers: [%q], topics: {create: false}}", brokers))
	says(t, r, Wrong, "kafka topics", "contact.intents, contact.signals", "not there", "governor topics create --config ")
	says(t, r, Wrong, "kafka topics", "topic contact.standing: cleanup.policy is delete, must be compact",
		"kafka-configs --bootstrap-server "+brokers+" --alter --entity-type topics --entity-name contact.standing --add-config cleanup.policy=compact")
}

// Each row is a Redis that tells one thing otherwise than a healthy one.
func TestARedisThatIsNotWell(t *testing.T) {
	c := newClinic(t)
	for _, row := range []struct {
		name, value string
		verdict     Verdict
		what        string
		words       []string
	}{
		{"maxmemory_policy", "allkeys-lru", Wrong, "redis", []string{"allkeys-lru", "CONFIG SET maxmemory-policy noeviction"}},
		{"redis_version", "6.2.0", Wrong, "redis", []string{`"6.2.0"`, "7.0 or later"}},
		{"evicted_keys", "12", Wrong, "redis", []string{"has evicted 12 keys", "governor rebuild --config "}},
		{"role", "slave", Wrong, "redis", []string{"is a replica", "primary"}},
		{"used_memory", "1073741000", Wrong, "redis memory", []string{"99 % of 1.0 GiB", "partitions hold", "raise maxmemory"}},
		{"used_memory", "900000000", Warning, "redis memory", []string{"83 % of 1.0 GiB", "governor size"}},
		{"maxmemory", "99999999999", Warning, "redis memory", []string{"more than the machine has, 8.0 GiB"}},
		{"maxmemory", "0", OK, "redis memory", []string{"of 8.0 GiB (the machine's memory"}},
		{"aof_enabled", "0", Warning, "redis persistence", []string{"rebuilt from Kafka", "CONFIG SET appendonly yes"}},
		{"aof_last_write_status", "err", Wrong, "redis persistence", []string{"could not write", "disk"}},
		{"rdb_last_bgsave_status", "err", Wrong, "redis persistence", []string{"could not write"}},
		{"valkey_version", "8.0.1", OK, "redis", []string{"valkey 8.0.1"}},
	} {
		before, had := c.told[row.name]
		c.told[row.name] = row.value
		says(t, c.examine(), row.verdict, row.what, row.words...)
		if c.told[row.name] = before; !had {
			delete(c.told, row.name)
		}
	}
	r := c.examine(fmt.Sprintf("redis: {address: %q, wait: {replicas: 2}}", c.redis))
	says(t, r, Wrong, "redis", "has 1 replica in line, and redis.wait asks for 2", "redis.wait.replicas")
}

// A clock is wrong by more than a minute: "the partition holds" then.
func TestClocksThatDisagree(t *testing.T) {
	c := newClinic(t)
	c.makeTopics()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.kafka.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "contact.signals", Value: []byte("{}")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	c.clock = func() time.Time { return time.Now().Add(-10 * time.Minute) }
	r := c.examine()
	says(t, r, Wrong, "clock of redis", "ahead of this machine's", "holds its partitions", "chrony")
	says(t, r, Wrong, "clock of kafka", "ahead of this machine's", "chrony")
	c.clock = func() time.Time { return time.Now().Add(10 * time.Minute) }
	r = c.examine()
	says(t, r, Wrong, "clock of redis", "behind this machine's")
	says(t, r, OK, "clock of kafka", "Whether it is behind cannot be seen")
}

// Whoever the access rules let in: nobody reads what he may not, and who may write is
// told as far as it can be seen.
func TestRightsInKafka(t *testing.T) {
	topic := func(name string, o kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: name, Pattern: kmsg.ACLResourcePatternTypePrefixed, Operation: o, Allow: true}
	}
	cluster := func(o kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: kmsg.ACLResourceTypeCluster, Name: "kafka-cluster", Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: o, Allow: true}
	}
	c := newClinic(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "hush-admin"),
		kfake.User("PLAIN", "blind", "hush-blind", topic("contact.", kmsg.ACLOperationDescribe), topic("contact.", kmsg.ACLOperationDescribeConfigs)),
		kfake.User("PLAIN", "governor", "hush-governor", topic("contact.", kmsg.ACLOperationAll), cluster(kmsg.ACLOperationAll),
			kfake.ACL{Resource: kmsg.ACLResourceTypeGroup, Name: "contact-governor", Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: kmsg.ACLOperationAll, Allow: true}))
	as := func(user string) string {
		secret := c.file(user, "hush-"+user+"\n", 0o600)
		return fmt.Sprintf("kafka: {brokers: [%q], sasl: {mechanism: PLAIN, username: %s, password_file: %q, plaintext: true}}", c.kafka.ListenAddrs()[0], user, secret)
	}
	made := c.examine(as("admin")) // nothing is there yet
	says(t, made, Warning, "kafka topics", "not there yet")
	for _, name := range []string{"contact.intents", "contact.signals", "contact.approved"} {
		if err := c.kafka.CreateTopic(name, 8, map[string]string{"retention.ms": "-1", "retention.bytes": "-1"}); err != nil {
			t.Fatal(err)
		}
	}
	r := c.examine(as("governor"))
	says(t, r, OK, "kafka rights", "3 topics can be read")
	says(t, r, OK, "kafka rights", "let User:governor write 2 topics")
	r = c.examine(as("blind"))
	says(t, r, Wrong, "kafka rights", "topic contact.intents cannot be read", "kafka-acls")
	says(t, r, Wrong, "kafka group", "grant this principal READ")
	says(t, r, Unknown, "kafka rights", "whether it may write")
	r = c.examine(as("admin"))
	says(t, r, Unknown, "kafka rights", "no access rule lets User:admin WRITE", "super user")
	for _, user := range []string{"governor", "blind", "admin"} {
		if all := text(t, c.examine(as(user))); strings.Contains(all, "hush") {
			t.Errorf("a password is told:\n%s", all)
		}
	}
}

func TestCertificatesAndTheirEnds(t *testing.T) {
	c := newClinic(t)
	now := time.Now()
	for _, row := range []struct {
		from, until time.Time
		verdict     Verdict
		words       []string
	}{
		{now.Add(-time.Hour), now.Add(400 * 24 * time.Hour), OK, []string{"1 certificate until ", "for "}},
		{now.Add(-time.Hour), now.Add(10 * 24 * time.Hour), Warning, []string{"ends on ", "in 9 days", "nothing needs a restart"}},
		{now.Add(-time.Hour), now.Add(-time.Minute), Wrong, []string{"ended on "}},
		{now.Add(time.Hour), now.Add(400 * 24 * time.Hour), Wrong, []string{"holds only from"}},
	} {
		ca := c.file("ca.pem", certificate(t, row.from, row.until), 0o644)
		says(t, c.examine(fmt.Sprintf("redis: {address: %q, tls: {enabled: true, ca_file: %q}}", nobody(t), ca)), row.verdict, "redis.tls.ca_file", append(row.words, ca)...)
	}
}

func TestSecretsThatEverybodyMayRead(t *testing.T) {
	c := newClinic(t)
	for mode, verdict := range map[os.FileMode]Verdict{0o600: OK, 0o640: OK, 0o644: Warning} {
		secret := c.file("password", "hush", mode)
		r := c.examine(fmt.Sprintf("redis: {address: %q, username: default, password_file: %q}", c.redis, secret))
		says(t, r, verdict, "redis.password_file", secret)
		if strings.Contains(text(t, r), "hush") {
			t.Error("the password is told")
		}
	}
}

func TestTheProviderOfTokens(t *testing.T) {
	c := newClinic(t)
	answer := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(answer)
	}))
	defer s.Close()
	api := fmt.Sprintf("api: {oidc: {issuer: %q, audience: governor}}", s.URL)
	says(t, c.examine(api), OK, "api.oidc", s.URL)
	answer = http.StatusBadGateway
	says(t, c.examine(api), Wrong, "api.oidc", "502", "api.oidc.issuer")
	s.Close()
	says(t, c.examine(api), Wrong, "api.oidc", strings.TrimPrefix(s.URL, "http://"))
}

// A registry of schemas, and a collector of spans, are connected to and asked nothing.
func TestWhatIsBeside(t *testing.T) {
	c := newClinic(t)
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked something") }))
	defer s.Close()
	ca := c.file("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})), 0o644)
	beside := func(at string) *Report {
		return c.examine(fmt.Sprintf("registry: {urls: [%q], tls: {ca_file: %q}}", at, ca), fmt.Sprintf("tracing: {endpoint: %q, tls: {ca_file: %q}}", at+"/v1/traces", ca))
	}
	r := beside(s.URL)
	for _, what := range []string{"registry", "tracing"} {
		says(t, r, OK, what, s.URL+" takes connections")
		says(t, r, OK, what, "shows a certificate until ")
	}
	r = beside("https://" + nobody(t))
	says(t, r, Wrong, "registry", "connection refused", "registry.urls")
	says(t, r, Warning, "tracing", "connection refused", "tracing.endpoint")
}

// Files are found under the keys that the configuration has for them, those of a list
// too, and whatever somebody adds.
func TestEveryFileOfTheConfigurationIsLookedAt(t *testing.T) {
	var c config.Config
	fill(reflect.ValueOf(&c).Elem())
	var keys []string
	for _, f := range files(reflect.ValueOf(c), "") {
		keys = append(keys, f.key)
	}
	for _, key := range []string{
		"kafka.tls.ca_file", "kafka.tls.cert_file", "kafka.tls.key_file", "kafka.sasl.password_file", "kafka.sasl.token_file",
		"redis.password_file", "redis.sentinel.password_file", "redis.tls.ca_file", "identity.key_file", "leave.key_file",
		"leave.hooks[0].secret_file", "api.tls.cert_file", "api.tls.key_file", "api.tokens_file", "api.audit_key_file",
	} {
		if !slices.Contains(keys, key) {
			t.Errorf("%s is not looked at, only %q", key, keys)
		}
	}
}

// fill writes something into every text.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.String:
		v.SetString("x")
	}
}

// nobody is an address of this machine where nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// certificate is one that holds for a time.
func certificate(t *testing.T, from, until time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
