package redisstate

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/statetest"
)

// moving is a slot on its way from one node to another.
type moving struct {
	slot     int64
	from, to *process
}

// move begins to move partition 3 of the store.
func move(t *testing.T, s *Store, nodes []*process) moving {
	t.Helper()
	slot, err := nodes[0].ClusterKeySlot(t.Context(), s.keys(3).meta()).Result()
	must(t, err)
	i := int(slot*3) / 16384
	m := moving{slot, nodes[i], nodes[(i+1)%3]}
	m.to.do(t, "CLUSTER", "SETSLOT", slot, "IMPORTING", m.from.do(t, "CLUSTER", "MYID"))
	m.from.do(t, "CLUSTER", "SETSLOT", slot, "MIGRATING", m.to.do(t, "CLUSTER", "MYID"))
	return m
}

// keys moves keys.
func (m moving) keys(t *testing.T, names ...string) {
	t.Helper()
	words := []any{"MIGRATE", "127.0.0.1", m.to.port, "", 0, 5000, "KEYS"}
	for _, name := range names {
		words = append(words, name)
	}
	m.from.do(t, words...)
}

// end moves what is left, and tells everybody.
func (m moving) end(t *testing.T, nodes []*process) {
	t.Helper()
	names, err := m.from.ClusterGetKeysInSlot(t.Context(), int(m.slot), 1000).Result()
	must(t, err)
	if len(names) > 0 {
		m.keys(t, names...)
	}
	id := m.to.do(t, "CLUSTER", "MYID")
	for _, n := range append([]*process{m.to, m.from}, nodes...) {
		n.do(t, "CLUSTER", "SETSLOT", m.slot, "NODE", id)
	}
}

func addrs(nodes []*process) (all []string) {
	for _, n := range nodes {
		all = append(all, n.addr())
	}
	return all
}

// "Redis: Cluster (one script per partition on the master of its slot)".
func TestStoreOnThreeNodes(t *testing.T) {
	t.Parallel()
	nodes := cluster(t)
	c := ClientOptions{Addrs: addrs(nodes), Cluster: true, Timeout: time.Minute}
	must(t, storeAt(t, c, Options{}).Check(t.Context()))
	statetest.Run(t, func(t *testing.T) state.Store {
		return &perishable{open(t, NewClient(c), Options{})}
	})
}

// "MOVED and ASK". A slot moves away while its partition is worked on. What cannot
// be done meanwhile has not been done, nothing is lost, and it goes on by itself.
func TestASlotMovesUnderItsOwner(t *testing.T) {
	t.Parallel()
	nodes := cluster(t)
	s := storeAt(t, ClientOptions{Addrs: addrs(nodes), Cluster: true}, Options{Prefix: "gov:"})
	k := s.keys(3)
	held(t, s, "ann", 0)
	b := step("ann", 1, "one")
	b.Waiting = []state.Waiting{{Person: "ada", Due: 1}}
	b.Totals = []state.Total{{Campaign: "spring", Tally: []byte("1")}}
	b.Rates = []byte("rates")
	must(t, s.Commit(t.Context(), 3, b))

	// Nothing has moved yet, and what is new has nowhere to be.
	m := move(t, s, nodes)
	must(t, s.Commit(t.Context(), 3, step("ann", 2, "two")))
	next := step("ann", 3, "three")
	next.People[0].Person = "bea"
	refused := func(what string, err error) {
		t.Helper()
		if err == nil || errors.Is(err, state.ErrFenced) || errors.Is(err, state.ErrMoved) || !strings.Contains(err.Error(), "its slot is moving") {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("a new person", s.Commit(t.Context(), 3, next))

	// Some of it is here and some there.
	m.keys(t, k.meta())
	refused("a batch in two places", s.Commit(t.Context(), 3, step("ann", 3, "three")))
	refused("an owner in two places", acquireOnly(t, s, "bob"))
	if got := m.to.do(t, "CLUSTER", "COUNTKEYSINSLOT", m.slot); got != int64(1) {
		t.Errorf("%d keys at the new home", got)
	}

	// All of it is there, and nobody has said so: ASK.
	m.keys(t, k.outbox(), k.waiting(), k.campaigns(), k.rates(), k.standing("ada"), k.log("ada"))
	for range 2 { // the script is not known there at first
		must(t, s.Commit(t.Context(), 3, &state.Batch{Owner: "ann", Mark: state.Mark{Batch: nextBatch(t, s)}, Outbox: []byte("three")}))
	}
	people, err := s.Load(t.Context(), 3, []rules.PersonID{"ada"})
	must(t, err)
	if string(people[0].Standing) != "two" || string(people[0].Log) != "two" {
		t.Errorf("found %q", people)
	}
	totals, err := s.Totals(t.Context(), []int32{3}, []rules.Campaign{"spring"})
	must(t, err)
	if string(totals[0].Tallies[0]) != "1" || totals[0].Mark.Batch != 4 {
		t.Errorf("found %+v", totals)
	}

	// It is done, and the client has not heard of it: MOVED.
	m.end(t, nodes)
	next = step("ann", 5, "five")
	next.People[0].Person = "bea"
	must(t, s.Commit(t.Context(), 3, next))
	h := held(t, s, "cem", 5)
	if string(h.Outbox) != "five" || len(h.Waiting) != 1 || len(h.Totals) != 1 {
		t.Errorf("found %+v", h)
	}
	if got := m.from.do(t, "CLUSTER", "COUNTKEYSINSLOT", m.slot); got != int64(0) {
		t.Errorf("%d keys at the old home", got)
	}
	if err := s.Commit(t.Context(), 3, step("ann", 6, "six")); !errors.Is(err, state.ErrFenced) {
		t.Errorf("the owner before: %v", err)
	}
}

func nextBatch(t *testing.T, s *Store) int64 {
	t.Helper()
	totals, err := s.Totals(t.Context(), []int32{3}, nil)
	must(t, err)
	return totals[0].Mark.Batch + 1
}

// "The primary of the slot goes away, and its replica takes over": the client
// follows, and whoever waited for the replica lost nothing.
func TestAReplicaTakesOverItsSlots(t *testing.T) {
	t.Parallel()
	nodes := cluster(t)
	s := storeAt(t, ClientOptions{Addrs: addrs(nodes), Cluster: true}, Options{Wait: Wait{1, 5 * time.Second}})
	slot, err := nodes[0].ClusterKeySlot(t.Context(), s.keys(3).meta()).Result()
	must(t, err)
	primary := nodes[int(slot*3)/16384]
	replica := startRedis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", patience)
	replica.do(t, "CLUSTER", "MEET", "127.0.0.1", primary.port)
	id := primary.do(t, "CLUSTER", "MYID")
	wait(t, "they know one another", func() bool {
		text, err := replica.ClusterNodes(t.Context()).Result()
		return err == nil && strings.Contains(text, id.(string)) && replica.Do(t.Context(), "CLUSTER", "REPLICATE", id).Err() == nil
	})
	wait(t, "the replica has everything", func() bool { return replica.info(t.Context(), "replication", "master_link_status") == "up" })
	held(t, s, "ann", 0)
	must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))

	wait(t, "everybody knows it", func() bool {
		for _, n := range nodes {
			if !strings.Contains(n.ClusterNodes(t.Context()).Val(), "slave "+id.(string)) {
				return false
			}
		}
		return true
	})
	asked := time.Time{}
	wait(t, "the replica has taken over", func() bool {
		if time.Since(asked) > 7*time.Second { // a failover that was not done after five is given up by Redis
			asked = time.Now()
			replica.do(t, "CLUSTER", "FAILOVER")
		}
		return replica.info(t.Context(), "replication", "role") == "master"
	})
	wait(t, "the old primary follows", func() bool { return primary.info(t.Context(), "replication", "master_link_status") == "up" })
	wait(t, "the cluster serves again", func() bool {
		err := s.Commit(t.Context(), 3, step("ann", 2, "two"))
		if err != nil && !redis.HasErrorPrefix(err, "CLUSTERDOWN") { // nothing was done: nobody is known yet who would
			t.Fatal(err)
		}
		return err == nil
	})
	if got := primary.do(t, "INFO", "replication"); !strings.Contains(got.(string), "role:slave") {
		t.Errorf("the old primary is one still: %s", got)
	}
	held(t, s, "bob", 2)
}

// A command that was redirected is sent once too.
func TestARedirectedCommandIsSentOnce(t *testing.T) {
	t.Parallel()
	nodes := cluster(t)
	s := storeAt(t, ClientOptions{Addrs: addrs(nodes), Cluster: true}, Options{})
	held(t, s, "ann", 0)
	m := move(t, s, nodes)
	m.end(t, nodes)
	calls := func() string {
		return m.to.info(t.Context(), "commandstats", "cmdstat_exec")
	}
	if calls() != "" {
		t.Fatal("the new home was asked before")
	}
	must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))
	if got := calls(); !strings.Contains(got, "calls=1,") {
		t.Errorf("the new home was asked %s", got)
	}
	home := s.client.(*redis.ClusterClient)
	wait(t, "the client has learned it", func() bool {
		node, err := home.MasterForKey(t.Context(), s.keys(3).meta())
		return err == nil && node.Options().Addr == m.to.addr()
	})
}
