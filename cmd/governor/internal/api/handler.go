package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/rules/zones"
)

// Options are what the doors are made of.
type Options struct {
	Log       Log
	Memory    Memory
	Policies  Policies
	Campaigns Campaigns // may be nil: then none are kept here
	Clock     func() time.Time

	// PartitionOf is the partition, of so many, to which a key belongs.
	PartitionOf func(key []byte, partitions int32) int32

	// Gate says who asks.
	Gate *access.Gate

	// Hash names a person in the audit, so that nobody learns from there who it is.
	Hash func(person string) string

	// Health answers /v1/health.
	Health http.Handler

	// Public answers whatever is not below /v1 and not the document, to anybody: the
	// ways out that people have. It may be nil.
	Public http.Handler

	// Rate is how many requests a second each token may make, and each place from which
	// requests come that are let in by none. Timeout is how long an answer may take.
	Rate    int
	Timeout time.Duration

	// Tell is what goes wrong that whoever asks cannot mend.
	Tell *zap.Logger
}

// Handler answers at the doors. It is safe for any number of goroutines.
func Handler(o Options) (http.Handler, error) {
	document, err := readDocument()
	if err != nil {
		return nil, err
	}
	d := &doors{
		Options: o, document: document, find: &zones.Finder{},
		known: newLimits(o.Rate, o.Clock), unknown: newLimits(o.Rate, o.Clock),
	}
	mux := http.NewServeMux()
	at := make(map[string][]*route)
	for _, r := range routes() {
		at[r.path] = append(at[r.path], &r)
	}
	for path, all := range at {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { d.dispatch(w, r, all) })
	}
	mux.HandleFunc("/", d.elsewhere)
	return d.straight(mux), nil
}

// doors is what all routes share.
type doors struct {
	Options
	document document
	find     *zones.Finder
	known    *limits // by token
	unknown  *limits // by place
}

// call is one request.
type call struct {
	*doors
	w   http.ResponseWriter
	r   *http.Request
	ctx context.Context
	who access.Principal

	change *change // what was tried; nil as long as nothing was
}

// straight sets what holds for every answer, and takes no path that http.ServeMux would
// send elsewhere: a redirect is no answer to a worker.
func (d *doors) straight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		path := r.URL.EscapedPath()
		crooked := !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.HasSuffix(path, "/.") || strings.HasSuffix(path, "/..") ||
			strings.Contains(path, "/./") || strings.Contains(path, "/../")
		if crooked || r.Method == http.MethodConnect {
			notFound().write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// elsewhere answers what is no route.
func (d *doors) elsewhere(w http.ResponseWriter, r *http.Request) {
	if path := r.URL.Path; d.Public == nil || path == "/v1" || strings.HasPrefix(path, "/v1/") {
		notFound().write(w)
		return
	}
	d.Public.ServeHTTP(w, r)
}

// dispatch finds the route of the method.
func (d *doors) dispatch(w http.ResponseWriter, r *http.Request, all []*route) {
	var allow []string
	for _, route := range all {
		if r.Method == route.method || r.Method == http.MethodHead && route.method == http.MethodGet {
			d.answer(w, r, route)
			return
		}
		allow = append(allow, route.method)
	}
	slices.Sort(allow)
	notAllowed(strings.Join(allow, ", ")).write(w)
}

// answer serves one request, and audits what it changed.
func (d *doors) answer(w http.ResponseWriter, r *http.Request, route *route) {
	began := d.Clock()
	ctx, cancel := context.WithTimeout(r.Context(), d.Timeout)
	defer cancel()
	c := &call{doors: d, w: w, r: r, ctx: ctx}
	result, err := c.enter(route)
	if err == nil {
		result, err = route.serve(c)
	}
	if c.change != nil {
		if wrong := c.audit(result, err); wrong != nil {
			result, err = nil, wrong
		}
	}
	c.write(result, err)
	d.Tell.Debug("answered", zap.String("route", route.method+" "+route.path), zap.String("token", c.who.Name), zap.Duration("took", d.Clock().Sub(began)))
}

// enter lets whoever asks in, or says why not.
func (c *call) enter(route *route) (any, error) {
	if route.roles == nil {
		if !c.unknown.allow(place(c.r.RemoteAddr)) {
			return nil, tooMany()
		}
		return nil, nil
	}
	who, err := c.asks()
	if err != nil {
		if !c.unknown.allow(place(c.r.RemoteAddr)) {
			return nil, tooMany()
		}
		if errors.Is(err, access.ErrAway) {
			return nil, unavailable(err.Error(), nil)
		}
		return nil, unauthorized(err)
	}
	c.who = who
	if !c.known.allow(who.Name) {
		return nil, tooMany()
	}
	if !who.Has(route.roles) {
		return nil, forbidden(access.Names(route.roles))
	}
	return nil, nil
}

// write answers.
func (c *call) write(result any, err error) {
	if err != nil {
		p := (*Problem)(nil)
		if !errors.As(err, &p) {
			p = unavailable("it cannot be found out now: try again", err)
		}
		if p.cause != nil {
			c.Tell.Warn("could not answer", zap.String("route", c.r.Pattern), zap.Error(p.cause))
		}
		p.write(c.w)
		return
	}
	if h, ok := result.(http.Handler); ok {
		h.ServeHTTP(c.w, c.r)
		return
	}
	b, err := json.Marshal(result)
	if err != nil {
		c.write(nil, fmt.Errorf("write the answer: %w", err))
		return
	}
	c.w.Header().Set("Content-Type", "application/json")
	_, _ = c.w.Write(append(b, '\n')) // who hangs up does not hear it
}
