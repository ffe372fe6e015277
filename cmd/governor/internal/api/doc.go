// Package api is the governor over HTTP: the doors for workers, operators, and those
// who speak for a person. README.md has the routes.
//
// What changes something is a record of the log, and the answer to whoever asked for it
// comes when Kafka has acknowledged the record, and that of the audit: a no that was
// answered is a no that counts. Without an acknowledgement the answer is 503, nobody
// knows whether it happened, and asking again with the same id is safe.
//
// Whether a contact may begin is decided by the partition of the person, behind every
// refusal that was acknowledged before. Where that cannot be found out in time, the
// answer is no.
//
// Nobody's id is in a log line, an error or an audit record; where a person must be
// told from others there, it is by a keyed hash.
package api
