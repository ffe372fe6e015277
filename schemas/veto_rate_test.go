package schemas

import (
	"strings"
	"testing"
)

// "Counts per minute, partition, campaign, channel, purpose, engine, verdict and
// first reason", under a key of everything but the count.
func TestVetoRateOnTheWire(t *testing.T) {
	veto := VetoRate{
		Minute: at(t, "2026-05-01T10:00:00Z"), Partition: 3, Campaign: `spring "sale"`, Channel: "sms", Purpose: "marketing", Engine: "crm",
		Verdict: Vetoed, Reason: "quiet.hours", Count: 1<<53 + 1,
	}
	approval := VetoRate{Minute: veto.Minute, Campaign: "c", Channel: "sms", Purpose: "p", Verdict: Approved, Count: 1}
	for rate, want := range map[VetoRate][2]string{
		veto: {`["2026-05-01T10:00:00.000Z",3,"spring \"sale\"","sms","marketing","crm","vetoed","quiet.hours"]`,
			`{"minute":"2026-05-01T10:00:00.000Z","partition":3,"campaign":"spring \"sale\"","channel":"sms","purpose":"marketing",` +
				`"engine":"crm","verdict":"vetoed","reason":"quiet.hours","count":9007199254740993}`},
		approval: {`["2026-05-01T10:00:00.000Z",0,"c","sms","p","","approved",""]`,
			`{"minute":"2026-05-01T10:00:00.000Z","partition":0,"campaign":"c","channel":"sms","purpose":"p","engine":"","verdict":"approved","reason":"","count":1}`},
	} {
		if got := string(rate.Key()); got != want[0] {
			t.Errorf("key  %s\nwant %s", got, want[0])
		}
		got := rate.AppendJSON([]byte("x"))[1:]
		if string(got) != want[1] {
			t.Errorf("got  %s\nwant %s", got, want[1])
		}
		if err := agrees(compile(t, "veto-rates.v1"), got); err != nil {
			t.Error(err)
		}
		if back, err := DecodeVetoRate(got); err != nil || back != rate {
			t.Errorf("there and back: %+v, %v", back, err)
		}
	}
}

func TestDecodeVetoRateRefuses(t *testing.T) {
	good := string(VetoRate{Minute: at(t, "2026-05-01T10:00:00Z"), Campaign: "c", Channel: "sms", Purpose: "p", Verdict: Approved, Count: 1}.AppendJSON(nil))
	if _, err := DecodeVetoRate([]byte(strings.Replace(good, `"count"`, `"weight":[{}],"count"`, 1))); err != nil {
		t.Errorf("a field of a later release: %v", err)
	}
	for _, c := range [][2]string{
		{`"count":1`, `"count":0`}, {`"count":1`, `"count":1.5`}, {`"count":1`, `"count":"1"`}, {`"count":1`, `"n":1`},
		{"approved", "maybe"}, {`"campaign":"c"`, `"campaign":""`}, {`"partition":0`, `"partition":null`}, {"2026-05-01", "yesterday"},
		{`"minute"`, `"hour"`}, {"{", "["}, {good, ""}, {good, "null"},
	} {
		if got, err := DecodeVetoRate([]byte(strings.Replace(good, c[0], c[1], 1))); err == nil || got != (VetoRate{}) {
			t.Errorf("%s for %s is read: %+v", c[1], c[0], got)
		}
	}
}
