package verify

import "slices"

// The names of breaches. They are constant and may be relied upon.
const (
	LostIntent     = "lost-intent"            // an intent without a decision or a dead letter
	DoubleAnswer   = "double-answer"          // one record with two answers
	DoubleApproval = "double-approval"        // one intent id approved twice
	AskedAgain     = "asked-again"            // an id judged anew while it was known
	Divergent      = "divergent"              // one id, different bytes
	Contradiction  = "contradiction"          // one id, approved and vetoed
	WrongID        = "wrong-id"               // an id that does not follow from intent and person
	WrongOriginal  = "wrong-original"         // a duplicate that names a decision about something else
	Invented       = "invented"               // an answer to nothing
	Miscopied      = "miscopied"              // an answer whose fields are not its question's
	Misfiled       = "misfiled"               // what does not belong on its topic, or cannot be read
	BadHeaders     = "bad-headers"            // headers missing or about something else
	WrongPartition = "wrong-partition"        // a person on a partition that is not hers
	TimeBack       = "time-back"              // decided before what was decided before
	BatchOrder     = "batch-order"            // batches, indexes or positions that go back
	BatchClash     = "batch-clash"            // two records at one place of a batch
	BatchGap       = "batch-gap"              // a place of a batch that nobody has
	AfterNo        = "approval-after-refusal" // approved though the no was heard
	Overtaken      = "overtaken-no"           // approved though the no was acknowledged before
	LeftStanding   = "left-standing"          // a no was heard, and what was out was not taken back
	CapExceeded    = "cap-exceeded"           // more than a window holds
	UnfoundedVeto  = "unfounded-veto"         // vetoed for a window that was not full
	LongLife       = "long-life"              // an approval that is good for too long
	FalseRevoke    = "false-revocation"       // a revocation of no approval, or of one that a worker had
	LostAnswer     = "lost-answer"            // a worker that asked and was not answered
	FalseYes       = "false-yes"              // a worker may, and there is no such approval, or none any more
	SecondYes      = "second-yes"             // two workers may
	LateYes        = "late-yes"               // a worker may, though it is too late
	YesAfterNo     = "yes-after-refusal"      // a worker may, though the person had refused
	HiddenLeak     = "hidden-leak"            // refused after a worker had it, and nobody was told
	FalseLeak      = "false-leak"             // a leak of what no worker had, or told wrongly
	FalseRate      = "false-rate"             // a count of decisions that is not theirs
	NamedPerson    = "named-person"           // a person's id where only a hash of it may be
	LostNo         = "lost-no"                // a no that is not in what stands
	ForgottenNo    = "forgotten-no"           // a no that stood and stands no more
	LostLetter     = "lost-letter"            // unreadable, heard, and in no dead letter
	BadLetter      = "bad-letter"             // a dead letter that does not say from where and why
	AlteredLetter  = "altered-letter"         // a dead letter that is not what it was
)

// Breach is a promise that was not kept.
type Breach struct {
	Name string `json:"name"`
	At   string `json:"at"`   // topic/partition/offset
	With string `json:"with"` // the other record, if there is one
	Why  string `json:"why"`  // one sentence; it names no person
}

// Summary is what was looked at.
type Summary struct {
	Records  map[string]int `json:"records"`  // by topic
	People   int            `json:"people"`   // whose records they are
	Repeats  int            `json:"repeats"`  // exact copies, which are allowed
	Breaches map[string]int `json:"breaches"` // by name
	Skipped  map[string]int `json:"skipped"`  // what was not checked, by why
	Checked  map[string]int `json:"checked"`  // how often each check had something to look at
}

// Found says how many breaches there are.
func (s *Summary) Found() (n int) {
	for _, count := range s.Breaches {
		n += count
	}
	return n
}

// Read says how many records were read.
func (s *Summary) Read() (n int) {
	for _, count := range s.Records {
		n += count
	}
	return n
}

// Sorted lists the names of counts, in order.
func Sorted(counts map[string]int) []string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Names lists the names of breaches.
func Names() []string {
	return []string{
		LostIntent, DoubleAnswer, DoubleApproval, AskedAgain, Divergent, Contradiction, WrongID, WrongOriginal, Invented, Miscopied, Misfiled,
		BadHeaders, WrongPartition, TimeBack, BatchOrder, BatchClash, BatchGap, AfterNo, Overtaken, LeftStanding, CapExceeded, UnfoundedVeto,
		LongLife, FalseRevoke, LostAnswer, FalseYes, SecondYes, LateYes, YesAfterNo, HiddenLeak, FalseLeak, FalseRate, NamedPerson, LostNo, ForgottenNo,
		LostLetter, BadLetter, AlteredLetter,
	}
}
