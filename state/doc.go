// Package state is what is remembered: the person, how a decision or a signal
// changes it (Apply…), and the contract of the store that keeps it.
//
// The log is the truth, the store is the view of it. A person's memory is a
// fold of decisions and signals in the order of their partition; for noes and
// yeses the order does not even matter, each is kept with the time at which it
// was said. Nothing here looks at a clock: the time is always an argument.
//
// What is kept has two parts. The standing is what stands for the person and has
// no end: every no, every consent, what the person wants; it is JSON, readable as
// it is, and the very bytes that go to contact.standing. The log is what may one
// day be forgotten: contacts, known ids, held notices; it is packed.
package state
