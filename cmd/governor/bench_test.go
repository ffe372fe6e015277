package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
)

// asGovernor, set, makes this test binary the governor itself: bench starts the program
// that is running.
const asGovernor = "GOVERNOR_TEST_AS_GOVERNOR"

// benchPlace is a Kafka and a Redis to measure on. The Redis answers as one does that may be
// asked about itself.
func benchPlace(t *testing.T) (kafka *kfake.Cluster, redis *miniredis.Miniredis) {
	t.Helper()
	t.Setenv(asGovernor, "1")
	kafka, redis = fakeKafka(t), miniredis.RunT(t)
	redis.Server().SetPreHook(func(p *server.Peer, command string, _ ...string) bool {
		if command != "INFO" {
			return false
		}
		p.WriteBulk("redis_version:7.4.0\r\nmaxmemory_policy:noeviction\r\nused_memory:1000000\r\nused_cpu_sys:1.5\r\nused_cpu_user:2.5\r\ntotal_commands_processed:100\r\ncmdstat_evalsha:calls=7,usec=1\r\n")
		return true
	})
	return kafka, redis
}

// "Every README command is executed by a test"; and "every decision equal to the oracle's", and nothing is left behind.
func TestWhatTheReadmeOfTheBenchTypesWorks(t *testing.T) {
	readme, err := os.ReadFile("../../integration/bench/README.md")
	if err != nil {
		t.Fatal(err)
	}
	kafka, redis := benchPlace(t)
	t.Chdir(t.TempDir())
	typedLines := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		for line := range strings.Lines(block[1]) {
			args, ours := strings.CutPrefix(strings.TrimSpace(line), "governor ")
			if !ours {
				t.Fatalf("no test types %s", line)
			}
			typedLines++
			args = strings.NewReplacer("kafka-1:9092", kafka.ListenAddrs()[0], "redis:6379", redis.Addr()).Replace(args)
			if out, talk, exit := typed(t, strings.Fields(args)...); exit != 0 || !strings.Contains(out, "copy-built-in (1)") {
				t.Errorf("%s: exit status %d\n%s%s", line, exit, out, talk)
			}
			nothingIsLeft(t, kafka, redis)
		}
	}
	written, err := os.ReadFile("BENCH.md")
	if err != nil || !strings.Contains(string(written), "## peers\n") || !strings.Contains(string(written), "| copy-built-in (1) | ") {
		t.Errorf("the document: %v\n%s", err, written)
	}
	figures, err := os.ReadFile("bench/results.json")
	var r bench.Results
	if err := errors.Join(err, json.Unmarshal(figures, &r)); err != nil || typedLines == 0 {
		t.Fatal(typedLines, err)
	}
	for _, run := range r.Sections["peers"].Runs {
		if run.Flawed() || run.Approved+run.Vetoed != int64(run.N) {
			t.Errorf("%+v", run)
		}
	}
}

// "The same with the whole of no-means-no and arrival clock on realistic traffic": every intent of the crowd is decided,
// after a history that lies in the past.
func TestBenchOfACrowd(t *testing.T) {
	if testing.Short() {
		t.Skip("it tells nothing about races: what is measured is another process")
	}
	kafka, redis := benchPlace(t)
	out, talk, exit := typed(t, "bench", "--brokers", kafka.ListenAddrs()[0], "--redis", redis.Addr(), "--scenario", "house", "--quick",
		"--intents", "2000", "--people", "1000", "--partitions", "2", "-o", "json")
	var r bench.Results
	if err := json.Unmarshal([]byte(out), &r); err != nil || exit != 0 || len(r.Sections["house"].Runs) != 2 {
		t.Fatalf("exit status %d, %v\n%s%s", exit, err, out, talk)
	}
	run := r.Sections["house"].Runs[0]
	if run.Breaches == nil || *run.Breaches != 0 || run.Approved+run.Vetoed != 2000 || run.Approved < 100 || len(run.Reasons) < 5 || run.Reasons["stale"] > 0 {
		t.Errorf("of 2000 intents came %+v", run)
	}
	nothingIsLeft(t, kafka, redis)
}

// "Removes them at the end, also on ctrl-C."
func TestBenchThatIsInterruptedLeavesNothingBehind(t *testing.T) {
	kafka, redis := benchPlace(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan error, 1)
	var talk bytes.Buffer
	go func() {
		ended <- execute(ctx, []string{"bench", "--brokers", kafka.ListenAddrs()[0], "--redis", redis.Addr(), "--scenario", "peers", "--intents", "50000"}, strings.NewReader(""), io.Discard, &talk)
	}()
	for len(redis.Keys()) == 0 && len(ended) == 0 { // until the governor remembers somebody
		time.Sleep(10 * time.Millisecond)
	}
	interrupt()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "interrupted") || status(err) != 1 {
		t.Errorf("%v\n%s", err, &talk)
	}
	nothingIsLeft(t, kafka, redis)
}

// "Runs run.sh PEER N 1 for the named peers in the same run, reads their JSON lines, and the table shows ratios"; and what
// they leave is taken away.
func TestBenchBesidePeers(t *testing.T) {
	if testing.Short() {
		t.Skip("it tells nothing about races: what is measured is another process")
	}
	kafka, redis := benchPlace(t)
	folder := t.TempDir()
	write(t, filepath.Join(folder, "gen", "main.go"), "package main\n")
	write(t, filepath.Join(folder, "run.sh"), `echo "$1 runs on $BROKERS and $REDIS_ADDR" >&2
[ "$1" != broken ] || exit 1
echo '{"peer":"'$1'","n":'$2',"intents_per_s":1000,"peer_cpu_s":0.2,"all_cpu_s_per_million":100,"reasons":{"ok":5},"note":" by itself"}'
`)
	for name, keys := range map[string]string{"slow": "peer:slow:1", "mine": "mine"} {
		if err := redis.Set(keys, name); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"bench", "--brokers", kafka.ListenAddrs()[0], "--redis", redis.Addr(), "--scenario", "peers", "--quick", "--intents", "2000", "--people", "200000", "--peers", folder, "--only"}
	out, talk, exit := typed(t, append(args, "slow")...)
	if exit != 0 || !regexp.MustCompile(`slow \(1\) +1,000 \(1,000\) +100\.0 .* 0 `).MatchString(out) {
		t.Errorf("exit status %d\n%s%s", exit, out, talk)
	}
	if keys := redis.Keys(); len(keys) != 1 || keys[0] != "mine" {
		t.Errorf("left are %v", keys)
	}
	redis.Del("mine")
	nothingIsLeft(t, kafka, redis)
	for only, said := range map[string]string{
		"../x": `--only: "../x" is no name of a peer`, "": "--only: which peers?",
	} {
		if _, talk, exit := typed(t, append(args, only)...); exit != 2 || !strings.Contains(talk, said) {
			t.Errorf("--only %q: exit status %d\n%s", only, exit, talk)
		}
	}
	if _, talk, exit := typed(t, append(args, "slow", "--partitions", "4")...); exit != 2 || !strings.Contains(talk, "the peers have 8 partitions and 200000 people, always") {
		t.Errorf("exit status %d\n%s", exit, talk)
	}
}

// A governor that does not begin is told in its own words, at once.
func TestBenchTellsWhyAGovernorDoesNotBegin(t *testing.T) {
	kafka, redis := benchPlace(t)
	redis.Server().SetPreHook(func(p *server.Peer, command string, _ ...string) bool {
		if command == "INFO" {
			p.WriteBulk("redis_version:7.4.0\r\nmaxmemory_policy:allkeys-lru\r\n")
		}
		return command == "INFO"
	})
	_, talk, exit := typed(t, "bench", "--brokers", kafka.ListenAddrs()[0], "--redis", redis.Addr(), "--scenario", "peers", "--quick")
	if exit != 1 || !strings.Contains(talk, "governor: it ended by itself, and said last:") || !strings.Contains(talk, "noeviction") {
		t.Errorf("exit status %d\n%s", exit, talk)
	}
	nothingIsLeft(t, kafka, redis)
}

// By hand: what was loaded stays until it is unloaded.
func TestWorkIsLoadedByHand(t *testing.T) {
	kafka, redis := benchPlace(t)
	file := filepath.Join(t.TempDir(), "governor.json")
	by := func(what string) string {
		t.Helper()
		out, talk, exit := typed(t, "bench", "by-hand", what, "--brokers", kafka.ListenAddrs()[0], "--redis", redis.Addr(), "--write", file, "--intents", "2000", "--people", "100")
		if exit != 0 {
			t.Fatalf("%s: exit status %d\n%s", what, exit, talk)
		}
		return out
	}
	by("load")
	if c, err := config.Load(file); err != nil || c.Kafka.Topics.Prefix != "bench-by-hand." {
		t.Errorf("%+v, %v", c, err)
	}
	if said := by("judge"); !strings.Contains(said, `"deliveries_without_decision": 2000,`) {
		t.Errorf("nobody decided anything, and it says %s", said)
	}
	by("unload")
	nothingIsLeft(t, kafka, redis)
}

// nothingIsLeft wants neither topics nor keys.
func nothingIsLeft(t *testing.T, kafka *kfake.Cluster, redis *miniredis.Miniredis) {
	t.Helper()
	for _, topic := range topicsThatExist(t, kafka) {
		if strings.HasPrefix(topic, "bench-") {
			t.Errorf("topic %s was left", topic)
		}
	}
	if keys := redis.Keys(); len(keys) > 0 {
		t.Errorf("%d keys were left, %s for one", len(keys), keys[0])
	}
}

func topicsThatExist(t *testing.T, kafka *kfake.Cluster) (names []string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	found, err := kadm.NewClient(client).ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found.Names()
}

// What is wrong is told before anything is made, and what to write instead.
func TestMistakesOfWhoMeasures(t *testing.T) {
	kafka, redis := benchPlace(t)
	at := []string{"--brokers", kafka.ListenAddrs()[0], "--redis", redis.Addr()}
	away := nobody(t)
	for _, c := range []struct {
		args []string
		exit int
		said string
	}{
		{nil, 2, "bench: on which Kafka and Redis? Write --config FILE, or --brokers HOST:PORT and --redis HOST:PORT"},
		{[]string{"--brokers", away}, 2, "on which Kafka and Redis?"},
		{[]string{"--brokers", away, "--redis", redis.Addr()}, 1, "cannot reach Kafka at " + away},
		{[]string{"--brokers", kafka.ListenAddrs()[0], "--redis", away}, 1, "cannot reach Redis at " + away},
		{append(at, "--scenario", "speed"), 2, `there is no "speed"; write one or several of peers,kill,`},
		{append(at, "--intents", "5"), 2, "--intents 5: write 2000 at least"},
		{append(at, "--intents", "0"), 2, "--intents 0: write 2000 at least"},
		{append(at, "--intents", "-5"), 2, "--intents -5: write 2000 at least"},
		{append(at, "--people", "1"), 2, "--people 1: write 2 at least, or"},
		{append(at, "--partitions", "0"), 2, "--partitions 0: write a number from 1 to 1000"},
		{append(at, "--runs", "0"), 2, "--runs 0: write a number from 1 to 100"},
		{append(at, "--kill", "1"), 2, "--kill 1: write the share of the decisions"},
		{append(at, "--broker-pid", "-1"), 2, "--broker-pid -1"},
		{append(at, "--grow", "0.5"), 2, "--grow 0.5: write 1 or more"},
		{append(at, "--peers", "/nowhere"), 2, "--peers /nowhere: this is not the folder of the peers"},
		{append(at, "-o", "xml"), 2, "write text or json"},
		{[]string{"--config", "/nowhere/governor.yaml"}, 2, `no configuration "/nowhere/governor.yaml"`},
	} {
		out, talk, exit := typed(t, append([]string{"bench"}, c.args...)...)
		if exit != c.exit || !strings.Contains(talk, c.said) || out != "" {
			t.Errorf("%v: exit status %d, want %d with %q\n%s%s", c.args, exit, c.exit, c.said, out, talk)
		}
	}
	if topics := topicsThatExist(t, kafka); len(topics) > 0 {
		t.Errorf("%v were made", topics)
	}
}
