package sealed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// A key is 32 bytes at least, however it is written.
func TestKeyFiles(t *testing.T) {
	want := keys(t, 1).all[0]
	for _, text := range []string{
		line(1), line(1) + "\n", "# ours\n\n  " + line(1) + "\r\n", strings.TrimRight(line(1), "="),
		fmt.Sprintf("%x", strings.Repeat("secret 1 ", 4)), fmt.Sprintf("%X\n", strings.Repeat("secret 1 ", 4)),
	} {
		k, err := ParseKeys([]byte(text))
		if err != nil || len(k.all) != 1 || k.all[0].print != want.print {
			t.Errorf("%q: %v, %v", text, k, err)
		}
	}
	if k := keys(t, 2, 1); len(k.all) != 2 || k.all[1].print != want.print {
		t.Errorf("two lines are %v", k)
	}
}

// Its errors name lines, and never what stands there.
func TestKeyFilesThatAreWrong(t *testing.T) {
	many := ""
	for n := range 17 {
		many += line(n) + "\n"
	}
	for _, c := range []struct{ text, want string }{
		{"", "there is no key in it: write one on a line, as openssl rand -base64 32 makes it"},
		{"# secret\n", "there is no key in it: write one on a line, as openssl rand -base64 32 makes it"},
		{"\nsecret!\n", "line 2 is no key: write one in base64 or hexadecimal, as openssl rand -base64 32 makes it"},
		{"c2VjcmV0\n", "line 1 is a key of 6 bytes, which can be guessed: write 32 at least, as openssl rand -base64 32 makes them"},
		{line(1) + "\n" + line(1), "line 2 is a key that is there already: keep one"},
		{many, "there are 17 keys in it: 16 at most, for everybody is looked for under each"},
	} {
		if _, err := ParseKeys([]byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%q:\n%v\nwant\n%s", c.text, err, c.want)
		}
	}
}

// A key that is logged by mistake is not told.
func TestKeysAreNotTold(t *testing.T) {
	k := keys(t, 1)
	if got := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); got != "1 keys 1 keys 1 keys 1 keys" {
		t.Errorf("it says %s", got)
	}
	if got := fmt.Sprintf("%+v", Options{Hashed: true, Keys: k}); strings.Contains(got, "secret") || !strings.Contains(got, "1 keys") {
		t.Errorf("it says %s", got)
	}
}

// Which hash somebody has must never change: it would be another person, who said
// nothing. These were made by openssl, as README.md has it.
func TestNamesAreForEver(t *testing.T) {
	k := &keys(t, 1).all[0]
	for _, c := range []struct{ got, want rules.PersonID }{
		{k.living("ada"), "Tw3gWNM1Hmc6T2Tm4Btb_0hT0gRGghBYVOcS-WnC_WA"},
		{k.living("\x1fada@example.org"), "\x1fLPtLqY1CwnHahMpX-kmi-Zb4kzAgcFxdKsciW4WJkdI"},
		{k.tombstone("ada"), "\x1eIxis27sQQAA.sIPqs1mSjLfpZFVhQDYGTJqy762I9_oDmIw43tVOsBc"},
	} {
		if c.got != c.want {
			t.Errorf("it is %q, and was %q", c.got, c.want)
		}
	}
}
