package replay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/memstate"
)

// line is one line of output.
type line struct {
	Topic   string            `json:"topic"`
	Value   jsontext.Value    `json:"value"`
	Headers map[string]string `json:"headers"`
}

// field is a field of the value: a text as it is, anything else as JSON.
func (l line) field(name string) string {
	var fields map[string]jsontext.Value
	if json.Unmarshal(l.Value, &fields, jsontext.AllowDuplicateNames(true)) != nil {
		return ""
	}
	var text string
	if json.Unmarshal(fields[name], &text) == nil {
		return text
	}
	return string(fields[name])
}

// load reads each policy once. Tests of this package run one after another.
func load(name string) (*rules.Policy, error) {
	if p := loaded[name]; p != nil {
		return p, nil
	}
	p, err := policyfile.Load(name)
	if err == nil {
		loaded[name] = p
	}
	return p, err
}

var loaded = map[string]*rules.Policy{}

// run replays the lines, and gives what was written, the rates aside, and the error.
func run(t testing.TB, policy string, lines ...string) ([]line, string, error) {
	t.Helper()
	p, err := load(policy)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r, err := replay.New(context.Background(), p, memstate.New(), &out)
	if err != nil {
		t.Fatal(err)
	}
	failed := r.Run(context.Background(), strings.NewReader(strings.Join(lines, "\n")))
	var list []line
	for text := range strings.Lines(out.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
			t.Fatalf("the output %q is no JSON: %v", text, err)
		}
		if l.Topic != "contact.veto-rates" {
			list = append(list, l)
		}
	}
	return list, out.String(), failed
}

// A minute is counted when it is over, and the last one at the end.
func TestRatesOfARecording(t *testing.T) {
	_, out, err := run(t, "no-means-no",
		intent("10:00:00", "i1"), intent("10:00:59.999", "i2"), intent("10:01:00", "i3"), intent("10:01:01", "i1"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out) {
		topic := line[strings.Index(line, "contact."):]
		topic = topic[:strings.IndexByte(topic, '"')]
		if _, value, is := strings.Cut(line, `"contact.veto-rates","value":`); is {
			rate, err := schemas.DecodeVetoRate([]byte(strings.TrimSuffix(value, "}\n")))
			if err != nil {
				t.Fatal(err)
			}
			topic = fmt.Sprintf("%s %s %d", rate.Minute.String()[11:16], rate.Reason, rate.Count)
		}
		if topic != "contact.standing" {
			got = append(got, topic)
		}
	}
	want := []string{"contact.approved", "contact.approved", "10:00  2", "contact.vetoed", "contact.vetoed", "10:01 cap.email 1", "10:01 duplicate 1"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func event(clock, topic, value string) string {
	if value == "" {
		return fmt.Sprintf(`{"arrived":"2026-05-04T%sZ","topic":%q}`, clock, topic)
	}
	return fmt.Sprintf(`{"arrived":"2026-05-04T%sZ","topic":%q,"value":%s}`, clock, topic, value)
}

func intent(clock, id string, more ...string) string {
	return event(clock, "contact.intents", fmt.Sprintf(`{"id":%q,"person":"p","channel":"email","purpose":"marketing","campaign":"c","at":"2026-05-04T%sZ"%s}`, id, clock, strings.Join(more, "")))
}

func toll(clock, id string) string {
	return event(clock, "contact.intents", fmt.Sprintf(`{"id":%q,"person":"p","channel":"email","purpose":"service","campaign":"c","subject":"acct9","at":"2026-05-04T%sZ"}`, id, clock))
}

func signal(clock, kind, more string) string {
	return event(clock, "contact.signals", fmt.Sprintf(`{"id":"s%s","person":"p","type":%q,"at":"2026-05-04T%sZ"%s}`, clock, kind, clock, more))
}

// told is the output in short: topic, the intent or what else it is about, reason.
func told(lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&b, strings.TrimSpace(strings.Join([]string{strings.TrimPrefix(l.Topic, "contact."), l.field("intent"), l.field("reason")}, " ")))
	}
	return b.String()
}

func wants(t *testing.T, got []line, want ...string) {
	t.Helper()
	if text := told(got); text != strings.Join(want, "\n")+"\n" {
		t.Errorf("got\n%s\nwant\n%s", text, strings.Join(want, "\n"))
	}
}

// One JSON object a line, in order, for every output topic and every redeem.
func TestReplay(t *testing.T) {
	got, _, err := run(t, "no-means-no",
		intent("10:00:00", "i1"),
		event("10:00:01", "redeem", `{"intent":"i1"}`),
		event("10:00:01", "redeem", `{"intent":"i1"}`),
		"", "  ", // blank lines are nothing
		intent("10:00:02", "i2"),
		signal("10:01:00", "refusal", ""),
		event("10:02:00", "redeem", `{"intent":"i2"}`),
		event("10:02:00", "redeem", `{"intent":"unheard"}`),
		intent("10:03:00", "i3"),
		intent("10:03:00", "i3"),
		event("23:00:00", "tick", ""),
	)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, got,
		"approved i1", "redeem i1", "redeem i1 already_redeemed", "approved i2", "leaked i1 refused.state", "revoked i2 refused.state", "standing",
		"redeem i2 revoked",
		"redeem unheard not_approved", "vetoed i3 refused.state", "vetoed i3 duplicate")
	for i, want := range map[int]string{1: "true", 2: "false"} {
		if ok := got[i].field("ok"); ok != want {
			t.Errorf("redeem %d: ok %s", i, ok)
		}
	}
	if got[4].field("seconds") != "59.000" {
		t.Errorf("leak %s", got[4].Value)
	}
	if got[5].field("signal") != "s10:01:00" || got[5].field("revoked") != "2026-05-04T10:01:00Z" && got[5].field("revoked") != "2026-05-04T10:01:00.000Z" {
		t.Errorf("revocation %s", got[5].Value)
	}
	if got[0].field("signals") != "0" || got[9].field("signals") != "1" {
		t.Errorf("decided at signal positions %s and %s", got[0].field("signals"), got[9].field("signals"))
	}
	if got[6].field("person") != "p" {
		t.Errorf("standing %s", got[6].Value)
	}
}

// "Every line moves time; what was due is decided at its own instant, before the
// line. Expiry emits nothing." At the end of the input time stops.
func TestEveryLineMovesTime(t *testing.T) {
	got, _, err := run(t, "no-means-no",
		toll("10:00:00", "i1"),
		intent("10:30:00", "i2"),
		event("10:45:00", "redeem", `{"intent":"i1"}`),
		toll("10:45:00", "i3"),
	)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, got, "approved i1", "approved i2", "redeem i1 expired")
	if at := got[0].field("decided"); !strings.HasPrefix(at, "2026-05-04T10:15:00") {
		t.Errorf("decided at %s", at)
	}
	// Also a line that is a dead letter, and one that is a redeem.
	got, _, _ = run(t, "no-means-no", toll("10:00:00", "i1"), event("10:15:00", "contact.intents", `{}`), toll("10:16:00", "i2"), event("10:31:00", "redeem", `{"intent":"x"}`))
	wants(t, got, "approved i1", "deadletter", "approved i2", "redeem x not_approved")
}

// Unreadable lines are named by number, blank ones counted; "what came before is
// still printed".
func TestUnreadableLines(t *testing.T) {
	for what, c := range map[string]struct{ line, says string }{
		"no JSON":                {`{"arrived":`, "no event"},
		"no object":              {`[]`, "no event"},
		"two objects":            {event("10:00:05", "tick", "") + "{}", "no event"},
		"no arrived":             {`{"topic":"tick"}`, "arrived"},
		"a time without offset":  {`{"arrived":"2026-05-04T10:00:05","topic":"tick"}`, "arrived"},
		"no time":                {`{"arrived":"soon","topic":"tick"}`, "arrived"},
		"a number":               {`{"arrived":5,"topic":"tick"}`, "no event"},
		"an earlier arrived":     {event("10:00:03", "tick", ""), "before"},
		"an unknown topic":       {event("10:00:05", "contact.gossip", "{}"), "contact.gossip"},
		"an output's topic":      {event("10:00:05", "contact.approved", "{}"), "contact.approved"},
		"no topic":               {`{"arrived":"2026-05-04T10:00:05Z"}`, "topic"},
		"an unknown member":      {`{"arrived":"2026-05-04T10:00:05Z","topic":"tick","when":1}`, "no event"},
		"redeem without intent":  {event("10:00:05", "redeem", `{}`), "redeem"},
		"redeem without a value": {event("10:00:05", "redeem", ""), "redeem"},
		"redeem of a number":     {event("10:00:05", "redeem", `{"intent":5}`), "redeem"},
	} {
		t.Run(what, func(t *testing.T) {
			got, _, err := run(t, "no-means-no", intent("10:00:00", "i1"), "", event("10:00:04", "tick", ""), c.line, intent("10:00:09", "i2"))
			var unreadable *replay.LineError
			if !errors.As(err, &unreadable) || unreadable.Line != 4 {
				t.Fatalf("error %v, want one that names line 4", err)
			}
			if !strings.Contains(err.Error(), "line 4: ") || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %q", err)
			}
			wants(t, got, "approved i1")
		})
	}
	t.Run("a line that is too long", func(t *testing.T) {
		_, _, err := run(t, "no-means-no", event("10:00:00", "tick", ""), strings.Repeat(" ", 17<<20)+event("10:00:00", "tick", ""))
		var unreadable *replay.LineError
		if !errors.As(err, &unreadable) || unreadable.Line != 2 {
			t.Errorf("error %v, want one that names line 2", err)
		}
	})
	t.Run("the same arrived is no error", func(t *testing.T) {
		if _, _, err := run(t, "no-means-no", event("10:00:00", "tick", ""), event("10:00:00", "tick", "")); err != nil {
			t.Error(err)
		}
	})
	t.Run("nothing at all", func(t *testing.T) {
		if got, _, err := run(t, "no-means-no"); err != nil || len(got) != 0 {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// "Sends the record to the dead-letter topic with a reason a person can act on":
// the value as it came, with the headers of the contract; the stream goes on.
func TestDeadLetters(t *testing.T) {
	const ahead = `{"id":"i","person":"p","channel":"email","purpose":"marketing","campaign":"c","at":"2026-05-05T10:00:00.001Z"}`
	for what, c := range map[string]struct{ value, says string }{
		"a missing field":      {`{"id":"i","person":"p"}`, "channel"},
		"an unknown purpose":   {`{"id":"i","person":"p","channel":"email","purpose":"gossip","campaign":"c","at":"2026-05-04T10:00:00Z"}`, "purpose"},
		"an unknown channel":   {`{"id":"i","person":"p","channel":"fax","purpose":"marketing","campaign":"c","at":"2026-05-04T10:00:00Z"}`, "channel"},
		"an unknown zone":      {`{"id":"i","person":"p","channel":"email","purpose":"marketing","campaign":"c","at":"2026-05-04T10:00:00Z","zones":["Mars/Olympus"]}`, "zones"},
		"more than 24 h ahead": {ahead, "at"},
		"a duplicate key":      {`{"id":"i","id":"j","person":"p","channel":"email","purpose":"marketing","campaign":"c","at":"2026-05-04T10:00:00Z"}`, "id"},
		"no object":            {`"i"`, "object"},
		"null":                 {`null`, ""},
	} {
		t.Run(what, func(t *testing.T) {
			got, _, err := run(t, "no-means-no", event("10:00:00", "contact.intents", c.value), intent("10:00:00", "i"))
			if err != nil {
				t.Fatal(err)
			}
			wants(t, got, "deadletter", "approved i")
			h := got[0].Headers
			if string(got[0].Value) != c.value {
				t.Errorf("the value is %s", got[0].Value)
			}
			if h["__connect.errors.topic"] != "contact.intents" || h["__connect.errors.partition"] != "0" || h["__connect.errors.offset"] != "1" ||
				h["__connect.errors.exception.message"] == "" || h["__connect.errors.exception.class.name"] == "" || h["__connect.errors.stage"] == "" {
				t.Errorf("headers %v", h)
			}
			if !strings.Contains(h["__connect.errors.exception.message"], c.says) {
				t.Errorf("it says %q", h["__connect.errors.exception.message"])
			}
		})
	}
	t.Run("24 h ahead is none", func(t *testing.T) {
		got, _, _ := run(t, "no-means-no", event("10:00:00", "contact.intents", strings.Replace(ahead, "00.001Z", "00Z", 1)))
		wants(t, got, "approved i")
	})
	t.Run("unknown fields are ignored", func(t *testing.T) {
		got, _, _ := run(t, "no-means-no", intent("10:00:00", "i1", `,"override":true,"ignore_cap":1`), signal("10:00:01", "refusal", `,"x":{}`), intent("10:00:02", "i2", `,"force":true`))
		wants(t, got, "approved i1", "revoked i1 refused.state", "standing", "vetoed i2 refused.state")
	})
}

// "An unreadable refusal whose person can be read refuses that person everything
// (so does one whose at is more than 24 h ahead)"; of another signal nothing is
// left.
func TestUnreadableSignals(t *testing.T) {
	for what, c := range map[string]struct {
		value   string
		refuses bool
	}{
		"a refusal of a number":            {`{"id":"s","person":"p","type":"refusal","at":"2026-05-04T10:00:00Z","channel":5}`, true},
		"a refusal without a time":         {`{"id":"s","person":"p","type":"refusal"}`, true},
		"a refusal ahead":                  {`{"id":"s","person":"p","type":"refusal","at":"2026-05-05T10:00:00.001Z"}`, true},
		"a refusal of nobody":              {`{"id":"s","type":"refusal","at":"2026-05-04T10:00:00Z"}`, false},
		"a refusal of somebody else":       {`{"id":"s","person":"q","type":"refusal"}`, false},
		"an engagement without a time":     {`{"id":"s","person":"p","type":"engagement","kind":"click","actor":"human"}`, false},
		"a preference with a zone unheard": {`{"id":"s","person":"p","type":"preference","at":"2026-05-04T10:00:00Z","zones":["Mars/Olympus"]}`, false},
	} {
		t.Run(what, func(t *testing.T) {
			got, _, err := run(t, "no-means-no", event("10:00:00", "contact.signals", c.value), intent("10:00:01", "i"))
			if err != nil {
				t.Fatal(err)
			}
			text := told(got)
			if !strings.Contains(text, "deadletter\n") {
				t.Errorf("no dead letter in\n%s", text)
			}
			if want := "approved i\n"; strings.Contains(text, want) == c.refuses {
				t.Errorf("got\n%s", text)
			}
		})
	}
}

// "A worker asks": by the intent alone, whose latest approval it is, or by the
// person too, where two people have the same id.
func TestRedeemByPerson(t *testing.T) {
	other := strings.Replace(intent("10:01:00", "i1"), `"person":"p"`, `"person":"q"`, 1)
	got, _, err := run(t, "no-means-no", intent("10:00:00", "i1"), other,
		event("10:02:00", "redeem", `{"intent":"i1","person":"p"}`),
		event("10:02:00", "redeem", `{"intent":"i1"}`),
		event("10:02:00", "redeem", `{"intent":"i1","person":"q"}`),
		event("10:02:00", "redeem", `{"intent":"i1","person":"nobody"}`),
	)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, got, "approved i1", "approved i1", "redeem i1", "redeem i1", "redeem i1 already_redeemed", "redeem i1 not_approved")
}

// An absent field equals its default: manual, and no promotion.
func TestAbsentFieldsEqualTheirDefaults(t *testing.T) {
	got, _, _ := run(t, "no-means-no", intent("10:00:00", "i1"),
		intent("10:01:00", "i1", `,"mode":"manual","contains_promotion":false,"brand":"","subject":"","priority":50`),
		intent("10:02:00", "i1", `,"brand":"acme"`))
	wants(t, got, "approved i1", "vetoed i1 duplicate", "vetoed i1 intent.conflict")
	if got[1].field("original") != got[0].field("id") || got[1].field("id") == got[0].field("id") {
		t.Errorf("the duplicate: %s", got[1].Value)
	}
}

// A preference on the wire: days by name, local times, an empty list is a wish
// for no quiet at all.
func TestPreferenceOnTheWire(t *testing.T) {
	got, _, err := run(t, "no-means-no",
		signal("10:00:00", "preference", `,"zones":["Europe/Berlin"],"quiet":[{"days":["mon"],"from":"13:00","to":"15:00"}]`),
		intent("10:59:59", "i1"), intent("11:00:00", "i2"), intent("12:59:59", "i3"), intent("13:00:00", "i4"),
		signal("14:00:00", "preference", `,"quiet":[{"days":["sun","mon","tue"],"from":"00:00","to":"24:00"}]`),
		intent("14:00:01", "i5"),
		signal("15:00:00", "preference", `,"budget":[{"max":0,"per":"24h"}]`),
		signal("15:00:01", "preference", `,"quiet":[]`),
		intent("15:00:02", "i6"),
	)
	if err != nil {
		t.Fatal(err)
	}
	var decided []line
	for _, l := range got {
		if l.Topic != "contact.standing" {
			decided = append(decided, l)
		}
	}
	wants(t, decided, "approved i1", "vetoed i2 quiet.person", "vetoed i3 quiet.person", "approved i4", "vetoed i5 quiet.person", "vetoed i6 budget.person")
}

// Two runs of one recording are byte-identical.
func TestReplayIsDeterministic(t *testing.T) {
	var lines []string
	for i := range 60 {
		clock := fmt.Sprintf("%02d:%02d:00", 10+i/30, i%30*2)
		lines = append(lines, strings.Replace(toll(clock, fmt.Sprint("t", i%40)), `"p"`, fmt.Sprintf("%q", fmt.Sprint("p", i%7)), 1),
			strings.Replace(intent(clock, fmt.Sprint("i", i%50)), `"p"`, fmt.Sprintf("%q", fmt.Sprint("p", i%7)), 1),
			event(clock, "redeem", fmt.Sprintf(`{"intent":"i%d"}`, i%50)))
		if i%9 == 0 {
			lines = append(lines, strings.Replace(signal(clock, "refusal", `,"channel":"email"`), `"p"`, fmt.Sprintf("%q", fmt.Sprint("p", i%7)), 1))
		}
	}
	lines = append(lines, event("23:00:00", "tick", ""))
	_, first, err := run(t, "no-means-no", lines...)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, again, _ := run(t, "no-means-no", lines...); again != first {
			t.Fatal("another run gave other bytes")
		}
	}
	if n := strings.Count(first, "\n"); n < 120 {
		t.Errorf("only %d lines of output", n)
	}
}

// What cannot be written is an error, and a context that is done ends the replay.
func TestReplayThatCannotGoOn(t *testing.T) {
	p, err := load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r, err := replay.New(ctx, p, memstate.New(), failing{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(ctx, strings.NewReader(intent("10:00:00", "i1"))); !errors.Is(err, errFull) {
		t.Errorf("a full disk is told as %v", err)
	}
	cancel()
	if err := r.Run(ctx, strings.NewReader(intent("10:00:01", "i2"))); !errors.Is(err, context.Canceled) && !errors.Is(err, errFull) {
		t.Errorf("a cancelled replay is told as %v", err)
	}
	if _, err := replay.New(ctx, p, memstate.New(), failing{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a replay that cannot start: %v", err)
	}
}

var errFull = errors.New("the disk is full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }
