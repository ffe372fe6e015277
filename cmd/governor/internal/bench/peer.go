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

// The peers have so many partitions, whatever else is asked for.
const peersPartitions = 8

// sameAsPeers says whether the peers do the same work.
func (b *bench) sameAsPeers(work peerwork.Work) error {
	c := &b.o.Config
	switch {
	case b.o.Partitions != peersPartitions || work.People != peerwork.People:
		return fmt.Errorf("the peers have %d partitions and %d people, always: leave --partitions and --people out beside --peers", peersPartitions, peerwork.People)
	case c.Kafka.TLS.Enabled || c.Kafka.SASL.Mechanism != "" || c.Redis.TLS.Enabled || c.Redis.PasswordFile != "" || c.Redis.Address == "":
		return errors.New("the peers know neither TLS nor passwords, nor Sentinels: leave --peers out, or measure where none are needed")
	}
	return nil
}

// peer has a peer do the work, by its own scripts, and takes its topics away.
func (b *bench) peer(ctx context.Context, name string, work peerwork.Work) (runs []Run, err error) {
	if work.Hot {
		return nil, nil // they have no such work
	}
	if err := b.sameAsPeers(work); err != nil {
		return nil, err
	}
	b.tell("peer %s", name)
	defer func() {
		cleaning, cancel := after(ctx)
		defer cancel()
		for _, topic := range peerTopics(name, work) {
			err = errors.Join(err, b.admin.removeOne(cleaning, topic))
		}
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

// peerTopics are those that a peer and its script make, for good.
func peerTopics(name string, work peerwork.Work) []string {
	of := fmt.Sprintf("-%d-%d", work.Seed, work.Intents)
	return []string{"peer-intents" + of, "peer-signals" + of, "peer-" + name + "-approved", "peer-" + name + "-vetoed"}
}
