package rules

// answerable is the first instant, at or after at, at which the intent may answer
// the person in spite of the no; Never if it may not.
//
// Where the policy has it so, whoever asks through a medium that they refused is
// answered there, once (12 CFR 1006.14(h), comment -2): the intent names the reply
// or the conversation, which came after the no, and nothing else answered it.
func (no *No) answerable(q *question, at Instant) Instant {
	ofMedium := no.Kind == Refused && !no.Erased && no.Scope.Channel == q.in.Channel &&
		no.Scope.Subject == "" && no.Scope.Purpose == "" && no.Scope.Address == ""
	if !q.policy.answers || !ofMedium || !q.asked(no.At) {
		return Never
	}
	free := at
	for i := range q.who.Contacts {
		if c := &q.who.Contacts[i]; c.ReplyTo == q.in.ReplyTo && c.Intent != q.in.ID {
			free = max(free, c.countsUntil())
		}
	}
	return free
}

// asked says whether the intent names what the person said on its channel after
// the instant, not so long ago that an answer to it may be forgotten.
func (q *question) asked(after Instant) bool {
	for i := range q.who.Asked {
		r := &q.who.Asked[i]
		if r.Signal == q.in.ReplyTo && q.in.ReplyTo != "" && r.Channel == q.in.Channel && r.At > after && q.now < r.At.Add(MemoryOfApprovals) {
			return true
		}
	}
	return false
}
