package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/schemas"
)

// "Reports answered/no_answer/busy/abandoned/hold_timeout so that abandonment shows": who is put on hold is not called answered.
func TestTheHoldQueue(t *testing.T) {
	for name, c := range map[string]struct {
		agents int
		phones []string
		want   map[schemas.Result]int
	}{
		"an agent for everybody": {2, []string{"+491", "+492"}, map[schemas.Result]int{schemas.ResultAnswered: 2}},
		"nobody there":           {0, []string{"+490", "+491", "+493", "+494"}, map[schemas.Result]int{schemas.ResultAbandoned: 4}},
		"the dialer hangs up":    {0, []string{"+495", "+499"}, map[schemas.Result]int{schemas.ResultHoldTimeout: 2}},
		"one waits long enough":  {1, []string{"+493", "+493"}, map[schemas.Result]int{schemas.ResultAnswered: 2}},
		"two do not":             {1, []string{"+492", "+492", "+492"}, map[schemas.Result]int{schemas.ResultAnswered: 1, schemas.ResultAbandoned: 2}},
		"not everybody picks up": {0, []string{"+497", "+498"}, map[schemas.Result]int{schemas.ResultBusy: 1, schemas.ResultNoAnswer: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHall(c.agents, 20, time.Second)
				var mu sync.Mutex
				got := make(map[schemas.Result]int)
				var calls sync.WaitGroup
				for _, phone := range c.phones {
					calls.Go(func() {
						result := h.call(phone)
						mu.Lock()
						got[result]++
						mu.Unlock()
					})
				}
				calls.Wait()
				if !maps.Equal(got, c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
				if len(h.agents) != 0 {
					t.Error("an agent talks on after the last call")
				}
			})
		})
	}
}

// From Kafka over the telephone to the governor: each call that may be made is made once, its outcome is told, and what the
// governor does not allow is not dialed. Over a restart, what was dealt with is not read again.
func TestARoundOfCalls(t *testing.T) {
	var mu sync.Mutex
	var heard []string
	told := make(chan string, 100)
	governor := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var q struct{ Intent, Decision, Result string }
		_ = json.NewDecoder(r.Body).Decode(&q)
		rw.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/v1/outcomes":
			mu.Lock()
			heard = append(heard, q.Decision+" "+q.Result)
			mu.Unlock()
			_, _ = io.WriteString(rw, `{"recorded":true}`)
			told <- q.Decision
		case q.Intent == "no":
			_, _ = io.WriteString(rw, `{"ok":false,"reason":"refused.state"}`)
		default:
			fmt.Fprintf(rw, `{"ok":true,"reason":"","decision":"d-%s","not_after":"2999-01-01T00:00:00Z"}`, q.Intent)
		}
	}))
	defer governor.Close()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "contact.approved"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "people.csv"), []byte("person,email,phone,zone\nada,a,+491,z\nben,b,+497,z\ncem,c,+498,z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	brokers := strings.Join(cluster.ListenAddrs(), ",")
	publish := func(intents ...[2]string) {
		t.Helper()
		p := &kafka.Writer{Addr: kafka.TCP(brokers), Topic: "contact.approved", Balancer: kafka.Murmur2Balancer{}, BatchTimeout: time.Millisecond}
		defer p.Close()
		for _, in := range intents {
			d := schemas.Decision{ID: "d-" + in[0], Intent: in[0], Person: in[1], Channel: "call", Verdict: schemas.Approved, Decided: schemas.TimeOf(time.Now()), NotAfter: schemas.TimeOf(time.Now().Add(time.Hour))}
			if in[0] == "mail" {
				d.Channel = "email"
			}
			if err := p.WriteMessages(t.Context(), kafka.Message{Key: []byte(in[1]), Value: d.AppendJSON(nil)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	// work has the dialer work until it has told so much and has no notes left, which is after the commit.
	work := func(n int) string {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var out bytes.Buffer
		w := &dialer{kafka: brokers, group: "dialers", governor: governor.URL, name: "dialer-1", notesFolder: filepath.Join(dir, "notes"),
			people: filepath.Join(dir, "people.csv"), lines: 2, agents: 1, hold: 20, second: time.Millisecond, out: &out}
		ended := make(chan error, 1)
		go func() { ended <- w.run(ctx) }()
		for range n {
			select {
			case <-told:
			case err := <-ended:
				t.Fatalf("the dialer ended: %v\n%s", err, &out)
			}
		}
		for noted := true; noted; time.Sleep(5 * time.Millisecond) {
			left, _ := filepath.Glob(filepath.Join(dir, "notes", "*"))
			noted = len(left) > 0
		}
		stop()
		<-ended
		return out.String()
	}

	publish([2]string{"mail", "ada"}, [2]string{"a", "ada"}, [2]string{"no", "ada"}, [2]string{"b", "ben"}, [2]string{"c", "cem"}, [2]string{"d", "nobody"})
	said := work(3)
	publish([2]string{"e", "ada"})
	said += work(1)
	slices.Sort(heard)
	if want := []string{"d-a answered", "d-b busy", "d-c no_answer", "d-e answered"}; !slices.Equal(heard, want) {
		t.Errorf("the governor heard %q, want %q", heard, want)
	}
	if !strings.Contains(said, "no not called: refused.state\n") {
		t.Errorf("it says\n%s", said)
	}
}
