package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
)

// peer has a peer do the work, by its own scripts, and takes away what is left of it.
func (b *bench) peer(ctx context.Context, name string, work peerwork.Work) (runs []Run, err error) {
	if work.Hot {
		return nil, nil // they have no such work
	}
	b.tell("peer %s", name)
	defer func() {
		cleaning, cancel := after(ctx)
		defer cancel()
		for _, topics := range peerTopics(name, work) {
			err = errors.Join(err, b.admin.remove(cleaning, topics))
		}
		err = errors.Join(err, b.forget(cleaning, "peer:"+name+":"))
	}()
	said := b.log("peer-" + name)
	out := filepath.Join(b.folder, "peer-"+name+".jsonl")
	script := filepath.Join(absolute(b.o.Peers), "run.sh")
	// The shell takes what the peer prints apart from what it says.
	process, err := command("bash", said, []string{"-c", `exec bash "$0" "$1" "$2" 1 >"$3"`, script, name, strconv.Itoa(work.Intents), out}, []string{
		"BROKERS=" + strings.Join(b.o.Config.Kafka.Brokers, ","), "REDIS_ADDR=" + b.o.Config.Redis.Address,
		"BROKER_PID=" + strconv.Itoa(b.broker), "SEED=" + strconv.FormatInt(work.Seed, 10),
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-process.Ended():
	case <-ctx.Done():
		killTree(process.ID())
		<-process.Ended()
		return nil, errInterrupted
	}
	printed, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("peer %s: %w", name, err)
	}
	for line := range bytes.Lines(printed) {
		var run Run
		if err := json.Unmarshal(line, &run); err != nil {
			return nil, fmt.Errorf("peer %s printed what is no line of a run: %w", name, err)
		}
		runs = append(runs, run)
		b.tell("%s", run.line())
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("peer %s printed nothing; it said last:\n%s", name, lastWords(said))
	}
	return runs, nil
}

// peerTopics are how the names of those topics begin that a peer and its script make, for good
// or until their end, to which they may not come.
func peerTopics(name string, work peerwork.Work) []string {
	of := fmt.Sprintf("-%d-%d", work.Seed, work.Intents)
	return []string{"peer-intents" + of, "peer-signals" + of, "peer-" + name + "-"}
}
