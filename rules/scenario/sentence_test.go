package scenario

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// people is how the scenarios of these tests begin.
const people = `# line 1
policy   no-means-no
zone     Europe/Berlin

scenario S: Shows something
person   anna in Europe/Berlin
person   bert

`

// one reads a file with one scenario and no mistake.
func one(t testing.TB, text string) *Scenario {
	t.Helper()
	f, err := Parse("s.scenario", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(f.Scenarios) != 1 {
		t.Fatalf("%d scenarios", len(f.Scenarios))
	}
	return f.Scenarios[0]
}

// The contract's tables, "Intent" and "Signal": a sentence can say every field.
func TestSentences(t *testing.T) {
	const intent, signal, redeem = "contact.intents", "contact.signals", "redeem"
	for sentence, want := range map[string]struct{ topic, value string }{
		"i1: marketing by email to bert, campaign spring":                    {intent, `{"id":"i1","purpose":"marketing","channel":"email","campaign":"spring","person":"bert","at":"2026-05-04T10:00:00Z"}`},
		"i1: marketing by email to anna, campaign spring":                    {intent, `{"id":"i1","purpose":"marketing","channel":"email","campaign":"spring","person":"anna","at":"2026-05-04T10:00:00Z","zones":["Europe/Berlin"]}`},
		"i1: marketing campaign c to anna by email, in no zone":              {intent, `{"id":"i1","purpose":"marketing","campaign":"c","channel":"email","person":"anna","at":"2026-05-04T10:00:00Z"}`},
		"i1: marketing by sms to bert, campaign c, in UTC and Europe/Lisbon": {intent, `{"id":"i1","purpose":"marketing","channel":"sms","campaign":"c","zones":["UTC","Europe/Lisbon"],"person":"bert","at":"2026-05-04T10:00:00Z"}`},
		`i1: service by call to bert, campaign "the spring", about balance:acct9, from acme, address +4930123456, engine crm, message m-77, reply_to s3, predictive, priority 80`: {intent,
			`{"id":"i1","purpose":"service","channel":"call","campaign":"the spring","subject":"balance:acct9","brand":"acme","address":"+4930123456","engine":"crm","message":"m-77","reply_to":"s3","mode":"predictive","priority":80,"person":"bert","at":"2026-05-04T10:00:00Z"}`},
		"i1: service by email to bert, campaign c, with promotion, made -1m, not before +1h, not after Tue 2026-05-05 09:00": {intent,
			`{"id":"i1","purpose":"service","channel":"email","campaign":"c","contains_promotion":true,"at":"2026-05-04T09:59:00Z","not_before":"2026-05-04T11:00:00Z","not_after":"2026-05-05T07:00:00Z","person":"bert"}`},
		`i1: service by email to bert, campaign c, also {"override": true, "force": "yes, please"}`: {intent,
			`{"id":"i1","purpose":"service","channel":"email","campaign":"c","force":"yes, please","override":true,"person":"bert","at":"2026-05-04T10:00:00Z"}`},
		"i1: service by call to bert, campaign c, manual":      {intent, `{"id":"i1","purpose":"service","channel":"call","campaign":"c","mode":"manual","person":"bert","at":"2026-05-04T10:00:00Z"}`},
		"i1: service by call to bert, campaign c, preview":     {intent, `{"id":"i1","purpose":"service","channel":"call","campaign":"c","mode":"preview","person":"bert","at":"2026-05-04T10:00:00Z"}`},
		"i1: service by call to bert, campaign c, prerecorded": {intent, `{"id":"i1","purpose":"service","channel":"call","campaign":"c","mode":"prerecorded","person":"bert","at":"2026-05-04T10:00:00Z"}`},

		"anna refuses everything": {signal, `{"id":"s1","person":"anna","type":"refusal","at":"2026-05-04T10:00:00Z"}`},
		"no1: anna refuses marketing by email about roses from acme address a@example.org, source settings": {signal,
			`{"id":"no1","person":"anna","type":"refusal","purpose":"marketing","channel":"email","subject":"roses","brand":"acme","address":"a@example.org","source":"settings","at":"2026-05-04T10:00:00Z"}`},
		`anna consents to everything by email, source agent, evidence "recording 4411, \"yes\""`: {signal,
			`{"id":"s1","person":"anna","type":"consent","channel":"email","source":"agent","evidence":"recording 4411, \"yes\"","at":"2026-05-04T10:00:00Z"}`},
		"anna consents to marketing, made 11:00": {signal, `{"id":"s1","person":"anna","type":"consent","purpose":"marketing","at":"2026-05-04T09:00:00Z"}`},
		`anna replies "STOP 12345" by sms from acme address +49301`: {signal,
			`{"id":"s1","person":"anna","type":"reply","text":"STOP 12345","channel":"sms","brand":"acme","address":"+49301","at":"2026-05-04T10:00:00Z"}`},
		"anna replies stop by sms, automatically":           {signal, `{"id":"s1","person":"anna","type":"reply","text":"stop","channel":"sms","auto":true,"at":"2026-05-04T10:00:00Z"}`},
		"anna cancels streaming from acme":                  {signal, `{"id":"s1","person":"anna","type":"cancellation","subject":"streaming","brand":"acme","at":"2026-05-04T10:00:00Z"}`},
		"anna cancels everything from acme":                 {signal, `{"id":"s1","person":"anna","type":"cancellation","brand":"acme","at":"2026-05-04T10:00:00Z"}`},
		"anna complains by email from acme":                 {signal, `{"id":"s1","person":"anna","type":"complaint","channel":"email","brand":"acme","at":"2026-05-04T10:00:00Z"}`},
		"anna complains":                                    {signal, `{"id":"s1","person":"anna","type":"complaint","at":"2026-05-04T10:00:00Z"}`},
		"anna talks by call about roses":                    {signal, `{"id":"s1","person":"anna","type":"conversation","channel":"call","subject":"roses","at":"2026-05-04T10:00:00Z"}`},
		"anna opens, actor machine, campaign spring":        {signal, `{"id":"s1","person":"anna","type":"engagement","kind":"open","actor":"machine","campaign":"spring","at":"2026-05-04T10:00:00Z"}`},
		"anna clicks, actor unknown":                        {signal, `{"id":"s1","person":"anna","type":"engagement","kind":"click","actor":"unknown","at":"2026-05-04T10:00:00Z"}`},
		"anna logs in, actor human":                         {signal, `{"id":"s1","person":"anna","type":"engagement","kind":"login","actor":"human","at":"2026-05-04T10:00:00Z"}`},
		"anna buys, actor human":                            {signal, `{"id":"s1","person":"anna","type":"engagement","kind":"purchase","actor":"human","at":"2026-05-04T10:00:00Z"}`},
		"anna visits, actor human":                          {signal, `{"id":"s1","person":"anna","type":"engagement","kind":"visit","actor":"human","at":"2026-05-04T10:00:00Z"}`},
		"anna resolves balance:acct9":                       {signal, `{"id":"s1","person":"anna","type":"resolved","subject":"balance:acct9","at":"2026-05-04T10:00:00Z"}`},
		"anna has a case opened about order-1 from acme":    {signal, `{"id":"s1","person":"anna","type":"case_opened","subject":"order-1","brand":"acme","at":"2026-05-04T10:00:00Z"}`},
		"anna has a case closed":                            {signal, `{"id":"s1","person":"anna","type":"case_closed","at":"2026-05-04T10:00:00Z"}`},
		"anna has address a@example.org by email, assigned": {signal, `{"id":"s1","person":"anna","type":"address","value":"a@example.org","channel":"email","status":"assigned","at":"2026-05-04T10:00:00Z"}`},
		"anna has address a@example.org removed by email":   {signal, `{"id":"s1","person":"anna","type":"address","value":"a@example.org","status":"removed","channel":"email","at":"2026-05-04T10:00:00Z"}`},
		"anna has address +49301 by sms, reassigned":        {signal, `{"id":"s1","person":"anna","type":"address","value":"+49301","channel":"sms","status":"reassigned","at":"2026-05-04T10:00:00Z"}`},
		"anna merges into bert":                             {signal, `{"id":"s1","person":"anna","type":"merge","into":"bert","at":"2026-05-04T10:00:00Z"}`},
		"anna asks to be forgotten":                         {signal, `{"id":"s1","person":"anna","type":"erasure","at":"2026-05-04T10:00:00Z"}`},
		`anna refuses everything, also {"mood": "bad"}`:     {signal, `{"id":"s1","person":"anna","type":"refusal","mood":"bad","at":"2026-05-04T10:00:00Z"}`},
		"anna prefers quiet mon-fri 15:00-17:00, quiet sat and sun 00:00-24:00": {signal,
			`{"id":"s1","person":"anna","type":"preference","quiet":[{"days":["mon","tue","wed","thu","fri"],"from":"15:00","to":"17:00"},{"days":["sat","sun"],"from":"00:00","to":"24:00"}],"at":"2026-05-04T10:00:00Z"}`},
		"anna prefers quiet sat-mon 22:00-06:00": {signal, `{"id":"s1","person":"anna","type":"preference","quiet":[{"days":["sat","sun","mon"],"from":"22:00","to":"06:00"}],"at":"2026-05-04T10:00:00Z"}`},
		"anna prefers quiet never":               {signal, `{"id":"s1","person":"anna","type":"preference","quiet":[],"at":"2026-05-04T10:00:00Z"}`},
		"anna prefers budget 1 by email per 720h, budget 3 per 7d": {signal,
			`{"id":"s1","person":"anna","type":"preference","budget":[{"channel":"email","max":1,"per":"720h"},{"max":3,"per":"168h0m0s"}],"at":"2026-05-04T10:00:00Z"}`},
		"anna prefers budget none, in Europe/Lisbon": {signal, `{"id":"s1","person":"anna","type":"preference","budget":[],"zones":["Europe/Lisbon"],"at":"2026-05-04T10:00:00Z"}`},
		"anna prefers in no zone":                    {signal, `{"id":"s1","person":"anna","type":"preference","zones":[],"at":"2026-05-04T10:00:00Z"}`},

		"outcome x1 sent of anna":                                 {signal, `{"id":"s1","person":"anna","type":"outcome","at":"2026-05-04T10:00:00Z","intent":"x1","result":"sent"}`},
		"o1: outcome x1 no_answer of anna, by decision, made -1m": {signal, `{"id":"o1","person":"anna","type":"outcome","at":"2026-05-04T09:59:00Z","decision":"d-1d468099fe9d3b1d06cebf81d0494fa9","result":"no_answer"}`},

		"redeem i1":                          {redeem, `{"intent":"i1"}`},
		"redeem i1 of anna":                  {redeem, `{"intent":"i1","person":"anna"}`},
		"time passes":                        {"tick", ""},
		`record contact.intents {"id": "x"}`: {intent, `{"id": "x"}`},
		`record contact.signals "no object"`: {signal, `"no object"`},
		`record contact.signals 5`:           {signal, `5`},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := one(t, people+"Mon 2026-05-04 12:00  "+sentence+"\n").Recording()
			if len(got) != 1 || got[0].Topic != want.topic || string(got[0].Value) != want.value {
				t.Errorf("got  %s %s\nwant %s %s", got[0].Topic, got[0].Value, want.topic, want.value)
			}
		})
	}
}

// What engines say of where somebody is follows the person, and may be several places.
func TestWhereThePersonIs(t *testing.T) {
	got := recorded(t, `policy no-means-no
scenario S: Shows something
person anna in America/New_York and Europe/Berlin
people p1, p2..p3 in UTC
person bert
2026-05-04T10:00:00Z                       i1: marketing by email to anna, campaign c
then                                       i2: marketing by email to p3, campaign c
then                                       i3: marketing by email to bert, campaign c
`)
	for i, want := range []string{`"zones":["America/New_York","Europe/Berlin"]}`, `"zones":["UTC"]}`, `"at":"2026-05-04T10:00:00Z"}`} {
		if line := strings.Split(got, "\n")[i]; !strings.HasSuffix(line, want+"}") {
			t.Errorf("no %s at the end of %s", want, line)
		}
	}
}

// recorded is a scenario as `governor replay` reads it.
func recorded(t testing.TB, text string) string {
	t.Helper()
	var b []byte
	for _, r := range one(t, text).Recording() {
		b = append(r.AppendJSON(b), '\n')
	}
	return string(b)
}

// What becomes of a contact at once stands behind it; signals without a name get one.
func TestWhatBecomesOfIt(t *testing.T) {
	got := recorded(t, people+`Mon 2026-05-04 12:00:00.500  i1: marketing by email to bert, campaign c; redeemed; delivered
+1s                          s1: anna refuses everything
then                         anna complains
`)
	want := `{"arrived":"2026-05-04T10:00:00.5Z","topic":"contact.intents","value":{"id":"i1","purpose":"marketing","channel":"email","campaign":"c","person":"bert","at":"2026-05-04T10:00:00.5Z"}}
{"arrived":"2026-05-04T10:00:00.5Z","topic":"redeem","value":{"intent":"i1"}}
{"arrived":"2026-05-04T10:00:00.5Z","topic":"contact.signals","value":{"id":"s2","person":"bert","type":"outcome","at":"2026-05-04T10:00:00.5Z","intent":"i1","result":"delivered"}}
{"arrived":"2026-05-04T10:00:01.5Z","topic":"contact.signals","value":{"id":"s1","person":"anna","type":"refusal","at":"2026-05-04T10:00:01.5Z"}}
{"arrived":"2026-05-04T10:00:01.5Z","topic":"contact.signals","value":{"id":"s3","person":"anna","type":"complaint","at":"2026-05-04T10:00:01.5Z"}}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The redeem of an id that two people have names the person, as the line does.
func TestRedeemedOfSeveral(t *testing.T) {
	got := recorded(t, people+`Mon 2026-05-04 12:00  i1: marketing by email to anna, campaign c; redeemed
then                  i1: marketing by email to bert, campaign c; redeemed
then                  outcome i1 sent of bert
`)
	for _, want := range []string{`{"intent":"i1","person":"bert"}`, `"person":"bert","type":"outcome"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// A line happens several times, each with the next of its names; what happens in
// between stands where it belongs.
func TestSeveralTimes(t *testing.T) {
	s := one(t, `policy   no-means-no
zone     Europe/Berlin
scenario S: Shows something
people   p1..p3, p4

Sat 2026-03-28 09:00, 3 times, daily        i08..i10: marketing by email to p1..p3, campaign c1..c3
Sat 2026-03-28 10:00, 2 times, every 24h    k: marketing by email to p4, campaign d
+1h 2 times every 1ms                       redeem k
Mon 2026-03-30 09:30                        time passes
`)
	var got []string
	for _, r := range s.Recording() {
		got = append(got, wire(r.Arrived)+" "+r.Topic+" "+string(r.Value))
	}
	want := []string{
		`2026-03-28T08:00:00Z contact.intents {"id":"i08","purpose":"marketing","channel":"email","campaign":"c1","person":"p1","at":"2026-03-28T08:00:00Z"}`,
		`2026-03-28T09:00:00Z contact.intents {"id":"k","purpose":"marketing","channel":"email","campaign":"d","person":"p4","at":"2026-03-28T09:00:00Z"}`,
		`2026-03-29T07:00:00Z contact.intents {"id":"i09","purpose":"marketing","channel":"email","campaign":"c2","person":"p2","at":"2026-03-29T07:00:00Z"}`,
		`2026-03-29T09:00:00Z contact.intents {"id":"k","purpose":"marketing","channel":"email","campaign":"d","person":"p4","at":"2026-03-29T09:00:00Z"}`,
		`2026-03-29T10:00:00Z redeem {"intent":"k"}`,
		`2026-03-29T10:00:00.001Z redeem {"intent":"k"}`,
		`2026-03-30T07:00:00Z contact.intents {"id":"i10","purpose":"marketing","channel":"email","campaign":"c3","person":"p3","at":"2026-03-30T07:00:00Z"}`,
		`2026-03-30T07:30:00Z tick `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A signal that has a name has a time by that name, like an intent.
func TestNamedTimes(t *testing.T) {
	got := recorded(t, people+`Mon 2026-05-04 12:00  yes: anna consents to everything
yes                   time passes
1h after yes          i1: marketing by email to bert, campaign c
1ms before 1h after i1  time passes
1ms after 13:59:59.999 Europe/Berlin  time passes
2026-05-04 12:00 UTC  time passes
`)
	var times []string
	for line := range strings.Lines(got) {
		times = append(times, line[len(`{"arrived":"`):strings.Index(line, `","topic"`)])
	}
	want := []string{"2026-05-04T10:00:00Z", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z", "2026-05-04T11:59:59.999Z", "2026-05-04T12:00:00Z", "2026-05-04T12:00:00Z"}
	if diff := cmp.Diff(want, times); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A file that nobody can read says so, at its place.
func TestIllegibleFiles(t *testing.T) {
	for text, says := range map[string]string{
		"# a\n# b \xff": "s:2:5: byte 0xff is no UTF-8: save the file as UTF-8",
		strings.Repeat("# nothing\n", 1<<20/10+1): "s:1:1: the file has more than 1048576 bytes, and nobody can read that: split it",
	} {
		if _, err := Parse("s", []byte(text)); err == nil || err.Error() != says {
			t.Errorf("it says %v", err)
		}
	}
}
