// Package health is what the process knows of how it fares, and tells whoever
// asks: which partitions are its own, which of them decide, and of those that do
// not what holds them, why, and since when.
//
// It only listens: nothing here decides anything, and nothing waits for it. A hold
// is told as long as it lasts, and no longer. Nothing names a person.
//
// Board hears; Handler answers over HTTP; Listen serves it.
package health
