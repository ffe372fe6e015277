package app

import (
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/rules"
)

// Desk follows what all governors of the cluster decide, while it runs. It connects nothing
// before.
func (a *App) Desk() *desk.Desk {
	return desk.New(desk.Options{
		Kafka: Kafka(&a.o.Config.Kafka), Prefix: a.o.Config.Kafka.Topics.Prefix, Through: a.framing.Reader, Class: a.class, Silence: func() time.Duration { return a.InForce().Silent() },
		Clock: a.o.Clock, Log: a.o.Log.Named("desk"),
	})
}

// class is what a purpose is under the policy in force.
func (a *App) class(purpose rules.Purpose) (rules.Class, bool) { return a.InForce().Class(purpose) }
