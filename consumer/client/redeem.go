package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

// Answer is what the governor says to a worker that is about to contact somebody. Its
// zero value is a no.
type Answer struct {
	OK       bool      // yes: begin the contact, once, before NotAfter
	Reason   string    // of a no: expired, already_redeemed, revoked, not_approved, or what a veto would say now
	Decision string    // the approval
	NotAfter time.Time // of a yes
	Again    bool      // of a yes: this worker token had it before, be it that the answer was lost, or that the worker was
}

// reasonExpired is the reason of a yes that came when its time was over.
const reasonExpired = "expired"

// Redeem asks, just before the contact, whether it may begin. Worker is a token for this
// one contact, of 1 to 128 characters; see Token and TokenOf. An answer that got lost is
// asked for again, with the same token, until ctx ends; give it the approval's not_after
// as its deadline, as RedeemApproval does.
//
// With an error the answer is a no. The error is a *Problem where asking again is
// pointless, and has ErrNoAnswer in it where the answer did not come in time: then the
// approval may be taken, and only the same token may still have it.
//
// The time of an answer is compared with this machine's clock.
func (c *Client) Redeem(ctx context.Context, person, intent, worker string) (Answer, error) {
	question := struct {
		Person string `json:"person"`
		Intent string `json:"intent"`
		Worker string `json:"worker"`
	}{person, intent, worker}
	var answer Answer
	err := c.ask(ctx, "/v1/redeem", question, func(b []byte) (err error) {
		answer, err = readAnswer(b, intent)
		return err
	})
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("redeem: %w", err)
	case answer.OK && !time.Now().Before(answer.NotAfter):
		return Answer{Reason: reasonExpired, Decision: answer.Decision}, nil
	}
	return answer, nil
}

// RedeemApproval redeems what was read on contact.approved, as Redeem does, and asks no
// longer than the approval lives.
func (c *Client) RedeemApproval(ctx context.Context, approval *schemas.Decision, worker string) (Answer, error) {
	if !time.Now().Before(approval.NotAfter.Std()) {
		return Answer{Reason: reasonExpired, Decision: approval.ID}, nil
	}
	ctx, cancel := context.WithDeadline(ctx, approval.NotAfter.Std())
	defer cancel()
	answer, err := c.Redeem(ctx, approval.Person, approval.Intent, worker)
	if err == nil && answer.OK && answer.Decision != approval.ID {
		return Answer{}, errors.New("redeem: the governor says yes to another approval of this intent: read contact.approved on")
	}
	return answer, err
}

// readAnswer reads the answer to the question about the intent. What is not whole is
// no answer.
func readAnswer(b []byte, intent string) (Answer, error) {
	var a struct {
		OK       *bool      `json:"ok"`
		Reason   string     `json:"reason"`
		Intent   *string    `json:"intent"`
		Decision string     `json:"decision"`
		NotAfter *time.Time `json:"not_after"`
		Again    bool       `json:"again"`
	}
	switch err := json.Unmarshal(b, &a); {
	case err != nil:
		return Answer{}, fmt.Errorf("the answer cannot be read: %w", err)
	case a.OK == nil:
		return Answer{}, errors.New("the answer says neither yes nor no")
	case a.Intent != nil && *a.Intent != intent:
		return Answer{}, errors.New("the answer is about another intent")
	case !*a.OK:
		return Answer{Reason: a.Reason, Decision: a.Decision}, nil
	case a.NotAfter == nil || a.Decision == "" || a.Reason != "":
		return Answer{}, errors.New("the answer is a yes without an end, without an approval, or with a reason against it")
	}
	return Answer{OK: true, Decision: a.Decision, NotAfter: *a.NotAfter, Again: a.Again}, nil
}
