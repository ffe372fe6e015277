package strictyaml

import "strings"

// Suggest is what to write instead of a word that is not known: the nearest
// known one if it is near, else all of them.
func Suggest(word string, known []string) string {
	best, distance := "", 1+max(1, len(word)/3)
	for _, k := range known {
		d := edits(strings.ToLower(word), k)
		if strings.HasPrefix(strings.ToLower(word), k) {
			d = 0 // monday is mon
		}
		if d < distance {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return "did you mean " + best + "?"
	case len(known) == 1:
		return "write " + known[0]
	}
	return "write one of " + strings.Join(known, ", ")
}

// edits is how many letters must be put in, taken out, changed or exchanged
// with their neighbour to make one word of the other (the optimal string
// alignment distance). Long words are not compared: nobody mistyped them.
func edits(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
