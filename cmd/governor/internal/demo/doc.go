// Package demo shows the governor at work, with nothing but this binary: an
// embedded Kafka, an embedded Redis, and between them the governor as it runs in
// production (package app), over real sockets.
//
// It tells stories in simulated time, stops everything and starts it again to
// see that every no is still known, and then plays a telemarketing campaign of
// 105,754 calls, of which only a table of counts is known. What it assumes
// beyond the table stands in the summary (Assumed), and README.md explains the
// summary's fields.
//
// The demo plays the engines and the dialers. Towards the governor it uses only
// the topics of the contract; the one other thing in its hand is the clock.
package demo
