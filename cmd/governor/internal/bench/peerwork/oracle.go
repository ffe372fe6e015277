package peerwork

import "time"

// The answers, in the order in which the reasons are tried.
const (
	Approved = 'o'
	Refused  = 'r' // the person refused the channel
	Capped   = 'c' // there were 7 contacts in the last 7 days
	TooSoon  = 'd' // the last contact is less than 4 hours old
)

const (
	capCount   = 7
	capSpan    = int64(7 * 24 * time.Hour / time.Millisecond)
	cooldownMs = int64(4 * time.Hour / time.Millisecond)
)

// Oracle gives each intent's one right answer, and how often each was delivered.
func (w Work) Oracle() (answers []byte, deliveries []uint8) {
	refusals := make(map[[2]int]bool)
	for _, f := range w.Refusals() {
		refusals[[2]int{f.Person, int(f.Channel)}] = true
	}
	approved := make([][]int64, w.People)
	w.Each(func(in Intent) bool {
		if in.Again {
			deliveries[in.Seq]++
			return true
		}
		deliveries = append(deliveries, 1)
		list := approved[in.Person]
		for len(list) > 0 && list[0] <= in.AtMs-capSpan {
			list = list[1:]
		}
		answer := byte(Approved)
		switch {
		case refusals[[2]int{in.Person, int(in.Channel)}]:
			answer = Refused
		case len(list) >= capCount:
			answer = Capped
		case len(list) > 0 && in.AtMs-list[len(list)-1] < cooldownMs:
			answer = TooSoon
		default:
			list = append(list, in.AtMs)
		}
		approved[in.Person] = list
		answers = append(answers, answer)
		return true
	})
	return answers, deliveries
}
