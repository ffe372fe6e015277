package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// readAudit notes what the audit calls people. All else that it says is the doors'
// own.
func (c *checker) readAudit(ctx context.Context, log Log) error {
	for _, number := range log.Partitions() {
		_, err := log.Read(ctx, Audit, number, func(r *Record) error {
			c.summary.Records[Audit]++
			var m struct {
				Person string `json:"person"`
			}
			_ = decode(r.Value, &m) // what cannot be read names nobody there
			for _, name := range []string{string(r.Key), m.Person} {
				if _, known := c.audited[name]; !known && name != "" {
					c.audited[name] = r.Place
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return fmt.Errorf("read %s, partition %d: %w", Audit, number, err)
		}
	}
	return nil
}

// checkAudit: the audit names nobody. Whether what it has instead can be turned back
// is not seen from here.
func (p *part) checkAudit() {
	if len(p.audited) == 0 {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(p.people)) {
		p.looked(NamedPerson)
		if at, named := p.audited[id]; named {
			p.breach(NamedPerson, &entry{Place: at}, nil, "its key or its person is the id of somebody")
			delete(p.audited, id) // once is enough
		}
	}
}
