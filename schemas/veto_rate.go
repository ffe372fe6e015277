package schemas

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// VetoRate says how many decisions of one sort a partition made in one minute, on
// contact.veto-rates. It is told with the decisions; while a backlog is drained, when
// the minute is over. Counts only grow: of several records of one key the highest
// count stands, which is the latest but where a governor that had lost its partition
// repeated itself.
//
// Under a policy that goes by the clock of the events a day of UTC counts as one
// minute: its first.
type VetoRate struct {
	Minute    Time // when it began; minutes do not go back, even where a notice is decided as of an instant that is over
	Partition int32
	Campaign  string // "*", and Engine too, of what came when the minute had too many sorts to tell them apart
	Channel   string
	Purpose   string
	Engine    string // "" where the intents name none
	Verdict   Verdict
	Reason    string // the first; "" on approval
	Count     int64
}

// AppendJSON appends the rate as one JSON object.
func (r VetoRate) AppendJSON(b []byte) []byte {
	w := open(b)
	w.time("minute", r.Minute)
	w.int("partition", int64(r.Partition))
	w.str("campaign", r.Campaign)
	w.str("channel", r.Channel)
	w.str("purpose", r.Purpose)
	w.str("engine", r.Engine)
	w.str("verdict", string(r.Verdict))
	w.str("reason", r.Reason)
	w.int("count", r.Count)
	return w.close()
}

// Key is the record's key: everything but the count, as a JSON array in the order of
// the fields.
func (r VetoRate) Key() []byte {
	b := append([]byte{'['}, '"')
	b = r.Minute.Append(b)
	b = append(b, '"', ',')
	b = strconv.AppendInt(b, int64(r.Partition), 10)
	for _, word := range [...]string{r.Campaign, r.Channel, r.Purpose, r.Engine, string(r.Verdict), r.Reason} {
		b = appendQuoted(append(b, ','), word)
	}
	return append(b, ']')
}

// DecodeVetoRate reads a rate that AppendJSON wrote.
func DecodeVetoRate(value []byte) (VetoRate, error) {
	var in struct {
		Minute    *string `json:"minute"`
		Partition *int32  `json:"partition"`
		Campaign  string  `json:"campaign"`
		Channel   string  `json:"channel"`
		Purpose   string  `json:"purpose"`
		Engine    string  `json:"engine"`
		Verdict   Verdict `json:"verdict"`
		Reason    string  `json:"reason"`
		Count     int64   `json:"count"`
	}
	if err := json.Unmarshal(value, &in); err != nil {
		return VetoRate{}, &Malformed{Reason: fmt.Sprintf("is no rate: %T", err)} // the error may quote what stands there
	}
	if in.Minute == nil || in.Partition == nil || in.Campaign == "" || in.Count < 1 || (in.Verdict != Approved && in.Verdict != Vetoed) {
		return VetoRate{}, &Malformed{Reason: "is no rate: it needs a minute, a partition, a campaign, a verdict, and a count above 0"}
	}
	minute, err := ParseTime(*in.Minute)
	if err != nil {
		return VetoRate{}, &Malformed{Field: "minute", Reason: err.Error()}
	}
	return VetoRate{minute, *in.Partition, in.Campaign, in.Channel, in.Purpose, in.Engine, in.Verdict, in.Reason, in.Count}, nil
}
