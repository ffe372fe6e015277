package schemas

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func approval(t testing.TB) Decision {
	return Decision{
		ID: "d1", Intent: "i1", Person: "p\"1\n", Channel: "email", Purpose: "service", Campaign: "c1",
		Subject: "balance:acct9", Brand: "north", Engine: "dunning", Verdict: Approved,
		NotAfter: at(t, "2026-05-01T10:15:00Z"), Items: []string{"i1", "i2"},
		Evidence: []Evidence{{Rule: "any", Used: 2, Limit: 3}, {Rule: "email", Used: 0, Limit: 2}},
		Decided:  at(t, "2026-05-01T10:00:00.001Z"), Policy: "sha256:ab", Signals: 1<<53 + 1,
	}
}

func veto(t testing.TB) Decision {
	return Decision{
		ID: "d2", Intent: "i2", Person: "p1", Channel: "sms", Purpose: "marketing", Campaign: "c1", Verdict: Vetoed,
		Reason: "quiet.hours",
		Reasons: []Objection{
			{Rule: "quiet", Reason: "quiet.hours", Detail: "quiet until 09:00 in Europe/Berlin", Earliest: at(t, "2026-05-02T07:00:00Z"), Line: "no-means-no.yaml:31"},
			{Rule: "dedupe", Reason: "dedupe.content"},
		},
		Earliest: at(t, "2026-05-02T07:00:00Z"), Original: "d0", Decided: at(t, "2026-05-01T20:00:00Z"), Policy: "sha256:ab", Signals: -1,
	}
}

// The contract's table of a decision, in its order, byte for byte: "the same
// intent, redelivered, carries the same decision id and the same bytes".
func TestDecisionOnTheWire(t *testing.T) {
	for _, c := range []struct {
		d    Decision
		want string
	}{
		{approval(t), `{"id":"d1","intent":"i1","person":"p\"1\n","channel":"email","purpose":"service","campaign":"c1",` +
			`"subject":"balance:acct9","brand":"north","engine":"dunning","verdict":"approved","reason":"","reasons":[],` +
			`"not_after":"2026-05-01T10:15:00.000Z","items":["i1","i2"],` +
			`"evidence":[{"rule":"any","used":2,"limit":3},{"rule":"email","used":0,"limit":2}],` +
			`"decided":"2026-05-01T10:00:00.001Z","policy":"sha256:ab","signals":9007199254740993}`},
		{veto(t), `{"id":"d2","intent":"i2","person":"p1","channel":"sms","purpose":"marketing","campaign":"c1",` +
			`"verdict":"vetoed","reason":"quiet.hours","reasons":[{"rule":"quiet","reason":"quiet.hours",` +
			`"detail":"quiet until 09:00 in Europe/Berlin","earliest":"2026-05-02T07:00:00.000Z","line":"no-means-no.yaml:31"},` +
			`{"rule":"dedupe","reason":"dedupe.content"}],"final":false,"earliest":"2026-05-02T07:00:00.000Z","original":"d0",` +
			`"decided":"2026-05-01T20:00:00.000Z","policy":"sha256:ab","signals":-1}`},
	} {
		got := c.d.AppendJSON([]byte("x"))[1:]
		if string(got) != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if err := agrees(compile(t, string(c.d.Verdict)+".v1"), got); err != nil {
			t.Error(err)
		}
		back, err := DecodeDecision(got)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.d, back); diff != "" {
			t.Errorf("there and back (-first +second):\n%s", diff)
		}
	}
}

// The governor reads its own output back after an upgrade and after a
// downgrade: fields that are not known are read over, deep ones too.
func TestDecisionOfALaterRelease(t *testing.T) {
	text := string(veto(t).AppendJSON(nil))
	text = strings.Replace(text, `{"rule":"quiet",`, `{"zone":{"is":"Europe/Berlin"},"rule":"quiet",`, 1)
	text = strings.Replace(text, `"final"`, `"weight":[1,2],"final"`, 1)
	got, err := DecodeDecision([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(veto(t), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeOutputRefuses(t *testing.T) {
	head := `{"id":"d1","intent":"i1","person":"p1","verdict":"vetoed","decided":"2026-05-01T10:00:00.000Z"`
	for text, want := range map[string]string{
		`{}`:                          "id, person, intent, verdict, decided: are missing; add them",
		`[]`:                          "the record must be a JSON object, but is an array",
		head:                          "the record is cut off at byte 94; write the whole JSON object",
		head + `,"items":[1]}`:        "items[0]: must be a string, but is a number",
		head + `,"reasons":{}}`:       "reasons: must be an array, but is an object",
		head + `,"reasons":[null]}`:   "reasons[0]: must be a JSON object, but is null",
		head + `,"signals":1.5}`:      "signals: must be a whole number from -9223372036854775808 to 9223372036854775807",
		head + `,"signals":1e300}`:    "signals: must be a whole number from -9223372036854775808 to 9223372036854775807",
		head + `,"final":"no"}`:       "final: must be true or false, but is a string",
		head + `,"earliest":"later"}`: "earliest: is not a time; write RFC 3339, like 2026-05-01T10:00:00.250Z",
		head + `,"evidence":[{"rule":"any","used":"2"}],"reasons":[{"rule":7}]}`: "reasons[0].rule: must be a string, but is a number; " +
			"evidence[0].used: must be a whole number from -9223372036854775808 to 9223372036854775807",
		strings.Replace(head, "vetoed", "maybe", 1) + `}`: "verdict: must be approved or vetoed",
	} {
		d, err := DecodeDecision([]byte(text))
		if err == nil || err.Error() != want || !cmp.Equal(d, Decision{}) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		`{}`:   "id, person, intent, decision, reason, revoked: are missing; add them",
		`null`: "the record must be a JSON object, but is null",
		``:     "the record is empty; write one JSON object",
	} {
		if _, err := DecodeRevocation([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}

// "{id, decision, intent, person, reason, signal, revoked}"
func TestRevocationOnTheWire(t *testing.T) {
	full := Revocation{ID: "r1", Decision: "d1", Intent: "i1", Person: "p1", Reason: "refused.state", Signal: "s1", Revoked: at(t, "2026-05-01T10:00:00Z")}
	bare := full
	bare.Signal = ""
	for r, want := range map[Revocation]string{
		full: `{"id":"r1","decision":"d1","intent":"i1","person":"p1","reason":"refused.state","signal":"s1","revoked":"2026-05-01T10:00:00.000Z"}`,
		bare: `{"id":"r1","decision":"d1","intent":"i1","person":"p1","reason":"refused.state","revoked":"2026-05-01T10:00:00.000Z"}`,
	} {
		got := r.AppendJSON(nil)
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if err := agrees(compile(t, "revoked.v1"), got); err != nil {
			t.Error(err)
		}
		if back, err := DecodeRevocation(got); err != nil || back != r {
			t.Errorf("there and back: %+v, %v", back, err)
		}
	}
}

// The answer to a redemption says all that the worker needs, and no more than is so.
func TestRedemptionOnTheWire(t *testing.T) {
	asked := Redemption{ID: "s1", Intent: "i1", Person: "p1", Worker: "w1", Answered: at(t, "2026-05-01T10:00:01Z")}
	no, yes := asked, asked
	no.Reason = "not_approved"
	yes.OK, yes.Decision, yes.NotAfter = true, "d1", at(t, "2026-05-01T10:15:00Z")
	again := yes
	again.Again = true
	for r, want := range map[Redemption]string{
		no:    `{"id":"s1","intent":"i1","person":"p1","worker":"w1","ok":false,"reason":"not_approved","answered":"2026-05-01T10:00:01.000Z"}`,
		yes:   `{"id":"s1","intent":"i1","decision":"d1","person":"p1","worker":"w1","ok":true,"reason":"","not_after":"2026-05-01T10:15:00.000Z","answered":"2026-05-01T10:00:01.000Z"}`,
		again: `{"id":"s1","intent":"i1","decision":"d1","person":"p1","worker":"w1","ok":true,"reason":"","not_after":"2026-05-01T10:15:00.000Z","again":true,"answered":"2026-05-01T10:00:01.000Z"}`,
	} {
		got := r.AppendJSON(nil)
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if err := agrees(compile(t, "redeemed.v1"), got); err != nil {
			t.Error(err)
		}
		if back, err := DecodeRedemption(got); err != nil || back != r {
			t.Errorf("there and back: %+v, %v", back, err)
		}
	}
	for text, want := range map[string]string{
		`{}`:   "id, person, intent, worker, answered: are missing; add them",
		`null`: "the record must be a JSON object, but is null",
		``:     "the record is empty; write one JSON object",
	} {
		if _, err := DecodeRedemption([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}

// "A leak (refused after it was redeemed) is an event with its seconds, not hidden."
func TestLeakOnTheWire(t *testing.T) {
	full := Leak{ID: "l1", Decision: "d1", Intent: "i1", Person: "p1", Reason: "refused.state", Signal: "s1",
		Redeemed: at(t, "2026-05-01T10:00:00Z"), Refused: at(t, "2026-05-01T10:00:02.050Z")}
	bare := full
	bare.Signal, bare.Refused = "", bare.Redeemed
	for l, want := range map[Leak]string{
		full: `{"id":"l1","decision":"d1","intent":"i1","person":"p1","reason":"refused.state","signal":"s1","redeemed":"2026-05-01T10:00:00.000Z","refused":"2026-05-01T10:00:02.050Z","seconds":2.050}`,
		bare: `{"id":"l1","decision":"d1","intent":"i1","person":"p1","reason":"refused.state","redeemed":"2026-05-01T10:00:00.000Z","refused":"2026-05-01T10:00:00.000Z","seconds":0.000}`,
	} {
		got := l.AppendJSON(nil)
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if err := agrees(compile(t, "leaked.v1"), got); err != nil {
			t.Error(err)
		}
		if person, decision, err := DecodeLeak(got); err != nil || person != "p1" || decision != "d1" {
			t.Errorf("there and back: %q, %q, %v", person, decision, err)
		}
	}
	if full.Seconds() != 2.05 {
		t.Errorf("seconds: %v", full.Seconds())
	}
	for _, text := range []string{`{}`, `null`, ``, `{"person":"p1"}`} {
		if _, _, err := DecodeLeak([]byte(text)); err == nil {
			t.Errorf("%s is taken for a leak", text)
		}
	}
}

// {"intent":"i1","ok":false,"reason":"…"}
func TestRedeemAnswerOnTheWire(t *testing.T) {
	for a, want := range map[RedeemAnswer]string{
		{Intent: "i1", OK: true}:                   `{"intent":"i1","ok":true,"reason":""}`,
		{Intent: "i1", Reason: "already_redeemed"}: `{"intent":"i1","ok":false,"reason":"already_redeemed"}`,
	} {
		got := a.AppendJSON(nil)
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if err := agrees(compile(t, "redeem-answer.v1"), got); err != nil {
			t.Error(err)
		}
	}
}

// Whatever it is given, what is written is valid JSON; and what is not UTF-8
// is the only thing that does not come back.
func TestWrittenIsValid(t *testing.T) {
	for _, s := range []string{"\x00\x1f\x7f", "\"\\/</script>", "\u2028\u2029", "人😀", "\xff\xc0\xaf", "\xed\xa0\x80"} {
		d := veto(t)
		d.Person, d.Items, d.Reasons[0].Detail = s, []string{s}, s
		back, err := DecodeDecision(d.AppendJSON(nil))
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := strings.ToValidUTF8(s, "?"); want == s && back.Person != s {
			t.Errorf("%q comes back as %q", s, back.Person)
		}
	}
	for _, text := range [][]byte{Intent{}.AppendJSON(nil), Signal{}.AppendJSON(nil), Decision{}.AppendJSON(nil), Revocation{}.AppendJSON(nil)} {
		if bad := valid(text); bad != nil {
			t.Errorf("%s: %v", text, bad)
		}
	}
}

// An approval has exactly these, whatever engines leave out; analysts may
// rely on it.
func TestAlwaysThere(t *testing.T) {
	d := Decision{ID: "d", Intent: "i", Person: "p", Channel: "sms", Purpose: "x", Campaign: "c", Verdict: Approved, Decided: firstTime, Policy: "h"}
	want := `{"id":"d","intent":"i","person":"p","channel":"sms","purpose":"x","campaign":"c","verdict":"approved","reason":"",` +
		`"reasons":[],"decided":"2000-01-01T00:00:00.000Z","policy":"h","signals":0}`
	if got := string(d.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	d, buf := veto(t), make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf = d.AppendJSON(buf[:0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// One error value says where each mistake is.
func ExampleMalformed() {
	_, _, err := DecodeIntent([]byte(`{"id":"i1","person":"p1","channel":"sms","at":"2026-05-01T10:00:00","priority":101}`))
	fmt.Println(err)
	var bad *Malformed
	if errors.As(err, &bad) {
		fmt.Println(bad.Field, len(bad.More))
	}
	// Output:
	// at: has no offset; end it with Z, or with an offset like +02:00; priority: must be a whole number from 0 to 100; purpose, campaign: are missing; add them
	// at 2
}
