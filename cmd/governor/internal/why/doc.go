// Package why tells of one intent, or of one person, from the log alone: what was wanted,
// what was decided and by which line of which policy, what was counted, what became of it,
// and what would have to change.
//
// It decides nothing and has no words of its own for what others say: decisions are told
// as the API's receipts tell them, what became of a contact is folded by the memory's own
// functions, and what would have to change is asked of package explain, by a replay of
// what the log keeps of the person. Where that comes to another answer than was given,
// it is not told: what was decided is what the log says.
//
// Nobody is named but in Story.Person; no address, no words and no evidence are told.
package why
