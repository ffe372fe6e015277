// Package export writes what governors told as flat rows, for those who ask questions
// of it: one row a decision, a revocation, an answer to a worker, a leak, a no, a
// yes, or a count of contact.veto-rates.
//
// It reads what is committed and no further than the topics reached when it began, and
// leaves out what a zombie repeated, so that the number of rows is exact. README.md
// lists the columns; a test compares.
package export
