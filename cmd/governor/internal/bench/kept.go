package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"time"
)

// Kept is the figure that later versions are held to: what the processor time of the governor and of Redis
// is to that of the copy beside it, for the same input in the same run. The broker's is left out: it warms up.
type Kept struct {
	Ratio   float64   `json:"governor_over_copy"`
	Intents int       `json:"intents"`
	Pairs   int       `json:"pairs"`
	When    time.Time `json:"when"`
	Machine Machine   `json:"machine"`
}

// Figure is what may be kept of the results: the best of the pairs that ran, since whatever
// else a machine does makes it worse.
func (r *Results) Figure() (Kept, error) {
	section := r.Sections["peers"]
	k := Kept{Ratio: math.Inf(1), When: section.When, Machine: section.Machine}
	governors, copies := of(groups(section.Runs), "governor"), of(groups(section.Runs), builtIn)
	for i := range min(len(governors), len(copies)) {
		if used := copies[i].OwnCPU; used > 0 {
			k.Pairs++
			k.Intents = governors[i].N
			k.Ratio = min(k.Ratio, (governors[i].OwnCPU+governors[i].RedisCPU)/used)
		}
	}
	if k.Pairs == 0 {
		return k, errors.New("there is no figure to keep or to hold to: measure the scenario peers, where the system tells processor times")
	}
	return k, nil
}

// Keep writes the figure.
func (k *Kept) Keep(file string) error {
	text, err := json.MarshalIndent(k, "", "  ")
	if err == nil {
		err = os.WriteFile(file, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("--keep: %w", err)
	}
	return nil
}

// Hold says what was kept, and whether the figure is more than grow times that.
func (k *Kept) Hold(file string, grow float64) (was Kept, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return was, fmt.Errorf("--against: %w; --keep FILE makes one", err)
	}
	if err := json.Unmarshal(text, &was); err != nil || was.Ratio <= 0 {
		return was, fmt.Errorf("--against: %s has no figure (%w): --keep FILE makes one", file, errors.Join(err, errNoFigure))
	}
	if k.Ratio > grow*was.Ratio {
		return was, fmt.Errorf("the governor takes %.2f times the processor time of the copy, and took %.2f times (kept %s, commit %s): more than %v times as much. "+
			"Find out what costs it; if it is worth it, keep the new figure with --keep %s", k.Ratio, was.Ratio, was.When.Format(time.DateOnly), was.Machine.Commit, grow, file)
	}
	return was, nil
}

var errNoFigure = errors.New("governor_over_copy is not there")
