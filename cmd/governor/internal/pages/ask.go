package pages

import (
	"bytes"
	"context"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
)

// answer is what the doors answer.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// ask asks at the doors, as who is logged in.
func (v *visit) ask(method, path string, body []byte) (*answer, error) {
	return v.through(api.As(v.r.Context(), v.who), method, path, body, "")
}

// knock tries a token at the doors: 401 and 429 say that it does not open them.
func (v *visit) knock(token string) int {
	a, err := v.through(v.r.Context(), http.MethodGet, "/v1/health", nil, "Bearer "+token)
	if err != nil {
		return http.StatusUnauthorized
	}
	return a.status
}

// through sends a request of our own to the doors, in this process.
func (v *visit) through(ctx context.Context, method, path string, body []byte, authorization string) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.RemoteAddr, r.Host, r.TLS = v.r.RemoteAddr, v.r.Host, v.r.TLS
	r.RequestURI = path
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	a := &answer{header: make(http.Header)}
	v.o.Doors.ServeHTTP(a, r)
	return a, nil
}

// problem is why the doors did not answer, as RFC 9457 has it.
type problem struct {
	Title    string    `json:"title"`
	Detail   string    `json:"detail"`
	Mistakes []mistake `json:"mistakes"`
}

type mistake struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// problem reads it.
func (a *answer) problem() *problem {
	p := &problem{}
	if err := json.Unmarshal(a.body.Bytes(), p); err != nil || p.Title == "" {
		p.Title, p.Detail = http.StatusText(a.status), "The governor does not say why: see its log."
	}
	return p
}
