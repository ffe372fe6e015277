// Package collector sends spans to an OpenTelemetry collector: OTLP over HTTP, in
// protobuf. What becomes a span of which form is the library's matter (otlptrace); here is
// only the way there. The library's own client brings gRPC with it, which is more than
// all the rest of tracing together, and reads neither certificates nor headers anew.
//
// Nothing that is sent is ever repeated in an error.
package collector
