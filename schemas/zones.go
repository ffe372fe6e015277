package schemas

// zones reads IANA zone names. Only their form is checked, for whether a zone
// exists depends on the release of the zone database that the rules use.
func (o *object) zones() []string {
	list := o.strs(fZones, maxZones, maxZoneName, line)
	for i, z := range list {
		if z != "" && !zoneName(z) {
			o.fail(entry("zones", i), "is not an IANA zone name; write one like Europe/Berlin")
		}
	}
	return list
}

// zoneName reports whether s has the form of an IANA zone name: parts of
// letters, digits, '_', '-' and '+', beginning with a letter, between single
// slashes. ("Local" has the form too; the rules refuse it.)
func zoneName(s string) bool {
	first := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		switch {
		case letter:
			first = false
		case first:
			return false
		case c == '/':
			first = true
		case c == '_' || c == '-' || c == '+' || c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return !first
}
