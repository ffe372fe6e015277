package app

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/schemas"
)

// witnessWithin is how long the audit may keep a person waiting who has said no.
const witnessWithin = 2 * time.Second

// Witness writes into the audit what a person said without a token. What cannot be
// written there is logged: a no that is stored is not taken back for it.
func (d *Doors) Witness(ctx context.Context, s leave.Said) {
	record := api.AuditRecord{
		ID: "a-" + rand.Text(), At: schemas.TimeOf(d.app.clock()).String(), Who: s.By, Roles: []access.Role{},
		Action: s.Action, Person: d.hash(s.Person), Signal: s.Signal, Outcome: "done",
	}
	if !s.Stored {
		record.Outcome = "unknown"
	}
	b, err := json.Marshal(record)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, witnessWithin)
		defer cancel()
		err = d.Audit(ctx, record.Person, b)
	}
	if err != nil {
		d.app.o.Log.Error("what a person said is not in the audit", zap.String("audit", record.ID), zap.String("by", s.By), zap.String("action", s.Action), zap.Error(err))
	}
}
