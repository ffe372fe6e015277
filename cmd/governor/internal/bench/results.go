package bench

import (
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
)

// Results are what was measured, a section for each scenario.
type Results struct {
	Machine  Machine            `json:"machine"`
	Sections map[string]Section `json:"sections"`
}

// Section is what was seen of one scenario at one time.
type Section struct {
	When    time.Time `json:"when"`
	Command string    `json:"command"`
	Quick   bool      `json:"quick,omitempty"` // small, to see that it works: nothing follows from its figures
	Machine Machine   `json:"machine"`
	Runs    []Run     `json:"runs"`
}

// Run is what was seen once. Names are those of the peers' lines, so that theirs are read
// too.
type Run struct {
	Subject       string  `json:"peer"`
	N             int     `json:"n"`
	FirstToLast   float64 `json:"seconds_first_to_last"`
	Rate          float64 `json:"intents_per_s"`
	Total         float64 `json:"seconds_total"`
	OwnCPU        float64 `json:"peer_cpu_s"`
	StartCPU      float64 `json:"peer_cpu_before_first_s"`
	RedisCPU      float64 `json:"redis_cpu_s"`
	RedisCommands int64   `json:"redis_commands"`
	RedisOutside  int64   `json:"redis_commands_outside_scripts"` // so many at most: all of them, since Redis does not tell apart what scripts give
	RedisMiB      float64 `json:"redis_mib"`
	BrokerCPU     float64 `json:"broker_cpu_s"`
	AllCPUPerM    float64 `json:"all_cpu_s_per_million"`
	RSS           float64 `json:"peak_rss_mib"`

	peerwork.Verdict

	Governors int     `json:"governors,omitempty"`
	People    int     `json:"people,omitempty"`
	Touched   int     `json:"people_touched,omitempty"` // so many of them, where not all were
	Window    string  `json:"window,omitempty"`
	PerPerson float64 `json:"redis_bytes_per_person,omitempty"`
	Waited    float64 `json:"waited_minutes,omitempty"` // what came in so many minutes is drained

	Offered float64 `json:"offered_per_s,omitempty"` // intents, by a producer that keeps its pace
	Share   float64 `json:"share_of_highest,omitempty"`
	P50     float64 `json:"p50_ms,omitempty"` // from the append of an intent to that of its decision
	P99     float64 `json:"p99_ms,omitempty"`
	Most    float64 `json:"most_ms,omitempty"`
	Behind  float64 `json:"seconds_behind,omitempty"` // from when the last intent was due to the last decision

	Breaches *int `json:"breaches,omitempty"` // that governor verify found; absent: it was not asked

	Note string `json:"note,omitempty"`

	began time.Time // when its subject was started
}

// OwnCPUPerM is the subject's own processor seconds for a million intents.
func (r *Run) OwnCPUPerM() float64 { return perMillion(r.OwnCPU, r.N) }

func perMillion(seconds float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return seconds / float64(n) * 1e6
}

// Flawed is how many decisions of the governor were not what they should have been.
func (r *Results) Flawed() (n int) {
	for _, section := range r.Sections {
		for i := range section.Runs {
			if run := &section.Runs[i]; run.Subject == "governor" {
				n += flaws(run)
			}
		}
	}
	return n
}
