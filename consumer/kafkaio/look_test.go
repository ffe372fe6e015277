package kafkaio

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go/protocol"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

func TestLookTellsEveryBroker(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(3))
	got, err := newClient(t, c).Admin().Look(within(t))
	must(t, err)
	if got.ID == "" || len(got.Brokers) != 3 {
		t.Fatalf("got %+v", got)
	}
	for i, b := range got.Brokers {
		if b.ID != i || b.Address != c.ListenAddrs()[i] || b.Err != nil || b.Release != "4.1" || !b.CertificateEnds.IsZero() {
			t.Errorf("got %+v", b)
		}
	}
}

// "Apache Kafka 2.4 or later is needed."
func TestLookTellsABrokerThatIsTooOld(t *testing.T) {
	got, err := newClient(t, fakeCluster(t, kfake.MaxVersions(kversion.V2_2_0()))).Admin().Look(within(t))
	must(t, err)
	if b := got.Brokers[0]; !errors.Is(b.Err, errOldBroker) || b.Release != "" {
		t.Errorf("got %+v", b)
	}
}

func TestLookTellsWhatCannotBeReached(t *testing.T) {
	c := fakeCluster(t)
	c.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		res := r.ResponseKind().(*kmsg.MetadataResponse)
		b := kmsg.NewMetadataResponseBroker()
		b.NodeID, b.Host, b.Port = 7, "127.0.0.1", 1
		res.Brokers = append(res.Brokers, b)
		return res, nil, true
	})
	got, err := newClient(t, c).Admin().Look(within(t))
	must(t, err)
	if len(got.Brokers) != 1 || got.Brokers[0].Err == nil || !strings.Contains(got.Brokers[0].Err.Error(), "says that broker 7 is there: correct that broker's advertised.listeners") {
		t.Errorf("got %+v", got)
	}
	away, err := New(Config{Brokers: []string{"127.0.0.1:1"}})
	must(t, err)
	defer away.Close()
	if _, err := away.Admin().Look(within(t)); err == nil || !strings.HasPrefix(err.Error(), "cannot reach Kafka at 127.0.0.1:1: ") {
		t.Errorf("got %v", err)
	}
}

// The releases are told apart by what franz-go knows of each.
func TestReleasesAreToldByWhatTheySpeak(t *testing.T) {
	for want, v := range map[string]*kversion.Versions{
		"": kversion.V2_2_0(), "2.4": kversion.V2_4_0(), "2.7": kversion.V2_7_0(), "2.8": kversion.V2_8_0(), "3.1": kversion.V3_1_0(), "3.5": kversion.V3_5_0(),
		"3.7": kversion.V3_7_0(), "3.8": kversion.V3_8_0(), "3.9": kversion.V3_9_0(), "4.0": kversion.V4_0_0(), "4.1": kversion.V4_1_0(),
	} {
		knows := make(map[protocol.ApiKey]int16)
		for key := range spoken() {
			knows[key], _ = v.LookupMaxKeyVersion(int16(key))
		}
		if got := release(knows); got != want {
			t.Errorf("%s is told as %q", want, got)
		}
		if old := tooOld(knows); (old != nil) != (want == "") {
			t.Errorf("%s: %v", want, old)
		}
	}
}

func TestGroupThatNobodyIsIn(t *testing.T) {
	got, err := newClient(t, fakeCluster(t)).Admin().Group(within(t), "nobody")
	if err != nil || got.State != "Dead" || len(got.Members) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestGroupThatSomebodyIsIn(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "t"))
	member := franz(t, c, kgo.ClientID("somebody"), kgo.ConsumerGroup("g"), kgo.ConsumeTopics("t"), kgo.Balancers(kgo.RangeBalancer()))
	for admin := newClient(t, c).Admin(); ; {
		got, err := admin.Group(within(t), "g")
		must(t, err)
		if got.State == "Stable" && slices.Equal(got.Members, []string{"somebody"}) {
			break
		}
		soon, cancel := context.WithTimeout(within(t), 10*time.Millisecond)
		member.PollFetches(soon)
		cancel()
	}
}

func TestNewestIsOverAllPartitions(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(3, "t"), kfake.SeedTopics(1, "empty"))
	client := newClient(t, c)
	at := time.UnixMilli(1_800_000_000_000)
	for p := range int32(2) { // there is nothing on the third
		must(t, franz(t, c).ProduceSync(within(t), &kgo.Record{Topic: "t", Partition: p, Value: []byte("v"), Timestamp: at.Add(time.Duration(p) * time.Hour)}).FirstErr())
	}
	got, err := client.Newest(within(t), "t", 3)
	if err != nil || !got.Equal(at.Add(time.Hour)) {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := client.Newest(within(t), "empty", 1); err != nil || !got.IsZero() {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestWritersAreThoseThatTheRulesLet(t *testing.T) {
	rule := func(name string, pattern kmsg.ACLResourcePatternType, o kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: name, Pattern: pattern, Operation: o, Allow: true}
	}
	literal, prefixed := kmsg.ACLResourcePatternTypeLiteral, kmsg.ACLResourcePatternTypePrefixed
	c := fakeCluster(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "x"),
		kfake.User("PLAIN", "ann", "x", rule("a", literal, kmsg.ACLOperationWrite)),
		kfake.User("PLAIN", "ben", "x", rule("b", prefixed, kmsg.ACLOperationAll), rule("a", literal, kmsg.ACLOperationRead)))
	as := func(user string) *Admin {
		return newClient(t, c, func(c *Config) { c.SASL = Plain(user, func() (string, error) { return "x", nil }) }).Admin()
	}
	got, err := as("admin").Writers(within(t), []string{"a", "bb", "c"})
	must(t, err)
	if len(got) != 2 || !slices.Equal(got["a"], []string{"User:ann"}) || !slices.Equal(got["bb"], []string{"User:ben"}) {
		t.Errorf("got %v", got)
	}
	if _, err := as("ann").Writers(within(t), []string{"a"}); !errors.Is(err, ErrUnseen) {
		t.Errorf("got %v", err)
	}
}

func TestLookOverTLSTellsWhenTheCertificateEnds(t *testing.T) {
	cert, pool := certificate(t)
	c := fakeCluster(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}}))
	dialer := &tls.Dialer{Config: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	got, err := newClient(t, c, func(c *Config) { c.Dial = dialer.DialContext }).Admin().Look(within(t))
	must(t, err)
	if b := got.Brokers[0]; b.Err != nil || time.Until(b.CertificateEnds) < 0 || time.Until(b.CertificateEnds) > time.Hour {
		t.Errorf("got %+v", b)
	}
}
