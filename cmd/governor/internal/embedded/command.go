package embedded

import (
	"bufio"
	"errors"
	"io"
	"strconv"
)

// appendCommand writes a command in Redis' protocol: *2 $3 GET $1 a.
func appendCommand(b []byte, args []string) []byte {
	b = append(b, '*')
	b = strconv.AppendInt(b, int64(len(args)), 10)
	b = append(b, "\r\n"...)
	for _, a := range args {
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(len(a)), 10)
		b = append(b, "\r\n"...)
		b = append(b, a...)
		b = append(b, "\r\n"...)
	}
	return b
}

var errNoCommand = errors.New("this is no command of Redis: the file was changed by something else")

// mostArguments and mostBytes keep a damaged length from filling the memory.
const (
	mostArguments = 1 << 20
	mostBytes     = 512 << 20
)

// readCommand reads what appendCommand wrote, and says how many bytes it was.
// The error is io.EOF before a command, io.ErrUnexpectedEOF within one.
func readCommand(in *bufio.Reader) (args []string, size int, err error) {
	count, size, err := readLength(in, '*', mostArguments)
	if err != nil {
		return nil, 0, err
	}
	for range count {
		length, n, err := readLength(in, '$', mostBytes)
		if err != nil {
			return nil, 0, within(err)
		}
		b := make([]byte, length+2)
		if _, err := io.ReadFull(in, b); err != nil {
			return nil, 0, within(err)
		}
		if string(b[length:]) != "\r\n" {
			return nil, 0, errNoCommand
		}
		args = append(args, string(b[:length]))
		size += n + len(b)
	}
	if count == 0 {
		return nil, 0, errNoCommand
	}
	return args, size, nil
}

// readLength reads a line such as $12.
func readLength(in *bufio.Reader, sign byte, most int) (length, size int, err error) {
	line, err := in.ReadString('\n')
	if err != nil {
		if len(line) > 0 {
			err = within(err)
		}
		return 0, 0, err
	}
	if len(line) < 4 || line[0] != sign || line[len(line)-2] != '\r' {
		return 0, 0, errNoCommand
	}
	length, err = strconv.Atoi(line[1 : len(line)-2])
	if err != nil || length < 0 || length > most {
		return 0, 0, errNoCommand
	}
	return length, len(line), nil
}

func within(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
