// Package scenario is the language in which a policy is tested: stories of people,
// of what engines want from them and of what they said to it, told in the order in
// which it happened, each event with what is expected of it beside it.
//
//	scenario B1: A no that comes between approval and sending takes the approval back
//	why      "Unsubscribed yet already queued": the worker asks nine seconds after the approval.
//	policy   no-means-no
//	zone     Europe/Berlin
//	person   anna
//
//	Mon 2026-05-04 12:00   i1: marketing by email to anna, campaign spring
//	                       => approved, until 12:15
//	+5s                    anna refuses everything by email, source unsubscribe_link
//	                       => i1 revoked refused.state
//	+4s                    redeem i1
//	                       => not ok revoked
//	in all                 => 1 approved, 1 revoked
//
// It is a language of lines and not YAML, because its readers are the owner of a
// policy, an auditor and whoever reviews a change, and because a story is a list of
// moments: a line each, its time first. A line also has its own mistakes, so that
// all mistakes of a file are told at once, each at its column; and what is expected
// can be written anew (File.Rewrite) without touching a comment or a space beside it.
// rules/README.md, "Scenarios", describes it.
//
// The package reads, compiles and judges; it decides nothing and does no I/O. A
// scenario becomes the recording that `governor replay` reads (Scenario.Recording),
// whoever decides it hands back what came out, and Scenario.Judge compares. So the
// same scenario runs over any store, in the process or through the binary, and no
// runner can see more than the wire shows.
package scenario
