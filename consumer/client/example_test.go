package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/contactgovernor/governor/consumer/client"
	"github.com/contactgovernor/governor/schemas"
)

// A worker that has read an approval redeems it just before the contact, and tells what
// became of it.
func ExampleClient_RedeemApproval() {
	governor := pretend(`{"ok":true,"reason":"","intent":"spring-7","decision":"d7","not_after":"2999-01-01T00:00:00.000Z"}`)
	defer governor.Close()

	c, err := client.New(governor.URL) // in earnest also client.BearerFile("/run/secrets/mailer")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	approval, err := schemas.DecodeDecision([]byte(`{"id":"d7","intent":"spring-7","person":"p7","channel":"email",
		"verdict":"approved","not_after":"2999-01-01T00:00:00.000Z","decided":"2026-05-01T10:00:00.000Z"}`))
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	answer, err := c.RedeemApproval(ctx, &approval, client.TokenOf("mailer-1", approval.ID))
	switch problem := (*client.Problem)(nil); {
	case errors.As(err, &problem):
		fmt.Println("stop, somebody must mend this:", err)
		return
	case err != nil:
		fmt.Println("no answer is a no:", err)
		return
	case !answer.OK:
		fmt.Println("no:", answer.Reason)
		return
	}
	fmt.Println("yes: the mail goes out")
	if err := c.Outcome(ctx, client.Outcome{Person: approval.Person, Decision: approval.ID, Result: schemas.ResultSent}); err != nil {
		fmt.Println("tell it later, before the offset is committed:", err)
	}
	// Output:
	// yes: the mail goes out
}

// The person said no in the meantime.
func ExampleClient_Redeem() {
	governor := pretend(`{"ok":false,"reason":"refused.state","intent":"spring-7","decision":"d7"}`)
	defer governor.Close()
	c, err := client.New(governor.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	answer, err := c.Redeem(ctx, "p7", "spring-7", client.Token())
	fmt.Println(answer.OK, answer.Reason, err)
	// Output:
	// false refused.state <nil>
}

// Whoever hears a no passes it on: once Refuse returns, no worker hears yes any more.
func ExampleClient_Refuse() {
	governor := pretend("")
	defer governor.Close()
	c, err := client.New(governor.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = c.Refuse(ctx, client.Refusal{ID: "desk-55", Person: "p7", Source: "help desk", Scope: client.Scope{Channel: "call"}})
	fmt.Println(err)
	// Output:
	// <nil>
}

// pretend is a governor that gives one answer to who redeems, and records the rest.
func pretend(answer string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/v1/redeem" {
			answer = `{"recorded":true,"signal":"s1","at":"2026-05-01T10:00:00.000Z"}`
		}
		_, _ = io.WriteString(w, answer)
	}))
}
