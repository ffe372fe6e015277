package api

import (
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/schemas"
)

// problemType comes before the code in the type of a problem.
const problemType = "urn:contactgovernor:problem:"

// Problem is an answer that is no success, as RFC 9457 has it. Its texts say what to
// do; they never repeat what was sent.
type Problem struct {
	Type     string    `json:"type"`
	Title    string    `json:"title"`
	Status   int       `json:"status"`
	Detail   string    `json:"detail,omitempty"`
	Mistakes []Mistake `json:"mistakes,omitempty"`

	// Of a redeem that was not answered: it is as good as a no.
	OK     *bool  `json:"ok,omitempty"`
	Reason string `json:"reason,omitempty"`

	allow string // of a method that is not allowed: those that are
	after int    // seconds until it makes sense to ask again; 0 is none
	cause error  // what happened; for the log, never for the client
}

// Mistake is what is wrong with one field.
type Mistake struct {
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// Unwrap is what happened.
func (p *Problem) Unwrap() error { return p.cause }

func problem(status int, code, title, detail string) *Problem {
	return &Problem{Type: problemType + code, Title: title, Status: status, Detail: detail}
}

func badRequest(detail string) *Problem {
	return problem(http.StatusBadRequest, "unreadable", "The request cannot be read", detail)
}

func notFound() *Problem {
	return problem(http.StatusNotFound, "no-such-route", "There is no such route", "see /openapi.json for those that there are")
}

func notAllowed(allow string) *Problem {
	p := problem(http.StatusMethodNotAllowed, "no-such-method", "The route has no such method", "use "+allow)
	p.allow = allow
	return p
}

func unauthorized(cause error) *Problem {
	return problem(http.StatusUnauthorized, "who", "Nobody knows who asks", cause.Error())
}

func forbidden(needed string) *Problem {
	return problem(http.StatusForbidden, "role", "The token does not allow this", "it takes a token with one of the roles: "+needed)
}

func tooMany() *Problem {
	p := problem(http.StatusTooManyRequests, "rate", "Too many requests", "ask less often, or have api.rate raised")
	p.after = 1
	return p
}

// unavailable says that something is not known now.
func unavailable(detail string, cause error) *Problem {
	p := problem(http.StatusServiceUnavailable, "state.unavailable", "Not known now", detail)
	p.after, p.cause = 1, cause
	return p
}

// unknownFate says that nobody knows whether a change happened.
func unknownFate(cause error) *Problem {
	p := problem(http.StatusServiceUnavailable, "unacknowledged", "Not acknowledged",
		"Kafka has not acknowledged it in time, so it may have happened or not: send the same again, with the same id, until it is acknowledged")
	p.after, p.cause = 1, cause
	return p
}

// malformed says what is wrong with the fields of a request.
func malformed(m *schemas.Malformed) *Problem {
	p := problem(http.StatusUnprocessableEntity, "malformed", "Something is wrong with the request", "mend what is listed, and send it again")
	for _, one := range append([]schemas.Malformed{*m}, m.More...) {
		p.Mistakes = append(p.Mistakes, Mistake{one.Field, one.Reason})
	}
	return p
}

// wrong says what is wrong with one field.
func wrong(field, reason string) *Problem {
	return malformed(&schemas.Malformed{Field: field, Reason: reason})
}

// write answers with the problem.
func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	if p.after > 0 {
		h.Set("Retry-After", strconv.Itoa(p.after))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(p.Status)
	_ = json.MarshalWrite(w, p) // who hangs up does not hear it
}
