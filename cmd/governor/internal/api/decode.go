package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// mostBody is how many bytes a request may have.
const mostBody = 64 << 10

// body is what came with the request, which is JSON.
func (c *call) body() ([]byte, error) {
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, problem(http.StatusUnsupportedMediaType, "media-type", "The body is no JSON", "send the header Content-Type: application/json")
	}
	b, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, mostBody))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, problem(http.StatusRequestEntityTooLarge, "too-large", "The body is too large", "send at most 64 KiB")
	}
	if err != nil {
		return nil, problem(http.StatusRequestTimeout, "slow", "The body did not come", "send all of it at once")
	}
	return b, nil
}

// decode reads the body strictly: a field that is not known may be a limit that the
// sender relies on, and of a field that is there twice nobody knows which holds.
func decode[T any](c *call) (v T, err error) {
	b, err := c.body()
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(b, &v, json.RejectUnknownMembers(true)); err != nil {
		return v, unreadable(err)
	}
	return v, nil
}

// maybe reads a body that may be missing altogether.
func maybe[T any](c *call) (v T, err error) {
	if c.r.ContentLength == 0 {
		return v, nil
	}
	return decode[T](c)
}

// unreadable says what is wrong with JSON, without repeating what stands there.
func unreadable(err error) *Problem {
	semantic, syntax := (*json.SemanticError)(nil), (*jsontext.SyntacticError)(nil)
	switch {
	case errors.As(err, &semantic) && errors.Is(err, json.ErrUnknownName):
		return wrong(field(semantic.JSONPointer), "is not known here: leave it out, or mend its name; see /openapi.json")
	case errors.As(err, &semantic) && semantic.JSONPointer == "":
		return badRequest("send a JSON object")
	case errors.As(err, &semantic):
		return wrong(field(semantic.JSONPointer), "is of the wrong kind; see /openapi.json")
	case errors.As(err, &syntax) && errors.Is(err, jsontext.ErrDuplicateName):
		return wrong(field(syntax.JSONPointer), "is there twice: keep one")
	}
	return badRequest("send one JSON object, in UTF-8")
}

// field is the name of a field, if it looks like one: what an engine made of an address
// must not come back.
func field(at jsontext.Pointer) string {
	var path []string
	for name := range at.Tokens() {
		if name == "" || len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			name = "?"
		}
		path = append(path, name)
	}
	return strings.Join(path, ".")
}
