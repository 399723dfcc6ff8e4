// Package authenticators has the judge look at authenticators that are not ours, as
// they come in their ordinary packages: ctap-keyring-device, passkey-rs (rust) and OpenSK
// (opensk).
//
// It owns the programs that put them behind standard input and output, or a socket, and
// what is known of each: docs/conformance-results.md tells it to people. Its tests carry
// the build tag interop; make interop runs them.
package authenticators
