package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// ErrNoAnswer says that the governor's word did not come in time. It may have heard
// what it was asked, or not.
var ErrNoAnswer = errors.New("the governor did not answer in time")

// Problem is the governor's word that it does not do what it was asked, however often:
// the token, its roles or the fields are wrong. What is wrong with them is in words.
type Problem struct {
	Status   int    // of HTTP
	Title    string `json:"title"`
	Detail   string `json:"detail"` // what to do
	Mistakes []struct {
		Field  string `json:"field"`
		Reason string `json:"reason"`
	} `json:"mistakes"`
}

// Error implements error.
func (p *Problem) Error() string {
	text := fmt.Sprintf("the governor refuses the request (%d)", p.Status)
	if p.Title != "" {
		text += ": " + p.Title
	}
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	for _, m := range p.Mistakes {
		text += fmt.Sprintf("; %s %s", m.Field, m.Reason)
	}
	return text
}

// The pauses between attempts.
const (
	firstPause = 50 * time.Millisecond
	mostPause  = 2 * time.Second
)

// mostAnswer is more than any answer has.
const mostAnswer = 1 << 20

// ask posts a question until take makes sense of an answer, or ctx ends. What is asked
// must be safe to ask again. The error is a *Problem or has ErrNoAnswer in it.
func (c *Client) ask(ctx context.Context, path string, question any, take func(answer []byte) error) error {
	body, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("write the question: %w", err)
	}
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", ErrNoAnswer, errors.Join(context.Cause(ctx), err))
		}
		var after time.Duration
		if after, err = c.once(ctx, path, body, take); err == nil {
			return nil
		}
		if problem := (*Problem)(nil); errors.As(err, &problem) {
			return problem
		}
		// Half of the pause is chance, so that workers that were cut off together do not
		// come back together.
		timer := time.NewTimer(max(after, pause/2+rand.N(pause/2)))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// once is one attempt. Beside an error it says how long the governor wants to be left
// alone.
func (c *Client) once(ctx context.Context, path string, body []byte, take func([]byte) error) (after time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.attempt)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if c.bearer != nil {
		token, err := c.bearer(ctx)
		if err != nil {
			return 0, fmt.Errorf("the token: %w", err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return 0, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch status := response.StatusCode; {
	case (status == http.StatusOK || status == http.StatusAccepted) && kind == "application/json":
		return 0, take(answer)
	case status < 300:
		return 0, fmt.Errorf("status %d with %q: that is not the governor's", status, kind)
	case passes(status):
		return retryAfter(response.Header), fmt.Errorf("status %d: %s", status, problemOf(status, kind, answer).Detail)
	default:
		return 0, problemOf(status, kind, answer)
	}
}

// passes says whether the same question may be answered later.
func passes(status int) bool {
	return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

func problemOf(status int, kind string, body []byte) *Problem {
	p := &Problem{}
	if kind == "application/problem+json" {
		if err := json.Unmarshal(body, p); err != nil {
			p = &Problem{Detail: "the answer says no more that can be read"}
		}
	}
	p.Status = status
	return p
}

// retryAfter is at most what a worker that has little time can wait.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, 5*time.Second)
}
