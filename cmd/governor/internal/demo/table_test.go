package demo

import (
	"os"
	"strings"
	"testing"
)

func TestTheTable(t *testing.T) {
	rows, err := readTable(bankCalls)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"people", rows.people(), 41188},
		{"calls", rows.calls(rows.most()), 105754},
		{"yes", rows.yes(rows.most()), 4640},
		{"yes within three calls", rows.yes(3), 4085},
		{"calls within three", rows.calls(3), 77710},
		{"people with a second call", rows.reached(2), 23546},
		{"people with a fourth call", rows.reached(4), 7635},
		{"the most calls", rows.most(), 56},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
	if share := 100 * float64(rows.yes(3)) / float64(rows.yes(rows.most())); share < 88.0 || share >= 88.1 {
		t.Errorf("%.2f %% of all yes came within three calls, want 88.0", share)
	}
}

func TestTheTableIsTheSharedOne(t *testing.T) {
	shared, err := os.ReadFile("../../../../../shared/data/bank-calls.csv")
	if err != nil {
		t.Skip("not beside the project:", err)
	}
	if string(shared) != bankCalls {
		t.Error("the copies differ")
	}
}

func TestTableThatCannotBe(t *testing.T) {
	for _, text := range []string{
		"", "calls,persons\n1,2\n", "calls,persons,subscribed\n", "calls,persons,subscribed\n1,2\n", "calls,persons,subscribed\n1,x,0\n",
		"calls,persons,subscribed\n0,1,0\n", "calls,persons,subscribed\n1,0,0\n", "calls,persons,subscribed\n1,1,2\n",
		"calls,persons,subscribed\n2,1,0\n1,1,0\n",
	} {
		if rows, err := readTable(text); err == nil {
			t.Errorf("%q was read as %v", text, rows)
		} else if !strings.HasPrefix(err.Error(), "the table of calls") {
			t.Errorf("%q: the error does not say what is wrong: %v", text, err)
		}
	}
}
