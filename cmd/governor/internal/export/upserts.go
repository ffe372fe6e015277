package export

import (
	"cmp"
	"maps"
	"slices"

	"github.com/contactgovernor/governor/cmd/governor/internal/stands"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/schemas"
)

func noes() *Table {
	return &Table{
		Name: "noes", Doc: "Every no that stands: refusals, cancellations and complaints, from the latest record of each person on contact.standing. A later yes does not take one away.",
		topics: []string{standing},
		Columns: []Column{
			{"known", Time, "When the governor heard of it, as far as that is remembered; else as said."},
			{"said", Time, "When it was said, as whoever told it says."},
			{"person", Text, personDoc},
			{"kind", Text, "refusal, cancellation or complaint."},
			{"channel", Text, "What it is about; empty: every. So the next three."},
			{"purpose", Text, ""},
			{"subject", Text, ""},
			{"brand", Text, ""},
			{"of_address", Yes, "It is about one address, which is left out."},
			{"signal", Text, "The signal that said it; empty where it could not be read."},
			{"partition", Whole, "The partition of the topic."},
		},
		read: func(person func(string) string) reading {
			return standingWords{of: make(map[string][]dated), rows: func(id string, partition int32, w *stands.Word) (rows []dated) {
				for i := range w.Noes {
					n := &w.Noes[i]
					rows = append(rows, dated{n.Known.Std(), Row{
						n.Known.Std(), n.Said.Std(), person(id), string(n.Kind), n.Scope.Channel, n.Scope.Purpose, n.Scope.Subject, n.Scope.Brand,
						n.Scope.Address != "", n.Signal, int64(partition),
					}})
				}
				return rows
			}}
		},
	}
}

func yeses() *Table {
	return &Table{
		Name: "yeses", Doc: "Every consent that lifts what it covers, if it was said later, from the latest record of each person on contact.standing.",
		topics: []string{standing},
		Columns: []Column{
			{"said", Time, "When, as whoever told it says."},
			{"person", Text, personDoc},
			{"channel", Text, "What it covers; empty: every. So the next three."},
			{"purpose", Text, ""},
			{"subject", Text, ""},
			{"brand", Text, ""},
			{"of_address", Yes, "It covers one address, which is left out."},
			{"partition", Whole, "The partition of the topic."},
		},
		read: func(person func(string) string) reading {
			return standingWords{of: make(map[string][]dated), rows: func(id string, partition int32, w *stands.Word) (rows []dated) {
				for i := range w.Yeses {
					y := &w.Yeses[i]
					rows = append(rows, dated{y.Said.Std(), Row{
						y.Said.Std(), person(id), y.Scope.Channel, y.Scope.Purpose, y.Scope.Subject, y.Scope.Brand, y.Scope.Address != "", int64(partition),
					}})
				}
				return rows
			}}
		},
	}
}

// standingWords keeps what everybody in a partition said, for a later record of the
// same person takes the place of all.
type standingWords struct {
	of   map[string][]dated
	rows func(id string, partition int32, w *stands.Word) []dated
}

func (s standingWords) record(slot consumer.Slot, r *consumer.Record) ([]dated, error) {
	if !stands.OfPerson(r.Key) {
		return nil, nil
	}
	id := string(r.Key)
	delete(s.of, id)
	if r.Value == nil {
		return nil, nil
	}
	w, err := stands.Read(r.Key, r.Value)
	if err != nil {
		return nil, err
	}
	if rows := s.rows(id, slot.Partition, &w); rows != nil {
		s.of[id] = rows
	}
	return nil, nil
}

func (s standingWords) rest() (rows []dated) {
	for _, who := range slices.Sorted(maps.Keys(s.of)) {
		rows = append(rows, s.of[who]...)
	}
	return rows
}

func rates() *Table {
	return &Table{
		Name: "rates", Doc: "How many decisions of one sort a partition made in one minute, from contact.veto-rates: one row a key, with its final count. They are to be added up.",
		topics: []string{vetoRates},
		Columns: []Column{
			{"minute", Time, "When it began. Under a policy with clock: event the first of a day, of which all is counted there."},
			{"partition", Whole, "The partition that decided."},
			{"campaign", Text, "* where a minute had too many sorts to tell them apart; so engine."},
			{"channel", Text, ""},
			{"purpose", Text, ""},
			{"engine", Text, "Empty where the intents name none."},
			{"verdict", Text, "approved or vetoed."},
			{"reason", Text, "The first reason; empty on approval."},
			{"count", Whole, "How many."},
		},
		read: func(func(string) string) reading { return highest{} },
	}
}

// highest keeps the counts of a partition: of several records of one key the highest
// stands.
type highest map[schemas.VetoRate]int64

func (h highest) record(_ consumer.Slot, r *consumer.Record) ([]dated, error) {
	if r.Value == nil {
		return nil, nil // housekeeping: what was counted was decided
	}
	rate, err := schemas.DecodeVetoRate(r.Value)
	if err != nil {
		return nil, err
	}
	n := rate.Count
	rate.Count = 0
	h[rate] = max(h[rate], n)
	return nil, nil
}

func (h highest) rest() (rows []dated) {
	sorted := slices.SortedFunc(maps.Keys(h), func(a, b schemas.VetoRate) int {
		return cmp.Or(cmp.Compare(a.Minute, b.Minute), cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Purpose, b.Purpose),
			cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Reason, b.Reason))
	})
	for _, r := range sorted {
		rows = append(rows, dated{r.Minute.Std(), Row{
			r.Minute.Std(), int64(r.Partition), r.Campaign, r.Channel, r.Purpose, r.Engine, string(r.Verdict), r.Reason, h[r],
		}})
	}
	return rows
}
