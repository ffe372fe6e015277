package replay_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/scenario"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
	"github.com/contactgovernor/governor/state/redisstate"
)

// The corpus of the project. It runs three ways: here over memory and over Redis, and
// through the binary in cmd/governor.
const corpusDir = "../../rules/scenario/corpus"

// openStories are the scenarios of our own that do not come out as expected yet, and why.
var openStories = map[string]string{}

// corpus reads every scenario of the project, and each name once.
func corpus(t testing.TB) (all []*scenario.Scenario) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(corpusDir, "*", "*"+scenario.Extension))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	taken := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := scenario.Parse(path, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range f.Scenarios {
			if first, twice := taken[s.ID]; twice {
				t.Errorf("%s: the name %s is taken in %s", s.At, s.ID, first)
			}
			taken[s.ID] = path
			all = append(all, s)
		}
	}
	return all
}

// Everything in the corpus comes out as expected, but for what is open.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	var policies replay.Policies
	for _, s := range corpus(t) {
		t.Run(s.ID, func(t *testing.T) {
			wrong := unexpected(t, &policies, s)
			why, isOpen := open[s.ID]
			if !isOpen {
				why, isOpen = openStories[s.ID]
			}
			switch {
			case isOpen && wrong == "":
				t.Errorf("%s comes out as expected: take it off the list of open cases", s.ID)
			case isOpen:
				t.Skipf("%s: %s", why, wrong)
			case wrong != "":
				t.Error(wrong)
			}
		})
	}
}

// unexpected plays a scenario over memory, and says what is wrong with it.
func unexpected(t *testing.T, policies *replay.Policies, s *scenario.Scenario) string {
	policy, err := policies.Of(s)
	if err != nil {
		return err.Error()
	}
	return failures(t, s, playOver(t, s, policy, memstate.New()))
}

func playOver(t testing.TB, s *scenario.Scenario, policy *rules.Policy, store state.Store) [][]scenario.Output {
	t.Helper()
	came, err := replay.Play(t.Context(), policy, store, s.Recording())
	if err != nil {
		t.Fatalf("%s: %v", s.At, err)
	}
	return came
}

func failures(t testing.TB, s *scenario.Scenario, came [][]scenario.Output) string {
	t.Helper()
	report, err := s.Judge(came)
	if err != nil {
		t.Fatalf("%s: %v", s.At, err)
	}
	var wrong []string
	for _, f := range report.Failures {
		wrong = append(wrong, f.String())
	}
	return strings.Join(wrong, "\n")
}

// The same bytes come out over Redis as over memory: over miniredis, and, where
// GOVERNOR_TEST_REDIS is the host:port of one, over a real Redis.
func TestCorpusOverRedis(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	servers := map[string]string{"miniredis": miniredis.RunT(t).Addr()}
	if addr := os.Getenv("GOVERNOR_TEST_REDIS"); addr != "" {
		servers["redis"] = addr
	}
	all := corpus(t)
	for name, addr := range servers {
		t.Run(name, func(t *testing.T) {
			client := redisstate.NewClient(redisstate.ClientOptions{Addrs: []string{addr}, Timeout: time.Minute})
			defer client.Close()
			var policies replay.Policies
			for _, s := range all {
				policy, err := policies.Of(s)
				if err != nil {
					continue // TestCorpus tells why
				}
				prefix := "test-" + rand.Text() + ":"
				store, err := redisstate.New(client, redisstate.Options{Prefix: prefix})
				if err != nil {
					t.Fatal(err)
				}
				want, got := playOver(t, s, policy, memstate.New()), playOver(t, s, policy, store)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-memory +redis):\n%s", s.At, diff)
				}
				sweep(t, client, prefix)
			}
		})
	}
}

// sweep removes what a scenario left in Redis.
func sweep(t *testing.T, client redis.UniversalClient, prefix string) {
	t.Helper()
	keys := client.Scan(t.Context(), 0, prefix+"*", 1000).Iterator()
	for keys.Next(t.Context()) {
		if err := client.Del(t.Context(), keys.Val()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
}

// A policy that is written out in a scenario has its mistakes at their places in the
// scenario's file, and one beside it is found from there.
func TestPoliciesOfScenarios(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("ours.yaml", "policy: ours\npurposes: {news: solicitation}\nchannels: {email: {}}\n")
	rest := "\nperson anna\n\n2026-05-04T10:00:00Z i1: news by email to anna, campaign c\n  => approved\n"
	for what, c := range map[string]struct{ policy, says string }{
		"beside":        {"policy ./ours.yaml", ""},
		"two":           {"policy no-means-no, ours.yaml", ""},
		"written out":   {"policy\n  policy: mine\n  purposes: {news: solicitation}\n\n  channels: {email: {}}", ""},
		"a mistake":     {"policy\n  policy: mine\n  # a comment\n  purposes: {news: solicitation}\n  chanels: {email: {}}", ":6:3: unknown key \"chanels\""},
		"not there":     {"policy ./theirs.yaml", "theirs.yaml"},
		"not built in":  {"policy no-means-yes", "no-means-no"},
		"one too often": {"policy no-means-no, no-means-no", "twice"},
	} {
		t.Run(what, func(t *testing.T) {
			text := "scenario S: Shows something\n" + c.policy + rest
			path := write("s.scenario", text)
			f, err := scenario.Parse(path, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			var policies replay.Policies
			policy, err := policies.Of(f.Scenarios[0])
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("it says %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if wrong := failures(t, f.Scenarios[0], playOver(t, f.Scenarios[0], policy, memstate.New())); wrong != "" {
				t.Error(wrong)
			}
			if again, _ := policies.Of(f.Scenarios[0]); f.Scenarios[0].Policy.Text == nil && again != policy {
				t.Error("the policy is loaded again")
			}
		})
	}
}

// The scenario that rules/README.md shows comes out as it says.
func TestScenarioOfTheReadme(t *testing.T) {
	b, err := os.ReadFile("../../rules/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(b), "```scenario\n")
	text, _, shown := strings.Cut(text, "```")
	if !shown {
		t.Fatal("the README shows no scenario")
	}
	var policies replay.Policies
	if wrong := unexpected(t, &policies, parse(t, "README.md", text).Scenarios[0]); wrong != "" {
		t.Error(wrong)
	}
}

// "`--rewrite` writes what was seen into the expectations" (issue 4): from a file in
// which nothing is expected yet it makes one that comes out as expected, and it leaves
// alone what is right.
func TestRewriteWritesWhatCame(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	var policies replay.Policies
	paths, _ := filepath.Glob(filepath.Join(corpusDir, "*", "*"+scenario.Extension))
	expectation := regexp.MustCompile(`(?m)=> [^#\n]*?( +#.*)?$`)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		empty := expectation.ReplaceAllString(string(text), "=> ?$1")
		if _, err := policies.Of(parse(t, path, empty).Scenarios[0]); err != nil {
			continue // TestCorpus tells why
		}
		written, changed := rewritten(t, &policies, path, empty)
		if changed == 0 {
			t.Errorf("%s: nothing was written", path)
		}
		if again, changed := rewritten(t, &policies, path, written); changed != 0 {
			t.Errorf("%s is rewritten again:\n%s", path, cmp.Diff(written, again))
		}
		if again, _ := rewritten(t, &policies, path, string(text)); again != string(text) && len(open)+len(openStories) == 0 {
			t.Errorf("%s is right, and rewritten:\n%s", path, cmp.Diff(string(text), again))
		}
	}
}

func parse(t *testing.T, path, text string) *scenario.File {
	t.Helper()
	f, err := scenario.Parse(path, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func rewritten(t *testing.T, policies *replay.Policies, path, text string) (again string, changed int) {
	t.Helper()
	f := parse(t, path, text)
	var reports []*scenario.Report
	for _, s := range f.Scenarios {
		policy, err := policies.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		report, err := s.Judge(playOver(t, s, policy, memstate.New()))
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, report)
	}
	b, changed := f.Rewrite(reports)
	return string(b), changed
}

// lost is a store that nobody reaches.
type lost struct{ state.Store }

func (lost) Acquire(context.Context, int32, string) (state.Holding, error) {
	return state.Holding{}, errFull
}

// What cannot be played says why.
func TestPlayThatCannotGoOn(t *testing.T) {
	policy, err := load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	tick := scenario.Record{Arrived: 1777888800000, Topic: "tick"}
	late := scenario.Record{Arrived: 1777888700000, Topic: "tick"}
	var unreadable *replay.LineError
	if _, err := replay.Play(t.Context(), policy, memstate.New(), []scenario.Record{tick, late}); !errors.As(err, &unreadable) || unreadable.Line != 2 {
		t.Errorf("a record out of order: %v", err)
	}
	if _, err := replay.Play(t.Context(), policy, lost{}, []scenario.Record{tick}); !errors.Is(err, errFull) {
		t.Errorf("a store that is away: %v", err)
	}
	if _, err := replay.Outputs([]byte("{\"topic\":\"redeem\"}\nno JSON\n")); err == nil {
		t.Error("what is no JSON is read")
	}
}

// BenchmarkCorpus plays and judges the whole corpus over memory: what a developer
// waits for.
func BenchmarkCorpus(b *testing.B) {
	var policies replay.Policies
	all := corpus(b)
	events := 0
	for b.Loop() {
		events = 0
		for _, s := range all {
			policy, err := policies.Of(s)
			if err != nil {
				continue
			}
			came := playOver(b, s, policy, memstate.New())
			events += len(came)
			failures(b, s, came)
		}
	}
	b.ReportMetric(float64(events), "events")
}
