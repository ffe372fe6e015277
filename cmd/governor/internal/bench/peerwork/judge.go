package peerwork

import (
	"bytes"
	"hash/maphash"
	"strconv"
	"strings"
)

// Judge holds decisions of a governor against the oracle. It is told of each, in any order
// of partitions, and sums up at the end.
//
// Where the peers give a second delivery its first decision again, the governor vetoes it
// as duplicate and names the decision that the intent got first. The judge wants exactly
// that, and knows no other difference.
type Judge struct {
	answers    []byte
	deliveries []uint8
	first      []seen // the decision of each intent
	second     []seen // that of its second delivery
	seed       maphash.Seed
	verdict    Verdict
}

// seen is a decision that was there.
type seen struct {
	id, content uint64 // hashes; no content: there was none
	original    uint64 // of a duplicate
	answer      byte
}

// Verdict is what became of the stream.
type Verdict struct {
	Approved int64          `json:"approved"`
	Vetoed   int64          `json:"vetoed"`
	Reasons  map[string]int `json:"reasons"`

	Wrong        int `json:"wrong_reason"`                // the oracle says otherwise
	WrongTopic   int `json:"wrong_topic"`                 // a yes among the vetoes, or the reverse
	Missing      int `json:"intents_without_decision"`    // no delivery of it was decided
	Lacking      int `json:"deliveries_without_decision"` // one was, another was not
	Extra        int `json:"decisions_beyond_deliveries"` // besides exact repeats
	Contradicted int `json:"intents_with_two_verdicts"`
	Originals    int `json:"duplicates_without_their_original"`
	Repeats      int `json:"exact_repeats"` // byte for byte, under the same id
	Strange      int `json:"of_no_intent"`  // decisions about nothing that was published
}

// Flawed says whether anything was not as the oracle has it. An exact repeat is no flaw.
func (v *Verdict) Flawed() bool {
	return v.Wrong+v.WrongTopic+v.Missing+v.Lacking+v.Extra+v.Contradicted+v.Originals+v.Strange > 0
}

// NewJudge asks the oracle.
func (w Work) NewJudge() *Judge {
	answers, deliveries := w.Oracle()
	return &Judge{
		answers: answers, deliveries: deliveries,
		first: make([]seen, len(answers)), second: make([]seen, len(answers)),
		seed: maphash.MakeSeed(), verdict: Verdict{Reasons: make(map[string]int)},
	}
}

// Hear is told of one decision, and whether it is among the approvals.
func (j *Judge) Hear(value []byte, approvals bool) {
	if approvals {
		j.verdict.Approved++
	} else {
		j.verdict.Vetoed++
	}
	reason := Field(value, "reason")
	j.verdict.Reasons[reason]++
	seq, err := strconv.Atoi(strings.TrimPrefix(Field(value, "intent"), "i-"))
	if err != nil || seq < 0 || seq >= len(j.answers) {
		j.verdict.Strange++
		return
	}
	is := seen{id: maphash.String(j.seed, Field(value, "id")), content: maphash.Bytes(j.seed, value) | 1, answer: answerOf(reason)}
	if (is.answer == Approved) != approvals {
		j.verdict.WrongTopic++
	}
	was := &j.first[seq]
	if reason == "duplicate" {
		is.original = maphash.String(j.seed, Field(value, "original"))
		was = &j.second[seq]
	}
	switch {
	case was.content == 0:
		*was = is
	case *was == is:
		j.verdict.Repeats++
	default:
		j.verdict.Extra++
		if was.answer != is.answer {
			j.verdict.Contradicted++
		}
	}
}

// Sum is what became of the stream, when all was heard.
func (j *Judge) Sum() Verdict {
	v := j.verdict
	for seq := range j.answers {
		first, second := j.first[seq], j.second[seq]
		switch {
		case first.content == 0 && second.content == 0:
			v.Missing++
			v.Lacking += int(j.deliveries[seq])
			continue
		case first.content == 0:
			v.Lacking++
		case first.answer != j.answers[seq]:
			v.Wrong++
		}
		switch {
		case j.deliveries[seq] > 1 && second.content == 0:
			v.Lacking++
		case j.deliveries[seq] == 1 && second.content != 0:
			v.Extra++
		case second.content != 0 && second.original != first.id:
			v.Originals++
		}
	}
	return v
}

// answerOf is the oracle's word for a reason of the governor's.
func answerOf(reason string) byte {
	switch {
	case reason == "":
		return Approved
	case strings.HasPrefix(reason, "refused."):
		return Refused
	case strings.HasPrefix(reason, "cap."):
		return Capped
	case reason == "pace.min_gap":
		return TooSoon
	}
	return '?'
}

// Field finds a text in a flat object that was written without blanks.
func Field(value []byte, name string) string {
	var quoted [32]byte
	key := append(append(append(quoted[:0], '"'), name...), '"', ':', '"')
	at := bytes.Index(value, key)
	if at < 0 {
		return ""
	}
	value = value[at+len(key):]
	end := bytes.IndexByte(value, '"')
	if end < 0 {
		return ""
	}
	return string(value[:end])
}
