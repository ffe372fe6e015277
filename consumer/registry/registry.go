package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/twmb/franz-go/pkg/sr"
	"golang.org/x/sync/singleflight"
)

// Format is how something is encoded.
type Format string

// The formats. Plain is JSON without a frame.
const (
	Plain      Format = "plain"
	Avro       Format = "avro"
	Protobuf   Format = "protobuf"
	JSONSchema Format = "json"
)

// Formats lists them.
func Formats() []Format { return []Format{Plain, Avro, Protobuf, JSONSchema} }

// Options are what a Registry is made of.
type Options struct {
	URLs []string     // of one registry; the next is asked where one is not reached
	HTTP *http.Client // with a timeout, since a request may take as long as it says

	// Authorize says who asks, on each request. It may be nil.
	Authorize func(*http.Request) error

	Prefix   string // before the names of the topics
	Outputs  Format // of what the governor writes; "" is Plain
	Register bool   // the schemas of the outputs; otherwise they must be there
}

// Registry knows the schemas of a registry, as far as it was asked for them. Any number
// may use it at once.
type Registry struct {
	o      Options
	client *sr.Client
	known  *cache
	asking singleflight.Group
	pinned pins
}

// mostKnown bounds how many schemas are remembered.
const mostKnown = 1000

// New connects nothing yet.
func New(o Options) (*Registry, error) {
	options := []sr.ClientOpt{sr.URLs(o.URLs...), sr.HTTPClient(o.HTTP), sr.UserAgent("contact-governor")}
	if o.Authorize != nil {
		options = append(options, sr.PreReq(o.Authorize))
	}
	client, err := sr.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("schema registry: %w", err)
	}
	if o.Outputs == "" {
		o.Outputs = Plain
	}
	return &Registry{o: o, client: client, known: newCache(mostKnown)}, nil
}

// Turn makes JSON of what is framed; whatever is not, is returned as it is. The error is a
// *Malformed, or one that heals.
func (r *Registry) Turn(ctx context.Context, value []byte) ([]byte, error) {
	if !isFramed(value) {
		return value, nil
	}
	id, payload, err := unframe(value)
	if err != nil {
		return nil, err
	}
	c, err := r.codec(ctx, id)
	if err != nil {
		return nil, err
	}
	json, err := c.decode(payload)
	if bad := (*Malformed)(nil); errors.As(err, &bad) {
		return nil, malformed("schema %d: %s", id, bad.Reason)
	}
	return json, err
}

// codec is what the schema of that id says.
func (r *Registry) codec(ctx context.Context, id int) (codec, error) {
	if c, ok := r.pinned.byID(id); ok {
		return c, nil
	}
	if c, ok := r.known.get(id); ok {
		return c, nil
	}
	made, err, _ := r.asking.Do(strconv.Itoa(id), func() (any, error) { return r.ask(ctx, id) })
	if err != nil {
		return nil, err
	}
	return made.(codec), nil
}

// ask asks the registry for a schema. One that cannot be understood is remembered
// too: it stays what it is.
func (r *Registry) ask(ctx context.Context, id int) (codec, error) {
	schema, err := r.client.SchemaByID(ctx, id)
	if unknown(err) {
		return nil, malformed("there is no schema %d in the registry: register it there, or send the record to the registry's own cluster", id)
	}
	if err != nil {
		return nil, away(fmt.Sprintf("ask for schema %d", id), err)
	}
	var others references
	if err := others.gather(ctx, r.client, schema.References, 0); err != nil {
		return nil, err
	}
	c, err := compile(schema.Type, schema.Schema, others.texts)
	if err != nil {
		c = broken{malformed("it cannot be understood: %s", err)}
	}
	r.known.put(id, c)
	return c, nil
}

// reference is a schema that another one names.
type reference struct{ name, text string }

// references are those that a schema needs, each behind those that it needs itself.
type references struct {
	texts []reference
	seen  map[string]bool
}

// The bounds of what a schema may refer to.
const (
	mostReferences = 200
	mostFar        = 20
)

func (r *references) gather(ctx context.Context, client *sr.Client, list []sr.SchemaReference, far int) error {
	for _, ref := range list {
		if r.seen[ref.Name] {
			continue
		}
		if far >= mostFar || len(r.texts) >= mostReferences {
			return malformed("its schema refers to too many others")
		}
		if r.seen == nil {
			r.seen = make(map[string]bool)
		}
		r.seen[ref.Name] = true
		found, err := client.SchemaByVersion(ctx, ref.Subject, ref.Version)
		if unknown(err) {
			return malformed("its schema refers to one that is not in the registry: register that again")
		}
		if err != nil {
			return away("ask for a schema that another one refers to", err)
		}
		if err := r.gather(ctx, client, found.References, far+1); err != nil {
			return err
		}
		r.texts = append(r.texts, reference{ref.Name, found.Schema.Schema})
	}
	return nil
}
