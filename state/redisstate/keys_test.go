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
	if _, err := New(nil, Options{Prefix: "gov{1}:"}); err == nil {
		t.Error("braces in the prefix are taken")
	}
}

// "For ever" (README): no key has a life, and what gave one a life loses it with
// the next change.
func TestNothingExpires(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		s := server.open(t, Options{})
		must(t, acquireOnly(t, s, "ann"))
		for n := range int64(2) {
			b := step("ann", n+1, "value")
			b.Waiting = []state.Waiting{{Person: "ada", Due: 1}}
			b.Totals = []state.Total{{Campaign: "spring", Tally: []byte("{}")}}
			must(t, s.Commit(t.Context(), 3, b))
			for _, key := range names(t, s) {
				if left := s.client.PTTL(t.Context(), key).Val(); left != -1 {
					t.Errorf("%s has %s left", key, left)
				}
			}
			must(t, s.client.PExpire(t.Context(), s.keys(3).log("ada"), time.Hour).Err())
		}
	})
}
