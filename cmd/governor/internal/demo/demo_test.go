package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/embedded"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// tiny is a table like the real one: 14 people, 40 calls, 6 yes, of which 4
// within three calls.
const tiny = "calls,persons,subscribed\n1,4,2\n2,4,1\n3,3,1\n4,1,1\n6,1,1\n9,1,0\n"

// The whole demo, twice on one folder.
func TestDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	live := make(map[asked]string)
	var talk bytes.Buffer
	first, err := Run(t.Context(), Options{
		Data: dir, Talk: &talk, table: tiny,
		heard: func(d *schemas.Decision) { live[asked{d.Person, d.Intent}] = string(d.Verdict) + " " + d.Reason },
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, &talk)
	}

	// The live service decides what replay decides.
	list, err := stories()
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[asked]string)
	for _, s := range list {
		for who, decision := range offline(t, s.File) {
			want[who] = decision
		}
	}
	if len(want) < 100 || !reflect.DeepEqual(live, want) {
		t.Errorf("%d decisions live, %d offline", len(live), len(want))
		for who, decision := range want {
			if live[who] != decision {
				t.Errorf("%v: %q live, %q offline", who, live[who], decision)
			}
		}
	}

	h := first.History
	if h.People != 14 || h.Calls != 40 || h.Yes != 6 || h.YesWithinThree != 4 || h.CallsAfterThree != 10 || h.YesAfterThree != 2 {
		t.Errorf("the table is %+v", h)
	}
	if h.PlayedCalls != 40 || h.YesKept != 4 || h.YesLost != 2 {
		t.Errorf("played: %+v", h)
	}
	if got := h.ByCall; len(got) != 4 || got[0].Wanted != 14 || got[0].Through != 14 || got[2].Through != 6 || got[3].Wanted != 10 || got[3].Through != 0 {
		t.Errorf("by call: %+v", got)
	}
	if m := h.MostCalled; m.Wanted != 9 || m.Through != 3 || m.Refused != 6 {
		t.Errorf("the most called: %+v", m)
	}
	if r := first.Restart; r.Noes != 8 || r.Refused != 8 || r.Through != 0 || r.Earlier != 0 || r.TookBack != 1 {
		t.Errorf("after the restart: %+v", r)
	}
	if first.Run != 1 || first.Wanted != first.Through+first.Refused || first.Wanted != len(live)+40 {
		t.Errorf("run %d: %d wanted, %d through, %d refused", first.Run, first.Wanted, first.Through, first.Refused)
	}

	second, err := Run(t.Context(), Options{Data: dir, Talk: &talk, table: tiny})
	if err != nil {
		t.Fatalf("%v\n%s", err, &talk)
	}
	if r := second.Restart; r.Noes != 16 || r.Refused != 16 || r.Earlier != 8 {
		t.Errorf("after the second run: %+v", r)
	}
	if !reflect.DeepEqual(first.Stories, second.Stories) {
		t.Errorf("told once more, the stories end differently:\n%+v\n%+v", first.Stories, second.Stories)
	}

	var page bytes.Buffer
	if err := first.Write(&page, false); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(page.String() + talk.String()) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 && !strings.Contains(line, dir) {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.Contains(line, "\x1b") {
			t.Errorf("colour where none was wanted: %q", line)
		}
	}
}

func TestDemoIsStopped(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	o := Options{Data: dir, Talk: &bytes.Buffer{}, table: tiny, heard: func(*schemas.Decision) {
		if n++; n == 5 {
			cancel()
		}
	}}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	s := start(t, dir, noon)
	intend(s, "i1")
	others := func(d schemas.Decision) bool { return d.Person != "ada" } // asked before the stop, answered after it
	if got := slices.DeleteFunc(decide(t, s), others); len(got) != 1 || got[0].Verdict != schemas.Approved {
		t.Errorf("and then: %+v", got)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

// Every field of the summary is explained.
func TestReadmeHasTheFields(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var check func(reflect.Type)
	check = func(typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || !strings.Contains(string(readme), "`"+name+"`") {
				t.Errorf("%s.%s: %q is not in the README", typ.Name(), f.Name, name)
			}
			inner := f.Type
			if inner.Kind() == reflect.Slice {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				check(inner)
			}
		}
	}
	check(reflect.TypeFor[Summary]())
	if _, err := json.Marshal(Summary{}); err != nil {
		t.Error(err)
	}
}

// theFolder names the data folder to a process that is going to be killed.
const theFolder = "DEMO_TEST_FOLDER"

// A no survives a hard kill of the process that heard it.
func TestNoSurvivesAKill(t *testing.T) {
	if dir := os.Getenv(theFolder); dir != "" {
		refuse(t, dir)
		return
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNoSurvivesAKill$")
	cmd.Env = append(os.Environ(), theFolder+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || said != "refused\n" {
		t.Fatalf("it said %q, %v", said, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed

	s := start(t, dir, noon.Add(time.Hour))
	intend(s, "i2")
	if got := decide(t, s); len(got) != 1 || got[0].Reason != "refused.state" || !got[0].Final {
		t.Errorf("after the kill: %+v", got)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

var noon = time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)

// refuse has somebody say no, says so, and waits to be killed.
func refuse(t *testing.T, dir string) {
	s := start(t, dir, noon)
	intend(s, "i1")
	if got := decide(t, s); len(got) != 1 || got[0].Verdict != schemas.Approved {
		t.Fatalf("before the no: %+v", got)
	}
	s.signal(&schemas.Signal{ID: "s1", Person: "ada", Type: schemas.TypeRefusal, At: schemas.TimeOf(noon), Channel: "email", Source: "settings"})
	decide(t, s)
	if _, err := os.Stdout.WriteString("refused\n"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
}

func start(t *testing.T, dir string, at time.Time) *site {
	t.Helper()
	policy, err := policyfile.Load(Policy)
	if err != nil {
		t.Fatal(err)
	}
	s, err := openSite(dir, newClock(at))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.govern(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	return s
}

func intend(s *site, id string) {
	s.intend(&schemas.Intent{
		ID: id, Person: "ada", Channel: "email", Purpose: "marketing", Campaign: "c" + id, Engine: "test",
		At: schemas.TimeOf(s.clock.now()), Priority: schemas.DefaultPriority,
	})
}

func decide(t *testing.T, s *site) []schemas.Decision {
	t.Helper()
	got, err := s.decide(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A memory that is lost is made anew from the log: what was decided is known.
func TestMemoryIsMadeAnewFromTheLog(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, noon)
	intend(s, "i1")
	decide(t, s)
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	journals, err := filepath.Glob(filepath.Join(dir, "*.aof"))
	if err != nil || len(journals) != 1 {
		t.Fatalf("journals: %v, %v", journals, err)
	}
	if err := os.Remove(journals[0]); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir, noon)
	intend(s, "i1")
	if got := decide(t, s); len(got) != 1 || got[0].Reason != "duplicate" {
		t.Errorf("asked again after the loss: %+v", got)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

// What the governor cannot mend by itself is said, with what to do.
func TestAHoldIsSaid(t *testing.T) {
	w := newWatch()
	w.Held(0, fmt.Errorf("fetch intents: %w", consumer.ErrOutOfRange), noon)
	if err := w.holds(); !errors.Is(err, ErrHeld) || !errors.Is(err, consumer.ErrOutOfRange) || !strings.Contains(err.Error(), "--fresh") {
		t.Errorf("got %v", err)
	}
}

// Who waits in vain is told why.
func TestPatienceEnds(t *testing.T) {
	s := &site{watch: newWatch()}
	s.watch.Held(0, errors.New("the disk is full"), time.Time{})
	s.watch.Held(1, errors.New("it is raining"), time.Time{})
	s.watch.Resumed(1, time.Second)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 0, errPatience)
	defer cancel()
	err := s.explain(ctx, ctx.Err())
	if text := err.Error(); !errors.Is(err, ErrHeld) || !strings.Contains(text, "the disk is full") || strings.Contains(text, "raining") {
		t.Errorf("it says: %v", err)
	}
}

func TestClearedFolder(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, noon)
	s.signal(&schemas.Signal{ID: "s1", Person: "ada", Type: schemas.TypeRefusal, At: schemas.TimeOf(noon)})
	decide(t, s)
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if err := embedded.Clear(dir); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir, noon)
	intend(s, "i1")
	if got := decide(t, s); len(got) != 1 || got[0].Verdict != schemas.Approved {
		t.Errorf("afresh: %+v", got)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}
