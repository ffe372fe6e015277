package config

import (
	"reflect"
	"strings"
	"testing"
)

const identityKey = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="

func TestIdentity(t *testing.T) {
	for text, want := range map[string]Identity{
		"": {Mode: "plain"},
		"identity: {mode: plain, key_file: \"\"}": {Mode: "plain"},
		"identity: {key_file: key}":               {Mode: "plain", KeyFile: "etc/key"},
		"identity: {mode: hashed, key_file: key}": {Mode: "hashed", KeyFile: "etc/key"},
		"identity: {key_file: two, mode: hashed}": {Mode: "hashed", KeyFile: "etc/two"},
	} {
		folder(t, map[string]string{
			"etc/governor.yaml": text, "etc/key": identityKey + "\n", "etc/two": "# of 2026\n" + identityKey + "\n" + strings.ToUpper(identityKey) + "\n",
		})
		got, err := Load("etc/governor.yaml")
		if err != nil || got.Identity != want {
			t.Errorf("%s: got %+v, %v", text, got.Identity, err)
		}
	}
}

// Each row is one mistake and all that its author is told of it: never what is in the
// file.
func TestMistakesAboutIdentity(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"identity: hashed\n", `1:11: identity must be a mapping, not "hashed": write for example {mode: hashed, key_file: /run/secrets/governor-identity}`},
		{"identity: {salt: x}\n", `1:12: unknown key "salt" in identity: write one of mode, key_file`},
		{"identity: {mode: hashd}\n", `1:18: unknown identity mode "hashd": did you mean hashed?`},
		{"identity: {mode: sealed}\n", `1:18: unknown identity mode "sealed": write one of plain, hashed`},
		{"identity: {mode: hashed}\n", `1:18: hashes without a key can be guessed one by one: add key_file, a file that openssl rand -base64 32 makes`},
		{"identity: {mode: hashed, key_file: ''}\n", `1:18: hashes without a key can be guessed one by one: add key_file, a file that openssl rand -base64 32 makes`},
		{"identity: {mode: hashed, key_file: gone}\n", `1:36: "key_file" cannot be read: open etc/gone: no such file or directory: write the path of a file that this user may read`},
		{"identity: {mode: hashed, key_file: empty}\n", `1:36: "key_file" is an empty file, etc/empty: write the key into it, or leave the key out`},
		{"identity: {key_file: comment}\n", `1:22: "key_file" is no key file, etc/comment: there is no key in it: write one on a line, as openssl rand -base64 32 makes it`},
		{"identity: {key_file: word}\n", `1:22: "key_file" is no key file, etc/word: line 1 is no key: write one in base64 or hexadecimal, as openssl rand -base64 32 makes it`},
		{"identity: {key_file: short}\n", `1:22: "key_file" is no key file, etc/short: line 1 is a key of 6 bytes, which can be guessed: write 32 at least, as openssl rand -base64 32 makes them`},
		{"identity: {key_file: twice}\n", `1:22: "key_file" is no key file, etc/twice: line 2 is a key that is there already: keep one`},
	} {
		t.Run(strings.TrimSpace(c.text), func(t *testing.T) {
			folder(t, map[string]string{
				"etc/governor.yaml": c.text, "etc/empty": "\n", "etc/comment": "# none yet\n", "etc/word": "hush, hush\n",
				"etc/short": "c2VjcmV0\n", "etc/twice": identityKey + "\n" + identityKey + "\n",
			})
			got, err := Load("etc/governor.yaml")
			if want := "etc/governor.yaml:" + c.want; err == nil || err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
			if !reflect.DeepEqual(got, Config{}) {
				t.Errorf("a configuration with a mistake came out: %+v", got)
			}
		})
	}
}
