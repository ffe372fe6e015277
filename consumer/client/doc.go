// Package client is for workers and engines: it asks a governor over HTTP whether a
// contact may begin, and tells it what became of it.
//
// A worker reads contact.approved with any Kafka client. An approval is a promise with
// an end, and it may have been taken back since: so, just before each contact, the worker
// redeems it, and begins only if the answer is yes. What this package promises is that
// nothing but the governor's own word is a yes: no error, no lost answer, no page of a
// proxy, no answer to another question, and none that came too late.
//
// An answer that got lost is asked for again, with the same worker token, to which the
// governor gives the same answer. So use one token for one contact; TokenOf makes one
// that a worker knows again after a crash, and Notes tell it then which contacts it had
// begun.
//
// No error names a person. The package needs the standard library and schemas, and no
// other part of the governor.
package client
