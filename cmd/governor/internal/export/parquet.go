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
// as timestamps in UTC to the millisecond, and those that may be absent as null.
type parquetWriter struct {
	w   *parquet.GenericWriter[any]
	row reflect.Type
}

func newParquet(table *Table, to io.Writer) *parquetWriter {
	var fields []reflect.StructField
	for i, c := range table.Columns {
		f := reflect.StructField{Name: "C" + strconv.Itoa(i), Tag: reflect.StructTag(`parquet:"` + c.Name + tag(c.Kind) + `"`)}
		switch c.Kind {
		case Text:
			f.Type = reflect.TypeFor[string]()
		case Whole:
			f.Type = reflect.TypeFor[int64]()
		case Yes:
			f.Type = reflect.TypeFor[bool]()
		case Time:
			f.Type = reflect.TypeFor[*time.Time]()
		}
		fields = append(fields, f)
	}
	row := reflect.StructOf(fields)
	schema := parquet.SchemaOf(reflect.New(row).Elem().Interface())
	return &parquetWriter{
		w: parquet.NewGenericWriter[any](to, schema, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowGroup),
			parquet.KeyValueMetadata("governor.table", table.Name)),
		row: row,
	}
}

func tag(kind Kind) string {
	if kind == Time {
		return ",optional,timestamp(millisecond)"
	}
	return ""
}

// Write implements Writer.
func (p *parquetWriter) Write(row Row) error {
	out := reflect.New(p.row).Elem()
	for i, v := range row {
		if t, is := v.(time.Time); is {
			if !t.IsZero() {
				out.Field(i).Set(reflect.ValueOf(&t))
			}
			continue
		}
		out.Field(i).Set(reflect.ValueOf(v))
	}
	_, err := p.w.Write([]any{out.Interface()})
	return err
}

// Close implements Writer.
func (p *parquetWriter) Close() error { return p.w.Close() }
