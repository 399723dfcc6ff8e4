// Package client plays the browser's role in Web Authentication Level 3: it
// takes the call of a page, decides whether the page's origin may ask for that
// RP ID, writes the client data, turns the options into CTAP requests for the
// authenticators at hand, and turns their answers into what the page gets.
//
// It owns [[Create]] (§5.1.3) and [[DiscoverFromExternalSource]] (§5.1.4) in
// the order of their steps, and the errors a page may see. It must never know
// which authenticator it talks to (a ctap.Transport is all there is), what the
// relying party thinks of an answer, or where a page came from: the link that
// calls it vouches for the origin, for permissions policy, for transient
// activation, and for one pending request per frame.
//
// An extension is one file: it reads its input in JSON, adds what authenticators
// understand of it to the request, and makes the result out of their outputs.
// Users are verified by the authenticator itself where it can, and else by a PIN
// that is typed into [PINEntry].
//
// What differs from a browser on purpose: the authenticators are those present
// when the call starts, and a request that none of them can serve fails at
// once instead of waiting for somebody to plug one in (which also means that
// the timing of failures is not hidden, §14.5). What the user has signed in with, and
// whether they agree to passkeys made in silence, only [Config.Consents] knows.
package client
