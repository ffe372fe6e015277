package demo

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/cmd/governor/internal/httpserver"
	"github.com/contactgovernor/governor/cmd/governor/internal/pages"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// Show is the page, as governor run shows it, of whichever governor the demo has at work.
// It is on a port of its own of this machine. As long as nobody looks it costs nothing.
type Show struct {
	server *httpserver.Server
	told   func() map[string]string // what the rules say, by file:line
	now    atomic.Pointer[scene]
}

// OpenShow begins to answer. Told says what the rules of the policy say, by file:line.
func OpenShow(told func() map[string]string) (s *Show, err error) {
	s = &Show{told: told}
	if s.server, err = httpserver.Listen("127.0.0.1:0", s, nil, api.NewLimits(config.Default().API.Timeout), zap.NewNop()); err != nil {
		return nil, err
	}
	return s, nil
}

// Address is where it is.
func (s *Show) Address() string { return "http://" + s.server.Address() + "/" }

// Close ends it.
func (s *Show) Close() error {
	s.leave()
	return s.server.Close()
}

// ServeHTTP implements http.Handler.
func (s *Show) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if now := s.now.Load(); now != nil && now.serve(w, r) {
		return
	}
	w.Header().Set("Retry-After", "1")
	http.Error(w, "The demo is between two of its parts: reload the page in a moment.", http.StatusServiceUnavailable)
}

// scene is the page of one governor.
type scene struct {
	mu    sync.RWMutex // held by who is answered
	over  bool
	doors *app.Doors
	pages *pages.Pages
	api   http.Handler

	look      sync.Once // begins when somebody does
	desk      *desk.Desk
	life      context.Context
	end       context.CancelFunc
	following sync.WaitGroup
}

// present shows a site that governs. Without a show it does nothing.
func (s *Show) present(site *site, a *app.App, policy *rules.Policy, board *health.Board) (err error) {
	if s == nil {
		return nil
	}
	x := &scene{desk: desk.New(desk.Options{
		Kafka: kafkaio.Config{Brokers: site.services.Brokers(), ClientID: "demo-page"}, Class: policy.Class, Clock: site.clock.now,
		Kept: 30 * 365 * 24 * time.Hour, Every: time.Second / 2, Without: beat,
	})}
	x.life, x.end = context.WithCancel(context.Background())
	if x.doors, err = a.Doors(); err != nil {
		return err
	}
	inForce := func() (name, hash string) { return policy.Name(), policy.Hash() }
	fares := health.Handler(board, health.Process{Policy: inForce, Metrics: http.NotFoundHandler()})
	x.api, err = a.Handler(x.doors, fares, func(in app.Inside) (_ http.Handler, err error) {
		x.pages, err = pages.New(pages.Options{
			Desk: x.desk, Board: board, Policies: in.Policies, Sentences: s.told, Doors: in.API, Gate: in.Gate, Hash: in.Hash, Clock: in.Clock,
		})
		return x.pages, err
	})
	if err != nil {
		x.doors.Close()
		return err
	}
	s.now.Store(x)
	return nil
}

// serve answers, unless the scene is over.
func (x *scene) serve(w http.ResponseWriter, r *http.Request) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.over {
		return false
	}
	x.look.Do(func() {
		x.following.Go(func() { _ = x.desk.Run(x.life) })
	})
	x.api.ServeHTTP(w, r)
	return true
}

// leave ends the scene that is shown, before its governor does.
func (s *Show) leave() {
	if s == nil {
		return
	}
	x := s.now.Swap(nil)
	if x == nil {
		return
	}
	x.pages.Close() // who looks on would never go
	x.mu.Lock()
	x.over = true
	x.mu.Unlock()
	x.end()
	x.following.Wait()
	x.doors.Close()
}

// pace is how long it takes until the next thing happens, in a story that is told to be watched.
const pace = 1500 * time.Millisecond

// Stay keeps the page up until ctx ends: the stories are told once more, at once, to a governor that
// forgets them with the process, and then again and again, slowly, to be watched.
func (s *Show) Stay(ctx context.Context, talk io.Writer) (err error) {
	policy, err := policyfile.Load(Policy)
	if err != nil {
		return err
	}
	list, err := stories()
	if err != nil {
		return err
	}
	at, err := openSite("", newClock(timeline(list)[0].arrived.Std()))
	if err != nil {
		return err
	}
	at.show = s
	defer func() { err = errors.Join(err, at.close()) }()
	if err := at.govern(ctx, policy); err != nil {
		return unlessOver(ctx, err)
	}
	(&page{w: talk}).text("", "", "The page stays at "+s.Address()+" until you interrupt it. It shows the stories; they are told again there, slowly.")
	after := schemas.Time(0)
	for run := 0; ; run++ {
		t := newTelling(at, list, run, after, &tally{})
		if run > 0 {
			t.pause = pace
		}
		if err := t.tell(ctx); err != nil {
			return unlessOver(ctx, err)
		}
		after = schemas.TimeOf(at.clock.now())
	}
}

// unlessOver is the error, but for that of being told to end.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
