package main

import (
	"context"
	"errors"
	"testing"

	"github.com/contactgovernor/governor/consumer/client"
	"github.com/contactgovernor/governor/schemas"
)

// The package that workers import and the doors of a real `governor run` understand one another: what its own tests take for
// the governor's answers is what the governor answers.
func TestTheClientAndTheDoorsUnderstandOneAnother(t *testing.T) {
	d := openDoors(t, fakeKafka(t)).ready()
	c, err := client.New(d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	redeem := func(approval *schemas.Decision, worker string) client.Answer {
		t.Helper()
		a, err := c.RedeemApproval(ctx, approval, worker)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}

	one := d.approved(m{"id": "i1", "person": "ann"})
	mine := client.TokenOf("mailer-1", one.ID)
	yes := client.Answer{OK: true, Decision: one.ID, NotAfter: one.NotAfter.Std()}
	if got := redeem(&one, mine); got != yes {
		t.Errorf("got %+v, want %+v", got, yes)
	}
	yes.Again = true
	if got := redeem(&one, mine); got != yes {
		t.Errorf("the answer was lost: got %+v, want %+v", got, yes)
	}
	if got := redeem(&one, client.Token()); got != (client.Answer{Reason: "already_redeemed", Decision: one.ID}) {
		t.Errorf("another worker: %+v", got)
	}
	for range 2 { // the second time nobody had heard that it was acknowledged
		if err := c.Outcome(ctx, client.Outcome{ID: "outcome-" + mine, Person: "ann", Decision: one.ID, Result: schemas.ResultSent}); err != nil {
			t.Error(err)
		}
	}

	two := d.approved(m{"id": "i2", "person": "ann"})
	if err := c.Refuse(ctx, client.Refusal{Person: "ann", At: one.Decided.Std(), Source: "help desk", Scope: client.Scope{Channel: "email"}}); err != nil {
		t.Error(err)
	}
	if got := redeem(&two, client.Token()); got.OK || got.Reason != "revoked" {
		t.Errorf("after the no: %+v", got)
	}
	if got, err := c.Redeem(ctx, "ann", "i3", client.Token()); err != nil || got != (client.Answer{Reason: "not_approved"}) {
		t.Errorf("what was never approved: %+v, %v", got, err)
	}

	// What nobody may do without a token, and what is wrong, is told at once.
	for status, tell := range map[int]func() error{
		403: func() error { return c.Consent(ctx, client.Consent{Person: "ann", Source: schemas.SourceSettings}) },
		422: func() error { return c.Outcome(ctx, client.Outcome{Person: "ann", Decision: one.ID, Result: "eaten"}) },
	} {
		if problem := (*client.Problem)(nil); !errors.As(tell(), &problem) || problem.Status != status || problem.Detail == "" {
			t.Errorf("want %d, got %+v", status, problem)
		}
	}
}
