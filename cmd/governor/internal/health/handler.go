package health

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// Process is what the process is, beside how it fares.
type Process struct {
	Version string
	Policy  func() (name, hash string) // in force now
	Metrics http.Handler
}

// Handler answers, to GET and HEAD only and to anybody who asks:
//
//	/livez     200 as long as the process answers at all; Kafka and Redis are nothing to it
//	/readyz    200 if the process is in its group and every partition of its own decides,
//	           else 503 with what holds it
//	/startupz  200 once it was ready for the first time: all is loaded, and rebuilt where need be
//	/statusz   200 with all that is known
//	/metrics   the same for Prometheus
func Handler(b *Board, p Process) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { answer(w, true, alive{true}) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		s := b.Status()
		answer(w, s.Ready, readiness{s.Ready, s.progress()})
	})
	mux.HandleFunc("GET /startupz", func(w http.ResponseWriter, _ *http.Request) {
		s := b.Status()
		answer(w, s.Started, startup{s.Started, s.progress()})
	})
	mux.HandleFunc("GET /statusz", func(w http.ResponseWriter, _ *http.Request) { answer(w, true, p.status(b.Status())) })
	mux.Handle("GET /metrics", p.Metrics)
	return plain(mux)
}

// plain sets what holds for every answer: it is of this instant, and no page.
func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// answer writes JSON, with 503 where all is not well. Who hangs up does not hear it.
func answer(w http.ResponseWriter, well bool, body any) {
	w.Header().Set("Content-Type", "application/json")
	if !well {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(body)
}

// The answers, as they are written.
type (
	alive struct {
		Alive bool `json:"alive"`
	}
	readiness struct {
		Ready bool `json:"ready"`
		progress
	}
	startup struct {
		Started bool `json:"started"`
		progress
	}
	progress struct {
		Stage      Stage         `json:"stage"`
		Since      string        `json:"since"`
		Recovering []int32       `json:"recovering,omitempty"`
		Rebuilding []rebuildJSON `json:"rebuilding,omitempty"`
		Holds      []heldJSON    `json:"holds,omitempty"`
	}
	status struct {
		Version    string          `json:"version"`
		Policy     policyJSON      `json:"policy"`
		Began      string          `json:"began"`
		Ready      bool            `json:"ready"`
		Stage      Stage           `json:"stage"`
		Since      string          `json:"since"`
		Partitions []partitionJSON `json:"partitions"`
		Rebuilding []rebuildJSON   `json:"rebuilding"`
		Holds      []heldJSON      `json:"holds"`
	}
	policyJSON struct {
		Name string `json:"name"`
		Hash string `json:"hash"`
	}
	partitionJSON struct {
		Partition  int32   `json:"partition"`
		Epoch      int64   `json:"epoch"`
		State      State   `json:"state"`
		Since      string  `json:"since"`
		LastBatch  string  `json:"last_batch,omitempty"`
		Took       string  `json:"took,omitempty"`
		LagRecords lagJSON `json:"lag_records"`
		LagSeconds float64 `json:"lag_seconds"`
	}
	lagJSON struct {
		Intents int64 `json:"intents"`
		Signals int64 `json:"signals"`
	}
	rebuildJSON struct {
		Partition int32  `json:"partition"`
		Records   int64  `json:"records"`
		Of        int64  `json:"of"`
		People    int    `json:"people"`
		For       string `json:"for"`
		Left      string `json:"left,omitempty"`
	}
	heldJSON struct {
		What      string  `json:"what"`
		Partition *int32  `json:"partition,omitempty"`
		Class     Class   `json:"class"`
		Why       string  `json:"why"`
		Since     string  `json:"since"`
		For       string  `json:"for"`
		Seconds   float64 `json:"seconds"`
	}
)

func (p *Process) status(s Status) status {
	out := status{
		Version: p.Version, Began: text(s.Began), Ready: s.Ready, Stage: s.Stage, Since: text(s.Since),
		Partitions: []partitionJSON{}, Rebuilding: append([]rebuildJSON{}, s.rebuilding()...), Holds: append([]heldJSON{}, s.holds()...),
	}
	out.Policy.Name, out.Policy.Hash = p.Policy()
	for _, p := range s.Partitions {
		one := partitionJSON{
			Partition: p.Number, Epoch: p.Epoch, State: p.State, Since: text(p.Since), LastBatch: text(p.LastBatch),
			LagRecords: lagJSON{p.Intents, p.Signals}, LagSeconds: p.Lag.Seconds(),
		}
		if !p.LastBatch.IsZero() {
			one.Took = p.Took.String()
		}
		out.Partitions = append(out.Partitions, one)
	}
	return out
}

func (s *Status) progress() progress {
	return progress{Stage: s.Stage, Since: text(s.Since), Recovering: s.recovering(), Rebuilding: s.rebuilding(), Holds: s.holds()}
}

func (s *Status) recovering() (numbers []int32) {
	for _, p := range s.Partitions {
		if p.State == Recovering {
			numbers = append(numbers, p.Number)
		}
	}
	return numbers
}

func (s *Status) rebuilding() (out []rebuildJSON) {
	for _, r := range s.Rebuilds {
		one := rebuildJSON{Partition: r.Partition, Records: r.Done, Of: r.Total, People: r.People, For: r.For.Round(time.Millisecond).String()}
		if r.Left > 0 {
			one.Left = r.Left.Round(time.Second).String()
		}
		out = append(out, one)
	}
	return out
}

func (s *Status) holds() (out []heldJSON) {
	for _, h := range s.Holds {
		one := heldJSON{
			What: h.What, Class: h.Class, Why: h.Why, Since: text(h.Since),
			For: h.For.Round(time.Millisecond).String(), Seconds: h.For.Seconds(),
		}
		if h.Partition != consumer.NoPartition {
			one.Partition = &h.Partition
		}
		out = append(out, one)
	}
	return out
}

// text is an instant as the contract writes times; none is none.
func text(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}
