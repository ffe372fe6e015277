package export

import (
	"io"
	"reflect"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
)

// rowGroup is how many rows are kept in memory until they are written.
const rowGroup = 64 << 10

// parquetWriter writes Apache Parquet, compressed with Zstandard: text as UTF-8, times
// as timestamps in UTC to the millisecond, and those that are not there as null.
type parquetWriter struct {
	w    *parquet.GenericWriter[any]
	rows []parquet.Row // that were not handed over yet
}

// atOnce is how many rows are handed over at once.
const atOnce = 256

func newParquet(table *Table, to io.Writer) *parquetWriter {
	return &parquetWriter{
		w: parquet.NewGenericWriter[any](to, schemaOf(table), parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowGroup),
			parquet.KeyValueMetadata("governor.table", table.Name)),
	}
}

// schemaOf is that of a struct with the columns as fields, which keeps their order.
func schemaOf(table *Table) *parquet.Schema {
	var fields []reflect.StructField
	for i, c := range table.Columns {
		f := reflect.StructField{Name: "C" + strconv.Itoa(i)}
		options := ""
		switch c.Kind {
		case Text:
			f.Type = reflect.TypeFor[string]()
		case Whole:
			f.Type = reflect.TypeFor[int64]()
		case Yes:
			f.Type = reflect.TypeFor[bool]()
		case Time:
			f.Type, options = reflect.TypeFor[*time.Time](), ",optional,timestamp(millisecond)"
		}
		f.Tag = reflect.StructTag(`parquet:"` + c.Name + options + `"`)
		fields = append(fields, f)
	}
	return parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Elem().Interface())
}

// Write implements Writer.
func (p *parquetWriter) Write(row Row) error {
	out := make(parquet.Row, len(row))
	for i, v := range row {
		out[i] = valueOf(v, i)
	}
	if p.rows = append(p.rows, out); len(p.rows) < atOnce {
		return nil
	}
	return p.hand()
}

// valueOf is a value of a column. One that may be null says by its level whether it is.
func valueOf(v any, column int) parquet.Value {
	if t, is := v.(time.Time); is {
		if t.IsZero() {
			return parquet.NullValue().Level(0, 0, column)
		}
		return parquet.Int64Value(t.UnixMilli()).Level(0, 1, column)
	}
	return parquet.ValueOf(v).Level(0, 0, column)
}

// hand hands the rows over.
func (p *parquetWriter) hand() error {
	_, err := p.w.WriteRows(p.rows)
	p.rows = p.rows[:0]
	return err
}

// Close implements Writer.
func (p *parquetWriter) Close() error {
	if err := p.hand(); err != nil {
		return err
	}
	return p.w.Close()
}
