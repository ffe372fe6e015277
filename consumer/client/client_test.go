package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

// door is a governor that answers as its test has it, in no time but that which the test takes.
type door struct {
	answers []func(*http.Request) (*http.Response, error) // the last one from then on
	heard   []string                                      // path and body of each request
	bearers []string
	at      []time.Time
}

func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	d.heard = append(d.heard, r.URL.Path+" "+string(body))
	d.bearers = append(d.bearers, r.Header.Get("Authorization"))
	d.at = append(d.at, time.Now())
	return d.answers[min(len(d.heard), len(d.answers))-1](r)
}

func says(status int, kind, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {kind}}
		for i := 0; i+1 < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func fails(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// silent never answers.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func yes(now time.Time) string {
	return `{"ok":true,"reason":"","intent":"i1","decision":"d1","not_after":"` + now.Add(15*time.Minute).UTC().Format(time.RFC3339Nano) + `","answered":"2026-05-01T10:00:00.000Z"}`
}

func newClient(t *testing.T, d *door, options ...Option) *Client {
	t.Helper()
	c, err := New("http://127.0.0.1:8471/", options...)
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport = d
	return c
}

// "A lost answer can be asked again with the same worker token and gives the same answer" (issue 6): however it got lost,
// the worker gets its answer, and every attempt was the same question.
func TestALostAnswerIsAskedForAgainWithTheSameToken(t *testing.T) {
	lost := map[string]func(*http.Request) (*http.Response, error){
		"the connection broke":     fails(io.ErrUnexpectedEOF),
		"it takes too long":        silent,
		"no answer in time":        says(503, "application/problem+json", `{"title":"Not known now","detail":"ask again","ok":false,"reason":"state.unavailable"}`),
		"a proxy has no governor":  says(502, "text/html", "<h1>Bad Gateway</h1>"),
		"a proxy has its own page": says(200, "text/html", "<h1>Welcome</h1>"),
		"half an answer":           says(200, "application/json", `{"ok":tr`),
		"too many ask":             says(429, "application/problem+json", `{}`, "Retry-After", "1"),
		"it was slow to ask":       says(408, "application/problem+json", `{}`),
	}
	for name, one := range lost {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &door{answers: []func(*http.Request) (*http.Response, error){one, one, says(200, "application/json", yes(time.Now()))}}
				got, err := newClient(t, d).Redeem(t.Context(), "ada", "i1", "w1")
				if err != nil || !got.OK || got.Decision != "d1" {
					t.Fatalf("got %+v, %v", got, err)
				}
				want := `/v1/redeem {"person":"ada","intent":"i1","worker":"w1"}`
				if !slices.Equal(d.heard, []string{want, want, want}) {
					t.Errorf("the governor heard %q", d.heard)
				}
			})
		})
	}
}

// No answer is a no: whatever goes wrong for as long as the worker may wait, nothing of it is a yes, and it ends in time.
func TestNothingButTheGovernorsWordIsAYes(t *testing.T) {
	begin := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC) // where the time of a synctest begins
	wrong := map[string]func(*http.Request) (*http.Response, error){
		"no connection":        fails(errors.New("connection refused")),
		"silence":              silent,
		"503 that says yes":    says(503, "application/json", yes(begin)),
		"a page":               says(200, "text/html", yes(begin)),
		"no content":           says(204, "application/json", ""),
		"nothing":              says(200, "application/json", ""),
		"null":                 says(200, "application/json", "null"),
		"an array":             says(200, "application/json", "["+yes(begin)+"]"),
		"neither yes nor no":   says(200, "application/json", `{"decision":"d1"}`),
		"a word for a yes":     says(200, "application/json", strings.Replace(yes(begin), "true", `"true"`, 1)),
		"about another intent": says(200, "application/json", strings.Replace(yes(begin), `"i1"`, `"i2"`, 1)),
		"without an end":       says(200, "application/json", `{"ok":true,"intent":"i1","decision":"d1"}`),
		"without an approval":  says(200, "application/json", strings.Replace(yes(begin), `"d1"`, `""`, 1)),
		"with a reason":        says(200, "application/json", strings.Replace(yes(begin), `"reason":""`, `"reason":"revoked"`, 1)),
		"twice":                says(200, "application/json", yes(begin)+yes(begin)),
		"endless":              says(200, "application/json", strings.Repeat(" ", mostAnswer)+yes(begin)),
	}
	for name, one := range wrong {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				got, err := newClient(t, &door{answers: []func(*http.Request) (*http.Response, error){one}}).Redeem(ctx, "ada", "i1", "w1")
				if got != (Answer{}) || !errors.Is(err, ErrNoAnswer) || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %+v, %v", got, err)
				}
				if took := time.Since(began); took != 20*time.Second {
					t.Errorf("it took %v", took)
				}
				if err != nil && strings.Contains(err.Error(), "ada") {
					t.Errorf("the error names the person: %v", err)
				}
			})
		})
	}
}

// What asking again does not change is told at once, with what to do, and is a no.
func TestARefusedQuestionIsNotAskedAgain(t *testing.T) {
	for status, body := range map[int]string{
		401: `{"title":"Nobody knows who asks","detail":"send a token"}`,
		403: `{"title":"The token does not allow this","detail":"it takes operate"}`,
		422: `{"title":"Something is wrong","detail":"mend it","mistakes":[{"field":"worker","reason":"is missing"}],"ok":true}`,
		307: `{}`,
		404: `no JSON`,
	} {
		d := &door{answers: []func(*http.Request) (*http.Response, error){says(status, "application/problem+json", body, "Location", "https://elsewhere.example")}}
		got, err := newClient(t, d).Redeem(t.Context(), "ada", "i1", "w1")
		problem := (*Problem)(nil)
		if got != (Answer{}) || !errors.As(err, &problem) || problem.Status != status || errors.Is(err, ErrNoAnswer) || len(d.heard) != 1 {
			t.Errorf("%d: got %+v, %v after %d questions", status, got, err, len(d.heard))
		}
		if status == 422 && err.Error() != "redeem: the governor refuses the request (422): Something is wrong: mend it; worker is missing" {
			t.Errorf("it reads %q", err)
		}
	}
}

// Redeem returns the answers there are, and a yes that comes when its time is over is none.
func TestAnswersAreReadWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for body, want := range map[string]Answer{
			yes(time.Now()): {OK: true, Decision: "d1", NotAfter: time.Now().Add(15 * time.Minute).UTC()},
			strings.Replace(yes(time.Now()), `"answered"`, `"again":true,"answered"`, 1): {OK: true, Decision: "d1", NotAfter: time.Now().Add(15 * time.Minute).UTC(), Again: true},
			`{"ok":false,"reason":"refused.state","intent":"i1","decision":"d1"}`:        {Reason: "refused.state", Decision: "d1"},
			`{"ok":false,"reason":"not_approved","later":1}`:                             {Reason: "not_approved"},
			yes(time.Now().Add(-15 * time.Minute)):                                       {Reason: "expired", Decision: "d1"},
		} {
			d := &door{answers: []func(*http.Request) (*http.Response, error){says(200, "application/json; charset=utf-8", body)}}
			if got, err := newClient(t, d).Redeem(t.Context(), "ada", "i1", "w1"); err != nil || got != want {
				t.Errorf("%s:\n got  %+v, %v\n want %+v", body, got, err, want)
			}
		}
	})
}

// An approval is not asked for longer than it lives.
func TestAnApprovalIsAskedForAsLongAsItLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{answers: []func(*http.Request) (*http.Response, error){silent}}
		c, ends := newClient(t, d), time.Now().Add(time.Minute)
		approval := &schemas.Decision{ID: "d1", Intent: "i1", Person: "ada", NotAfter: schemas.TimeOf(ends)}
		if got, err := c.RedeemApproval(t.Context(), approval, "w1"); got.OK || !errors.Is(err, ErrNoAnswer) || !time.Now().Equal(ends) {
			t.Errorf("at %v: got %+v, %v", time.Now(), got, err)
		}
		asked := len(d.heard)
		if got, err := c.RedeemApproval(t.Context(), approval, "w1"); err != nil || got != (Answer{Reason: "expired", Decision: "d1"}) || len(d.heard) != asked {
			t.Errorf("when it was over: got %+v, %v", got, err)
		}
		approval.NotAfter = schemas.TimeOf(time.Now().Add(time.Minute))
		approval.ID = "d0"
		d.answers[0] = says(200, "application/json", yes(time.Now()))
		if got, err := c.RedeemApproval(t.Context(), approval, "w1"); err == nil || got != (Answer{}) {
			t.Errorf("a yes to another approval: got %+v, %v", got, err)
		}
	})
}

// Who was cut off comes back with pauses that grow, and waits as long as the governor says.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{answers: []func(*http.Request) (*http.Response, error){fails(io.EOF)}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := newClient(t, d).Redeem(ctx, "ada", "i1", "w1"); !errors.Is(err, io.EOF) {
			t.Errorf("the cause is not told: %v", err)
		}
		for i, pause := 1, firstPause; i < len(d.at); i, pause = i+1, min(2*pause, mostPause) {
			if got := d.at[i].Sub(d.at[i-1]); got < pause/2 || got > pause {
				t.Errorf("pause %d: %v, want %v to %v", i, got, pause/2, pause)
			}
		}

		d = &door{answers: []func(*http.Request) (*http.Response, error){says(503, "", "", "Retry-After", "3"), says(429, "", "", "Retry-After", "3600"), says(200, "application/json", yes(time.Now()))}}
		if _, err := newClient(t, d).Redeem(t.Context(), "ada", "i1", "w1"); err != nil {
			t.Error(err)
		}
		if a, b := d.at[1].Sub(d.at[0]), d.at[2].Sub(d.at[1]); a != 3*time.Second || b != 5*time.Second {
			t.Errorf("pauses of %v and %v", a, b)
		}
	})
}

// "Answers only after Kafka has acknowledged" (issue 6): what was not acknowledged is told again under the same id.
func TestWhatIsToldIsToldUntilItIsAcknowledged(t *testing.T) {
	at := time.Date(2026, time.May, 1, 12, 0, 0, 123_456_789, time.FixedZone("", 7200))
	for want, tell := range map[string]func(context.Context, *Client) error{
		`/v1/outcomes {"id":"o1","person":"ada","at":"2026-05-01T10:00:00.123Z","intent":"i1","result":"bounced"}`: func(ctx context.Context, c *Client) error {
			return c.Outcome(ctx, Outcome{ID: "o1", Person: "ada", At: at, Intent: "i1", Result: schemas.ResultBounced})
		},
		`/v1/outcomes {"id":"*","person":"ada","decision":"d1","result":"sent"}`: func(ctx context.Context, c *Client) error {
			return c.Outcome(ctx, Outcome{Person: "ada", Decision: "d1", Result: schemas.ResultSent})
		},
		`/v1/refuse {"id":"*","person":"ada","source":"phone","channel":"email"}`: func(ctx context.Context, c *Client) error {
			return c.Refuse(ctx, Refusal{Person: "ada", Source: "phone", Scope: Scope{Channel: "email"}})
		},
		`/v1/consent {"id":"*","person":"ada","evidence":"form 7","brand":"b"}`: func(ctx context.Context, c *Client) error {
			return c.Consent(ctx, Consent{Person: "ada", Evidence: "form 7", Scope: Scope{Brand: "b"}})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := &door{answers: []func(*http.Request) (*http.Response, error){
				fails(io.EOF), says(503, "application/problem+json", `{}`), says(200, "application/json", `{"recorded":false}`), says(200, "application/json", `7`),
				says(200, "application/json", `{"recorded":true,"signal":"s"}`),
			}}
			if err := tell(t.Context(), newClient(t, d)); err != nil {
				t.Fatal(err)
			}
			if len(d.heard) != 5 || len(slices.Compact(d.heard)) != 1 {
				t.Errorf("the governor heard %q", d.heard)
			}
			before, after, _ := strings.Cut(want, "*")
			if got := d.heard[0]; !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
				t.Errorf("got  %s\nwant %s", got, want)
			}

			d = &door{answers: []func(*http.Request) (*http.Response, error){says(403, "application/problem+json", `{}`)}}
			if problem := (*Problem)(nil); !errors.As(tell(t.Context(), newClient(t, d)), &problem) {
				t.Error("a refused word was no problem")
			}
		})
	}
}

// A new token in the file holds from the next request on.
func TestTheTokenIsReadForEachRequest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	synctest.Test(t, func(t *testing.T) {
		answer := says(200, "application/json", yes(time.Now()))
		d := &door{answers: []func(*http.Request) (*http.Response, error){answer}}
		c := newClient(t, d, BearerFile(file), Attempt(time.Second))
		for _, token := range []string{"one\n", "two"} {
			if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Redeem(t.Context(), "ada", "i1", "w1"); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(d.bearers, []string{"Bearer one", "Bearer two"}) {
			t.Errorf("got %q", d.bearers)
		}
		for what, spoil := range map[string]func() error{"is empty": func() error { return os.WriteFile(file, nil, 0o600) }, "no such file": func() error { return os.Remove(file) }} {
			if err := spoil(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := c.Redeem(ctx, "ada", "i1", "w1"); err == nil || !strings.Contains(err.Error(), what) && what == "is empty" {
				t.Errorf("%s: %v", what, err)
			}
		}
		if len(d.bearers) != 2 {
			t.Error("a question went out without a token")
		}
	})
}

// A mistake in the address is told when the worker starts, and a token does not go where others can read it.
func TestWhereTheGovernorIs(t *testing.T) {
	token := Bearer(func(context.Context) (string, error) { return "t", nil })
	for base, want := range map[string]string{
		"":                                  "where is the governor?",
		"governor:8471":                     "where is the governor?",
		"ftp://governor":                    "where is the governor?",
		"https://governor/?a=b":             "where is the governor?",
		"https://me:secret@governor.intern": "takes no user",
		"http://governor.internal:8471":     "write https",
		"http://127.0.0.1.example":          "write https",
		"http://127.0.0.1:8471":             "",
		"http://[::1]:8471":                 "",
		"http://localhost:8471/":            "",
		"https://governor.internal/a":       "",
	} {
		c, err := New(base, token)
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && !strings.Contains(got, want) || strings.Contains(got, "secret") {
			t.Errorf("%s: %v", base, err)
		}
		if c != nil {
			c.Close()
		}
	}
	if _, err := New("https://governor", Attempt(0)); err == nil {
		t.Error("attempts of no time are taken")
	}
}

// After a crash a worker has the token that it had, and knows what it had begun.
func TestAWorkerKnowsAfterACrashWhatItHadBegun(t *testing.T) {
	if a, b := Token(), Token(); a == b || len(a) < 16 {
		t.Errorf("tokens %q and %q", a, b)
	}
	token := TokenOf("mailer-1", "d1")
	if token != TokenOf("mailer-1", "d1") || token == TokenOf("mailer-2", "d1") || token == TokenOf("mailer-1", "d2") || len(token) > 128 {
		t.Errorf("token %q", token)
	}

	folder := filepath.Join(t.TempDir(), "notes")
	for begun := range 2 {
		n, err := OpenNotes(folder)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := n.Begun(token); err != nil || got != (begun == 1) {
			t.Errorf("begun: %v, %v", got, err)
		}
		if first, err := n.Begin(token); err != nil || first != (begun == 0) {
			t.Errorf("begin: %v, %v", first, err)
		}
	}
	n, err := OpenNotes(folder)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := n.Done(token); err != nil {
			t.Error(err)
		}
	}
	if got, err := n.Begun(token); err != nil || got {
		t.Errorf("done, and begun: %v, %v", got, err)
	}
	for _, token := range []string{"", "..", "a/b", "ada@example.org"} {
		_, begin := n.Begin(token)
		_, begun := n.Begun(token)
		if begin == nil || begun == nil || n.Done(token) == nil {
			t.Errorf("the token %q makes a file", token)
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if first, err := n.Begin(token); err == nil || first {
		t.Error("a note that could not be made lets a contact begin")
	}
}
