package desk

// ring is a list that loses its oldest when it is full.
type ring[T any] struct {
	most int
	list []T
	next int // where the next goes, once it is full
}

// push appends, and returns what was lost for it.
func (r *ring[T]) push(v T) (lost T, full bool) {
	if len(r.list) < r.most {
		r.list = append(r.list, v)
		return lost, false
	}
	lost, r.list[r.next] = r.list[r.next], v
	r.next = (r.next + 1) % r.most
	return lost, true
}

// each visits all, in no order.
func (r *ring[T]) each(visit func(*T)) {
	for i := range r.list {
		visit(&r.list[i])
	}
}
