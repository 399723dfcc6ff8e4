// Package relyingparty is a website that people sign up to and log in to with
// passkeys: a stand-in for a hosted login whose database connection has passkeys
// switched on.
//
// It owns accounts and their credentials, the registration and authentication
// ceremonies with their policy, the pages, the APIs for programs, the mail it would
// send, the tenant log and the storage of all that. Responses are verified with go-webauthn, an
// implementation that shares no code with the rest of this module, so that a
// mistake made on the device's side cannot be made again here and cancel out.
//
// It must never know the authenticator, the client or the browser in front of it,
// nor that it is being tested: it is driven through its pages, or through
// [Ceremonies] where HTTP is not wanted, and watched through its tenant log.
//
// The element IDs and states that a driver may rely on are listed in
// docs/site-hooks.md, what programs can ask for in docs/api.md.
package relyingparty
