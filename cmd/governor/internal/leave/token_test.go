package leave

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// Two keys, as openssl rand -base64 32 prints them.
const (
	oldKey = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w="
	newOne = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="
)

func keys(t testing.TB, text string) *Keys {
	t.Helper()
	k, err := ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func seal(t testing.TB, k *Keys, ticket Ticket) string {
	t.Helper()
	token, err := k.Seal(ticket)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func ann() Ticket {
	return Ticket{Person: "ann@example.org", Channel: "email", Brand: "north", Decision: "d-000102030405060708090a0b0c0d0e0f"}
}

// "Deterministic: the same approval redelivered has the same bytes" (the brief). These are the bytes: a release that made
// others would break every link that people have.
func TestTheSameTicketIsTheSameToken(t *testing.T) {
	const want = "AXbEAlum74WSOmGIVjrbozihdkqywlsNonUThN5HO3HP36FMeMO1P8TI6fk_QYIKTFYDcOEws3Sb_vPG7juC54Iy9_-nrkpjNt_m2g"
	first, again := seal(t, keys(t, oldKey), ann()), seal(t, keys(t, oldKey), ann())
	if first != again {
		t.Errorf("got %s, then %s", first, again)
	}
	if first != want {
		t.Errorf("got %s, want %s", first, want)
	}
	for _, other := range []Ticket{
		{Person: "ben", Channel: "email", Brand: "north", Decision: ann().Decision},
		{Person: ann().Person, Channel: "sms", Brand: "north", Decision: ann().Decision},
		{Person: ann().Person, Channel: "email", Decision: ann().Decision},
		{Person: ann().Person, Channel: "email", Brand: "north", Decision: "d1"},
	} {
		if seal(t, keys(t, oldKey), other) == first {
			t.Errorf("%+v has the token of another", other)
		}
	}
}

func TestThereAndBack(t *testing.T) {
	k := keys(t, oldKey)
	long := strings.Repeat("𝒳", 256)
	for _, want := range []Ticket{
		ann(),
		{Person: "p"},
		{Person: "p", Decision: "d-000102030405060708090A0B0C0D0E0F"},
		{Person: "p", Decision: "d-00"},
		{Person: "p\"\n\x00", Channel: "sms", Brand: "ü", Decision: "d-1"},
		{Person: long, Channel: long[:64*4], Brand: long[:128*4], Decision: long[:128*4]}, // the longest that the contract has
	} {
		token := seal(t, k, want)
		got, err := k.Open(token)
		if err != nil || got != want {
			t.Errorf("%+v comes back as %+v, %v", want, got, err)
		}
		if len(token) > MaxToken {
			t.Errorf("a token of %d letters", len(token))
		}
	}
	for _, none := range []Ticket{{}, {Channel: "email"}, {Person: strings.Repeat("p", MaxToken)}} {
		if token, err := k.Seal(none); !errors.Is(err, ErrTicket) {
			t.Errorf("%.40v is sealed: %s, %v", none, token, err)
		}
	}
	if _, err := (&Keys{}).Seal(ann()); !errors.Is(err, ErrTicket) {
		t.Errorf("sealed without a key: %v", err)
	}
}

// "Sealed so that it shows no raw id": neither as it is nor once it is decoded, and two links of one person are not alike.
func TestATokenShowsNobody(t *testing.T) {
	k := keys(t, oldKey)
	token := seal(t, k, ann())
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{"ann", "example", "email", "north"} {
		if bytes.Contains(raw, []byte(shown)) || strings.Contains(token, shown) {
			t.Errorf("the token shows %q", shown)
		}
	}
	other := ann()
	other.Decision = "d-ffffffffffffffffffffffffffffffff"
	next := seal(t, k, other)
	if at := headBytes * 4 / 3; token[at:at+16] == next[at:at+16] {
		t.Errorf("two approvals of one person have links that begin alike: %s, %s", token, next)
	}
}

// "It cannot be forged": with any bit another, cut off or gone on with, it is none.
func TestATokenIsWhole(t *testing.T) {
	k := keys(t, oldKey)
	token := seal(t, k, ann())
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			forged := bytes.Clone(raw)
			forged[i] ^= 1 << bit
			refused(t, k, base64.RawURLEncoding.EncodeToString(forged))
		}
	}
	for n := range len(token) {
		refused(t, k, token[:n])
	}
	refused(t, k, token+"A")
	refused(t, k, token+token)
	refused(t, k, strings.ToLower(token))
	refused(t, k, strings.Repeat("A", MaxToken+1))
	refused(t, keys(t, newOne), token)
	refused(t, &Keys{}, token)
}

func refused(t *testing.T, k *Keys, token string) {
	t.Helper()
	if got, err := k.Open(token); !errors.Is(err, ErrToken) || got != (Ticket{}) {
		t.Errorf("%.60q opens as %+v, %v", token, got, err)
	}
}

// A no is not lost to the full stop behind a link.
func TestWhatStandsBehindALinkIsNoPartOfIt(t *testing.T) {
	k := keys(t, oldKey)
	for _, behind := range []string{".", ",", ")", ">", "\"", "/", "!", " ", "=", ").\r\n"} {
		if got, err := k.Open(seal(t, k, ann()) + behind); err != nil || got != ann() {
			t.Errorf("with %q behind: %+v, %v", behind, got, err)
		}
	}
}

// "The first seals, all open": a link of before a new key goes on to open for ever.
func TestKeysAreRotated(t *testing.T) {
	before, both, after := keys(t, oldKey), keys(t, "# since May\n"+newOne+"\n\n"+oldKey+"\n"), keys(t, newOne)
	old, young := seal(t, before, ann()), seal(t, both, ann())
	for _, c := range []struct {
		k     *Keys
		token string
		opens bool
	}{
		{before, old, true}, {both, old, true}, {after, old, false},
		{before, young, false}, {both, young, true}, {after, young, true},
	} {
		if got, err := c.k.Open(c.token); (err == nil) != c.opens || c.opens && got != ann() {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

// Every mistake of a key file, and what its author is told. No text tells what is in the file.
func TestMistakesOfAKeyFile(t *testing.T) {
	const none = " is no key: write 32 bytes in base64, as openssl rand -base64 32 prints them"
	for text, want := range map[string]string{
		"":                              "there is no key in it",
		"# only talk\n\n":               "there is no key in it",
		"hunter2\n":                     "line 1" + none,
		newOne + "\n" + newOne[:20]:     "line 2" + none,
		newOne + "\n" + oldKey + "AAAA": "line 2" + none,
		newOne + " " + oldKey:           "line 1" + none,
		newOne + "\n\n" + newOne:        "line 3 has a key that is there already",
		"-----BEGIN PRIVATE KEY-----\n": "line 1" + none,
	} {
		if _, err := ParseKeys(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	url := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight("+/+/"+oldKey[4:], "="))
	if a, b := keys(t, "+/+/"+oldKey[4:]+"\r\n"), keys(t, url); seal(t, a, ann()) != seal(t, b, ann()) {
		t.Error("base64url is another key")
	}
}

// Whatever comes as a token: it opens only if it was sealed, to what was sealed, and nothing panics.
func FuzzOpen(f *testing.F) {
	k := keys(f, newOne+"\n"+oldKey)
	f.Add(seal(f, k, ann()))
	f.Add(seal(f, keys(f, oldKey), Ticket{Person: "p"}))
	f.Add("")
	f.Add("AQ")
	f.Add("../../etc/passwd")
	f.Add(strings.Repeat("_", 100))
	f.Fuzz(func(t *testing.T, token string) {
		ticket, err := k.Open(token)
		if err != nil {
			if ticket != (Ticket{}) || err != ErrToken {
				t.Fatalf("%q: %+v, %v", token, ticket, err)
			}
			return
		}
		sealed := false
		for _, text := range []string{oldKey, newOne} {
			sealed = sealed || strings.HasPrefix(token, seal(t, keys(t, text), ticket))
		}
		if !sealed {
			t.Fatalf("%q opens as %+v, which nobody sealed", token, ticket)
		}
	})
}

// Whatever a ticket says comes back; and what stands in a token that has a right seal is read without a panic.
func FuzzTicket(f *testing.F) {
	k := keys(f, oldKey)
	f.Add("ann", "email", "north", "d-000102030405060708090a0b0c0d0e0f", []byte{0})
	f.Add("", "", "", "", []byte{1, 2})
	f.Add("p", "\xff", "", "d-", []byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, person, channel, brand, decision string, plain []byte) {
		want := Ticket{Person: person, Channel: channel, Brand: brand, Decision: decision}
		if token, err := k.Seal(want); err == nil && utf8.ValidString(person) {
			if got, err := k.Open(token); err != nil || got != want {
				t.Fatalf("%+v comes back as %+v, %v", want, got, err)
			}
		}
		if got, err := unpack(plain); err == nil {
			if back, err := unpack(got.pack()); err != nil || back != got {
				t.Fatalf("%x: %+v, then %+v, %v", plain, got, back, err)
			}
		}
	})
}
