// Package completion is what a shell may offer while a command is typed: the names of
// built-in policies, of zones, of forms of output. It reads no file and asks nobody, so
// that a shell never waits for it.
package completion

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/contactgovernor/governor/rules/packs"
)

// zoneNames are the zones of zone.tab: one at least for each country. Others are
// understood too; these are offered.
//
//go:embed zones.txt
var zoneNames string

// Zones are the names of zones that begin with what was typed, whatever its letters'
// case.
func Zones(typed string) []string {
	var out []string
	for name := range strings.Lines(zoneNames) {
		if name = strings.TrimSpace(name); len(name) >= len(typed) && strings.EqualFold(name[:len(typed)], typed) {
			out = append(out, name)
		}
	}
	return out
}

// Policies are the names of built-in policies that may follow what was typed. Several
// are written with commas: what stands before the last comma stays, and none is
// offered twice.
func Policies(typed string) []string {
	at := strings.LastIndexByte(typed, ',') + 1
	there, begun := typed[:at], typed[at:]
	has := strings.Split(there, ",")
	var out []string
	for _, name := range packs.Names() {
		if strings.HasPrefix(name, begun) && !slices.Contains(has, name) {
			out = append(out, there+name)
		}
	}
	return out
}

// Words are the words that the help of a flag names as what may be written, like "text
// or json": of a closed list, so that help and completion cannot part.
func Words(help string, known ...string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(help, func(r rune) bool { return r == ' ' || r == ',' || r == ':' }) {
		if slices.Contains(known, word) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}
