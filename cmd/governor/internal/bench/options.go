package bench

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
)

// Options say what is measured, and on what.
type Options struct {
	Config config.Config // where Kafka and Redis are, and how to get there

	Scenarios  []string // of Scenarios; none: all
	Intents    int      // Unsaid: as many as the scenario has
	People     int      // likewise
	Partitions int
	Runs       int     // how often each is run
	Kill       float64 // at which share of its decisions the governor of kill is killed
	Quick      bool    // small versions
	Verify     bool    // ask governor verify afterwards, where that makes sense

	Peers string   // the folder of the peers; empty: none
	Only  []string // which of them

	BrokerPID int // the broker's process, for its processor time; 0: the one on this machine, if it is found

	Starter  Starter   // starts the governor
	Talk     io.Writer // progress
	Terminal bool      // Talk is one
	Command  string    // as it was typed, for the results
}

// Unsaid is a number that is the scenario's to choose.
const Unsaid = -1

// Default is what the command means if nothing is said.
func Default() Options {
	return Options{Config: config.Default(), Intents: Unsaid, People: Unsaid, Partitions: 8, Runs: 1, Kill: 0.5, Only: []string{"copy-kafka-go", "streams"}}
}

// mostPartitions and mostRuns are more than anybody means.
const (
	mostPartitions = 1000
	mostRuns       = 100
)

// Check tells everything that is wrong with the options, a line each.
func (o *Options) Check() error {
	var bad []error
	wrong := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }
	for _, name := range o.Scenarios {
		if !slices.Contains(Scenarios(), name) {
			wrong("--scenario: there is no %q; write one or several of %s", name, strings.Join(Scenarios(), ","))
		}
	}
	if o.Intents < peerwork.Least && o.Intents != Unsaid {
		wrong("--intents %d: write %d at least, or leave it out. They are spread over 30 days, and with fewer what comes a second time comes later than it is remembered", o.Intents, peerwork.Least)
	}
	if o.People < 2 && o.People != Unsaid {
		wrong("--people %d: write 2 at least, or leave it out", o.People)
	}
	if o.Partitions < 1 || o.Partitions > mostPartitions {
		wrong("--partitions %d: write a number from 1 to %d", o.Partitions, mostPartitions)
	}
	if o.Runs < 1 || o.Runs > mostRuns {
		wrong("--runs %d: write a number from 1 to %d", o.Runs, mostRuns)
	}
	if o.Kill <= 0 || o.Kill >= 1 {
		wrong("--kill %v: write the share of the decisions after which it is killed, more than 0 and less than 1", o.Kill)
	}
	if o.BrokerPID < 0 {
		wrong("--broker-pid %d: write the number of the broker's process on this machine", o.BrokerPID)
	}
	bad = append(bad, o.checkPeers())
	return errors.Join(bad...)
}

func (o *Options) checkPeers() error {
	if o.Peers == "" {
		return nil
	}
	for _, file := range []string{"run.sh", "gen"} {
		if _, err := os.Stat(filepath.Join(o.Peers, file)); err != nil {
			return fmt.Errorf("--peers %s: this is not the folder of the peers: it has no %s; write the path of the one with their run.sh", o.Peers, file)
		}
	}
	if len(o.Only) == 0 {
		return errors.New("--only: which peers? Write some of those that run.sh names, like copy-kafka-go,streams")
	}
	for _, name := range o.Only {
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" || name == "" {
			return fmt.Errorf("--only: %q is no name of a peer; run.sh names them", name)
		}
	}
	c := &o.Config
	switch {
	case o.Partitions != peersPartitions || o.work().People != peerwork.People:
		return fmt.Errorf("--peers: the peers have %d partitions and %d people, always: leave --partitions, --people and --quick out, or write --people %d", peersPartitions, peerwork.People, peerwork.People)
	case c.Kafka.TLS.Enabled || c.Kafka.SASL.Mechanism != "" || c.Redis.TLS.Enabled || c.Redis.PasswordFile != "" || c.Redis.Address == "" || c.Redis.Database != 0:
		return errors.New("--peers: the peers know neither TLS nor passwords, nor Sentinels, nor another database of Redis than 0: leave it out, or measure where none are needed")
	}
	return nil
}

// The peers have so many partitions, whatever else is asked for.
const peersPartitions = 8
