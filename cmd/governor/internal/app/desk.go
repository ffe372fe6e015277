package app

import (
	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
)

// Desk follows what all governors of the cluster decide, while it runs. It connects nothing
// before.
func (a *App) Desk() *desk.Desk {
	return desk.New(desk.Options{
		Kafka: Kafka(&a.o.Config.Kafka), Prefix: a.o.Config.Kafka.Topics.Prefix, Clock: a.o.Clock, Log: a.o.Log.Named("desk"),
	})
}
