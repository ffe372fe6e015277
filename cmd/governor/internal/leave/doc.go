// Package leave is the way out: the signed links that approvals carry, the page
// behind them, and the doors through which replies come in.
//
// A link shows nobody whose it is, can be made by nobody who has no key, is the same
// each time it is made of the same approval, and never expires. Behind it, a GET
// shows a page with one button and changes nothing; a POST is a no (RFC 8058). It is
// told to be heard only when it is stored: what could not be stored is told, and can
// be said again.
//
// Nobody logs in, no cookie is set, no script runs, nothing is asked. What is logged
// names no person.
package leave
