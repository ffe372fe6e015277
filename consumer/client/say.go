package client

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

// Outcome is what became of a contact.
type Outcome struct {
	ID       string    `json:"id,omitempty"` // the same again changes nothing; "" has one made
	Person   string    `json:"person"`
	At       time.Time `json:"at,omitzero"` // zero is when the governor hears it
	Intent   string    `json:"intent,omitempty"`
	Decision string    `json:"decision,omitempty"` // it, or Intent

	Result schemas.Result `json:"result"`
}

// Outcome tells what became of a contact. Without an error it was acknowledged. What got
// lost is told again, under the same id, until ctx ends.
func (c *Client) Outcome(ctx context.Context, o Outcome) error {
	o.ID, o.At = cmp.Or(o.ID, id()), onTheWire(o.At)
	return c.say(ctx, "outcome", "/v1/outcomes", o)
}

// Scope is what a no or a yes is about. An absent field widens.
type Scope struct {
	Channel string `json:"channel,omitempty"`
	Purpose string `json:"purpose,omitempty"`
	Subject string `json:"subject,omitempty"`
	Brand   string `json:"brand,omitempty"`
	Address string `json:"address,omitempty"`
}

// Refusal is a person's no.
type Refusal struct {
	ID     string    `json:"id,omitempty"` // as in an Outcome
	Person string    `json:"person"`
	At     time.Time `json:"at,omitzero"`
	Source string    `json:"source,omitempty"` // where it was said
	Scope
}

// Refuse has a no remembered, as Outcome tells an outcome. Once it returns without an
// error, no redemption that is begun after it is a yes.
func (c *Client) Refuse(ctx context.Context, r Refusal) error {
	r.ID, r.At = cmp.Or(r.ID, id()), onTheWire(r.At)
	return c.say(ctx, "refuse", "/v1/refuse", r)
}

// Consent is a person's yes, again. It lifts a no only where Source is
// schemas.SourceSettings, the person's own hand, or Evidence proves it.
type Consent struct {
	ID       string    `json:"id,omitempty"` // as in an Outcome
	Person   string    `json:"person"`
	At       time.Time `json:"at,omitzero"`
	Source   string    `json:"source,omitempty"`
	Evidence string    `json:"evidence,omitempty"`
	Scope
}

// Consent has a yes remembered, as Outcome tells an outcome.
func (c *Client) Consent(ctx context.Context, y Consent) error {
	y.ID, y.At = cmp.Or(y.ID, id()), onTheWire(y.At)
	return c.say(ctx, "consent", "/v1/consent", y)
}

// say has a signal recorded.
func (c *Client) say(ctx context.Context, what, path string, signal any) error {
	err := c.ask(ctx, path, signal, func(b []byte) error {
		var answer struct {
			Recorded bool `json:"recorded"`
		}
		if err := json.Unmarshal(b, &answer); err != nil {
			return fmt.Errorf("the answer cannot be read: %w", err)
		}
		if !answer.Recorded {
			return errors.New("the answer does not say that it was recorded")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// id is one that no other signal has.
func id() string { return "client-" + rand.Text() }

// onTheWire is a time as the contract has it, to the millisecond.
func onTheWire(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
