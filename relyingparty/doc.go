// Package relyingparty is a website that people sign up to and log in to with
// passkeys: a stand-in for a hosted login whose database connection has passkeys
// switched on.
//
// It owns accounts and their credentials, the policy, the pages, the APIs for programs,
// the mail it would send, the tenant log and the storage of all that. It begins and ends
// ceremonies, and remembers them in between; what happens in one is in package ceremony.
//
// It must never know the authenticator, the client or the browser in front of it,
// nor that it is being tested: it is driven through its pages and APIs, and
// watched through its tenant log.
//
// The element IDs and states that a driver may rely on are listed in
// docs/site-hooks.md, what programs can ask for in docs/api.md.
package relyingparty
