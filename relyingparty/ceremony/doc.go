// Package ceremony is the relying party's half of WebAuthn: what it asks of an
// authenticator, and how it holds the answer to the specification, to its own policy and
// to the metadata of makers (WebAuthn L3 §7.1 and §7.2).
//
// It owns the options, the reading of responses, every step of their verification, the
// reasons for which one is refused, and the [Seams] at which a fault can act on a step.
// Responses are verified with go-webauthn, an implementation that shares no code with the
// rest of this module, so that a mistake made on the device's side cannot be made again
// here and cancel out. [Ceremonies] keep nothing between calls: whoever holds them keeps
// the accounts, their credentials, and what waits between options and response.
//
// It must never know accounts, sessions, pages or a store, nor the authenticator, the
// client or the browser in front of it, nor that it is being tested.
package ceremony
