package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"os"

	"go.yaml.in/yaml/v3"
)

// Largest is how many bytes a document may have. What people write has some
// thousands; what is larger was not written by a person.
const Largest = 1 << 20

// Source is a text that is to be read, and what its author is told about the
// whole of it. Mistakes further in are told by whoever walks there.
type Source struct {
	File string // its name in positions; it need not exist
	Text []byte
	Noun string // what it is, as in "the policy": policy

	Empty  string // what to do about an empty one: begin with policy: and its name; "" if it may be empty
	Large  string // what to do about one that is larger than Largest: split it
	Second string // what to do about a second document in the text: one file holds one policy
}

// Read returns a Reader of the source, and the one value that its document is;
// nil if there is none, because the source is empty or is no YAML. What is wrong
// so far, anchors, aliases and tags wherever they are included, is told to the
// Reader.
func Read(s Source) (*Reader, *yaml.Node) {
	r := &Reader{file: s.File, noun: s.Noun, text: string(s.Text), spoilt: map[*yaml.Node]bool{}}
	n := r.document(&s)
	if n != nil {
		r.plain(n)
	}
	return r, n
}

// ReadFile reads a file, and of one that is too large only enough for Read to
// say so.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, Largest+1))
}

func (r *Reader) document(s *Source) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(s.Text) > Largest {
		r.Wrong(start, "the %s has more than %d bytes: %s", s.Noun, Largest, s.Large)
		return nil
	}
	if !r.legible(s.Text) {
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(s.Text))
	var first, second yaml.Node
	switch err := d.Decode(&first); {
	case err != nil && !errors.Is(err, io.EOF):
		r.syntax(s.Text, err)
		return nil
	case err == nil && !IsNull(first.Content[0]):
	case s.Empty != "":
		r.Wrong(start, "the %s is empty: %s", s.Noun, s.Empty)
		return nil
	case err != nil:
		return nil
	}
	switch err := d.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(s.Text, err)
	default:
		r.Wrong(&second, "a second document begins here: %s", s.Second)
	}
	if IsNull(first.Content[0]) {
		return nil
	}
	return first.Content[0]
}
