// Package access says who asks at a door of the governor, and what they may do there.
//
// Who asks proves it by a bearer token: one whose hash is in a file (Tokens), or one
// that an OpenID provider signed (OIDC). What cannot be proved is refused: no token
// is let in because the provider is away, because a file has a mistake, or because a
// claim is of another kind than expected.
package access
