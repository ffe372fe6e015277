package export

import (
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// Kind is what stands in a column.
type Kind int

// The kinds.
const (
	Text  Kind = iota // a string; empty where there is nothing
	Whole             // an int64
	Yes               // a bool
	Time              // a time.Time in UTC, to the millisecond; the zero time where there is none
)

// Column is one of a table.
type Column struct {
	Name string
	Kind Kind
	Doc  string
}

// Row has a value for each column, of its kind.
type Row []any

// Table is one sort of rows.
type Table struct {
	Name    string
	Doc     string
	Columns []Column

	topics []string // the contract's names

	// read makes rows of a partition of the topics.
	read func(person func(string) string) reading
}

// reading makes the rows of one partition.
type reading interface {
	// record makes rows of one record, which was not there before, and says when what
	// it tells happened. Rows that may still change are kept back.
	record(slot consumer.Slot, r *consumer.Record) (rows []dated, err error)

	// rest are the rows that were kept back.
	rest() []dated
}

// dated is a row, and when what it tells happened.
type dated struct {
	at  time.Time
	row Row
}

// Tables are all there are; the first is the default.
func Tables() []*Table {
	return []*Table{decisions(), revoked(), redeemed(), leaked(), noes(), yeses(), rates()}
}

// Find is the table of a name.
func Find(name string) (*Table, bool) {
	for _, t := range Tables() {
		if t.Name == name {
			return t, true
		}
	}
	return nil, false
}

// simple are tables of which a record is a row.
type simple func(slot consumer.Slot, r *consumer.Record) (dated, error)

func (s simple) record(slot consumer.Slot, r *consumer.Record) ([]dated, error) {
	if r.Value == nil {
		return nil, nil
	}
	row, err := s(slot, r)
	if err != nil {
		return nil, err
	}
	return []dated{row}, nil
}

func (s simple) rest() []dated { return nil }

// place are the columns of where a record is.
func place() []Column {
	return []Column{
		{"partition", Whole, "The partition of the topic, for looking the record up."},
		{"offset", Whole, "Its offset there."},
	}
}

func columns(first ...Column) []Column { return append(first, place()...) }

// placed appends where the record is.
func placed(slot consumer.Slot, r *consumer.Record, row ...any) Row {
	return append(row, int64(slot.Partition), r.Offset)
}

// The topics that are read.
const (
	vetoRates = governor.VetoRates
	standing  = governor.Standing
)
