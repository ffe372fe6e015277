package registry

import (
	"container/list"
	"sync"
)

// cache remembers what schemas say, by id, the latest used so many. An id means the
// same for ever, so nothing in it grows old.
type cache struct {
	mu    sync.Mutex
	most  int
	byID  map[int]*list.Element
	order list.List // of *cached, the latest used first
}

type cached struct {
	id    int
	codec codec
}

func newCache(most int) *cache { return &cache{most: most, byID: make(map[int]*list.Element)} }

func (c *cache) get(id int) (codec, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byID[id]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).codec, true
}

func (c *cache) put(id int, codec codec) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byID[id]; ok {
		e.Value.(*cached).codec = codec
		return
	}
	c.byID[id] = c.order.PushFront(&cached{id, codec})
	for len(c.byID) > c.most {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byID, last.Value.(*cached).id)
	}
}
