package why

import "github.com/contactgovernor/governor/schemas"

// everySignal has one of each type, with all that could name somebody.
func everySignal() (all []schemas.Signal) {
	for _, t := range schemas.SignalTypes() {
		for _, actor := range schemas.Actors() {
			all = append(all, schemas.Signal{
				Type: t, Person: "canary", Address: "canary@example.org", Text: "canary", Evidence: "canary", Value: "canary", Into: "canary", Worker: "canary",
				Channel: "email", Kind: schemas.KindClick, Actor: actor, Result: schemas.ResultDelivered, Status: schemas.StatusAssigned,
			})
		}
	}
	return all
}
