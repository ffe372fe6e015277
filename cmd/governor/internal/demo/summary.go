package demo

// Summary is what the demo found, and what -o json prints. README.md explains
// every field.
type Summary struct {
	Policy      string   `json:"policy"`
	PolicyHash  string   `json:"policy_hash"`
	Data        string   `json:"data"`
	Run         int      `json:"run"`
	Sample      int      `json:"sample"`
	FirstAfter  float64  `json:"first_decision_seconds"`
	Seconds     float64  `json:"seconds"`
	Wanted      int      `json:"wanted"`
	Through     int      `json:"through"`
	Refused     int      `json:"refused"`
	Engines     []Engine `json:"engines"`
	Reasons     []Reason `json:"reasons"`
	Stories     []Story  `json:"stories"`
	Restart     Restart  `json:"restart"`
	History     History  `json:"history"`
	Assumptions []string `json:"assumptions"`
	Source      string   `json:"source"`
}

// Engine is what one engine wanted, and what became of it.
type Engine struct {
	Engine  string   `json:"engine"`
	Wanted  int      `json:"wanted"`
	Through int      `json:"through"`
	Refused int      `json:"refused"`
	Reasons []Reason `json:"reasons"`
}

// Reason is one reason of refusals: how often it was the first, and how often it
// was named at all.
type Reason struct {
	Code  string `json:"code"`
	Words string `json:"words"`
	Count int    `json:"count"`
	Named int    `json:"named,omitzero"`
}

// Story is what became of one story.
type Story struct {
	Case     string   `json:"case"`
	Engine   string   `json:"engine"`
	Title    string   `json:"title"`
	Essay    string   `json:"essay"`
	Sentence string   `json:"sentence"`
	Wanted   int      `json:"wanted"`
	Through  int      `json:"through"`
	Refused  int      `json:"refused"`
	Reasons  []Reason `json:"reasons"`
}

// Restart is what was still known after everything was stopped and started again.
type Restart struct {
	Noes     int     `json:"noes"`
	Earlier  int     `json:"earlier"`
	Refused  int     `json:"refused"`
	Through  int     `json:"through"`
	TookBack int     `json:"took_back"`
	Seconds  float64 `json:"seconds"`
}

// History is the telemarketing campaign.
type History struct {
	People                 int          `json:"people"`
	Calls                  int          `json:"calls"`
	Yes                    int          `json:"yes"`
	YesWithinThree         int          `json:"yes_within_three"`
	ShareWithinThree       float64      `json:"share_within_three"`
	CallsPerYesWithinThree float64      `json:"calls_per_yes_within_three"`
	PeopleAfterThree       int          `json:"people_after_three"`
	CallsAfterThree        int          `json:"calls_after_three"`
	YesAfterThree          int          `json:"yes_after_three"`
	CallsPerYesAfterThree  float64      `json:"calls_per_yes_after_three"`
	PlayedPeople           int          `json:"played_people"`
	PlayedCalls            int          `json:"played_calls"`
	ByCall                 []CallNumber `json:"by_call"`
	YesKept                int          `json:"yes_kept"`
	YesLost                int          `json:"yes_lost"`
	MostCalled             MostCalled   `json:"most_called"`
	Seconds                float64      `json:"seconds"`
	CallsPerSecond         float64      `json:"calls_per_second"`
}

// CallNumber is the calls that were somebody's From-th to To-th.
type CallNumber struct {
	From        int     `json:"from"`
	To          int     `json:"to"`
	Wanted      int     `json:"wanted"`
	Through     int     `json:"through"`
	Yes         int     `json:"yes"`
	YesThrough  int     `json:"yes_through"`
	CallsPerYes float64 `json:"calls_per_yes"`
}

// MostCalled is the person who was called most.
type MostCalled struct {
	Wanted  int      `json:"wanted"`
	Through int      `json:"through"`
	Refused int      `json:"refused"`
	Reasons []Reason `json:"reasons"`
}
