// Package topics makes and checks the governor's topics for an operator, before or
// beside a governor that runs, and tells what it found as a table.
//
// It holds topics to exactly what governor run holds them to. It changes none that is
// there; it makes none while another is wrong; and what is wrong it tells with the
// command that mends it.
package topics
