// Package desk is what the governor's page and its figures are made of: it follows
// the output topics of every partition, from some time back, and keeps in memory what
// there is to be seen of them.
//
// It reads and never writes, joins no group, and takes no part in deciding: a desk
// that is slow, or gone, changes nothing for anybody. What it says is of all
// governors of the cluster, not of this process.
//
// # What is promised
//
//   - A [View] does not change. It is made of the records alone: the same records
//     give the same view, in whatever order the topics were read.
//   - A record that a zombie repeated byte for byte counts once.
//   - Memory is bounded by [Options], whatever the topics hold. Where a bound bites the
//     view says so: [View.Since] is later, or [Figures.OneIn] is more than 1.
//   - Nothing of a person but the id is kept, and that only in [Verdict.Person].
package desk
