package asyncapi

import (
	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// A topic is one row of the contract's table.
type topic struct {
	name     string
	receives bool // the governor reads it
	sends    bool // the governor writes it
	title    string
	about    string
	compact  bool
	key      string // what the record's key is
	messages []message
}

// A message is one sort of record on a topic.
type message struct {
	name    string // in components.messages
	schema  string // in components.schemas
	event   string // the CloudEvents type; "" where it is none
	title   string
	about   string
	headers []string // of headers(), beside those that CloudEvents has
	others  bool     // others than the partition workers write it: envelope and headers are optional
	must    string   // but for this header
}

const person = "The person, in UTF-8: the field person of the value. Java's default partitioner (murmur2) puts it where it belongs."

// batch are the headers of what a partition worker writes in one atomic step.
func batch(more ...string) []string {
	return append([]string{consumer.HeaderBatch, consumer.HeaderIndex, consumer.HeaderSignals, consumer.HeaderSource}, more...)
}

// topics lists all of them, in the order of the contract.
func topics() []topic {
	return []topic{{
		name: governor.Intents, receives: true, title: "Intents", key: person,
		about: "One intended contact. Engines publish it and wait for the verdict; nobody contacts anybody on an intent.",
		messages: []message{{
			name: "intent", schema: "intent.v1", event: schemas.EventIntent, title: "Intent",
			about:  "The id is the idempotency key: the same id twice is one contact.",
			others: true,
		}},
	}, {
		name: governor.Signals, receives: true, sends: true, title: "Signals", key: person,
		about: "What a person did or said, and what became of a contact. A refusal that is acknowledged before an intent is vetoes it.",
		messages: []message{{
			name: "signal", schema: "signal.v1", event: schemas.EventSignal, title: "Signal",
			about:  "Which fields there are depends on the type. A signal that cannot be read and may be a no refuses the person everything, until somebody has looked.",
			others: true,
		}, {
			name: "told", schema: told, event: schemas.EventSignal, title: "What governors tell each other",
			about:   "Of a merge, of an address, of a campaign. It is the governor's own: nobody else publishes it.",
			headers: batch(consumer.HeaderFrom), others: true, must: consumer.HeaderFrom,
		}},
	}, {
		name: governor.Approved, sends: true, title: "Approved", key: person,
		about: "Go: contact this person, once, before not_after, after redeeming. It never holds a contact twice.",
		messages: []message{{
			name: "approved", schema: "approved.v1", event: schemas.EventApproved, title: "Approval", headers: batch(consumer.HeaderFirstCall),
			about: "The same intent, redelivered, has the same id and the same bytes.",
		}},
	}, {
		name: governor.Vetoed, sends: true, title: "Vetoed", key: person,
		about: "No, why, whether for good, and if not, from when.",
		messages: []message{{
			name: "vetoed", schema: "vetoed.v1", event: schemas.EventVetoed, title: "Veto", headers: batch(),
			about: "A veto costs nothing: a thousand of them leave every limit as it was.",
		}},
	}, {
		name: governor.Revoked, sends: true, title: "Revoked", key: person,
		about: "An approval taken back before it was redeemed.",
		messages: []message{{
			name: "revoked", schema: "revoked.v1", event: schemas.EventRevoked, title: "Revocation", headers: batch(),
			about: "Whoever has the approval throws it away.",
		}},
	}, {
		name: governor.Redemption, sends: true, title: "Redeemed", key: person,
		about: "The answer to a worker that asked with a signal of the type redeem, just before a contact.",
		messages: []message{{
			name: "redeemed", schema: "redeemed.v1", event: schemas.EventRedeemed, title: "Redemption", headers: batch(),
			about: "No answer is a no.",
		}},
	}, {
		name: governor.Leaked, sends: true, title: "Leaked", key: person,
		about: "The person said no after a worker had taken the approval, and before anything was heard of the contact.",
		messages: []message{{
			name: "leaked", schema: "leaked.v1", event: schemas.EventLeaked, title: "Leak", headers: batch(),
			about: "Once for each approval at most.",
		}},
	}, {
		name: governor.Standing, sends: true, title: "Standing", compact: true,
		key:   "The person; U+001F and an address; or U+001D and a campaign, which are nobody's id.",
		about: "What stands for the person now: every refusal, consent, silence. A suppression feed, and what a memory is rebuilt from.",
		messages: []message{{
			name: "standing", schema: "standing.v1", event: schemas.EventStanding, title: "Standing", headers: batch(),
			about: "Whole, each time it changes. A tombstone says that it stands under another key.",
		}},
	}, {
		name: governor.VetoRates, sends: true, title: "Veto rates", compact: true,
		key:   "What is counted: every field of the value but count, as JSON array.",
		about: "How many decisions of one sort fell in one minute, moved in the same atomic step as the decisions. The latest count of a key stands. Under a policy with clock: event a day of UTC counts as one minute: its first.",
		messages: []message{{
			name: "veto-rate", schema: "veto-rates.v1", event: schemas.EventVetoRate, title: "Veto rate", headers: batch(),
			about: "An upsert: counts are absolute.",
		}},
	}, {
		name: governor.DeadLetter, sends: true, title: "Dead letters",
		key:   "The key that the record came with, if any.",
		about: "Intents and signals that cannot be read: the original bytes and headers, and what to do about them.",
		messages: []message{{
			name: "deadletter", schema: "deadletter.v1", title: "Dead letter",
			about:   "The schema is that of the headers, behind those that the record came with. The value is the original one, byte for byte.",
			headers: []string{consumer.HeaderBatch, consumer.HeaderIndex, consumer.HeaderSource, consumer.HeaderTruncated},
		}},
	}, {
		name: app.Audit, sends: true, title: "Audit", key: "The keyed hash of the person, or campaign: and the campaign.",
		about: "What was changed over HTTP, and by whom. It names no person.",
		messages: []message{{
			name: "audit", schema: audit, title: "Audit record",
			about: "Written before the answer is: a change that cannot be audited is answered with an error.",
		}},
	}}
}
