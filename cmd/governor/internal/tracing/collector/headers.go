package collector

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// ParseHeaders reads a header a line, as in HTTP: Name: value. Empty lines, and those that
// begin with #, say nothing. An error names a line and never what is in it.
func ParseHeaders(text string) (http.Header, error) {
	headers, number := make(http.Header), 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case !found, !httpguts.ValidHeaderFieldName(name), !httpguts.ValidHeaderFieldValue(value), value == "":
			return nil, fmt.Errorf("line %d is no header: write Name: value, as in Authorization: Bearer …", number)
		case !mayBeSet(name):
			return nil, fmt.Errorf("line %d is a header that is set by itself: leave it out", number)
		}
		headers.Add(name, value)
	}
	if len(headers) == 0 {
		return nil, fmt.Errorf("there is no header in it: write Name: value, as in Authorization: Bearer …")
	}
	return headers, nil
}

// mayBeSet says whether the header is not one that the request has anyway.
func mayBeSet(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection":
		return false
	}
	return true
}

// readHeaders reads a file of headers; no file has none.
func readHeaders(file string) (http.Header, error) {
	if file == "" {
		return make(http.Header), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("tracing.headers_file: %w", err)
	}
	headers, err := ParseHeaders(string(text))
	if err != nil {
		return nil, fmt.Errorf("tracing.headers_file: %s: %w", file, err)
	}
	return headers, nil
}
