// Package asyncapi describes what engines, workers and analysts exchange with the
// governor as an AsyncAPI 3.0 document: every topic with its key, its headers, its
// messages and examples of them.
//
// The document is made, not written: the payloads are the JSON Schemas of package
// schemas, the examples come out of its encoders, and tests hold topics and headers
// against the constants that the governor works with. What it describes is plain
// JSON, without a schema registry.
//
// It refuses to describe a deployment: it knows no broker, no password and no number
// of partitions.
package asyncapi
