package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"time"
)

// Formats are the names of what rows can be written as.
func Formats() []string { return []string{"csv", "ndjson", "parquet"} }

// NewWriter writes rows of the table in a format of Formats.
func NewWriter(format string, table *Table, to io.Writer) Writer {
	switch format {
	case "csv":
		return newCSV(table, to)
	case "ndjson":
		return newNDJSON(table, to)
	}
	return newParquet(table, to)
}

// stamp is how a time is written as text, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// csvWriter writes a header, and then a line a row, as RFC 4180 has it.
type csvWriter struct {
	w     *csv.Writer
	cells []string
	err   error // of the header
}

func newCSV(table *Table, to io.Writer) *csvWriter {
	c := &csvWriter{w: csv.NewWriter(to), cells: make([]string, len(table.Columns))}
	for i := range table.Columns {
		c.cells[i] = table.Columns[i].Name
	}
	c.err = c.w.Write(c.cells)
	return c
}

// Write implements Writer.
func (c *csvWriter) Write(row Row) error {
	if c.err != nil {
		return c.err
	}
	for i, v := range row {
		switch v := v.(type) {
		case string:
			c.cells[i] = v
		case int64:
			c.cells[i] = strconv.FormatInt(v, 10)
		case bool:
			c.cells[i] = strconv.FormatBool(v)
		case time.Time:
			c.cells[i] = stamp(v)
		}
	}
	return c.w.Write(c.cells)
}

// Close implements Writer.
func (c *csvWriter) Close() error {
	c.w.Flush()
	if c.err != nil {
		return c.err
	}
	return c.w.Error()
}

// ndjsonWriter writes an object a line, its members in the order of the columns, a time
// that there is not as null.
type ndjsonWriter struct {
	w     *bufio.Writer
	names [][]byte
	line  []byte
}

func newNDJSON(table *Table, to io.Writer) *ndjsonWriter {
	n := &ndjsonWriter{w: bufio.NewWriterSize(to, 1<<16)}
	for i, c := range table.Columns {
		open := `,"`
		if i == 0 {
			open = `{"`
		}
		n.names = append(n.names, []byte(open+c.Name+`":`))
	}
	return n
}

// Write implements Writer.
func (n *ndjsonWriter) Write(row Row) error {
	n.line = n.line[:0]
	for i, v := range row {
		n.line = append(n.line, n.names[i]...)
		switch v := v.(type) {
		case time.Time:
			if v.IsZero() {
				n.line = append(n.line, "null"...)
				continue
			}
			n.line = strconv.AppendQuote(n.line, stamp(v))
		case int64:
			n.line = strconv.AppendInt(n.line, v, 10)
		default:
			b, err := json.Marshal(v)
			if err != nil {
				return err
			}
			n.line = append(n.line, b...)
		}
	}
	n.line = append(n.line, '}', '\n')
	_, err := n.w.Write(n.line)
	return err
}

// Close implements Writer.
func (n *ndjsonWriter) Close() error { return n.w.Flush() }
