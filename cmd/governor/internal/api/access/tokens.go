package access

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Token is one token of a file: the hash of it, never the token.
type Token struct {
	Name   string
	Roles  []Role
	SHA256 [sha256.Size]byte
}

// mostTokens bounds a file: each request is compared with every token of it.
const mostTokens = 1000

// longestName is more than anybody calls a token.
const longestName = 128

// ReadTokens reads a file of tokens: YAML, or JSON, which is YAML.
//
//	tokens:
//	  - {name: mailer, roles: [operate], sha256: 9f86d0…}
//
// Its error is a *strictyaml.Errors with everything that is wrong, where the file
// could be read. It never repeats a hash.
func ReadTokens(file string) ([]Token, error) {
	text, err := strictyaml.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseTokens(file, text)
}

func parseTokens(file string, text []byte) ([]Token, error) {
	doc, root := strictyaml.Read(strictyaml.Source{
		File: file, Text: text, Noun: "file of tokens",
		Empty:  "write tokens: and at least one of them",
		Large:  "that is no file of tokens",
		Second: "one file holds all tokens, so join them",
	})
	r := tokenReader{Reader: doc}
	if root != nil {
		r.Mapping(strictyaml.Root(root, "tokens:"), "the file of tokens", strictyaml.Must("tokens", "[{name: mailer, roles: [operate], sha256: …}]", r.tokens))
	}
	if err := strictyaml.Failure(r.Problems(), file); err != nil {
		return nil, err
	}
	return r.all, nil
}

// tokenReader turns one document into tokens.
type tokenReader struct {
	*strictyaml.Reader
	all []Token
}

func (r *tokenReader) tokens(e strictyaml.Entry) {
	if !r.Is(e, `"tokens"`, yaml.SequenceNode) {
		return
	}
	items := r.Items(e)
	if len(items) > mostTokens {
		r.Wrong(e.Value, "%d tokens are more than %d: give programs that do the same one token, or use OpenID", len(items), mostTokens)
		return
	}
	names, hashes := map[string]int{}, map[[sha256.Size]byte]int{}
	for _, item := range items {
		t := Token{}
		if !r.Mapping(item, "a token",
			strictyaml.Must("name", "mailer", r.name(&t.Name)),
			strictyaml.Must("roles", "[operate]", r.roles(&t.Roles)),
			strictyaml.Must("sha256", "the 64 digits that sha256sum prints of the token", r.hash(&t.SHA256)),
			strictyaml.Never("token", "a token is not kept here, for whoever reads the file could use it: write its sha256"),
		) {
			continue
		}
		if line, twice := names[t.Name]; twice {
			r.Wrong(item.Value, "the name %q is there twice, first at line %d: the audit would not tell them apart", t.Name, line)
		}
		if line, twice := hashes[t.SHA256]; twice {
			r.Wrong(item.Value, "%q is the same token as that at line %d: make one of its own", t.Name, line)
		}
		names[t.Name], hashes[t.SHA256] = item.Value.Line, item.Value.Line
		r.all = append(r.all, t)
	}
}

func (r *tokenReader) name(into *string) func(strictyaml.Entry) {
	return func(e strictyaml.Entry) {
		s, ok := r.Text(e)
		switch {
		case !ok:
		case len(s) > longestName || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }):
			r.Wrong(e.Value, "%q is no name of one line and at most %d letters: write for example %s", e.Key.Value, longestName, e.Write)
		case strings.HasPrefix(s, fromProvider):
			r.Wrong(e.Value, "%q begins with %s, as those whom a provider vouches for do: call it something else", e.Key.Value, fromProvider)
		default:
			*into = s
		}
	}
}

func (r *tokenReader) roles(into *[]Role) func(strictyaml.Entry) {
	return func(e strictyaml.Entry) {
		for _, item := range r.Items(e) {
			if role, ok := strictyaml.OneOf(r.Reader, item, "role", Roles()...); ok {
				*into = append(*into, role)
			}
		}
		*into = sorted(*into)
	}
}

func (r *tokenReader) hash(into *[sha256.Size]byte) func(strictyaml.Entry) {
	return func(e strictyaml.Entry) {
		s, ok := r.Text(e)
		if !ok {
			return
		}
		b, err := hex.DecodeString(s)
		switch {
		case err != nil || len(b) != sha256.Size:
			r.Wrong(e.Value, "%q is no SHA-256, which has 64 hexadecimal digits: write what printf %%s \"$TOKEN\" | sha256sum prints", e.Key.Value)
		case [sha256.Size]byte(b) == sha256.Sum256(nil):
			r.Wrong(e.Value, "%q is the SHA-256 of nothing: was the token empty?", e.Key.Value)
		default:
			*into = [sha256.Size]byte(b)
		}
	}
}

// lookEvery is how often the file is looked at.
const lookEvery = time.Second

// Tokens are those of a file, as it is now: what is written there holds within a
// second. A file with mistakes changes nothing: they are told, and the tokens before
// stay.
type Tokens struct {
	file  string
	clock func() time.Time
	told  func(error)

	mu     sync.Mutex
	looked time.Time
	text   []byte
	gone   bool
	all    []Token
}

// OpenTokens reads the file, and goes on looking at it. What is wrong with it later is
// told, once.
func OpenTokens(file string, clock func() time.Time, told func(error)) (*Tokens, error) {
	text, err := strictyaml.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all, err := parseTokens(file, text)
	if err != nil {
		return nil, err
	}
	return &Tokens{file: file, clock: clock, told: told, looked: clock(), text: text, all: all}, nil
}

// now are the tokens as the file has them now.
func (t *Tokens) now() []Token {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	if d := now.Sub(t.looked); d >= 0 && d < lookEvery {
		return t.all
	}
	t.looked = now
	text, err := strictyaml.ReadFile(t.file)
	if err != nil {
		if !t.gone {
			t.told(err)
		}
		t.gone = true
		return t.all
	}
	t.gone = false
	if bytes.Equal(text, t.text) {
		return t.all
	}
	t.text = text
	all, err := parseTokens(t.file, text)
	if err != nil {
		t.told(err)
		return t.all
	}
	t.all = all
	return t.all
}

// whose is the principal of a token. It takes as long for one that is nobody's as for
// one that is somebody's.
func (t *Tokens) whose(token string) (Principal, bool) {
	all := t.now()
	sum := sha256.Sum256([]byte(token))
	found := -1
	for i := range all {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], all[i].SHA256[:]), i, found)
	}
	if found < 0 || len(token) < shortest {
		return Principal{}, false
	}
	return Principal{Name: all[found].Name, Roles: all[found].Roles}, true
}
