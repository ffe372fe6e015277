package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/contactgovernor/governor/schemas"
)

// "One row a decision", and of everything else likewise, whatever stands in it.
func TestEveryRowIsThereOnce(t *testing.T) {
	w := newWorld(t)
	w.fill()
	none, later := time.Time{}, noon.Add(time.Hour+1500*time.Millisecond)
	want := map[string][]Row{
		"decisions": {
			{noon, "approved", "", false, "d1", "i1", "ana@example.org", "email", "marketing", `"spring", \2026`, "a\nb", "Müller & Söhne", "=crm", "", "", "", "", none, noon.Add(15 * time.Minute), "", int64(2), "p", int64(7), int64(0), int64(0)},
			{later, "vetoed", "cap.any", false, "d3", "i1", "ana@example.org", "email", "marketing", "may", "", "", "", "cap.any", "any", "", "", later.Add(time.Hour), none, "d1", int64(0), "p", int64(0), int64(0), int64(0)},
			{noon.Add(1500 * time.Millisecond), "vetoed", "refused.state", true, "d2", "i2", "ben", "sms", "marketing", "may", "", "", "", "refused.state,cap.any", "refused.state,any", "house.yaml:3:1,house.yaml:9:5", "cap.trial", none, none, "", int64(0), "p", int64(0), int64(1), int64(0)},
		},
		"revoked":  {{later, "refused.state", "r1", "d1", "i1", "ana", "s1", int64(0), int64(0)}},
		"redeemed": {{later, false, "revoked", "q1", "d1", "i1", "ana", none, false, int64(0), int64(0)}},
		"leaked":   {{later, later.Add(-time.Minute), "refused.state", "l1", "d2", "i2", "ben", "s2", int64(1), int64(0)}},
		"noes": {
			{later, later, "ben", "refusal", "sms", "", "", "", true, "s2", int64(1)},
			{later.Add(time.Minute), later.Add(time.Minute), "ben", "cancellation", "", "", "b", "x", false, "s3", int64(1)},
		},
		"yeses": {{later, "ben", "email", "", "", "", false, int64(1)}},
		"rates": {{noon, int64(1), "may", "sms", "marketing", "", "vetoed", "refused.state", int64(5)}},
	}
	check := func(repeated bool) {
		t.Helper()
		for _, table := range Tables() {
			got, s := w.export(w.options(table.Name))
			if diff := cmp.Diff(want[table.Name], got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", table.Name, diff)
			}
			if s.Rows != int64(len(got)) || repeated != (s.Repeats > 0) {
				t.Errorf("%s: %+v, of %d rows", table.Name, s, len(got))
			}
			for _, row := range got {
				if len(row) != len(table.Columns) {
					t.Errorf("%s: %d values in %d columns", table.Name, len(row), len(table.Columns))
				}
			}
		}
	}
	check(false)
	w.repeat()
	check(true)
}

// "--from on, --to before": half-open, by when it was decided, and the rows of two
// halves are those of the whole.
func TestATimeIsHalfOpen(t *testing.T) {
	w := newWorld(t)
	w.fill()
	w.repeat()
	for _, table := range Tables() {
		o := w.options(table.Name)
		whole, _ := w.export(o)
		for _, cut := range []time.Time{noon, noon.Add(time.Millisecond), noon.Add(1500 * time.Millisecond), noon.Add(time.Hour + 1500*time.Millisecond), noon.Add(9 * time.Hour)} {
			o.From, o.To = time.Time{}, cut
			before, _ := w.export(o)
			o.From, o.To = cut, time.Time{}
			after, _ := w.export(o)
			for _, row := range before {
				if !row[0].(time.Time).Before(cut) {
					t.Errorf("%s: %v is not before %v", table.Name, row[0], cut)
				}
			}
			for _, row := range after {
				if row[0].(time.Time).Before(cut) {
					t.Errorf("%s: %v is before %v", table.Name, row[0], cut)
				}
			}
			if len(before)+len(after) != len(whole) {
				t.Errorf("%s: %d rows before %v and %d after, %d in all", table.Name, len(before), cut, len(after), len(whole))
			}
		}
	}
}

// It ends where the topics ended when it began, however much is written meanwhile.
func TestItEndsWhereItSawTheEnd(t *testing.T) {
	w := newWorld(t)
	w.fill()
	o := w.options("decisions")
	written := false
	read, all := int64(0), int64(0)
	o.Begin = func(n int64) {
		all = n
		w.decides(0, schemas.Decision{ID: "d9", Intent: "i9", Person: "p", Verdict: schemas.Approved})
		written = true
	}
	o.Progress = func(n int64) { read += n }
	if got, _ := w.export(o); len(got) != 3 || !written || read != all || all != 3 {
		t.Errorf("%d rows; %d of %d offsets read", len(got), read, all)
	}
}

// A record that cannot be read ends it: a file with a hole would be believed.
func TestWhatCannotBeReadIsNotLeftOut(t *testing.T) {
	for _, table := range Tables() {
		t.Run(table.Name, func(t *testing.T) {
			w := newWorld(t)
			w.append(table.topics[0], 1, "ana", []byte(`{"person":"ana@example.org"`))
			_, err := Run(t.Context(), w.options(table.Name), &rows{})
			if err == nil || !strings.Contains(err.Error(), "here."+table.topics[0]+"/1 at offset 0") || strings.Contains(err.Error(), "ana@") {
				t.Error(err)
			}
		})
	}
}

// Each format has every value of every row, as it is.
func TestEachFormatIsReadBack(t *testing.T) {
	w := newWorld(t)
	w.fill()
	for _, table := range Tables() {
		want, _ := w.export(w.options(table.Name))
		for format, back := range map[string]func(*Table, []byte) ([]Row, error){"csv": backFromCSV, "ndjson": backFromNDJSON, "parquet": backFromParquet} {
			var b bytes.Buffer
			to := NewWriter(format, table, &b)
			if _, err := Run(t.Context(), w.options(table.Name), to); err != nil {
				t.Fatal(err)
			}
			if err := to.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := back(table, b.Bytes())
			if err != nil {
				t.Fatalf("%s as %s: %v", table.Name, format, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", table.Name, format, diff)
			}
		}
	}
}

// More rows than are kept in memory at once.
func TestALongParquetFile(t *testing.T) {
	table, _ := Find("rates")
	var b bytes.Buffer
	to := newParquet(table, &b)
	const n = 2*rowGroup + 7
	for i := range n {
		if err := to.Write(Row{noon.Add(time.Duration(i) * time.Minute), int64(i % 7), "c", "email", "p", "e", "approved", "", int64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if f.NumRows() != n || len(f.RowGroups()) != 3 {
		t.Errorf("%d rows in %d groups", f.NumRows(), len(f.RowGroups()))
	}
	if name, _ := f.Lookup("governor.table"); name != "rates" {
		t.Errorf("it says that it is %q", name)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// What could not be written is told at the latest by Close.
func TestAFullDiskIsTold(t *testing.T) {
	w := newWorld(t)
	w.fill()
	for _, format := range Formats() {
		o := w.options("decisions")
		to := NewWriter(format, o.Table, full{})
		_, err := Run(t.Context(), o, to)
		if err == nil {
			err = to.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// The README lists every column of every table.
func TestTheReadmeListsTheColumns(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[Kind]string{Text: "text", Whole: "integer", Yes: "boolean", Time: "time"}
	for _, table := range Tables() {
		section := fmt.Sprintf("### %s\n%s\n\n| column | | |\n|---|---|---|\n", table.Name, table.Doc)
		for _, c := range table.Columns {
			section += fmt.Sprintf("| `%s` | %s | %s |\n", c.Name, kinds[c.Kind], c.Doc)
		}
		if !strings.Contains(string(text), section) {
			t.Errorf("README.md lacks, or has otherwise:\n\n%s", section)
		}
	}
}

// parsed is a value of a column.
func parsed(c *Column, text string) (any, error) {
	switch c.Kind {
	case Whole:
		return strconv.ParseInt(text, 10, 64)
	case Yes:
		return strconv.ParseBool(text)
	case Time:
		if text == "" {
			return time.Time{}, nil
		}
		return time.Parse("2006-01-02T15:04:05.000Z", text)
	}
	return text, nil
}

func backFromCSV(table *Table, b []byte) (all []Row, err error) {
	lines, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return nil, err
	}
	for n, line := range lines {
		var row Row
		for i := range table.Columns {
			if n == 0 && line[i] != table.Columns[i].Name {
				return nil, fmt.Errorf("column %d is %q", i, line[i])
			}
			if n == 0 {
				continue
			}
			v, err := parsed(&table.Columns[i], line[i])
			if err != nil {
				return nil, err
			}
			row = append(row, v)
		}
		if n > 0 {
			all = append(all, row)
		}
	}
	return all, nil
}

func backFromNDJSON(table *Table, b []byte) (all []Row, err error) {
	for line := range bytes.Lines(b) {
		var o map[string]any
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&o); err != nil {
			return nil, err
		}
		if len(o) != len(table.Columns) {
			return nil, fmt.Errorf("%d members", len(o))
		}
		var row Row
		for i := range table.Columns {
			c := &table.Columns[i]
			text := ""
			if v := o[c.Name]; v != nil {
				text = fmt.Sprint(v)
			}
			v, err := parsed(c, text)
			if err != nil {
				return nil, err
			}
			row = append(row, v)
		}
		all = append(all, row)
	}
	return all, nil
}

func backFromParquet(table *Table, b []byte) (all []Row, err error) {
	r := parquet.NewGenericReader[any](bytes.NewReader(b))
	for {
		read := make([]any, 1)
		n, err := r.Read(read)
		if n == 0 {
			if err == io.EOF {
				err = nil
			}
			return all, err
		}
		var row Row
		for i := range table.Columns {
			v := read[0].(map[string]any)[table.Columns[i].Name]
			switch ms, is := v.(int64); {
			case table.Columns[i].Kind == Time && is:
				v = time.UnixMilli(ms).UTC()
			case table.Columns[i].Kind == Time:
				v = time.Time{}
			}
			row = append(row, v)
		}
		all = append(all, row)
	}
}
