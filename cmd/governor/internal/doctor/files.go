package doctor

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
)

// soon is how long before its end a certificate should be looked at.
const soon = 30 * 24 * time.Hour

// file is one that the configuration names, under the key that names it.
type file struct{ key, path string }

// examineFiles looks at every file of keys, secrets and certificates. What is in a
// secret was read with the configuration; here only who else may read it.
func examineFiles(c *config.Config, now time.Time) (n notes) {
	for _, f := range files(reflect.ValueOf(*c), "") {
		if strings.HasSuffix(f.key, "ca_file") || strings.HasSuffix(f.key, "cert_file") {
			certificates(&n, f, now)
			continue
		}
		secret(&n, f)
	}
	return n
}

// files are the fields of the configuration whose names end with File, so that one
// that is added is looked at without a word here.
func files(v reflect.Value, key string) (out []file) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := snake(v.Type().Field(i).Name)
			if key != "" {
				name = key + "." + name
			}
			out = append(out, files(v.Field(i), name)...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, files(v.Index(i), fmt.Sprintf("%s[%d]", key, i))...)
		}
	case reflect.String:
		if strings.HasSuffix(key, "_file") && v.String() != "" {
			out = append(out, file{key, v.String()})
		}
	}
	return out
}

// snake is the key that stands for a field: CAFile is ca_file.
func snake(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		begins := unicode.IsUpper(r) && i > 0 && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// others are the rights that people of no group have.
const others = 0o007

func secret(n *notes, f file) {
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
		n.add(Wrong, f.key, err.Error(), "put the file there, for this user to read")
	case info.Mode().Perm()&others != 0:
		n.add(Warning, f.key, fmt.Sprintf("%s: everybody on this machine may use it (%s)", f.path, info.Mode().Perm()), "chmod o-rwx "+f.path)
	default:
		n.ok(f.key, "%s is there, and not for everybody (%s)", f.path, info.Mode().Perm())
	}
}

// certificates tells until when those in a file hold.
func certificates(n *notes, f file, now time.Time) {
	text, err := os.ReadFile(f.path)
	if err != nil {
		n.add(Wrong, f.key, err.Error(), "put the file there, for this user to read")
		return
	}
	var found int
	var first *x509.Certificate // that ends
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			n.add(Wrong, f.key, fmt.Sprintf("%s: %s", f.path, err), "write certificates in PEM into it")
			return
		}
		found++
		if now.Before(c.NotBefore) {
			n.add(Wrong, f.key, fmt.Sprintf("%s: a certificate holds only from %s on", f.path, day(c.NotBefore)), "put one there that holds now, or mend this machine's clock")
			return
		}
		if first == nil || c.NotAfter.Before(first.NotAfter) {
			first = c
		}
	}
	if first == nil {
		n.add(Wrong, f.key, f.path+": there is no certificate in it", "write certificates in PEM into it")
		return
	}
	about := fmt.Sprintf("%s, 1 certificate", f.path)
	if found > 1 {
		about = fmt.Sprintf("%s, %d certificates, the first of them", f.path, found)
	}
	ends(n, f.key, about, first.NotAfter, now, "replace the file; it is read for each connection, nothing needs a restart")
}

// ends tells until when a certificate holds.
func ends(n *notes, what, about string, end, now time.Time, mend string) {
	switch left := end.Sub(now); {
	case left <= 0:
		n.add(Wrong, what, fmt.Sprintf("%s ended on %s", about, day(end)), mend)
	case left < soon:
		n.add(Warning, what, fmt.Sprintf("%s ends on %s, in %s", about, day(end), days(left)), mend)
	default:
		n.ok(what, "%s until %s, for %s", about, day(end), days(left))
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
