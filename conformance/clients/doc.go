// Package clients is what the judge asks of clients: what a browser or a library
// sends to an authenticator, and what it refuses from one (CTAP 2.0 to 2.3, CTAPHID,
// and WebAuthn L3 where the client serves pages).
//
// It owns the cases as literals, the tables that dull ones are derived from, and a
// scripted authenticator with its own CTAPHID, which answers by the book but for
// what a case changes. It takes names and numbers from package ctap, and nothing
// that encodes or decodes. It must never know which client it is that asks, nor how
// it is reached.
package clients
