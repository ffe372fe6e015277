package app

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/go-json-experiment/json"

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
	ctx, cancel := context.WithTimeout(ctx, witnessWithin)
	defer cancel()
	if record, err := d.testify(ctx, s); err != nil {
		record.Tell(d.app.o.Log, err)
	}
}

// testify writes into the audit what was said by somebody who has no token.
func (d *Doors) testify(ctx context.Context, s leave.Said) (record api.AuditRecord, err error) {
	record = api.AuditRecord{
		ID: "a-" + rand.Text(), At: schemas.TimeOf(d.app.clock()).String(), Who: s.By, Roles: []access.Role{},
		Action: s.Action, Signal: s.Signal, Outcome: "done",
	}
	key := s.Signal // where it is about nobody
	if s.Person != "" {
		record.Person = d.hash(s.Person)
		key = record.Person
	}
	if !s.Stored {
		record.Outcome = "unknown"
	}
	b, err := json.Marshal(record)
	if err != nil {
		return record, err
	}
	return record, d.Audit(ctx, key, b)
}
