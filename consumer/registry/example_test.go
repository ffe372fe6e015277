package registry_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/contactgovernor/governor/consumer/registry"
)

// An engine frames its intents by a schema of the registry. At the edge of the log that
// becomes the JSON that everything behind reads; what is plain already stays as it is.
func ExampleRegistry_Turn() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"schemaType":"AVRO","schema":"{\"type\":\"record\",\"name\":\"Intent\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"}]}"}`)
	}))
	defer server.Close()
	r, err := registry.New(registry.Options{URLs: []string{server.URL}, HTTP: server.Client()})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, value := range []string{
		"\x00\x00\x00\x00\x07\x04i1", // framed: schema 7, and a text of two bytes
		`{"id":"i2"}`,
		"\x00\x00\x00\x00\x07\x7f",
	} {
		turned, err := r.Turn(context.Background(), []byte(value))
		if err != nil {
			fmt.Println("a dead letter:", err)
			continue
		}
		fmt.Printf("%s\n", turned)
	}
	// Output:
	// {"id":"i1"}
	// {"id":"i2"}
	// a dead letter: schema 7: the record is not what its Avro schema says: encode it with the schema that its id names
}
