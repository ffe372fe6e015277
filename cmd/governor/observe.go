package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/cmd/governor/internal/httpserver"
	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/cmd/governor/internal/metrics"
	"github.com/contactgovernor/governor/cmd/governor/internal/pages"
	"github.com/contactgovernor/governor/cmd/governor/internal/tracing"
)

// observed is an app whose operator can see how it fares: in the log, and over HTTP
// where the configuration says so; and at whose doors others may ask, likewise.
type observed struct {
	*app.App
	web   *httpserver.Server // nil: nobody can ask
	doors *app.Doors         // nil: there are none
	api   *httpserver.Server
	page  *pages.Pages // nil where there are no doors
	leave func()       // ends what follows the decisions for it

	traces *tracing.Tracing // nil: none
}

// observe makes an app, and lets it be seen.
func observe(o app.Options) (*observed, error) {
	out := &observed{}
	inForce := func() (name, hash string) {
		p := out.InForce()
		return p.Name(), p.Hash()
	}
	o.Health = health.NewBoard(o.Clock)
	meter, err := metrics.New(version(), inForce, o.Health)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	o.Observer = health.All(logging.Workers(o.Log), meter)
	if out.traces, err = app.Tracing(&o.Config, version(), o.Log); err != nil {
		return nil, err
	}
	o.Tracing = out.traces
	if out.App, err = app.New(o); err != nil {
		return nil, errors.Join(err, out.traces.Close())
	}
	handler := health.Handler(o.Health, health.Process{Version: version(), Policy: inForce, Metrics: meter.Handler()})
	if err := errors.Join(out.tell(&o, handler), out.open(&o, handler, meter)); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return out, nil
}

// tell lets whoever asks see how the app fares.
func (o *observed) tell(from *app.Options, handler http.Handler) (err error) {
	listen := from.Config.HTTP.Listen
	if listen == "" {
		return nil
	}
	if o.web, err = health.Listen(listen, handler, health.NewLimits(), from.Log); err == nil {
		from.Log.Info("tells how it fares", zap.String("at", "http://"+o.web.Address()+"/statusz"))
	}
	return err
}

// open opens the doors: the API, the page, and the ways out that people have. The figures that the page
// has are metrics then, too.
func (o *observed) open(from *app.Options, handler http.Handler, meter *metrics.Meter) (err error) {
	c := &from.Config
	if c.API.Listen == "" {
		return nil
	}
	if o.doors, err = o.Doors(); err != nil {
		return err
	}
	leave, err := app.LeaveHandler(&c.Leave, o.doors, from.Log, from.Clock)
	if err != nil {
		return err
	}
	ready := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.Clone(r.Context())
		asked.URL.Path = "/readyz"
		handler.ServeHTTP(w, asked)
	})
	look := o.Desk()
	if err := meter.Figures(look.View); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	if o.api, err = o.Serve(o.doors, ready, func(in app.Inside) (_ http.Handler, err error) {
		o.page, err = pages.New(pages.Options{
			Desk: look, Board: from.Health, Policies: in.Policies, Sentences: sentences(c.Policy), Doors: in.API, Gate: in.Gate, Hash: in.Hash,
			Clock: in.Clock, Public: leave, Tell: from.Log.Named("page"),
		})
		return o.page, err
	}); err == nil {
		o.follow(look.Run)
		from.Log.Info("the doors are open", zap.String("at", o.api.Address()), zap.String("page", shown(c, o.api.Address())), zap.Bool("tls", c.API.TLS.CertFile != ""),
			zap.Bool("tokens", c.API.TokensFile != ""), zap.Bool("oidc", c.API.OIDC.Issuer != ""))
	}
	return err
}

// shown is where the page is.
func shown(c *config.Config, address string) string {
	if c.API.TLS.CertFile != "" {
		return "https://" + address + "/"
	}
	return "http://" + address + "/"
}

// follow follows what is decided, until Close.
func (o *observed) follow(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() { _ = run(ctx) }) // it tells what is wrong by itself
	o.leave = func() {
		cancel()
		following.Wait()
	}
}

// Close ends the connections, those of who asks first.
func (o *observed) Close() (err error) {
	if o.page != nil {
		o.page.Close() // who looks on would never go
	}
	if o.api != nil {
		err = o.api.Close()
	}
	if o.doors != nil {
		o.doors.Close()
	}
	if o.leave != nil {
		o.leave()
	}
	if o.web != nil {
		err = errors.Join(err, o.web.Close())
	}
	return errors.Join(err, o.App.Close(), o.traces.Close())
}
