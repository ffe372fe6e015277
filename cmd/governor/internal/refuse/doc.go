// Package refuse brings a no to the log by an operator's hand: one that came by letter,
// over a counter, or in a list.
//
// A no that is acknowledged is a no that counts: every redeem that is asked after it is
// answered no, by whatever governor hears it first. Repeating one under the same id is
// safe; what was heard already changes nothing.
package refuse
