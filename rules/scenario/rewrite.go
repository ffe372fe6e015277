package scenario

import (
	"cmp"
	"slices"
	"strings"
)

// edit is what an expectation is to say instead.
type edit struct {
	start, end int
	lines      []string
}

// Rewrite is the text of the file in which every expectation that did not come says
// what came, and how many those are. Nothing else is changed, comments and layout
// included; what came as expected stays as it is written, however loosely.
//
// What came is not thereby right. Only keep what you understand.
func (f *File) Rewrite(reports []*Report) (text []byte, changed int) {
	var edits []edit
	for _, r := range reports {
		edits = append(edits, r.edits...)
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var b strings.Builder
	from := 0
	for _, e := range edits {
		b.WriteString(f.text[from:e.start])
		rest := f.text[e.end:]
		b.WriteString(e.lines[0])
		from = e.end
		if len(e.lines) > 1 { // the others stand below, behind the comment of the first
			line, _, _ := strings.Cut(rest, "\n")
			b.WriteString(line)
			from += len(line)
			for _, more := range e.lines[1:] {
				b.WriteString("\n" + indentOf(f.text[:e.start]) + "=> " + more)
			}
		}
	}
	b.WriteString(f.text[from:])
	return []byte(b.String()), len(edits)
}

// indentOf is as many spaces as stand, or would stand, before the last => of a text.
func indentOf(before string) string {
	line := before[strings.LastIndexByte(before, '\n')+1:]
	line = line[:strings.LastIndex(line, "=>")]
	if strings.TrimSpace(line) != "" {
		return "    "
	}
	return line
}

// edit is what the expectation is to say.
func (v *view) edit(l *line, e *expectation, cases []instance) edit {
	out := edit{start: e.start, end: e.end}
	var groups []group
	for _, c := range cases {
		says := v.seen(e, c)
		if n := len(groups); n > 0 && groups[n-1].says == says {
			groups[n-1].names = append(groups[n-1].names, c.name)
			continue
		}
		groups = append(groups, group{names: []string{c.name}, says: says})
	}
	for _, g := range groups {
		if len(e.about) > 0 || len(groups) > 1 {
			name := together(g.names)
			if e.of != "" {
				name += " of " + e.of
			}
			g.says = name + " " + g.says
		}
		out.lines = append(out.lines, strings.Split(g.says, lineBreak)...)
	}
	return out
}

// together are names in few words: those that count on as one.
func together(names []string) string {
	var out []string
	for i := 0; i < len(names); {
		n := i + 1
		for n < len(names) && follows(names[n-1], names[n]) {
			n++
		}
		if n-i < 3 {
			n = i + 1
			out = append(out, names[i])
		} else {
			out = append(out, names[i]+".."+names[n-1])
		}
		i = n
	}
	return strings.Join(out, " and ")
}

// follows says whether the second name counts on from the first.
func follows(a, b string) bool {
	sp, ok := spanOf(a + ".." + b)
	return ok && sp.len() == 2
}
