// Package verify checks the governor's promises over its logs, and nothing but
// its logs. It is a second opinion: it imports nothing that decides, remembers or
// emits, decodes the records by itself, and compares everything with everything
// that concerns the same person. It is naive on purpose, so that it can be read.
//
// It never says that all is well where it cannot know: what it leaves out is
// counted, under a reason of its own (Summary.Skipped).
//
// # What it keeps
//
// One partition at a time, for all that concerns a person is in one: of every
// record there the fields that are compared, and a hash of the rest; no texts, no
// values. That was 1.4 KiB a record, measured as the largest resident size over
// 600,000 records of one partition. What partitions tell one another is kept as its
// place in a batch. A Dump keeps 24 bytes a line beside that, a Recording all of it.
//
// # What counts as done
//
// A log may still be written to. What is younger than Options.Margin, by the
// newest time in its partition, may still be under way, and is not missed unless
// Options.Settled says that nothing is under way any more.
package verify
