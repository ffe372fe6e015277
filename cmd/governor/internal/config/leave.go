package config

import (
	"net"
	"net/mail"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Leave says how people get out: by the links that approvals carry, and by what they
// answer.
type Leave struct {
	BaseURL  string   // https://host, before the path of every link; empty: there are no links
	KeyFile  string   // what links are sealed with; only together with BaseURL
	Channels []string // whose approvals carry a link
	Mailto   string   // an address that hears a no as well; empty: none
	Hooks    []Hook   // where providers pass on replies
}

// Hook is one door for replies.
type Hook struct {
	Name       string // the end of its path
	Form       string // HookJSON, HookTwilio
	SecretFile string // read for each reply; every line is a secret
	Person     string // a person's id, made of the address that a reply is from
	Channel    string // of replies that name none
	Brand      string // likewise
}

// The forms of replies.
const (
	HookJSON   = string(leave.JSON)
	HookTwilio = string(leave.Twilio)
)

func (r *reader) leave(e entry) {
	l := &r.config.Leave
	there := keys{}
	whole := r.Mapping(e, "leave", there.noted(
		strictyaml.May("base_url", "https://leave.example.org", r.origin(&l.BaseURL)),
		strictyaml.May("key_file", "/run/secrets/leave", r.linkKeys(&l.KeyFile)),
		strictyaml.May("channels", "[email]", r.channels(&l.Channels)),
		strictyaml.May("mailto", "leave@example.org", r.mailAddress(&l.Mailto)),
		strictyaml.May("hooks", "[{name: sms, form: json, secret_file: /run/secrets/sms}]", r.hooks),
	)...)
	switch {
	case !whole:
	case l.BaseURL == "":
		r.idle(there, "without links: write for example base_url: https://leave.example.org beside it", "key_file", "mailto")
		if at, ok := twilioIn(there); ok {
			r.Wrong(at, "Twilio signs the address that it calls: write for example base_url: https://leave.example.org in leave")
		}
	case l.KeyFile == "":
		r.Wrong(there["base_url"].Value, "links without a key could be made by anybody: add key_file, a file that openssl rand -base64 32 makes")
	}
}

// twilioIn is where a hook of Twilio's stands, if one does.
func twilioIn(there keys) (*yaml.Node, bool) {
	if !there.has("hooks") {
		return nil, false
	}
	for _, hook := range there["hooks"].Value.Content {
		for i := 0; i+1 < len(hook.Content); i += 2 {
			if hook.Content[i].Value == "form" && hook.Content[i+1].Value == HookTwilio {
				return hook.Content[i+1], true
			}
		}
	}
	return nil, false
}

// origin reads where people reach the doors: no path, for there each has its own.
func (r *reader) origin(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.MaybeText(e)
		if !ok || s == "" {
			return
		}
		u, err := url.Parse(strings.TrimSuffix(s, "/"))
		switch {
		case err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
			r.Wrong(e.Value, "%q is no URL: write for example %s", e.Key.Value, e.Write)
		case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.HasSuffix(s, "#") || strings.HasSuffix(s, "?"):
			r.Wrong(e.Value, "%q is more than where links begin: write %s://%s", e.Key.Value, u.Scheme, u.Host)
		case u.Scheme == "http" && !onThisMachine(u.Hostname()):
			r.Wrong(e.Value, "mail programs press links under https only (RFC 8058): write https://%s", u.Host)
		default:
			*into = u.Scheme + "://" + u.Host
		}
	}
}

// onThisMachine tells whether a host is this machine to itself, where one may try.
func onThisMachine(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

// linkKeys reads the path of a key file.
func (r *reader) linkKeys(into *string) func(entry) {
	return r.fileWith(into, "key", func(e entry, path string, text []byte) bool {
		if _, err := leave.ParseKeys(string(text)); err != nil {
			r.Wrong(e.Value, "%q is no key file, %s: %s", e.Key.Value, path, err)
			return false
		}
		return true
	})
}

// channels reads names of channels. Which there are is the policy's matter.
func (r *reader) channels(into *[]string) func(entry) {
	return func(e entry) {
		var all []string
		for _, item := range r.Items(e) {
			if s, ok := r.Text(item); ok {
				all = append(all, s)
			}
		}
		*into = all
	}
}

// mailAddress reads an address that can stand in a URL as it is.
func (r *reader) mailAddress(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.MaybeText(e)
		if !ok || s == "" {
			return
		}
		address, err := mail.ParseAddress(s)
		odd := strings.ContainsFunc(s, func(c rune) bool {
			return (c|0x20 < 'a' || c|0x20 > 'z') && !strings.ContainsRune("0123456789.-_+@", c)
		})
		if err != nil || address.Address != s || odd {
			r.Wrong(e.Value, "%q is no plain address of mail: write for example %s", e.Key.Value, e.Write)
			return
		}
		*into = s
	}
}

// hooks reads the doors for replies; there may be none.
func (r *reader) hooks(e entry) {
	if e.Value.Kind == yaml.SequenceNode && len(e.Value.Content) == 0 {
		return
	}
	names := make(map[string]int)
	for _, item := range r.Items(e) {
		h := Hook{Form: HookJSON, Person: leave.FromPlace}
		there := keys{}
		r.Mapping(item, "a hook", there.noted(
			strictyaml.Must("name", "sms", r.pathEnd(&h.Name)),
			strictyaml.May("form", HookJSON, r.word(&h.Form, "form of replies", HookJSON, HookTwilio)),
			strictyaml.Must("secret_file", "/run/secrets/sms", r.secretFile(&h.SecretFile, "secret")),
			strictyaml.May("person", "'tel:{from}'", r.personOf(&h.Person)),
			strictyaml.May("channel", "sms", r.maybeText(&h.Channel)),
			strictyaml.May("brand", "north", r.maybeText(&h.Brand)),
		)...)
		if first, twice := names[h.Name]; twice && h.Name != "" {
			r.Wrong(there["name"].Value, "a hook named %q is there twice, first at line %d: give each a name of its own", h.Name, first)
		}
		if at, ok := there["secret_file"]; ok && at.Value.Kind == yaml.ScalarNode && at.Value.Value == "" {
			r.Wrong(at.Value, "anybody could answer for anybody at a hook without a secret: write for example secret_file: /run/secrets/sms")
		}
		names[h.Name] = item.Value.Line
		r.config.Leave.Hooks = append(r.config.Leave.Hooks, h)
	}
}

// pathEnd reads what stands at the end of a path as it is.
func (r *reader) pathEnd(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.Text(e)
		odd := strings.ContainsFunc(s, func(c rune) bool {
			return (c|0x20 < 'a' || c|0x20 > 'z') && !strings.ContainsRune("0123456789-_", c)
		})
		switch {
		case !ok:
		case odd || len(s) > longestName:
			r.Wrong(e.Value, "%q is the end of a path, which %q cannot be: write letters, digits, hyphens and underscores, for example %s", e.Key.Value, s, e.Write)
		default:
			*into = s
		}
	}
}

// personOf reads how a person's id is made of an address.
func (r *reader) personOf(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.Text(e)
		switch {
		case !ok:
		case !strings.Contains(s, leave.FromPlace):
			r.Wrong(e.Value, "%q makes one person of everybody who answers: write where the address goes, for example %s", e.Key.Value, e.Write)
		default:
			*into = s
		}
	}
}
