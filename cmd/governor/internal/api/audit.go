package api

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/go-json-experiment/json"
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// change is something that a request tried to change.
type change struct {
	action   string
	person   rules.PersonID // "" where it is about none
	campaign string
	signal   string
}

// actionRedeem is what a worker does that asks.
const actionRedeem = "redeem"

// AuditRecord is one record of the audit: who changed what. A person is named by a keyed
// hash, and nothing that was said is repeated.
type AuditRecord struct {
	ID       string        `json:"id"`
	At       string        `json:"at"`
	Who      string        `json:"who"`
	Roles    []access.Role `json:"roles"`
	Action   string        `json:"action"`
	Person   string        `json:"person,omitempty"` // the keyed hash
	Campaign string        `json:"campaign,omitempty"`
	Signal   string        `json:"signal,omitempty"` // the id of the record that it made
	Outcome  string        `json:"outcome"`          // done; no:REASON, of a redeem; unknown, where nothing was acknowledged
}

// begin notes what the request is about to change.
func (c *call) begin(ch change) { c.change = &ch }

// audit writes down what was tried and what became of it. A change that cannot be
// audited is not answered with success: whoever asked for it asks again.
func (c *call) audit(result any, failed error) error {
	record := AuditRecord{
		ID: "a-" + rand.Text(), At: schemas.TimeOf(c.Clock()).String(), Who: c.who.Name, Roles: c.who.Roles,
		Action: c.change.action, Campaign: c.change.campaign, Signal: c.change.signal, Outcome: "done",
	}
	key := "campaign:" + c.change.campaign
	if c.change.person != "" {
		record.Person = c.Hash(string(c.change.person))
		key = record.Person
	}
	if r, ok := result.(redeemed); ok && !r.OK {
		record.Outcome = "no:" + r.Reason
	}
	if failed != nil {
		record.Outcome = "unknown"
	}
	b, err := json.Marshal(record)
	if err != nil {
		return unaudited(err)
	}
	// Whoever hangs up has changed something all the same. It may take as long as the
	// change did.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), c.Timeout)
	defer cancel()
	err = c.Log.Audit(ctx, key, b)
	record.Tell(c.Tell, err)
	if err != nil && failed == nil {
		return unaudited(err)
	}
	return nil
}

// Tell writes the record into the log, where it is never left out: what was changed, and
// what could not be audited. That a worker asked is in the audit alone. The id of a signal
// is whoever's who made it up, and stays out.
func (r *AuditRecord) Tell(to *zap.Logger, unaudited error) {
	who := []zap.Field{
		zap.String("audit", r.ID), zap.String("who", r.Who), zap.String("action", r.Action), zap.String("campaign", r.Campaign),
		zap.Stringer("person", logging.Hashed(r.Person)), zap.String("outcome", r.Outcome),
	}
	switch {
	case unaudited != nil:
		logging.Audit(to).Warn("it could not be audited, and this is all that is known of it", append(who, zap.Error(unaudited))...)
	case r.Action != actionRedeem:
		logging.Audit(to).Info("changed", who...)
	}
}

func unaudited(cause error) *Problem {
	p := unknownFate(cause)
	p.Detail = "it was acknowledged, but not the record of the audit that names who did it: send the same again, with the same id, until both are"
	return p
}

// Hasher names people by an HMAC-SHA-256 with the key, so that one who has the audit and
// a list of people still cannot tell them.
func Hasher(key []byte) func(person string) string {
	return func(person string) string {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(person)) // writing to a hash never fails
		return "h-" + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
	}
}
