package sealed

import (
	"bytes"
	"fmt"

	"github.com/contactgovernor/governor/state"
)

// What is kept as the last batch's output says first how the memory around it was
// written. It moves in the same step as all the rest, whoever acquires is given it,
// and it is there even when nothing was put out.
//
//	magic (4) | 'h', everybody is hidden, or 'e', the erased are | how many keys there were (1) | their fingerprints (8 each) | the output
//
// An output that does not begin so was written with nothing hidden.
const (
	magic      = "\xffgs\x01" // no output begins with 0xff: it would be one of version 255
	allHidden  = 'h'
	tombHidden = 'e'
)

// mismatch is what is wrong with a memory for whoever opens it. Among other things
// it is a state.ErrSpoilt.
type mismatch string

// Error says what to do.
func (m mismatch) Error() string { return string(m) }

// Is makes it a state.ErrSpoilt.
func (m mismatch) Is(target error) bool { return target == state.ErrSpoilt }

// The ways in which a memory does not fit. Nothing is decided until it does.
const (
	// ErrKeyMissing says that somebody is kept under a key that is not given.
	ErrKeyMissing = mismatch("people are kept under a key that is not in identity.key_file: put it back there, behind the others. " +
		"Without it nobody can tell who of them said no. Only if no person was ever erased under it, governor rebuild makes the memory anew without it")

	// ErrPlain says that people are kept as they are, and should be hidden.
	ErrPlain = mismatch("the memory was written without identity: {mode: hashed}, and people stand there as they are: " +
		"stop all governors and run governor rebuild with this configuration, which makes it anew with hashes and removes what is there")

	// ErrHashed says that people are hidden, and should not be.
	ErrHashed = mismatch("the memory was written with identity: {mode: hashed}: go back to that and its key_file, " +
		"or stop all governors and run governor rebuild with this configuration, which makes it anew with people as they are")
)

// pack is the output as it is kept.
func (s *Store) pack(partition int32, outbox []byte) ([]byte, error) {
	if s.o.Keys == nil {
		return outbox, nil
	}
	how := byte(tombHidden)
	if s.o.Hashed {
		how = allHidden
		var err error
		if outbox, err = s.o.Keys.all[0].seal(place{part: "outbox", partition: partition}, outbox); err != nil {
			return nil, err
		}
	}
	prints := s.o.Keys.prints()
	out := append([]byte(magic), how, byte(len(prints)))
	for _, print := range prints {
		out = append(out, print...)
	}
	return append(out, outbox...), nil
}

// unpack is what pack was given, if the memory is one for this store.
func (s *Store) unpack(partition int32, kept []byte) ([]byte, error) {
	outbox, err := s.fitting(partition, kept)
	if err != nil {
		return nil, fmt.Errorf("partition %d: %w", partition, err)
	}
	return outbox, nil
}

func (s *Store) fitting(partition int32, kept []byte) ([]byte, error) {
	rest, ours := bytes.CutPrefix(kept, []byte(magic))
	switch {
	case !ours && s.o.Hashed:
		return nil, ErrPlain // an output that was lost is taken for that too
	case !ours:
		return kept, nil
	case len(rest) < 2 || len(rest) < 2+int(rest[1])*printSize:
		return nil, state.ErrSpoilt
	}
	how, prints, outbox := rest[0], rest[2:2+int(rest[1])*printSize], rest[2+int(rest[1])*printSize:]
	switch {
	case how == allHidden && !s.o.Hashed:
		return nil, ErrHashed
	case how == tombHidden && s.o.Hashed:
		return nil, ErrPlain
	case how != allHidden && how != tombHidden:
		return nil, state.ErrSpoilt
	}
	for len(prints) > 0 {
		if s.o.Keys.find(prints[:printSize]) == nil {
			return nil, ErrKeyMissing
		}
		prints = prints[printSize:]
	}
	if how == allHidden {
		return s.o.Keys.open(place{part: "outbox", partition: partition}, outbox)
	}
	return outbox, nil
}
