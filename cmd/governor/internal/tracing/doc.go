// Package tracing shows what the governor did as spans, to an OpenTelemetry collector:
// where an intent was on its way from the engine to the worker, how long it took there,
// and what was decided. It is off unless the configuration names a collector; who was
// traced by others goes on being traced by them all the same (Headers, and
// consumer.HeaderTraceParent for the log).
//
// No span has a person in it, nor an address, a path of a request, an id that somebody
// else made up, or the words of an error: the attributes of attributes.go are all there
// are, and README.md lists them. What an engine wrote into its tracestate is not exported
// either.
//
// Tracing never holds up a decision: spans wait in a queue, and what does not fit is
// dropped. A collector that is away is told of in the log, once a minute.
package tracing
