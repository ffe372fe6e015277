package schemas_test

import (
	"fmt"

	"github.com/contactgovernor/governor/schemas"
)

// What is accepted is exactly what it says; whatever is not is refused, with what to do about
// it, and without what stood there.
func ExampleDecodeIntent() {
	in, _, err := schemas.DecodeIntent([]byte(`{"id":"i1","person":"ada","channel":"email","purpose":"offer","campaign":"spring","at":"2026-05-04T12:00:00+02:00"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", in.AppendJSON(nil))

	_, _, err = schemas.DecodeIntent([]byte(`{"id":"i2","person":"ada","channel":"email","channel":"sms","at":"yesterday"}`))
	fmt.Println(err)
	// Output:
	// {"id":"i1","person":"ada","channel":"email","purpose":"offer","campaign":"spring","at":"2026-05-04T10:00:00.000Z"}
	// channel: appears twice; name a field once
}
