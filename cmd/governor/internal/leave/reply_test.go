package leave

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

func secrets(all ...string) func() ([]string, error) {
	return func() ([]string, error) { return all, nil }
}

func textHook() Hook {
	return Hook{Name: "sms", Form: JSON, Person: "tel:{from}", Channel: "sms", Brand: "north", Secrets: secrets("new secret", "hush")}
}

func signed(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// "Reply webhooks for STOP words" (issue 6): what a person answered becomes a reply, word for word.
func TestAReplyIsPassedOn(t *testing.T) {
	for _, c := range []struct {
		body string
		want schemas.Signal
	}{
		{`{"id":"m1","from":"+15550100","to":"+15550199","text":"STOP"}`, schemas.Signal{Person: "tel:+15550100", Channel: "sms", Brand: "north", Text: "STOP"}},
		{`{"id":"m1","person":"p1","from":"+15550100","text":"stop"}`, schemas.Signal{Person: "p1", Channel: "sms", Brand: "north", Text: "stop"}},
		{`{"person":"p1","text":"Ja bitte 😀\n","channel":"chat","brand":"south","later":[1]}`, schemas.Signal{Person: "p1", Channel: "chat", Brand: "south", Text: "Ja bitte 😀\n"}},
		{`{"person":"p1","text":"I am away","auto":true}`, schemas.Signal{Person: "p1", Channel: "sms", Brand: "north", Text: "I am away", Auto: true}},
		{`{"person":"p1"}`, schemas.Signal{Person: "p1", Channel: "sms", Brand: "north"}},
		{`{"person":"p1","text":"` + strings.Repeat("ü", 10_001) + `"}`, schemas.Signal{Person: "p1", Channel: "sms", Brand: "north", Text: strings.Repeat("ü", 10_000)}},
	} {
		d := newDoor(t, textHook())
		got := d.do(http.MethodPost, ReplyPath+"sms", c.body, "Authorization", "Bearer hush")
		if got.StatusCode != 204 || len(d.log.signals) != 1 {
			t.Fatalf("%.80s: %s %s", c.body, got.Status, text(t, got))
		}
		c.want.Type, c.want.At, c.want.ID = schemas.TypeReply, schemas.TimeOf(d.now), d.log.signals[0].ID
		if s := d.log.signals[0]; !equal(s, c.want) || !strings.HasPrefix(s.ID, "reply-") {
			t.Errorf("got  %+v\nwant %+v", s, c.want)
		}
	}
}

// A provider sends again what it was not told is there: that is one reply. Other words are another, whatever their number.
func TestTheSameReplyIsTheSameSignal(t *testing.T) {
	d := newDoor(t, textHook())
	id := func(body string) string {
		d.now = d.now.Add(time.Hour)
		if got := d.do(http.MethodPost, ReplyPath+"sms", body, "Authorization", "Bearer hush"); got.StatusCode != 204 {
			t.Fatalf("%s: %s", body, got.Status)
		}
		return d.log.signals[len(d.log.signals)-1].ID
	}
	first := id(`{"id":"m1","person":"p1","text":"STOP"}`)
	if again := id(`{"text":"STOP","person":"p1","id":"m1"}`); again != first {
		t.Errorf("got %s, then %s", first, again)
	}
	for _, other := range []string{
		`{"id":"m2","person":"p1","text":"STOP"}`, `{"id":"m1","person":"p2","text":"STOP"}`, `{"id":"m1","person":"p1","text":"hello"}`,
		`{"id":"m1","person":"p1","text":"STOP","auto":true}`, `{"id":"m1","person":"p1","text":"STOP","channel":"chat"}`,
		`{"id":"m1","person":"p1","text":"STOP","brand":"south"}`, `{"id":"m1p1","person":"","from":"x","text":"STOP"}`,
	} {
		if id(other) == first {
			t.Errorf("%s has the id of another reply", other)
		}
	}
	if a, b := id(`{"person":"p1","text":"STOP"}`), id(`{"person":"p1","text":"STOP"}`); a == b {
		t.Error("replies without a number are one")
	}
}

// "Authenticated by a shared secret/signature from a file."
func TestWhoMayPassOnReplies(t *testing.T) {
	const body = `{"id":"m1","person":"p1","text":"STOP"}`
	for _, c := range []struct {
		name, header, value string
		status              int
	}{
		{"nobody", "Accept", "*/*", 401},
		{"the secret", "Authorization", "Bearer hush", 204},
		{"the other secret", "Authorization", "Bearer new secret", 204},
		{"a wrong one", "Authorization", "Bearer hus", 401},
		{"an empty one", "Authorization", "Bearer ", 401},
		{"of another sort", "Authorization", "Basic hush", 401},
		{"a signature", "X-Hub-Signature-256", signed("hush", body), 204},
		{"a signature in capitals", "X-Hub-Signature-256", "sha256=" + strings.ToUpper(signed("hush", body)[7:]), 204},
		{"the signature of another body", "X-Hub-Signature-256", signed("hush", body+" "), 401},
		{"the signature of somebody else", "X-Hub-Signature-256", signed("guess", body), 401},
		{"a signature of another sort", "X-Hub-Signature-256", "sha1=" + signed("hush", body)[7:], 401},
		{"an empty signature", "X-Hub-Signature-256", "sha256=", 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t, textHook())
			got := d.do(http.MethodPost, ReplyPath+"sms", body, c.header, c.value)
			if got.StatusCode != c.status || len(d.log.signals) != map[int]int{204: 1}[c.status] {
				t.Errorf("got %s, and %d signals", got.Status, len(d.log.signals))
			}
		})
	}
	for _, none := range []func() ([]string, error){secrets(), func() ([]string, error) { return nil, errors.New("open /run/secrets/sms: gone") }} {
		hook := textHook()
		hook.Secrets = none
		d := newDoor(t, hook)
		if got := d.do(http.MethodPost, ReplyPath+"sms", body, "Authorization", "Bearer "); got.StatusCode < 400 || len(d.log.signals) != 0 || strings.Contains(text(t, got), "/run") {
			t.Errorf("a door without a key opens: %s", got.Status)
		}
	}
}

// Each row is a mistake and what its author is told: fields, never what stood in them.
func TestMistakesOfAReply(t *testing.T) {
	const shape = `the body is not the JSON that is expected: {"id", "person" or "from", "text", "channel", "brand", "auto"}, each once, auto true or false and the others strings`
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{`{}`, 400, "person, from: one of them must say who answered"},
		{`{"text":"STOP"}`, 400, "person, from: one of them must say who answered"},
		{`secret`, 400, shape},
		{``, 400, shape},
		{`[]`, 400, shape},
		{`{"person":"secret","person":"q"}`, 400, shape},
		{`{"person":7}`, 400, shape},
		{`{"person":"p","auto":"no"}`, 400, shape},
		{"{\"person\":\"\xff\"}", 400, shape},
		{`{"person":"p"}{}`, 400, shape},
		{`{"person":"` + strings.Repeat("secret", 50) + `"}`, 400, "person: is longer than 256 characters; shorten it"},
		{`{"person":"p","channel":"` + strings.Repeat("secret", 50) + `"}`, 400, "channel: is longer than 64 characters; shorten it"},
		{`{"person":"sec\u0000ret"}`, 400, "person: has a control character; remove it"},
		{`{"person":"p","text":"` + strings.Repeat("a", 256<<10) + `"}`, 413, "the body has more than 262144 bytes, or did not come whole"},
	} {
		d := newDoor(t, textHook())
		got := d.do(http.MethodPost, ReplyPath+"sms", c.body, "Authorization", "Bearer hush")
		said := text(t, got)
		want := strings.NewReplacer(`"`, `\"`).Replace(c.want)
		if got.StatusCode != c.status || said != `{"error":"`+want+`"}`+"\n" || len(d.log.signals) != 0 {
			t.Errorf("%.60s\n got  %s %s want %s", c.body, got.Status, said, want)
		}
		if strings.Contains(said, "secret") {
			t.Errorf("it repeats what was sent: %s", said)
		}
	}
	d := newDoor(t, textHook())
	for path, status := range map[string]int{ReplyPath: 404, ReplyPath + "SMS": 404, ReplyPath + "sms/": 404, ReplyPath + "sms": 405} {
		if got := d.do(http.MethodGet, path, ""); got.StatusCode != status {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
	if got := d.do(http.MethodOptions, ReplyPath+"sms", ""); got.StatusCode != 204 || got.Header.Get("Allow") != "POST, OPTIONS" {
		t.Errorf("OPTIONS: %s", got.Status)
	}
	d.log.set(errors.New("kafka: nobody answers"))
	got := d.do(http.MethodPost, ReplyPath+"sms", `{"person":"p"}`, "Authorization", "Bearer hush")
	if got.StatusCode != 503 || got.Header.Get("Retry-After") != "60" {
		t.Errorf("it could not be stored: %s", got.Status)
	}
}

// The mail that List-Unsubscribe offers says whose it is by its link. A reply that quotes a link says something else.
func TestTheMailThatSaysNo(t *testing.T) {
	token := seal(t, keys(t, oldKey), ann())
	for _, c := range []struct {
		text string
		auto string
		no   bool
	}{
		{"unsubscribe " + token, "false", true},
		{" Unsubscribe\\r\\n " + token + " ", "false", true},
		{"unsubscribe " + token, "true", false},
		{"unsubscribe " + token[1:], "false", false},
		{"unsubscribe", "false", false},
		{"Sounds good! > " + token, "false", false},
		{"unsubscribe " + token + " STOP", "false", false},
		{"START " + token, "false", false},
	} {
		d := newDoor(t, textHook())
		got := d.do(http.MethodPost, ReplyPath+"sms", `{"id":"m1","person":"somebody","text":"`+c.text+`","auto":`+c.auto+`}`, "Authorization", "Bearer hush")
		if got.StatusCode != 204 || len(d.log.signals) != 1 {
			t.Fatalf("%s: %s", c.text, got.Status)
		}
		s := d.log.signals[0]
		no := s.Type == schemas.TypeRefusal && s.Person == ann().Person && s.Channel == "email" && s.Brand == "north" && s.Source == "unsubscribe mail"
		if no != c.no || !no && (s.Type != schemas.TypeReply || s.Person != "somebody") {
			t.Errorf("%q, auto %s: got %+v", c.text, c.auto, s)
		}
	}
}

// The example of Twilio's own documents.
func TestTheSignatureIsTwilios(t *testing.T) {
	form := url.Values{"CallSid": {"CA1234567890ABCDE"}, "From": {"+12349013030"}, "To": {"+18005551212"}, "Caller": {"+12349013030"}, "Digits": {"1234"}}
	if got := twilioSignature("https://mycompany.com/myapp.php?foo=1&bar=2", form, "12345"); got != "0/KCTR6DLpKmkAf8muzZqo1nDgQ=" {
		t.Errorf("got %s", got)
	}
}

func TestTwilioPassesOnReplies(t *testing.T) {
	hook := textHook()
	hook.Name, hook.Form = "twilio", Twilio
	form := url.Values{"MessageSid": {"SM1"}, "From": {"+15550100"}, "To": {"+15550199"}, "Body": {"Stop \xff"}, "NumMedia": {"0"}}
	for _, c := range []struct {
		name, query, signature string
		status                 int
	}{
		{"signed", "", twilioSignature(base+ReplyPath+"twilio", form, "hush"), 200},
		{"signed with a query", "?a=1&b=%20", twilioSignature(base+ReplyPath+"twilio?a=1&b=%20", form, "hush"), 200},
		{"signed for another address", "?a=1", twilioSignature(base+ReplyPath+"twilio", form, "hush"), 401},
		{"signed by another", "", twilioSignature(base+ReplyPath+"twilio", form, "guess"), 401},
		{"not signed", "", "", 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t, hook)
			got := d.do(http.MethodPost, ReplyPath+"twilio"+c.query, form.Encode(), "Content-Type", isForm, "X-Twilio-Signature", c.signature)
			if got.StatusCode != c.status {
				t.Fatalf("got %s", got.Status)
			}
			if c.status != 200 {
				if len(d.log.signals) != 0 {
					t.Errorf("got %+v", d.log.signals)
				}
				return
			}
			if said := text(t, got); !strings.Contains(said, "<Response/>") || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/xml") {
				t.Errorf("Twilio is told %s", said)
			}
			s := d.log.signals[0]
			want := schemas.Signal{ID: s.ID, Person: "tel:+15550100", Type: schemas.TypeReply, At: schemas.TimeOf(d.now), Channel: "sms", Brand: "north", Text: "Stop \uFFFD"}
			if !equal(s, want) {
				t.Errorf("got  %+v\nwant %+v", s, want)
			}
		})
	}
	d := newDoor(t, hook)
	if got := d.do(http.MethodPost, ReplyPath+"twilio", "%zz", "X-Twilio-Signature", "x"); got.StatusCode != 400 {
		t.Errorf("no form: %s", got.Status)
	}
}

// Whatever a stranger sends, to whichever door, nothing panics and nothing is stored.
func FuzzStranger(f *testing.F) {
	f.Add(http.MethodPost, "/leave/AQ", isForm, click)
	f.Add(http.MethodPost, "/hooks/reply/sms", "application/json", `{"person":"p","text":"STOP"}`)
	f.Add(http.MethodPost, "/hooks/reply/twilio", isForm, "From=%2B1&Body=STOP")
	f.Add(http.MethodGet, "/leave/%2e%2e/", "multipart/form-data; boundary=x", "--x\r\n")
	f.Fuzz(func(t *testing.T, method, path, kind, body string) {
		r, err := http.NewRequest(method, base, strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		r.URL.Path = path
		r.Header["Content-Type"], r.Header["Accept-Language"] = []string{kind}, []string{body}
		r.Header["Authorization"], r.Header["X-Twilio-Signature"] = []string{"Bearer " + kind}, []string{kind}
		twilio := textHook()
		twilio.Name, twilio.Form = "twilio", Twilio
		d := newDoor(t, textHook(), twilio)
		w := newAnswer()
		d.ServeHTTP(w, r)
		if len(d.log.signals) != 0 && kind != "hush" && kind != "new secret" {
			t.Fatalf("a stranger was heard: %s %s", method, path)
		}
		if w.status == 200 && path != "" && !strings.HasPrefix(path, LinkPath) {
			t.Fatalf("%s %q is %d", method, path, w.status)
		}
	})
}

// answer is what a handler answered, without the checks of a recorder, which panics on odd requests.
type answer struct {
	header http.Header
	status int
}

func newAnswer() *answer                          { return &answer{header: make(http.Header)} }
func (a *answer) Header() http.Header             { return a.header }
func (a *answer) WriteHeader(status int)          { a.status = status }
func (a *answer) Write(b []byte) (n int, _ error) { return len(b), nil }
