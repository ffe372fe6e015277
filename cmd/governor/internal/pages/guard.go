package pages

import (
	"net/http"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// contentPolicy lets a page have what this server has, and nothing else, and nobody have the
// page in a frame.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard sets what holds for every answer: it is of this instant, it is what it says it is, and
// it has no business with any other site.
func guard(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, browsers would not say where a form is from
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if r.TLS != nil || access.IsLoopback(r.Host) { // elsewhere browsers ignore it, and complain
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
}
