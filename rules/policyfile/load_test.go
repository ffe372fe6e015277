package policyfile

import "testing"

func TestHouse(t *testing.T) {
	p, err := Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %s %v %v", p.Name(), p.Hash(), p.Purposes(), p.Channels())
}
