//go:build integration

package export

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

const queries = "../../../../deploy/queries"

// "Ready queries for DuckDB and ClickHouse, run in a test where the engine can be
// installed" (issue 7): what they answer over the exported files is what the desk keeps of
// the same topics, which is another way to the same figures. DuckDB is what .ci/services
// fetches; ClickHouse is asked where GOVERNOR_TEST_CHDB names a Python that has chdb.
func TestTheQueriesAgreeWithTheDesk(t *testing.T) {
	w := newWorld(t)
	w.month()
	view := w.look()
	folder := w.files()
	engines := map[string][]string{"duckdb": {"java", "-cp", duckDB(t), absolute(t, "testdata/DuckDB.java")}}
	if python := os.Getenv("GOVERNOR_TEST_CHDB"); python != "" {
		engines["clickhouse"] = []string{python, absolute(t, "testdata/clickhouse.py")}
	} else {
		t.Log("ClickHouse was not asked: GOVERNOR_TEST_CHDB names no Python that has chdb")
	}
	for engine, command := range engines {
		for _, format := range []string{"parquet", "ndjson"} {
			t.Run(engine+" over "+format, func(t *testing.T) { agree(t, ask(t, folder, engine, format, command), view) })
		}
		if engine == "clickhouse" {
			t.Run("its table of the topic", func(t *testing.T) { follows(t, folder, command) })
		}
	}
}

// duckDB is the jar of DuckDB's driver, which is all of DuckDB.
func duckDB(t *testing.T) string {
	t.Helper()
	if jar := os.Getenv("GOVERNOR_TEST_DUCKDB"); jar != "" {
		return jar
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	jars, _ := filepath.Glob(filepath.Join(cache, "contactgovernor", "duckdb", "*.jar"))
	if len(jars) != 1 {
		t.Fatal("there is no DuckDB: run .ci/services, or name the jar of its JDBC driver in GOVERNOR_TEST_DUCKDB")
	}
	return jars[0]
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// month is what 300 people and three engines make of one.
func (w *world) month() {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	people, said := make(map[string]*state.Person), make(map[string]bool)
	counts := make(map[schemas.VetoRate]int64)
	var approvals []schemas.Decision
	for i := range 3000 {
		w.now = w.now.Add(time.Duration(r.IntN(900_000)) * time.Millisecond)
		who := "p" + strconv.Itoa(r.IntN(300))
		partition := int32(len(who) % 2)
		if people[who] == nil {
			people[who] = &state.Person{}
		}
		p, at := people[who], rules.At(w.now)
		scope := rules.Scope{Channel: rules.Channel(pick("", "email", "sms")), Brand: rules.Brand(pick("", "x")), Subject: rules.Subject(pick("", "", "a"))}
		switch n := r.IntN(100); {
		case n < 3:
			no := rules.No{Kind: rules.NoKind(pick("refusal", "refusal", "cancellation", "complaint")), Scope: scope, At: at, Signal: rules.SignalID("s" + strconv.Itoa(i))}
			if r.IntN(4) == 0 {
				no.Scope.Address = "a@example.org"
			}
			if key := fmt.Sprint(who, no.Kind, no.Scope); said[key] {
				continue // it would take the place of the one before
			} else {
				said[key] = true
			}
			p.Noes = append(p.Noes, no)
			p.Heard = append(p.Heard, state.Heard{Signal: state.HashSignal(no.Signal), At: at})
			w.stands(partition, who, p)
			if len(approvals) > 0 && r.IntN(2) == 0 {
				d := approvals[len(approvals)-1]
				w.append("contact.revoked", partition, who, schemas.Revocation{ID: "r" + d.ID, Decision: d.ID, Intent: d.Intent, Person: who, Reason: "refused.state", Signal: string(no.Signal), Revoked: schemas.TimeOf(w.now)}.AppendJSON(nil))
				w.now = w.now.Add(time.Second)
				w.append("contact.redeemed", partition, who, schemas.Redemption{ID: "q" + d.ID, Intent: d.Intent, Decision: d.ID, Person: who, Worker: "w", Reason: "revoked", Answered: schemas.TimeOf(w.now)}.AppendJSON(nil))
			}
			if r.IntN(3) == 0 {
				w.append("contact.leaked", partition, who, schemas.Leak{ID: "l" + strconv.Itoa(i), Decision: "d", Intent: "i", Person: who, Reason: "refused.state", Signal: string(no.Signal), Redeemed: schemas.TimeOf(w.now), Refused: schemas.TimeOf(w.now)}.AppendJSON(nil))
			}
		case n < 4:
			p.Consents = append(p.Consents, rules.Consent{Scope: scope, At: at, Effective: r.IntN(2) == 0})
			w.stands(partition, who, p)
		default:
			d := schemas.Decision{
				ID: "d" + strconv.Itoa(i), Intent: "i" + strconv.Itoa(i), Person: who, Channel: pick("email", "sms", "call"), Purpose: pick("marketing", "newsletter", "service", "receipt"),
				Campaign: pick("spring", "may", "it's"), Engine: pick("", "crm", "dialer"), Brand: pick("", "x", "y"), Subject: pick("", "", "a"), Verdict: schemas.Approved, Policy: "p",
			}
			for _, reason := range []string{"refused.state", "refused.address", "quiet.hours", "cap.any"} {
				if r.IntN(5) == 0 {
					d.Reasons = append(d.Reasons, schemas.Objection{Rule: reason, Reason: reason, Line: "house.yaml:" + strconv.Itoa(len(reason)) + ":3"})
					d.Verdict = schemas.Vetoed
				}
			}
			if d.Verdict == schemas.Vetoed {
				d.Reason = d.Reasons[0].Reason
			} else {
				approvals = append(approvals, d)
			}
			w.decides(partition, d)
			rate := schemas.VetoRate{
				Minute: schemas.TimeOf(w.now.Truncate(time.Minute)), Partition: partition, Campaign: d.Campaign, Channel: d.Channel, Purpose: d.Purpose, Engine: d.Engine,
				Verdict: d.Verdict, Reason: d.Reason,
			}
			counts[rate]++
			sort := rate
			rate.Count = counts[sort]
			w.append("contact.veto-rates", partition, string(rate.Key()), rate.AppendJSON(nil))
		}
	}
	w.repeat()
}

// look is what the desk keeps of it all.
func (w *world) look() *desk.View {
	w.t.Helper()
	d := desk.New(desk.Options{
		Kafka: kafkaio.Config{Brokers: w.fake.ListenAddrs()}, Prefix: "here.", Kept: 1000 * time.Hour, Clock: func() time.Time { return w.now }, Every: time.Millisecond,
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Run(ctx); err != nil {
			w.t.Error(err)
		}
	})
	defer running.Wait()
	defer cancel()
	patience := time.After(3 * time.Minute)
	for {
		changed := d.Changed()
		if v := d.View(); v.CaughtUp {
			return v
		}
		select {
		case <-changed:
		case <-patience:
			w.t.Fatal("the desk does not catch up")
		}
	}
}

// files exports every table as the formats that the queries read.
func (w *world) files() (folder string) {
	w.t.Helper()
	folder = w.t.TempDir()
	for _, table := range Tables() {
		for _, format := range []string{"parquet", "ndjson"} {
			f, err := os.Create(filepath.Join(folder, table.Name+"."+format))
			if err != nil {
				w.t.Fatal(err)
			}
			to := NewWriter(format, table, f)
			_, err = Run(w.t.Context(), w.options(table.Name), to)
			if err = cmp.Or(err, to.Close(), f.Close()); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return folder
}

// tables is tables.sql of an engine: as it stands, or changed as it says for JSON lines.
func tables(t *testing.T, engine, format string) string {
	t.Helper()
	file := absolute(t, filepath.Join(queries, engine, "tables.sql"))
	if format == "parquet" {
		return file
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{"duckdb": "read_json('$1.ndjson')", "clickhouse": "'$1.ndjson', JSONEachRow"}[engine]
	file = filepath.Join(t.TempDir(), "tables.sql")
	if err := os.WriteFile(file, regexp.MustCompile(`'(\w+)\.parquet'`).ReplaceAll(text, []byte(lines)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// follows puts the rates, twice and with what stood before, where ClickHouse would read
// the topic, and asks for what the queries read.
func follows(t *testing.T, folder string, command []string) {
	text, err := os.ReadFile(filepath.Join(queries, "clickhouse", "kafka.sql"))
	if err != nil {
		t.Fatal(err)
	}
	sql := regexp.MustCompile(`ENGINE = Kafka SETTINGS[^;]*;`).ReplaceAllString(string(text), "ENGINE = Null;")
	insert := `INSERT INTO veto_rates_in SELECT formatDateTime(minute, '%Y-%m-%dT%H:%i:%S.000Z', 'UTC'), partition, campaign, channel, purpose, engine, verdict, reason, COUNT FROM file('rates.parquet');` + "\n"
	for _, count := range []string{"count", "1", "count"} {
		sql += strings.Replace(insert, "COUNT", count, 1)
	}
	sql += `SELECT sum(a.count) AS wrong FROM (SELECT * FROM rates) AS a WHERE (minute, partition, campaign, channel, purpose, engine, verdict, reason, count) NOT IN
		(SELECT minute, partition, campaign, channel, purpose, engine, verdict, reason, count FROM file('rates.parquet'));`
	file := filepath.Join(t.TempDir(), "kafka.sql")
	if err := os.WriteFile(file, []byte(sql+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := filepath.Join(t.TempDir(), "all.sql")
	if err := os.WriteFile(all, []byte("SELECT count(*) AS there FROM rates;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runs(t, folder, command, []string{file, all})
	if wrong, there := got["kafka.sql"].sum(t, "wrong"), got["all.sql"].sum(t, "there"); wrong != 0 || there < 1000 {
		t.Errorf("%d rows, and decisions in those that are wrong: %d", there, wrong)
	}
}

// answer is what a query answers: its rows by the names of the columns.
type answer []map[string]string

// ask has the engine run every query, and gives what each answers, by its file.
func ask(t *testing.T, folder, engine, format string, command []string) map[string]answer {
	t.Helper()
	files, err := filepath.Glob(absolute(t, queries) + "/*.sql")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d queries, %v", len(files), err)
	}
	views := slices.IndexFunc(files, func(f string) bool { return filepath.Base(f) == "views.sql" })
	first := []string{tables(t, engine, format), files[views]}
	return runs(t, folder, command, append(first, slices.Delete(files, views, views+1)...))
}

// runs lets the engine run the files.
func runs(t *testing.T, folder string, command, files []string) map[string]answer {
	t.Helper()
	run := exec.CommandContext(t.Context(), command[0], append(command[1:], files...)...)
	run.Dir = folder
	var told strings.Builder
	run.Stderr = &told
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, told.String(), out)
	}
	answers := make(map[string]answer)
	for part := range strings.SplitSeq(string(out), "== ") {
		lines := strings.Split(strings.TrimRight(part, "\n"), "\n")
		if len(lines) < 2 {
			answers[filepath.Base(lines[0])] = answer{}
			continue
		}
		names := strings.Split(lines[1], "\t")
		rows := answer{}
		for _, line := range lines[2:] {
			row := make(map[string]string)
			for i, cell := range strings.Split(line, "\t") {
				row[names[i]] = strings.ReplaceAll(cell, `\'`, `'`) // as ClickHouse writes it
			}
			rows = append(rows, row)
		}
		answers[filepath.Base(lines[0])] = rows
	}
	return answers
}

func (a answer) sum(t *testing.T, column string) (all int64) {
	t.Helper()
	for _, row := range a {
		n, err := strconv.ParseFloat(row[column], 64)
		if err != nil {
			t.Errorf("%s: %v", column, err)
		}
		all += int64(n)
	}
	return all
}

// by adds a column up by another.
func (a answer) by(t *testing.T, name, column string) map[string]int64 {
	t.Helper()
	out := make(map[string]int64)
	for _, row := range a {
		out[row[name]] += answer{row}.sum(t, column)
	}
	return out
}

// agree compares every answer with the view.
func agree(t *testing.T, got map[string]answer, v *desk.View) {
	same := func(what string, want, is any) {
		t.Helper()
		if diff := gocmp.Diff(want, is); diff != "" {
			t.Errorf("%s (-desk +query):\n%s", what, diff)
		}
	}
	f := &v.Figures
	if f.Exits < 50 || f.CleanExits < 5 || f.ToHonour.N < 20 || f.ToHonour.N == f.ToQuiet.N {
		t.Fatalf("too little happened: %+v", f)
	}
	same("exits", []int64{f.Exits, f.CleanExits}, []int64{got["clean-exits.sql"].sum(t, "exits"), got["clean-exits.sql"].sum(t, "clean_exits")})
	for _, row := range got["time-to-quiet.sql"] {
		q := map[string]desk.Quantiles{"quiet": f.ToQuiet, "honour": f.ToHonour}[row["figure"]]
		for column, want := range map[string]float64{"exits": float64(q.N), "p50_seconds": q.P50.Seconds(), "p99_seconds": q.P99.Seconds()} {
			if is, err := strconv.ParseFloat(row[column], 64); err != nil || is != want {
				t.Errorf("%s, %s: %s, the desk has %v", row["figure"], column, row[column], want)
			}
		}
	}
	same("figures of time", 2, len(got["time-to-quiet.sql"]))

	var approved, vetoed int64
	for _, m := range v.Minutes {
		approved += m.Approved
		vetoed += m.Vetoed
	}
	same("decisions", []int64{approved + vetoed, vetoed}, []int64{got["veto-rate.sql"].sum(t, "decisions"), got["veto-rate.sql"].sum(t, "vetoed")})
	reasons, campaigns, channels, lines := map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, s := range v.ByReason {
		reasons[s.Name] = s.Vetoed
	}
	for _, s := range v.ByCampaign {
		campaigns[s.Name] = s.Vetoed
	}
	for _, s := range v.ByChannel {
		channels[s.Name] = s.Approved + s.Vetoed
	}
	for line, n := range v.Lines {
		lines[line+":3"] = n
	}
	same("reasons", reasons, got["veto-reasons.sql"].by(t, "reason", "vetoed"))
	same("campaigns", campaigns, got["veto-campaigns.sql"].by(t, "campaign", "vetoed"))
	same("channels", channels, got["veto-campaigns.sql"].by(t, "channel", "decisions"))
	same("lines", lines, got["rules.sql"].by(t, "line", "objections"))

	var pester []desk.Pester
	for _, row := range got["pester-index.sql"] {
		pester = append(pester, desk.Pester{Campaign: row["campaign"], Engine: row["engine"], Intents: answer{row}.sum(t, "intents"), AfterNo: answer{row}.sum(t, "after_no")})
	}
	same("pester index", f.Pester, pester)
	same("days without agreement", 0, len(got["exact.sql"]))
	contacts := int64(0)
	for _, row := range got["pressure.sql"] {
		contacts += answer{row}.sum(t, "contacts") * answer{row}.sum(t, "people")
	}
	same("contacts", approved, contacts)
	if n := got["who-tries-on.sql"].sum(t, "exits"); n < 20 || int64(len(got["who-tries-on.sql"])) != 9 {
		t.Errorf("who tries on: %d exits of %d pairs", n, len(got["who-tries-on.sql"]))
	}
}
