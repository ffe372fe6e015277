package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// leaving is the way out that approvals carry; nil where there are no links.
func leaving(c *config.Leave) (func(*rules.Intent, rules.DecisionID) *schemas.Leave, error) {
	if c.BaseURL == "" {
		return nil, nil
	}
	keys, err := linkKeys(c)
	if err != nil {
		return nil, err
	}
	links := &leave.Links{Keys: keys, BaseURL: c.BaseURL, Mailto: c.Mailto}
	return func(in *rules.Intent, decision rules.DecisionID) *schemas.Leave {
		if !slices.Contains(c.Channels, string(in.Channel)) {
			return nil
		}
		return links.Of(leave.Ticket{
			Person: string(in.Person), Channel: string(in.Channel), Brand: string(in.Brand), Decision: string(decision),
		})
	}, nil
}

// witness is a publisher that keeps account of what was said.
type witness interface {
	Witness(ctx context.Context, s leave.Said)
}

var _ witness = (*Doors)(nil)

// LeaveHandler is what is behind the links, and the doors for replies: to be served
// at leave.LinkPath and leave.ReplyPath, to anybody. It is nil where the
// configuration has neither.
func LeaveHandler(c *config.Leave, to leave.Publisher, log *zap.Logger, clock func() time.Time) (http.Handler, error) {
	if c.BaseURL == "" && len(c.Hooks) == 0 {
		return nil, nil
	}
	o := leave.Options{Publisher: to, BaseURL: c.BaseURL, Mailto: c.Mailto, Log: log, Clock: clock}
	if w, ok := to.(witness); ok {
		o.Witness = w.Witness
	}
	if c.BaseURL != "" {
		var err error
		if o.Keys, err = linkKeys(c); err != nil {
			return nil, err
		}
	}
	for _, h := range c.Hooks {
		o.Hooks = append(o.Hooks, leave.Hook{
			Name: h.Name, Form: leave.Form(h.Form), Person: h.Person, Channel: h.Channel, Brand: h.Brand,
			Secrets: secretsIn(h.SecretFile),
		})
	}
	return leave.NewHandler(o)
}

func linkKeys(c *config.Leave) (*leave.Keys, error) {
	text, err := os.ReadFile(c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("leave.key_file: %w", err)
	}
	keys, err := leave.ParseKeys(string(text))
	if err != nil {
		return nil, fmt.Errorf("leave.key_file: %s: %w", c.KeyFile, err)
	}
	return keys, nil
}

// secretsIn reads the secrets that are in the file when it is asked, one on a line.
func secretsIn(file string) func() ([]string, error) {
	return func() (all []string, err error) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			if secret := strings.TrimRight(line, "\r\n"); secret != "" {
				all = append(all, secret)
			}
		}
		if len(all) == 0 {
			return nil, errors.New(file + " is empty")
		}
		return all, nil
	}
}
