package verify

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Dump is a log that was written into files, one record a line. It keeps where
// each record is, and reads them when they are looked at.
//
// A line is {"topic", "partition", "offset", "timestamp", "key", "value",
// "headers"}, or what kcat -J writes. A key or value is text, or null, or, as
// key_base64 and value_base64, any bytes; a value may also be a JSON object as it
// stands. A timestamp is RFC 3339 or milliseconds since 1970; headers are pairs,
// [["name","value"]], or names and values in turn, or an object. "appended": true
// says that the timestamp is the broker's; "order" is that of acknowledgements over
// all topics, where somebody knows it.
type Dump struct {
	files  []*os.File
	slots  map[slot][]line
	topics map[string]bool
	lines  int
}

type slot struct {
	topic     string
	partition int32
}

// line is where a record is.
type line struct {
	offset int64
	at     int64
	file   int32
	size   int32
}

// longest bounds a line: a record may be large, and its line a little larger.
const longest = 64 << 20

// OpenDump finds the records of a file, or of every .jsonl and .json file of a
// folder. Prefix is what stands before the contract's names of topics.
func OpenDump(path, prefix string) (*Dump, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	paths := []string{path}
	if info.IsDir() {
		paths = nil
		err := filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && (strings.HasSuffix(p, ".jsonl") || strings.HasSuffix(p, ".json")) {
				paths = append(paths, p)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if paths == nil {
			return nil, fmt.Errorf("%s has no file that ends in .jsonl", path)
		}
	}
	d := &Dump{slots: make(map[slot][]line), topics: make(map[string]bool)}
	for _, p := range paths {
		if err := d.index(p, prefix); err != nil {
			d.Close()
			return nil, err
		}
	}
	for _, lines := range d.slots {
		slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.offset, b.offset) })
	}
	return d, nil
}

// Close closes the files.
func (d *Dump) Close() {
	for _, f := range d.files {
		_ = f.Close() // they were only read
	}
}

// Len is how many records there are.
func (d *Dump) Len() int { return d.lines }

// index notes where the records of a file are.
func (d *Dump) index(path, prefix string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	d.files = append(d.files, f)
	file, at := int32(len(d.files)-1), int64(0)
	in := bufio.NewReaderSize(f, 1<<20)
	for number := 1; ; number++ {
		text, err := readLine(in)
		if len(bytes.TrimSpace(text)) > 0 {
			if wrong := d.place(text, prefix, line{at: at, file: file, size: int32(len(text))}); wrong != nil {
				return fmt.Errorf("%s: line %d: %w", path, number, wrong)
			}
		}
		at += int64(len(text))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, number, err)
		}
	}
}

// place notes where the record of a line belongs.
func (d *Dump) place(text []byte, prefix string, l line) error {
	var m struct {
		Topic     string `json:"topic"`
		Partition int32  `json:"partition"`
		Offset    *int64 `json:"offset"`
	}
	if err := json.Unmarshal(text, &m, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return fmt.Errorf("write one record a line, as a JSON object: %w", err)
	}
	if m.Topic == "" || m.Offset == nil {
		return errors.New("a record has a topic, a partition and an offset")
	}
	l.offset = *m.Offset
	if topic, ours := strings.CutPrefix(m.Topic, prefix); ours && (topic == Audit || slices.Contains(Topics(), topic)) {
		s := slot{topic, m.Partition}
		d.slots[s] = append(d.slots[s], l)
		d.topics[topic] = true
		d.lines++
	}
	return nil
}

// readLine reads a line with its end, if it is not absurdly long.
func readLine(in *bufio.Reader) (text []byte, err error) {
	for {
		piece, err := in.ReadSlice('\n')
		text = append(text, piece...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
		if len(text) > longest {
			return nil, fmt.Errorf("it is longer than %d MiB; is it one JSON object a line?", longest>>20)
		}
	}
}

// Partitions are those of which there are records.
func (d *Dump) Partitions() []int32 {
	var all []int32
	for s := range d.slots {
		if !slices.Contains(all, s.partition) {
			all = append(all, s.partition)
		}
	}
	slices.Sort(all)
	return all
}

// Read visits the records of a topic's partition. What lies before the first of
// them is not kept, and of a topic of which there is nothing at all nothing is.
func (d *Dump) Read(_ context.Context, topic string, partition int32, visit func(*Record) error) (first int64, err error) {
	lines := d.slots[slot{topic, partition}]
	if !d.topics[topic] {
		return math.MaxInt64, nil
	}
	for i, l := range lines {
		if i > 0 && lines[i-1].offset == l.offset {
			return 0, fmt.Errorf("offset %d is there twice; are these dumps of two clusters?", l.offset)
		}
		text := make([]byte, l.size)
		if _, err := d.files[l.file].ReadAt(text, l.at); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		r, err := parseLine(text)
		if err != nil {
			return 0, fmt.Errorf("the record at offset %d: %w", l.offset, err)
		}
		r.Topic = topic
		if err := visit(r); err != nil {
			return 0, err
		}
	}
	if len(lines) > 0 {
		first = lines[0].offset
	}
	return first, nil
}

// parseLine reads a record.
func parseLine(text []byte) (*Record, error) {
	var m struct {
		Topic      string         `json:"topic"`
		Partition  int32          `json:"partition"`
		Offset     *int64         `json:"offset"`
		Timestamp  jsontext.Value `json:"timestamp"`
		TS         jsontext.Value `json:"ts"` // kcat
		TSType     string         `json:"tstype"`
		Appended   bool           `json:"appended"`
		Order      int64          `json:"order"`
		Key        *string        `json:"key"`
		KeyBytes   *string        `json:"key_base64"`
		Value      jsontext.Value `json:"value"`
		Payload    jsontext.Value `json:"payload"` // kcat
		ValueBytes *string        `json:"value_base64"`
		Headers    jsontext.Value `json:"headers"`
	}
	if err := json.Unmarshal(text, &m, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, fmt.Errorf("write one record a line, as a JSON object: %w", err)
	}
	if m.Offset == nil {
		return nil, errors.New("it has no offset")
	}
	r := &Record{Place: Place{m.Topic, m.Partition, *m.Offset}, Order: m.Order, Appended: m.Appended || m.TSType == "logappend"}
	if m.Timestamp == nil {
		m.Timestamp = m.TS
	}
	if m.Value == nil {
		m.Value = m.Payload
	}
	var err error
	if r.Time, err = parseTime(m.Timestamp); err != nil {
		return nil, err
	}
	if m.Key != nil {
		r.Key = []byte(*m.Key)
	}
	if r.Value, err = parseValue(m.Value); err != nil {
		return nil, err
	}
	for into, encoded := range map[*[]byte]*string{&r.Key: m.KeyBytes, &r.Value: m.ValueBytes} {
		if encoded == nil {
			continue
		}
		if *into, err = base64.StdEncoding.DecodeString(*encoded); err != nil {
			return nil, fmt.Errorf("this is no base64: %w", err)
		}
	}
	if r.Headers, err = parseHeaders(m.Headers); err != nil {
		return nil, err
	}
	return r, nil
}

func parseTime(v jsontext.Value) (time.Time, error) {
	var ms int64
	var text string
	switch {
	case v == nil || v.Kind() == 'n':
		return time.Time{}, nil
	case json.Unmarshal(v, &ms) == nil:
		return time.UnixMilli(ms).UTC(), nil
	case json.Unmarshal(v, &text) == nil:
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("timestamp: write RFC 3339, or milliseconds since 1970")
}

// parseValue takes text as its bytes, null as no value, and anything else as it
// stands.
func parseValue(v jsontext.Value) ([]byte, error) {
	switch {
	case v == nil || v.Kind() == 'n':
		return nil, nil
	case v.Kind() == '"':
		return jsontext.AppendUnquote(nil, v)
	}
	return v, nil
}

func parseHeaders(v jsontext.Value) (headers []Header, err error) {
	wrong := errors.New(`headers: write pairs, like [["ce_id","d-1"]]`)
	if v == nil || v.Kind() == 'n' {
		return nil, nil
	}
	if v.Kind() == '{' {
		var named map[string]string
		if json.Unmarshal(v, &named) != nil {
			return nil, wrong
		}
		for _, name := range slices.Sorted(maps.Keys(named)) {
			headers = append(headers, Header{name, []byte(named[name])})
		}
		return headers, nil
	}
	var list []jsontext.Value
	if json.Unmarshal(v, &list, jsontext.AllowInvalidUTF8(true)) != nil {
		return nil, wrong
	}
	var flat []jsontext.Value
	for _, item := range list {
		var pair []jsontext.Value
		if item.Kind() != '[' {
			flat = append(flat, item)
		} else if json.Unmarshal(item, &pair, jsontext.AllowInvalidUTF8(true)) == nil && len(pair) == 2 {
			flat = append(flat, pair...)
		} else {
			return nil, wrong
		}
	}
	if len(flat)%2 != 0 {
		return nil, wrong
	}
	for i := 0; i < len(flat); i += 2 {
		name, err := parseValue(flat[i])
		value, wrongly := parseValue(flat[i+1])
		if err != nil || wrongly != nil {
			return nil, wrong
		}
		headers = append(headers, Header{string(name), value})
	}
	return headers, nil
}
