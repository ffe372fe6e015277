package rules

// ContactState is what became of a contact so far, in a word.
type ContactState string

// The states of a contact.
const (
	StateApproved    ContactState = "approved" // it may be redeemed
	StateRedeemed    ContactState = "redeemed" // and nothing was heard of it since
	StateRevoked     ContactState = "revoked"
	StateExpired     ContactState = "expired" // nobody took it in time
	StateDelivered   ContactState = "delivered"
	StateHappened    ContactState = "happened"
	StateNotSent     ContactState = "not_sent"
	StateOptedOut    ContactState = "opted_out"
	StateBusy        ContactState = "busy"
	StateWrongNumber ContactState = "wrong_number"
)

// State is what became of the contact by now. Where several things were said of it, it
// is the one by which it counts.
func (c *Contact) State(now Instant) ContactState {
	switch f := c.Fate; {
	case f.Has(WrongNumber):
		return StateWrongNumber
	case f.Has(Happened) && c.Delivered != 0 && c.Channel != ChannelCall:
		return StateDelivered
	case f.Has(Happened):
		return StateHappened
	case f.Has(Busy):
		return StateBusy
	case f.Has(OptedOut):
		return StateOptedOut
	case f.Has(NotSent):
		return StateNotSent
	case f.Has(WasRedeemed):
		return StateRedeemed
	case f.Has(WasRevoked):
		return StateRevoked
	case now < c.NotAfter:
		return StateApproved
	}
	return StateExpired
}
