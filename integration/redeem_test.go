//go:build integration

package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// "64 workers redeem the same approvals while refusals arrive; porcupine finds the history linearizable (after an acknowledged
// refusal no redeem succeeds; each approval is redeemed at most once)" (issue 6). Two governors answer, at the doors of either.
func TestManyWorkersAtOnceHearWhatOneAfterAnotherWouldHear(t *testing.T) {
	r := startRush(t)
	for range 2 {
		r.round(t, func() {})
	}
	r.end(t)
}

// The same while one of the two governors is killed, and another comes in its place.
func TestManyWorkersAtOnceHearTheSameWhenAGovernorIsKilled(t *testing.T) {
	r := startRush(t)
	for range 3 {
		r.round(t, func() {
			time.Sleep(time.Duration(r.random.IntN(1500)) * time.Millisecond)
			killed := r.fleet.any(r.random)
			r.fleet.kill(t, killed)
			r.fleet.evict(t, killed)
			r.open(t, r.fleet.start(t))
		})
		r.fleet.shares(t, r.fleet.members...)
	}
	r.end(t)
}

// The same while one of the two is frozen until the other has its partitions, and goes on then in the middle of an answer.
func TestManyWorkersAtOnceHearTheSameWhenAGovernorWasDeadForAWhile(t *testing.T) {
	r := startRush(t)
	for range 2 {
		r.round(t, func() {
			time.Sleep(time.Duration(r.random.IntN(1500)) * time.Millisecond)
			zombie := r.fleet.any(r.random)
			zombie.Pause(t)
			r.fleet.evict(t, zombie)
			time.Sleep(time.Duration(r.random.IntN(3000)) * time.Millisecond)
			zombie.Resume(t)
		})
		r.fleet.shares(t, r.fleet.members...)
	}
	r.end(t)
}

// workers is how many ask at once.
const workers = 64

// rush is workers that all want to contact the same people, some of whom say no.
type rush struct {
	place   *place
	fleet   *fleet
	random  *rand.Rand // of the test's own goroutine
	history *history
	kafka   *kgo.Client
	http    *http.Client
	people  int

	mu    sync.Mutex
	doors []string
}

func startRush(t *testing.T) *rush {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	p := newPlace(t)
	c := p.config()
	c["api"] = config{"rate": 100_000}
	r := &rush{
		place: p, fleet: startFleet(t, p, c, 2), random: rand.New(rand.NewPCG(seed, 6)), history: newHistory(), kafka: p.kafka.client(t),
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * workers}},
	}
	t.Cleanup(r.http.CloseIdleConnections)
	for _, m := range r.fleet.members {
		r.open(t, m)
	}
	return r
}

// open waits until a governor answers at its door, and sends everybody there too.
func (r *rush) open(t *testing.T, m *member) {
	t.Helper()
	waitFor(t, "a door to open", func() bool {
		answer, err := r.http.Get("http://" + m.door + "/v1/policy")
		if err != nil {
			return false
		}
		must(t, answer.Body.Close())
		return answer.StatusCode == http.StatusOK
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doors = append(r.doors, m.door)
}

// guest is somebody whom everybody wants to contact.
type guest struct {
	id      string
	intents []string
	says    when
}

// when is the time at which somebody says no.
type when int

const (
	before when = iota // it is acknowledged before anybody asks
	during
	after // everybody has asked
	whens
)

// approvals names them, as the history does.
func (g *guest) approvals() []string {
	var names []string
	for _, in := range g.intents {
		names = append(names, g.id+"/"+in)
	}
	return names
}

// round has everybody ask for new approvals, two of each of a few people, while something happens.
func (r *rush) round(t *testing.T, happens func()) {
	t.Helper()
	guests := r.invite(t, 6)
	r.refuse(t, guests, before)
	var asking sync.WaitGroup
	for n := range workers {
		random := rand.New(rand.NewPCG(r.random.Uint64(), uint64(n)))
		asking.Go(func() { r.work(t, n, guests, random) })
	}
	asking.Go(func() {
		time.Sleep(100 * time.Millisecond)
		r.refuse(t, guests, during)
	})
	happens()
	asking.Wait()
	r.refuse(t, guests, after)
	for n := range workers {
		random := rand.New(rand.NewPCG(r.random.Uint64(), uint64(n)))
		asking.Go(func() { r.work(t, n, guests, random) })
	}
	asking.Wait()
}

// invite has two contacts approved with each of so many new people.
func (r *rush) invite(t *testing.T, people int) []guest {
	t.Helper()
	var guests []guest
	var records []*kgo.Record
	for range people {
		g := guest{id: fmt.Sprintf("%s-%d", r.place.group, r.people), says: when(r.people % int(whens))}
		for _, channel := range []string{"email", "in_app"} {
			in := marketing(fmt.Sprintf("%s-%d", channel, r.people), g.id, channel, "spring-by-"+channel)
			g.intents = append(g.intents, in.ID)
			records = append(records, r.place.record(t, "contact.intents", g.id, in))
		}
		guests = append(guests, g)
		r.people++
	}
	r.place.kafka.produce(t, records...)
	waitAtLength(t, "the decisions", func() bool { return r.place.decidedSoFar(t) >= 2*r.people })
	if approved := r.place.kafka.count(t, r.place.topic("contact.approved")); approved < 2*r.people {
		t.Fatalf("%d of %d were approved", approved, 2*r.people)
	}
	return guests
}

// refuse has those say no whose time it is: to everything, one at a door, the next in a record.
func (r *rush) refuse(t *testing.T, guests []guest, now when) {
	var saying sync.WaitGroup
	for i, g := range guests {
		if g.says != now {
			continue
		}
		saying.Go(func() {
			for n := 0; t.Context().Err() == nil; n++ {
				id := fmt.Sprintf("no-%s-%d", g.id, n)
				if said := r.history.during(asked{refusal: true}, g.approvals(), func() heard { return r.sayNo(t, g.id, id, i/int(whens)%2 == 0) }); said == known {
					return
				}
			}
		})
	}
	saying.Wait()
}

// sayNo returns once the no is acknowledged, or nobody can know whether it was.
func (r *rush) sayNo(t *testing.T, person, id string, atTheDoor bool) heard {
	if !atTheDoor {
		no := signal{ID: id, Person: person, Type: "refusal", At: stamp(time.Now()), Source: "test"}
		text, err := json.Marshal(no)
		if err == nil {
			err = r.kafka.ProduceSync(t.Context(), &kgo.Record{Topic: r.place.topic("contact.signals"), Key: []byte(person), Value: text}).FirstErr()
		}
		if err != nil {
			t.Errorf("say no: %v", err)
			return nothing
		}
		return known
	}
	var answer struct {
		Recorded bool `json:"recorded"`
	}
	if status := r.post(t, "/v1/refuse", map[string]string{"person": person, "id": id}, &answer); status != http.StatusOK || !answer.Recorded {
		return nothing
	}
	return known
}

// work is what a worker does: it asks for everybody, until it has an answer, and where it may it asks once more, as if the
// answer had been lost.
func (r *rush) work(t *testing.T, n int, guests []guest, random *rand.Rand) {
	worker := fmt.Sprintf("w%d", n)
	for _, i := range random.Perm(len(guests)) {
		g := guests[i]
		for k, name := range g.approvals() {
			ask := func() heard {
				return r.history.during(asked{worker: worker}, []string{name}, func() heard { return r.redeem(t, g.id, g.intents[k], worker) })
			}
			said := nothing
			for said == nothing && t.Context().Err() == nil {
				said = ask()
			}
			if said == yes {
				ask()
			}
		}
	}
}

// redeem asks once.
func (r *rush) redeem(t *testing.T, person, intent, worker string) heard {
	var answer struct {
		OK     bool   `json:"ok"`
		Again  bool   `json:"again"`
		Reason string `json:"reason"`
	}
	if r.post(t, "/v1/redeem", map[string]string{"person": person, "intent": intent, "worker": worker}, &answer) != http.StatusOK {
		return nothing
	}
	return heardOf(answer.OK, answer.Again, answer.Reason)
}

// post sends a request to some governor, and reads the answer if it is a success. Where nobody is at a door another is
// tried: nothing was sent there. The status is 0 if there was no answer.
func (r *rush) post(t *testing.T, path string, body map[string]string, answer any) (status int) {
	text, err := json.Marshal(body)
	if err != nil {
		t.Error(err)
		return 0
	}
	for t.Context().Err() == nil {
		r.mu.Lock()
		door := r.doors[rand.IntN(len(r.doors))]
		r.mu.Unlock()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+door+path, bytes.NewReader(text))
		if err != nil {
			t.Error(err)
			return 0
		}
		request.Header.Set("Content-Type", "application/json")
		got, err := r.http.Do(request)
		if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if err != nil {
			return 0
		}
		defer got.Body.Close()
		if got.StatusCode == http.StatusOK {
			err = json.NewDecoder(got.Body).Decode(answer)
		} else if got.StatusCode < 500 {
			err = fmt.Errorf("%s was answered %s", path, got.Status)
		}
		if err != nil {
			t.Error(err)
			return 0
		}
		return got.StatusCode
	}
	return 0
}

// end looks at all that was heard, and has the independent checker look at what was written.
func (r *rush) end(t *testing.T) {
	t.Helper()
	r.fleet.stopAll(t)
	for _, story := range r.history.strayed() {
		t.Error(story)
	}
	counts := r.history.heard()
	t.Logf("%d approvals, heard: %v", 2*r.people, counts)
	for _, what := range []heard{yes, again, taken, refused, known} {
		if counts[what] == 0 {
			t.Errorf("nobody heard %q: this shows nothing of it", what)
		}
	}
	verified(t, r.place)
}
