package schemas

import (
	"strconv"
	"strings"
	"unicode"
)

// Header is one record header.
type Header struct {
	Key   string
	Value []byte
}

// The headers of a dead letter: the names that Kafka Connect gave them, so
// that tools know them.
const (
	ErrorTopic     = "__connect.errors.topic"
	ErrorPartition = "__connect.errors.partition"
	ErrorOffset    = "__connect.errors.offset"
	ErrorStage     = "__connect.errors.stage"
	ErrorClass     = "__connect.errors.exception.class.name"
	ErrorMessage   = "__connect.errors.exception.message"
)

// maxErrorMessage is the most characters that an error message has in a header.
const maxErrorMessage = 1024

// DeadLetterHeaders says, on a dead letter, where the record came from and
// what is wrong with it. They come after the record's own headers, which stay
// as they are.
//
// The message is for a person who can act on it. The caller sees to it that
// nobody's id, address or words are in it; those of a *Malformed never have
// any. It is cut to 1024 characters, and control characters become spaces.
func DeadLetterHeaders(topic string, partition int32, offset int64, stage, class, message string) []Header {
	return []Header{
		{ErrorTopic, []byte(topic)},
		{ErrorPartition, strconv.AppendInt(nil, int64(partition), 10)},
		{ErrorOffset, strconv.AppendInt(nil, offset, 10)},
		{ErrorStage, []byte(stage)},
		{ErrorClass, []byte(class)},
		{ErrorMessage, []byte(oneLine(message))},
	}
}

func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r // a byte that is not UTF-8 comes as U+FFFD and stays that
	}, s)
	if runes := []rune(s); len(runes) > maxErrorMessage {
		return string(runes[:maxErrorMessage])
	}
	return s
}
