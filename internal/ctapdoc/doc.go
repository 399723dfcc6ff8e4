// Package ctapdoc holds the table of docs/ctap.md: every feature of CTAP 2.3, of
// U2F and of the client's part of WebAuthn Level 3, where it is in this module,
// and the tests that hold it; or the reason why it is not there.
//
// It owns the rows and how they are laid out. It must never import a room it
// speaks of: its tests compare the rows with the sources.
package ctapdoc

//go:generate go run ./generate ../../docs/ctap.md
