// Package pages is the governor as somebody sees it in a browser: what is decided now, why,
// for which campaigns; how people who said no are treated; what holds, and what lags; what
// is known of one person; what the policy says, and what it would say to an intent.
//
// # What is promised
//
//   - Every page is whole without scripts. With them, the overview and the holds keep up by
//     themselves.
//   - A page needs nothing but this server: no font, script or picture is from elsewhere, and
//     the Content-Security-Policy lets none in.
//   - Nothing here changes anything for anybody. What is asked about a person, or an intent,
//     is asked at the doors of package api, as who is logged in: its roles, limits and answers
//     hold here.
//   - Nobody's id is shown to whom the role view is missing, and none is in a URL, a log line or
//     an error.
//   - How many look on is bounded, and so is what each costs: who reads too slowly is left
//     behind, and Close ends all streams at once, so that a server that ends need not wait.
package pages
