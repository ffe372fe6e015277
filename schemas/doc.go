// Package schemas is the wire: the messages that engines, workers and analysts
// exchange with the governor, as Go types, as strict decoders, as appending
// encoders and as JSON Schemas.
//
// It promises that what it accepts is exactly what it says: a duplicate key,
// invalid UTF-8, trailing data, a wrong type, a missing field or a value over
// its limit is refused with a [Malformed] that tells the reader what to do.
// A field that a message does not have is ignored and counted ([Ignored]), for
// engines evolve. No error of this package repeats a person's id, an address
// or a text.
//
// It refuses to know what a message means: whether a zone exists, a purpose is
// declared or a refusal covers an intent is decided elsewhere. It is a leaf:
// it imports the standard library and jsontext, keeps no state, logs nothing.
package schemas
