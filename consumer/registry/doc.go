// Package registry speaks the wire format of a schema registry (Confluent's: a zero
// byte, the id of a schema, and what was encoded by it) at the edge of the log, in
// Avro, Protobuf and JSON Schema, so that nothing behind the edge knows of it.
//
// A [Reader] turns what is framed into the JSON that the strict decoders of package
// schemas read; plain JSON passes as it is, side by side. A [Writer] frames what the
// governor writes, by schemas that are pinned when it is opened, and a Reader turns
// that back. It promises of the governor's own records that what is read back is, byte
// for byte, the JSON that was written, and of the same JSON that it always makes the
// same bytes as long as the registry gives its schema the same id.
//
// What cannot be turned is left as it came and goes the way of everything that cannot
// be read, to the dead letters, which say what to do about it. But no error of the
// registry's is ever taken for one of the record's: while the registry does not answer,
// and the schema is not known yet, nothing is read.
//
// It refuses to know what a message means, to check what schemas allow each other
// (the registry does), and to read files: who asks with which password over which
// connection is told by its [Options].
package registry
