package week

import (
	"slices"
	"strings"

	"github.com/contactgovernor/governor/rules"
)

// kind is one kind of contact that a rule can tell from others.
type kind struct {
	channel rules.Channel
	class   rules.Class // as it is judged
	purpose rules.Purpose
	mode    rules.Mode // of calls; "" on every other channel
}

// kindsOf are all kinds of contact under the policy.
func kindsOf(p *rules.Policy) (all []kind) {
	for _, channel := range p.Channels() {
		modes := []rules.Mode{""}
		if channel == rules.ChannelCall {
			modes = rules.Modes()
		}
		for _, class := range rules.Classes() {
			for _, purpose := range p.Purposes() {
				judged := p.Judged(&rules.Intent{Purpose: purpose})
				if judged != class {
					continue
				}
				for _, mode := range modes {
					all = append(all, kind{channel, class, purpose, mode})
				}
			}
		}
	}
	return all
}

// Kinds are kinds of contact, told as shortly as they can be: an absent list means
// all that there are.
type Kinds struct {
	Channels []rules.Channel `json:"channels"`
	Classes  []rules.Class   `json:"classes,omitempty"`
	Purposes []rules.Purpose `json:"purposes,omitempty"` // where not all of a class
	Modes    []rules.Mode    `json:"modes,omitempty"`    // where not all
}

// String is how people say it: sms and call: solicitation.
func (k Kinds) String() string {
	text := list(k.Channels)
	switch {
	case len(k.Purposes) > 0:
		text += ": " + list(k.Purposes)
	case len(k.Classes) > 0:
		text += ": " + list(k.Classes)
	}
	if len(k.Modes) > 0 {
		text += " (" + list(k.Modes) + ")"
	}
	return text
}

func list[T ~string](names []T) string {
	text := make([]string, len(names))
	for i, n := range names {
		text[i] = string(n)
	}
	return strings.Join(text, ", ")
}

// gather tells the kinds shortly, given all that there are: channels of which the
// same is true are told once, and so are classes.
func gather(some, all []kind) (out []Kinds) {
	for _, channel := range distinct(some, kind.ofChannel) {
		for _, part := range ofChannel(only(some, kind.ofChannel, channel), only(all, kind.ofChannel, channel)) {
			i := slices.IndexFunc(out, func(o Kinds) bool {
				return slices.Equal(o.Classes, part.Classes) && slices.Equal(o.Purposes, part.Purposes) && slices.Equal(o.Modes, part.Modes)
			})
			if i < 0 {
				out = append(out, part)
				i = len(out) - 1
			}
			out[i].Channels = append(out[i].Channels, channel)
		}
	}
	return out
}

// ofChannel tells the kinds of one channel: classes that are whole together, in
// some modes or in all, then purposes.
func ofChannel(some, all []kind) (out []Kinds) {
	if len(some) == len(all) {
		return []Kinds{{}}
	}
	for _, mode := range distinct(some, kind.ofMode) {
		here, there := only(some, kind.ofMode, mode), only(all, kind.ofMode, mode)
		var whole []rules.Class
		var parts []rules.Purpose
		for _, class := range distinct(here, kind.ofClass) {
			mine := only(here, kind.ofClass, class)
			if len(mine) == len(only(there, kind.ofClass, class)) {
				whole = append(whole, class)
				continue
			}
			parts = append(parts, distinct(mine, kind.ofPurpose)...)
		}
		if len(here) == len(there) {
			out = join(out, Kinds{}, mode)
			continue
		}
		for _, k := range []Kinds{{Classes: whole}, {Purposes: parts}} {
			if len(k.Classes)+len(k.Purposes) > 0 {
				out = join(out, k, mode)
			}
		}
	}
	for i := range out {
		if len(out[i].Modes) == len(distinct(all, kind.ofMode)) {
			out[i].Modes = nil
		}
	}
	return out
}

// join adds kinds of a mode, to the same kinds of other modes if they are there.
func join(out []Kinds, k Kinds, mode rules.Mode) []Kinds {
	for i := range out {
		if slices.Equal(out[i].Classes, k.Classes) && slices.Equal(out[i].Purposes, k.Purposes) {
			out[i].Modes = append(out[i].Modes, mode)
			return out
		}
	}
	k.Modes = []rules.Mode{mode}
	return append(out, k)
}

func (k kind) ofChannel() rules.Channel { return k.channel }
func (k kind) ofClass() rules.Class     { return k.class }
func (k kind) ofPurpose() rules.Purpose { return k.purpose }
func (k kind) ofMode() rules.Mode       { return k.mode }

// distinct are the values that some kinds have, each once, in their order.
func distinct[T comparable](some []kind, of func(kind) T) (out []T) {
	for _, k := range some {
		if v := of(k); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// only are those of the kinds that have the value.
func only[T comparable](some []kind, of func(kind) T, value T) (out []kind) {
	for _, k := range some {
		if of(k) == value {
			out = append(out, k)
		}
	}
	return out
}
