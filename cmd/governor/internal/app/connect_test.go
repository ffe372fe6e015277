package app

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
)

func TestEachMechanismIsTheOneThatWasAskedFor(t *testing.T) {
	for _, name := range []string{config.Plain, config.ScramSHA256, config.ScramSHA512, config.OAuthBearer} {
		if m := Kafka(&config.Kafka{SASL: config.SASL{Mechanism: name}}).SASL; m == nil || m.Name() != name {
			t.Errorf("%s: got %v", name, m)
		}
	}
	c := config.Default().Kafka
	if way := Kafka(&c); way.SASL != nil || way.Dial != nil {
		t.Error("what nobody asked for")
	}
	c.TLS.Enabled = true
	if way := Kafka(&c); way.Dial == nil {
		t.Error("TLS was asked for")
	}
}

func TestEachRedisIsTheOneThatWasAskedFor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("secret\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		config  config.Redis
		addrs   []string
		cluster bool
		master  string
		at      string
	}{
		{config.Redis{Address: "a:1"}, []string{"a:1"}, false, "", "a:1"},
		{config.Redis{Cluster: []string{"a:1", "b:2"}}, []string{"a:1", "b:2"}, true, "", "the cluster of a:1, b:2"},
		{config.Redis{Sentinel: config.Sentinel{Master: "m", Addresses: []string{"a:1", "b:2"}, PasswordFile: file}}, []string{"a:1", "b:2"}, false, "m", "m of the Sentinels a:1, b:2"},
	} {
		o, err := redisClient(&c.config)
		if err != nil || !reflect.DeepEqual(o.Addrs, c.addrs) || o.Cluster != c.cluster || o.MasterName != c.master || redisAt(&c.config) != c.at {
			t.Errorf("got %+v, %v at %s", o, err, redisAt(&c.config))
		}
		if c.master != "" && o.SentinelPassword != "secret" {
			t.Errorf("the Sentinels get %q", o.SentinelPassword)
		}
	}
	if _, err := redisClient(&config.Redis{Sentinel: config.Sentinel{PasswordFile: "/nowhere/s"}}); err == nil || err.Error() != "redis.sentinel.password_file: open /nowhere/s: no such file or directory" {
		t.Errorf("got %v", err)
	}
}

// A secret is what the file has when it is asked for.
func TestASecretIsReadWhenItIsNeeded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	secret := secretIn(file)
	for _, c := range []struct{ text, want, wrong string }{
		{"one\n", "one", ""},
		{" two \r\n", " two ", ""},
		{"\n", "", file + " is empty"},
		{"three", "three", ""},
	} {
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := secret()
		if got != c.want || (err == nil) != (c.wrong == "") || err != nil && err.Error() != c.wrong {
			t.Errorf("of %q: got %q, %v", c.text, got, err)
		}
	}
}
