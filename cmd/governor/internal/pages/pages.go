package pages

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/rules"
)

// Desk knows what was decided. *desk.Desk is one.
type Desk interface {
	// View is the latest. It MUST NOT be nil, nor change.
	View() *desk.View

	// Changed is closed when there is another view.
	Changed() <-chan struct{}
}

// Board knows how the process fares. *health.Board is one.
type Board interface {
	Status() health.Status
}

// Policies knows under which policy intents are decided now.
type Policies interface {
	InForce() *rules.Policy
}

// Options are what the pages are made of. The zero value of Clients, Pause, Patience and Tell is usable.
type Options struct {
	Desk     Desk
	Board    Board
	Policies Policies

	// Sentences tell what rules say, by file:line of the policy in force. It may be nil.
	Sentences func() map[string]string

	// Doors is the API. It is asked with api.As, as who is logged in.
	Doors http.Handler

	// Gate says whose a token is, and whether one is needed.
	Gate *access.Gate

	// Hash names a person to whom no id may be shown.
	Hash func(person string) string

	Clock func() time.Time

	// Public answers what is no page. It may be nil.
	Public http.Handler

	// Clients is how many may look on at a time. Default 64.
	Clients int

	// Pause is how long is waited between two looks at what is new. Default 1 s.
	Pause time.Duration

	// Patience is how long somebody who looks on may take to read what is new. Default 5 s.
	Patience time.Duration

	// Tell is what goes wrong. It may be nil.
	Tell *zap.Logger
}

// Pages answers browsers. It is safe for any number of goroutines.
type Pages struct {
	o        Options
	mux      *http.ServeMux
	files    files
	views    views
	sessions *sessions
	key      []byte // of the tokens in forms; of this process alone

	streams chan struct{} // one for each who looks on
	life    context.Context
	end     context.CancelFunc
	ending  sync.Once
}

// New makes the pages.
func New(o Options) (*Pages, error) {
	if o.Clients == 0 {
		o.Clients = 64
	}
	if o.Pause == 0 {
		o.Pause = time.Second
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	if o.Tell == nil {
		o.Tell = zap.NewNop()
	}
	files, err := readFiles()
	if err != nil {
		return nil, err
	}
	views, err := readViews(files)
	if err != nil {
		return nil, err
	}
	p := &Pages{
		o: o, files: files, views: views, sessions: newSessions(o.Clock), key: []byte(rand.Text()),
		streams: make(chan struct{}, o.Clients), mux: http.NewServeMux(),
	}
	p.life, p.end = context.WithCancel(context.Background())
	for _, one := range routes() {
		p.mux.HandleFunc(one.pattern(), func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, &one) })
	}
	p.mux.HandleFunc("GET "+assets+"{name}", p.asset)
	p.mux.HandleFunc("/", p.elsewhere)
	return p, nil
}

// Close ends all streams, and lets no other begin. To close what is closed is nothing.
func (p *Pages) Close() { p.ending.Do(p.end) }

// ServeHTTP implements http.Handler.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// elsewhere answers what is no page.
func (p *Pages) elsewhere(w http.ResponseWriter, r *http.Request) {
	if p.o.Public != nil {
		p.o.Public.ServeHTTP(w, r)
		return
	}
	guard(w, r)
	http.NotFound(w, r)
}
