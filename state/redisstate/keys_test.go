package redisstate

import (
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/state"
)

// Every key of a partition has one hash tag, whatever is in a person's id.
func TestKeysShareTheTagOfTheirPartition(t *testing.T) {
	for _, prefix := range []string{"", "gov:"} {
		s := &Store{prefix: prefix}
		k := s.keys(3)
		for _, key := range append(k.fixed(), k.standing("{p4}"), k.log("}{"), k.standing("")) {
			_, rest, _ := strings.Cut(key, "{")
			if tag, _, _ := strings.Cut(rest, "}"); tag != "p3" || !strings.HasPrefix(key, prefix+"{p3}:") {
				t.Errorf("the key %s has the tag %q", key, tag)
			}
		}
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	for name, o := range map[string]Options{
		"braces in the prefix": {Prefix: "gov{1}:"},
		"a negative life":      {LogTTL: -time.Second},
		"a life too fine":      {LogTTL: time.Microsecond},
	} {
		if _, err := New(nil, o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// A no has no end, whatever life logs have; a log has one only if it was asked
// for, counted from its last change.
func TestOnlyLogsExpireAndOnlyIfAsked(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		for _, ttl := range []time.Duration{0, 400 * 24 * time.Hour} {
			s := server.open(t, Options{LogTTL: ttl})
			must(t, acquireOnly(t, s, "ann"))
			b := step("ann", 1, "one")
			b.Waiting = []state.Waiting{{Person: "ada", Due: 1}}
			must(t, s.Commit(t.Context(), 3, b))
			for _, key := range names(t, s) {
				left, err := s.client.PTTL(t.Context(), key).Result()
				must(t, err)
				wants := ttl > 0 && key == s.keys(3).log("ada")
				if wants && (left > ttl || left < ttl-time.Minute) || !wants && left != -1 {
					t.Errorf("with a life of %s %s has %s left", ttl, key, left)
				}
			}
		}
		// A store without lives takes away those that another set.
		living := server.open(t, Options{LogTTL: time.Hour})
		must(t, acquireOnly(t, living, "ann"))
		must(t, living.Commit(t.Context(), 3, step("ann", 1, "one")))
		forEver := *living
		forEver.expires = false
		must(t, forEver.Commit(t.Context(), 3, step("ann", 2, "two")))
		if left := living.client.PTTL(t.Context(), living.keys(3).log("ada")).Val(); left != -1 {
			t.Errorf("a log that is kept for ever has %s left", left)
		}
	})
}
