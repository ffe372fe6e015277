package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// How often is looked at how the process fares though nothing was decided, and how often it is
// said aloud what was.
const (
	lookOn   = 5 * time.Second
	sayAgain = 15 * time.Second
)

// part is a part of a page that changed, as it is sent.
type part struct {
	Region string `json:"region"`
	HTML   string `json:"html"`
}

// stream is somebody who looks on.
type stream struct {
	*visit
	to   *http.ResponseController
	page string
	may  []access.Role                // any of them will do
	sent map[string][sha256.Size]byte // what they have of each region

	last             string // the newest decision of which they were told
	approved, vetoed int    // since something was said aloud
	more             bool   // than the view has
	said             time.Time
}

// live sends, to a page that is open, what changes on it, until it is closed, the session ends, or
// the server does. Who does not read in time is left behind.
func (v *visit) live() {
	name, roles := v.subject()
	if name == "" {
		v.refuse(http.StatusForbidden, "Not yours to see", "It takes a token with one of the roles: "+access.Names(roles)+".")
		return
	}
	select {
	case v.streams <- struct{}{}:
		defer func() { <-v.streams }()
	default:
		v.w.Header().Set("Retry-After", "30")
		http.Error(v.w, "too many look on already", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithCancel(v.r.Context())
	defer cancel()
	defer context.AfterFunc(v.life, cancel)()
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy is not to collect it
	s := &stream{visit: v, to: http.NewResponseController(v.w), page: name, may: roles, sent: make(map[string][sha256.Size]byte), said: time.Now()}
	// The limits of the server are for answers that end.
	_ = s.to.SetReadDeadline(time.Time{})
	_ = s.follow(ctx)
}

// subject is the page that somebody looks at; "" if they may not.
func (v *visit) subject() (name string, roles []access.Role) {
	path := atOverview
	if v.r.URL.Query().Get("page") == "holds" {
		path = atHolds
	}
	for _, one := range routes() {
		if one.path == path && one.title != "" {
			if roles = one.roles; v.who.Has(roles) {
				return map[string]string{atOverview: "overview", atHolds: "holds"}[path], roles
			}
		}
	}
	return "", roles
}

// follow sends what changes until ctx ends, they hang up or are no more let in.
func (s *stream) follow(ctx context.Context) error {
	if err := s.write("retry: 3000\n\n"); err != nil {
		return err
	}
	for {
		changed := s.o.Desk.Changed()
		if err := s.tell(); err != nil {
			return err
		}
		if err := wait(ctx, s.o.Pause); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-time.After(lookOn):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := s.enter(); err != nil && !errors.Is(err, access.ErrAway) || err == nil && !s.who.Has(s.may) {
			return s.write("event: over\ndata: {}\n\n")
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tell sends the regions that changed, and says aloud what was decided, not too often.
func (s *stream) tell() error {
	regions, data := []string{"status", "as-of", "figures", "chart", "breakdown", "pester", "verdicts"}, any(nil)
	if s.page == "holds" {
		regions = []string{"status", "partitions"}
		data = s.fares()
	} else {
		s.count(s.o.Desk.View())
		data = s.seen()
	}
	for _, name := range regions {
		of := data
		if name == "status" {
			of = s.status()
		}
		if err := s.region(name, of); err != nil {
			return err
		}
	}
	if now := time.Now(); s.approved+s.vetoed > 0 && now.Sub(s.said) >= sayAgain {
		if err := s.event("said", map[string]string{"text": s.summary()}); err != nil {
			return err
		}
		s.approved, s.vetoed, s.more, s.said = 0, 0, false, now
	}
	return s.write(": \n\n") // who has hung up is noticed by it
}

// region sends a region if it is not as they have it.
func (s *stream) region(name string, data any) error {
	var b bytes.Buffer
	if err := s.views.region(&b, s.page, name, data); err != nil {
		return err
	}
	sum := sha256.Sum256(b.Bytes())
	if s.sent[name] == sum {
		return nil
	}
	s.sent[name] = sum
	return s.event("part", part{name, b.String()})
}

// count notes what was decided since the last look.
func (s *stream) count(view *desk.View) {
	first := s.last == ""
	for i := range view.Recent {
		d := &view.Recent[i]
		if d.ID == s.last || first {
			break
		}
		if d.Verdict == "vetoed" {
			s.vetoed++
		} else {
			s.approved++
		}
		s.more = s.more || i == len(view.Recent)-1
	}
	if len(view.Recent) > 0 {
		s.last = view.Recent[0].ID
	} else {
		s.last = absent
	}
}

// summary is what is said aloud.
func (s *stream) summary() string {
	all := page.Count(s.approved+s.vetoed, "decision")
	if s.more {
		all = "More than " + all
	}
	return fmt.Sprintf("%s since the last time: %s approved, %s vetoed.", all, number(int64(s.approved)), number(int64(s.vetoed)))
}

// event sends one event.
func (s *stream) event(name string, data any) error {
	b, err := json.Marshal(data, json.Deterministic(true))
	if err != nil {
		return err
	}
	return s.write("event: " + name + "\ndata: " + string(b) + "\n\n")
}

// write sends text, to who takes it in time.
func (s *stream) write(text string) error {
	_ = s.to.SetWriteDeadline(time.Now().Add(s.o.Patience)) // where there is none, the server's holds
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.to.Flush()
}
