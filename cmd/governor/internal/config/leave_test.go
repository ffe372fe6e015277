package config

import (
	"reflect"
	"strings"
	"testing"
)

const linkKey = "bGVhdmVsZWF2ZWxlYXZlbGVhdmVsZWF2ZWxlYXZlbGU="

func TestLeave(t *testing.T) {
	for text, want := range map[string]Leave{
		"": {Channels: []string{"email"}},
		"leave: {base_url: '', key_file: '', channels: [email], mailto: '', hooks: []}":                       {Channels: []string{"email"}},
		"leave: {base_url: https://leave.example.org, key_file: key}":                                         {BaseURL: "https://leave.example.org", KeyFile: "etc/key", Channels: []string{"email"}},
		"leave: {key_file: key, base_url: 'http://127.0.0.1:8480/', channels: chat, mailto: a+b@example.org}": {BaseURL: "http://127.0.0.1:8480", KeyFile: "etc/key", Channels: []string{"chat"}, Mailto: "a+b@example.org"},
		"leave: {base_url: 'http://localhost:1', key_file: key, channels: [email, sms]}":                      {BaseURL: "http://localhost:1", KeyFile: "etc/key", Channels: []string{"email", "sms"}},
		"leave: {hooks: [{name: sms, secret_file: secret}]}":                                                  {Channels: []string{"email"}, Hooks: []Hook{{Name: "sms", Form: "json", SecretFile: "etc/secret", Person: "{from}"}}},
		"leave: {base_url: 'https://[::1]', key_file: key, hooks: {name: t, form: twilio, secret_file: secret, person: 'tel:{from}', channel: sms, brand: north}}": {
			BaseURL: "https://[::1]", KeyFile: "etc/key", Channels: []string{"email"},
			Hooks: []Hook{{Name: "t", Form: "twilio", SecretFile: "etc/secret", Person: "tel:{from}", Channel: "sms", Brand: "north"}},
		},
	} {
		folder(t, map[string]string{"etc/governor.yaml": text, "etc/key": "# of 2026\n" + linkKey + "\n", "etc/secret": "hush\n"})
		got, err := Load("etc/governor.yaml")
		if err != nil || !reflect.DeepEqual(got.Leave, want) {
			t.Errorf("%s: got %+v, %v", text, got.Leave, err)
		}
	}
}

// Each row is one mistake and all that its author is told of it: never what is in a file.
func TestMistakesAboutLeaving(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"leave: true\n", `1:8: leave must be a mapping, not "true": write for example {base_url: https://leave.example.org, key_file: /run/secrets/leave}`},
		{"leave: {url: x}\n", `1:9: unknown key "url" in leave: write one of base_url, key_file, channels, mailto, hooks`},

		// Where links begin.
		{"leave: {base_url: leave.example.org, key_file: key}\n", `1:19: "base_url" is no URL: write for example https://leave.example.org`},
		{"leave: {base_url: 'ftp://leave.example.org', key_file: key}\n", `1:19: "base_url" is no URL: write for example https://leave.example.org`},
		{"leave: {base_url: 'https://', key_file: key}\n", `1:19: "base_url" is no URL: write for example https://leave.example.org`},
		{"leave: {base_url: 'https://:443', key_file: key}\n", `1:19: "base_url" is no URL: write for example https://leave.example.org`},
		{"leave: {base_url: 'https://a b', key_file: key}\n", `1:19: "base_url" is no URL: write for example https://leave.example.org`},
		{"leave: {base_url: https://example.org/leave, key_file: key}\n", `1:19: "base_url" is more than where links begin: write https://example.org`},
		{"leave: {base_url: 'https://me:hush@example.org', key_file: key}\n", `1:19: "base_url" is more than where links begin: write https://example.org`},
		{"leave: {base_url: 'https://example.org?a=1', key_file: key}\n", `1:19: "base_url" is more than where links begin: write https://example.org`},
		{"leave: {base_url: 'https://example.org#', key_file: key}\n", `1:19: "base_url" is more than where links begin: write https://example.org`},
		{"leave: {base_url: 'http://example.org', key_file: key}\n", `1:19: mail programs press links under https only (RFC 8058): write https://example.org`},
		{"leave: {base_url: https://example.org}\n", `1:19: links without a key could be made by anybody: add key_file, a file that openssl rand -base64 32 makes`},
		{"leave: {base_url: https://example.org, key_file: ''}\n", `1:19: links without a key could be made by anybody: add key_file, a file that openssl rand -base64 32 makes`},

		// What they are sealed with.
		{"leave: {key_file: key}\n", `1:19: "key_file" means nothing without links: write for example base_url: https://leave.example.org beside it`},
		{"leave: {base_url: https://example.org, key_file: gone}\n", `1:50: "key_file" cannot be read: open etc/gone: no such file or directory: write the path of a file that this user may read`},
		{"leave: {base_url: https://example.org, key_file: empty}\n", `1:50: "key_file" is an empty file, etc/empty: write the key into it, or leave the key out`},
		{"leave: {base_url: https://example.org, key_file: secret}\n", `1:50: "key_file" is no key file, etc/secret: line 1 is no key: write 32 bytes in base64, as openssl rand -base64 32 prints them`},

		// The rest of a link.
		{"leave: {channels: []}\n", `1:19: "channels" is an empty list: write for example [email], or leave the key out`},
		{"leave: {channels: [email, email]}\n", `1:27: "email" is there twice, first at line 1: keep one`},
		{"leave: {channels: [[email]]}\n", `1:20: "channels" must be a single value, not a list: write for example [email]`},
		{"leave: {mailto: leave@example.org}\n", `1:17: "mailto" means nothing without links: write for example base_url: https://leave.example.org beside it`},
		{"leave: {base_url: https://example.org, key_file: key, mailto: example.org}\n", `1:63: "mailto" is no plain address of mail: write for example leave@example.org`},
		{"leave: {base_url: https://example.org, key_file: key, mailto: 'Us <leave@example.org>'}\n", `1:63: "mailto" is no plain address of mail: write for example leave@example.org`},
		{"leave: {base_url: https://example.org, key_file: key, mailto: 'mailto:leave@example.org'}\n", `1:63: "mailto" is no plain address of mail: write for example leave@example.org`},
		{"leave: {base_url: https://example.org, key_file: key, mailto: 'a&b@example.org'}\n", `1:63: "mailto" is no plain address of mail: write for example leave@example.org`},

		// Doors for replies.
		{"leave: {hooks: true}\n", `1:16: a hook must be a mapping, not "true": write for example [{name: sms, form: json, secret_file: /run/secrets/sms}]`},
		{"leave: {hooks: [{secret_file: secret}]}\n", `1:17: a hook needs the key "name": write for example name: sms`},
		{"leave: {hooks: [{name: sms}]}\n", `1:17: a hook needs the key "secret_file": write for example secret_file: /run/secrets/sms`},
		{"leave: {hooks: [{name: sms, secret_file: ''}]}\n", `1:42: anybody could answer for anybody at a hook without a secret: write for example secret_file: /run/secrets/sms`},
		{"leave: {hooks: [{name: a/b, secret_file: secret}]}\n", `1:24: "name" is the end of a path, which "a/b" cannot be: write letters, digits, hyphens and underscores, for example sms`},
		{"leave: {hooks: [{name: sms, secret_file: secret, form: xml}]}\n", `1:56: unknown form of replies "xml": write one of json, twilio`},
		{"leave: {hooks: [{name: sms, secret_file: secret, form: twilio}]}\n", `1:56: Twilio signs the address that it calls: write for example base_url: https://leave.example.org in leave`},
		{"leave: {hooks: [{name: sms, secret_file: secret, person: p1}]}\n", `1:58: "person" makes one person of everybody who answers: write where the address goes, for example 'tel:{from}'`},
		{"leave: {hooks: [{name: sms, secret_file: secret}, {name: sms, secret_file: secret}]}\n", `1:58: a hook named "sms" is there twice, first at line 1: give each a name of its own`},
		{"leave: {hooks: [{name: sms, secret_file: empty}]}\n", `1:42: "secret_file" is an empty file, etc/empty: write the secret into it, or leave the key out`},
	} {
		t.Run(strings.TrimSpace(c.text), func(t *testing.T) {
			folder(t, map[string]string{"etc/governor.yaml": c.text, "etc/key": linkKey + "\n", "etc/secret": "hush\n", "etc/empty": "\n"})
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
