package schemas

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// "Signed links in approvals for channels that carry them … with the two headers ready to paste into the mail" (issue 6).
func TestLeaveOnTheWire(t *testing.T) {
	full := &Leave{
		URL:             "https://leave.example.org/leave/abc",
		Unsubscribe:     "<https://leave.example.org/leave/abc>, <mailto:leave@example.org?subject=abc>",
		UnsubscribePost: "List-Unsubscribe=One-Click",
	}
	for _, c := range []struct {
		leave *Leave
		want  string
	}{
		{nil, `"items":["i1","i2"],"evidence"`},
		{full, `"items":["i1","i2"],"unsubscribe":{"url":"https://leave.example.org/leave/abc","headers":{` +
			`"List-Unsubscribe":"<https://leave.example.org/leave/abc>, <mailto:leave@example.org?subject=abc>",` +
			`"List-Unsubscribe-Post":"List-Unsubscribe=One-Click"}},"evidence"`},
		{&Leave{URL: full.URL}, `"items":["i1","i2"],"unsubscribe":{"url":"https://leave.example.org/leave/abc"},"evidence"`},
	} {
		d := approval(t)
		d.Leave = c.leave
		got := d.AppendJSON(nil)
		if !strings.Contains(string(got), c.want) {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if err := agrees(compile(t, "approved.v1"), got); err != nil {
			t.Error(err)
		}
		back, err := DecodeDecision(got)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, back); diff != "" {
			t.Errorf("there and back (-first +second):\n%s", diff)
		}
	}
}

// It is read as strictly as the rest, and what a later release adds to it is read over.
func TestLeaveIsReadStrictly(t *testing.T) {
	head := `{"id":"d1","intent":"i1","person":"p1","verdict":"approved","decided":"2026-05-01T10:00:00.000Z","unsubscribe":`
	for text, want := range map[string]string{
		`"https://x"`:                             "unsubscribe: must be a JSON object, but is a string",
		`{"url":7}`:                               "unsubscribe.url: must be a string, but is a number",
		`{"url":"u","headers":[]}`:                "unsubscribe.headers: must be a JSON object, but is an array",
		`{"headers":{"List-Unsubscribe":{}}}`:     "unsubscribe.headers.List-Unsubscribe: must be a string, but is an object",
		`{"headers":{"List-Unsubscribe-Post":1}}`: "unsubscribe.headers.List-Unsubscribe-Post: must be a string, but is a number",
	} {
		if d, err := DecodeDecision([]byte(head + text + "}")); err == nil || err.Error() != want || !cmp.Equal(d, Decision{}) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
	for text, want := range map[string]*Leave{
		`null`:                                 nil,
		`{}`:                                   {},
		`{"url":null,"headers":null}`:          {},
		`{"sms":["STOP"],"url":"u\u002f"}`:     {URL: "u/"},
		`{"headers":{"X":1,"url":"v"}}`:        {},
		`{"headers":{"List-Unsubscribe":"v"}}`: {Unsubscribe: "v"},
	} {
		d, err := DecodeDecision([]byte(head + text + "}"))
		if err != nil || !cmp.Equal(d.Leave, want) {
			t.Errorf("%s: got %+v, %v", text, d.Leave, err)
		}
	}
}
