package access

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	mailer = "mailer-0123456789abcdef0123456789"
	desk   = "desk-0123456789abcdef0123456789ab"
)

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// request is one with a token, if any.
func request(token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://localhost:8471/v1/policy", nil)
	r.RemoteAddr = "127.0.0.1:40000"
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

func TestATokenIsWhoeverTheFileSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.yaml")
	write(t, file, "tokens:\n  - {name: mailer, roles: [operate], sha256: "+hash(mailer)+"}\n"+
		"  - {name: desk, roles: [view, consent, view], sha256: "+strings.ToUpper(hash(desk))+"}\n"+
		"  - {name: short, roles: [view], sha256: "+hash("secret")+"}\n")
	_, err := OpenTokens(file, time.Now, func(error) {})
	if err == nil || !strings.Contains(err.Error(), `3:41: "view" is there twice`) {
		t.Errorf("a role that is there twice: %v", err)
	}
	write(t, file, "tokens:\n  - {name: mailer, roles: operate, sha256: "+hash(mailer)+"}\n"+
		"  - {name: desk, roles: [view, consent], sha256: "+strings.ToUpper(hash(desk))+"}\n"+
		"  - {name: short, roles: [view], sha256: "+hash("secret")+"}\n")
	tokens, err := OpenTokens(file, time.Now, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	gate := Gate{Tokens: tokens}
	for _, c := range []struct {
		header []string
		name   string
		roles  []Role
		err    error
	}{
		{[]string{"Bearer " + mailer}, "mailer", []Role{Operate}, nil},
		{[]string{"bearer " + desk}, "desk", []Role{Consent, View}, nil},
		{nil, "", nil, ErrNobody},
		{[]string{"Bearer " + mailer + "x"}, "", nil, ErrUnknown},
		{[]string{"Bearer "}, "", nil, ErrUnknown},
		{[]string{"Bearer"}, "", nil, ErrUnknown},
		{[]string{"Basic " + mailer}, "", nil, ErrUnknown},
		{[]string{mailer}, "", nil, ErrUnknown},
		{[]string{"Bearer " + mailer, "Bearer " + desk}, "", nil, ErrUnknown},
		{[]string{"Bearer " + hash(mailer)}, "", nil, ErrUnknown},
		{[]string{"Bearer secret"}, "", nil, ErrUnknown}, // it is in the file, and could be found by trying
		{[]string{"Bearer " + strings.Repeat("x", longest+1)}, "", nil, ErrUnknown},
	} {
		r := request("")
		r.Header["Authorization"] = c.header
		got, err := gate.Who(r)
		if !errors.Is(err, c.err) || got.Name != c.name || !slices.Equal(got.Roles, c.roles) {
			t.Errorf("%q: got %+v, %v", c.header, got, err)
		}
	}
}

// "Re-read on change": a token that was taken out of the file is nobody's within a second.
func TestTheFileMayChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.yaml")
	one := "tokens: [{name: mailer, roles: [operate], sha256: " + hash(mailer) + "}]"
	write(t, file, one)
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	var told []string
	tokens, err := OpenTokens(file, func() time.Time { return now }, func(err error) { told = append(told, err.Error()) })
	if err != nil {
		t.Fatal(err)
	}
	expect := func(step string, token string, in bool, tellings int) {
		t.Helper()
		if _, ok := tokens.whose(token); ok != in || len(told) != tellings {
			t.Errorf("%s: let in %v, told %q", step, ok, told)
		}
	}
	write(t, file, strings.Replace(one, hash(mailer), hash(desk), 1))
	expect("at once", mailer, true, 0)
	now = now.Add(lookEvery)
	expect("a second later", mailer, false, 0)
	expect("a second later", desk, true, 0)

	write(t, file, "tokens: [{name: mailer}]")
	now = now.Add(lookEvery)
	expect("a file with mistakes changes nothing", desk, true, 1)
	now = now.Add(lookEvery)
	expect("it is told once", desk, true, 1)
	if want := file + `:1:10: a token needs the key "roles": write for example roles: [operate]`; !strings.Contains(told[0], want) {
		t.Errorf("told %q, want %q", told[0], want)
	}

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	now = now.Add(lookEvery)
	expect("a file that is gone changes nothing", desk, true, 2)
	now = now.Add(lookEvery)
	expect("it is told once", desk, true, 2)
	write(t, file, one)
	now = now.Add(lookEvery)
	expect("it is there again", mailer, true, 2)
	now = now.Add(-time.Hour) // a clock that is set back does not keep the old for an hour
	write(t, file, strings.Replace(one, hash(mailer), hash(desk), 1))
	expect("the clock is set back", mailer, false, 2)
}

// Each row is one mistake, and what its author is told of it. No row repeats a hash.
func TestMistakesInAFileOfTokens(t *testing.T) {
	good := hash(mailer)
	for _, c := range []struct{ text, want string }{
		{"", `1:1: the file of tokens is empty: write tokens: and at least one of them`},
		{"token: []", `1:1: unknown key "token" in the file of tokens: did you mean tokens?`},
		{"tokens: {}", `1:9: "tokens" must be a list`},
		{"tokens: []", `1:9: "tokens" is an empty list: write for example [{name: mailer`},
		{"tokens: [{roles: [view], sha256: " + good + "}]", `1:10: a token needs the key "name": write for example name: mailer`},
		{"tokens: [{name: m, roles: [], sha256: " + good + "}]", `1:27: "roles" is an empty list: write for example [operate]`},
		{"tokens: [{name: m, roles: [admin], sha256: " + good + "}]", `1:28: unknown role "admin": write one of view, operate, consent`},
		{"tokens: [{name: m, roles: [veiw], sha256: " + good + "}]", `1:28: unknown role "veiw": did you mean view?`},
		{"tokens: [{name: m, roles: [view], sha256: abc}]", `1:43: "sha256" is no SHA-256, which has 64 hexadecimal digits: write what printf %s "$TOKEN" | sha256sum prints`},
		{"tokens: [{name: m, roles: [view], sha256: " + hash("") + "}]", `1:43: "sha256" is the SHA-256 of nothing: was the token empty?`},
		{"tokens: [{name: m, roles: [view], token: abc, sha256: " + good + "}]", `1:35: a token is not kept here, for whoever reads the file could use it: write its sha256`},
		{"tokens:\n- {name: m, roles: [view], sha256: " + good + "}\n- {name: m, roles: [view], sha256: " + hash(desk) + "}", `3:3: the name "m" is there twice, first at line 2: the audit would not tell them apart`},
		{"tokens:\n- {name: m, roles: [view], sha256: " + good + "}\n- {name: n, roles: [view], sha256: " + good + "}", `3:3: "n" is the same token as that at line 2: make one of its own`},
		{"tokens: [{name: 'oidc:u1', roles: [view], sha256: " + good + "}]", `1:17: "name" begins with oidc:, as those whom a provider vouches for do: call it something else`},
		{"tokens: [{name: \"a\\nb\", roles: [view], sha256: " + good + "}]", `1:17: "name" is no name of one line and at most 128 letters`},
	} {
		got, err := parseTokens("t.yaml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), "t.yaml:"+c.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", c.text, err, c.want)
		}
		if got != nil || err != nil && strings.Contains(err.Error(), good) {
			t.Errorf("%s: got %v, %v", c.text, got, err)
		}
	}
	many := "tokens:\n" + strings.Repeat("- {}\n", mostTokens+1)
	if _, err := parseTokens("t.yaml", []byte(many)); err == nil || !strings.Contains(err.Error(), "1001 tokens are more than 1000") {
		t.Errorf("too many: %v", err)
	}
	if _, err := ReadTokens("/nowhere"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := OpenTokens("/nowhere", time.Now, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// Without tokens a program on this machine may do what lifts nothing, and a page that
// somebody reads on this machine nothing at all.
func TestTheOpenGateIsForThisMachineOnly(t *testing.T) {
	gate := Gate{}
	for _, c := range []struct {
		remote, host string
		header       [2]string
		in           bool
	}{
		{"127.0.0.1:4000", "127.0.0.1:8471", [2]string{}, true},
		{"127.0.0.1:4000", "localhost", [2]string{}, true},
		{"[::1]:4000", "[::1]:8471", [2]string{}, true},
		{"[::ffff:127.0.0.1]:4000", "LocalHost:8471", [2]string{}, true},
		{"127.0.0.1:4000", "localhost", [2]string{"Sec-Fetch-Site", "none"}, true},
		{"127.0.0.1:4000", "governor.example.org", [2]string{}, false}, // a name that was made to lead here
		{"127.0.0.1:4000", "localhost.example.org", [2]string{}, false},
		{"127.0.0.1:4000", "localhost", [2]string{"Origin", "https://example.org"}, false},
		{"127.0.0.1:4000", "localhost", [2]string{"Origin", "null"}, false},
		{"127.0.0.1:4000", "localhost", [2]string{"Sec-Fetch-Site", "cross-site"}, false},
		{"127.0.0.1:4000", "localhost", [2]string{"X-Forwarded-For", "192.0.2.7"}, false}, // a proxy on this machine
		{"127.0.0.1:4000", "localhost", [2]string{"Forwarded", "for=192.0.2.7"}, false},
		{"127.0.0.1:4000", "localhost", [2]string{"Via", "1.1 proxy"}, false},
		{"192.0.2.7:4000", "localhost", [2]string{}, false},
		{"", "localhost", [2]string{}, false},
	} {
		r := request("")
		r.RemoteAddr, r.Host = c.remote, c.host
		r.Header.Set(c.header[0], c.header[1])
		got, err := gate.Who(r)
		if (err == nil) != c.in || err != nil && !errors.Is(err, ErrForeign) {
			t.Errorf("%+v: got %v", c, err)
		}
		if got.Has([]Role{Consent}) || c.in != got.Has([]Role{Operate}) || c.in && got.Named() != "operate, view" {
			t.Errorf("%+v: may %s", c, got.Named())
		}
	}
}

// "Fuzzing of tokens": no file makes the governor panic or has tokens in spite of a
// mistake, and nothing but a token of the file is let in.
func FuzzTokens(f *testing.F) {
	good := "tokens: [{name: mailer, roles: [operate], sha256: " + hash(mailer) + "}]"
	for _, text := range []string{good, "", "tokens: []", "{", "tokens: [{name: &a x, roles: *a}]", "tokens: [{name: m, roles: [view, view], sha256: " + hash("x") + "}]"} {
		for _, header := range []string{"Bearer " + mailer, "bearer  " + mailer, "Bearer " + mailer + "\x00", mailer, "Bearer ", "Bearer a.b.c", "Basic Zm9vOmJhcg=="} {
			f.Add(text, header)
		}
	}
	f.Fuzz(func(t *testing.T, text, header string) {
		all, err := parseTokens("t.yaml", []byte(text))
		if (err == nil) != (len(all) > 0) {
			t.Errorf("got %v, %v", all, err)
		}
		for i := range all {
			if all[i].Name == "" || len(all[i].Roles) == 0 || !IsRole(string(all[i].Roles[0])) {
				t.Errorf("got %+v", all[i])
			}
		}
		now := time.Now()
		file := &Tokens{clock: func() time.Time { return now }, looked: now, told: func(error) {}}
		if file.all, err = parseTokens("t.yaml", []byte(good)); err != nil {
			t.Fatal(err)
		}
		r := request("")
		r.Header["Authorization"] = []string{header}
		kind, token, _ := strings.Cut(header, " ")
		if p, err := (&Gate{Tokens: file}).Who(r); (err == nil) != (strings.EqualFold(kind, "Bearer") && token == mailer) {
			t.Errorf("%q: got %+v, %v", header, p, err)
		}
	})
}
