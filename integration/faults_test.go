//go:build integration

package integration

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fault is something that goes wrong, again and again, while three governors work.
type fault struct {
	key    string // in the name of its test
	name   string
	target int           // how often it is to be tried where there is time
	short  int           // how often without a budget; 0 is not at all
	weight float64       // its part of the budget, against the others'
	slack  time.Duration // how long an acknowledgement may take; 0 is ten seconds
	poison bool          // one record of a hundred cannot be read
	place  func(*testing.T) *place
	try    func(*trial)
}

// faults are all there are, those that need most time first.
func faults() []fault {
	return []fault{
		{key: "killed", name: "a governor is killed (SIGKILL)", target: 200, short: 3, weight: 15, place: faultPlace, try: killOne},
		{key: "leader-killed", name: "a leader of three brokers is killed", target: 20, weight: 13, slack: 40 * time.Second, place: placeOnThreeBrokers, try: killLeader},
		{key: "redis-away", name: "Redis is away", target: 1, short: 1, weight: 6, place: placeWithOwnRedis, try: redisAway},
		{key: "zombie", name: "a zombie (SIGSTOP beyond the session, then SIGCONT)", target: 50, short: 2, weight: 5, place: faultPlace, try: freezeOne},
		{key: "failover", name: "a failover to a replica that lacks the last writes", target: 20, short: 1, weight: 4, place: placeOnReplicatedRedis, try: failOver},
		{key: "poison", name: "a record in a hundred cannot be read", target: 100, short: 3, weight: 4, poison: true, place: faultPlace, try: poisonOne},
		{key: "rebalance", name: "a rebalance (a governor joins or leaves)", target: 50, short: 4, weight: 3, place: faultPlace, try: rebalance},
		{key: "disk-full", name: "a full disk under the broker", target: 3, weight: 3, slack: time.Minute, place: placeOnSmallDisk, try: fillDisk},
		{key: "redis-empty", name: "Redis is killed and comes back empty", target: 20, short: 1, weight: 2.5, place: placeWithOwnRedis, try: emptyRedis},
		{key: "aborted", name: "a transaction of a producer is aborted", target: 100, short: 10, weight: 1, place: faultPlace, try: abortOne},
	}
}

// budget is how many minutes there are for all the faults; 0 is for the short version.
func budget(t *testing.T) time.Duration {
	said := os.Getenv("GOVERNOR_FAULTS_MINUTES")
	if said == "" {
		return 0
	}
	minutes, err := strconv.ParseFloat(said, 64)
	if err != nil || minutes <= 0 {
		t.Fatalf("GOVERNOR_FAULTS_MINUTES=%s is not a number of minutes", said)
	}
	return time.Duration(minutes * float64(time.Minute))
}

// chosen are the faults whose keys GOVERNOR_FAULTS_ONLY names; all, where it names none.
func chosen(t *testing.T) []fault {
	all := faults()
	keys := strings.Fields(os.Getenv("GOVERNOR_FAULTS_ONLY"))
	if len(keys) == 0 {
		return all
	}
	var out []fault
	for _, key := range keys {
		i := slices.IndexFunc(all, func(f fault) bool { return f.key == key })
		if i < 0 {
			t.Fatalf("there is no fault with the key %q", key)
		}
		out = append(out, all[i])
	}
	return out
}

// "Nothing lost, nothing counted twice, no approval after a no: through every fault." Three governors work for a crowd
// while one kind of fault is tried again and again. Then all is well again, everybody is answered, and governor verify
// finds nothing. Without a budget each is tried a few times, but for those that take long; .ci/faults gives one.
func TestWhateverFailsNothingIsLostAndNothingIsApprovedAfterANo(t *testing.T) {
	all, chosen := budget(t), chosen(t)
	weights := 0.0
	for _, f := range chosen {
		weights += f.weight
	}
	next := make(chan fault, len(chosen))
	for _, f := range chosen {
		if all > 0 || f.short > 0 {
			next <- f
		}
	}
	close(next)
	var table table
	var trials sync.WaitGroup
	beside := min(atOnce(), len(chosen))
	for range beside {
		trials.Go(func() {
			for f := range next {
				share := time.Duration(float64(all) * float64(beside) * f.weight / weights)
				t.Run(f.key, func(t *testing.T) { table.add(f.run(t, min(share, all))) })
			}
		})
	}
	trials.Wait()
	table.write(t)
}

// trial is one kind of fault being tried.
type trial struct {
	*testing.T
	fault    fault
	place    *place
	fleet    *fleet
	crowd    *crowd
	random   *rand.Rand
	deadline time.Time // of trying; zero in the short version
	length   time.Duration
	tried    int
}

// setUp is about how long a trial takes beside the trying, of its share.
const setUp = 25 * time.Second

// run tries the fault until its share is over or its target is met.
func (f fault) run(t *testing.T, share time.Duration) row {
	began := time.Now()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := &trial{T: t, fault: f, place: f.place(t), random: rand.New(rand.NewPCG(seed, 0))}
	if share > 0 {
		r.length = max(share-setUp, 5*time.Second)
		r.deadline = began.Add(r.length)
	}
	defer r.keep()
	r.fleet = startFleet(t, r.place, r.place.config(), 3)
	r.crowd = startCrowd(t, r.place, rand.New(rand.NewPCG(seed, 1)), f.poison)
	r.decides("to be decided at first", 50)

	f.try(r)
	during := r.crowd.progress()
	r.decides("to be decided in the end", 50)
	// With less the run would be void: there must be something to judge.
	waitAtLength(t, "enough approvals, and enough vetoes for a no", func() bool { return r.crowd.matters(50, 20) })
	r.crowd.leave(t)
	r.fleet.shares(t, r.fleet.members...)
	r.fleet.stopAll(t)

	slack := f.slack
	if slack == 0 {
		slack = 10 * time.Second
	}
	v := judged(t, r.place, slack)
	c := r.crowd
	t.Logf("tried %d times; %d intents, %d answered while it was tried, %d approved, %d vetoed for a no", r.tried, c.wanted(), during, c.approved, c.refused)
	decisions := 0
	for _, topic := range []string{"contact.approved", "contact.vetoed"} {
		decisions += v.Records[topic]
	}
	if decisions < c.wanted() {
		t.Errorf("governor verify read %d decisions on %d intents", decisions, c.wanted())
	}
	return row{fault: r.fault, tried: r.tried, intents: c.wanted(), decisions: decisions, approved: c.approved, refused: c.refused,
		revoked: v.Records["contact.revoked"], read: v.read(), repeats: v.Repeats, found: v.found(), failed: t.Failed(), took: time.Since(began)}
}

// again says whether the fault is to be tried once more, and counts that.
func (r *trial) again() bool {
	least, most := max(1, r.fault.short), r.fault.short
	if !r.deadline.IsZero() {
		least, most = 1, r.fault.target
	}
	if r.Failed() || r.tried >= least && (r.tried >= most || time.Now().After(r.deadline)) {
		return false
	}
	r.tried++
	return true
}

// decides waits until so many more intents have their answer.
func (r *trial) decides(what string, n int) {
	r.Helper()
	enough := r.crowd.progress() + n
	waitAtLength(r.T, strconv.Itoa(n)+" more intents "+what, func() bool { return r.crowd.progress() >= enough })
}

// rest lets a random time pass, at most so long: a fault comes when it comes.
func (r *trial) rest(most time.Duration) { time.Sleep(time.Duration(r.random.Int64N(int64(most)))) }

// faultPlace is a place whose brokers say when a record was appended, which is what governor verify goes by.
func faultPlace(t *testing.T) *place { return faultPlaceOn(t, sharedKafka, sharedRedis) }

func placeWithOwnRedis(t *testing.T) *place { return faultPlaceOn(t, sharedKafka, startRedis(t)) }

func faultPlaceOn(t *testing.T, kafka *kafkaServer, redis *redisServer) *place {
	t.Helper()
	p := emptyPlaceOn(t, kafka, redis)
	for cleanup, topics := range contractTopics {
		var here []string
		for _, topic := range topics {
			here = append(here, p.topic(topic))
		}
		kafka.createTopicsWith(t, 6, map[string]string{"cleanup.policy": cleanup, "retention.ms": "-1",
			"message.timestamp.type": "LogAppendTime"}, here...)
	}
	return p
}
