package redisstate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/rules"
)

// keys are the names of everything that is kept of one partition. They share one
// hash tag, so that a Redis Cluster keeps the partition on one node and a script
// may touch it as a whole. The tag is the first pair of braces in the name, so
// that whatever stands in a person's id changes nothing.
type keys struct{ base string } // prefix and hash tag: gov:{p3}:

func (s *Store) keys(partition int32) keys {
	return keys{s.prefix + "{p" + strconv.Itoa(int(partition)) + "}:"}
}

func (k keys) meta() string      { return k.base + "meta" }
func (k keys) outbox() string    { return k.base + "outbox" }
func (k keys) waiting() string   { return k.base + "waiting" }
func (k keys) campaigns() string { return k.base + "campaigns" }
func (k keys) rates() string     { return k.base + "rates" }

// fixed are the keys that are one of a partition, in the order in which acquire
// and commit get them.
func (k keys) fixed() []string {
	return []string{k.meta(), k.outbox(), k.waiting(), k.campaigns(), k.rates()}
}

// standing is the key of what stands for the person.
func (k keys) standing(id rules.PersonID) string { return k.base + "no:" + string(id) }

// log is the key of what may one day be forgotten of the person.
func (k keys) log(id rules.PersonID) string { return k.base + "log:" + string(id) }

func checkPrefix(prefix string) error {
	if strings.ContainsAny(prefix, "{}") {
		return fmt.Errorf("the key prefix %q has braces, which would move the hash tag and scatter a partition over a cluster: write it without", prefix)
	}
	return nil
}
