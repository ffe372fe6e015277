package config

// listen reads where to listen: one host:port, or off. Everybody's address must be
// written out, so that nobody listens there who did not mean it.
func (r *reader) listen(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.Text(e)
		switch {
		case !ok:
		case s == "off":
			*into = ""
		case s[0] == ':':
			r.Wrong(e.Value, "%q does not say who may ask: write 127.0.0.1%s for this machine only, 0.0.0.0%s for everybody who reaches it, or off", s, s, s)
		case r.isAddress(e, s):
			*into = s
		}
	}
}
