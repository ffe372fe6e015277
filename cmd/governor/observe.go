package main

import (
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/cmd/governor/internal/metrics"
)

// observed is an app whose operator can see how it fares: in the log, and over HTTP
// where the configuration says so.
type observed struct {
	*app.App
	web *health.Server // nil: nobody can ask
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
	if out.App, err = app.New(o); err != nil {
		return nil, err
	}
	if o.Config.HTTP.Listen == "" {
		return out, nil
	}
	handler := health.Handler(o.Health, health.Process{Version: version(), Policy: inForce, Metrics: meter.Handler()})
	if out.web, err = health.Listen(o.Config.HTTP.Listen, handler, health.NewLimits(), o.Log); err != nil {
		return nil, errors.Join(err, out.App.Close())
	}
	o.Log.Info("tells how it fares", zap.String("at", "http://"+out.web.Address()+"/statusz"))
	return out, nil
}

// Close ends the connections, those of who asks first.
func (o *observed) Close() error {
	if o.web == nil {
		return o.App.Close()
	}
	return errors.Join(o.web.Close(), o.App.Close())
}
