// Package libfido2 has Yubico's libfido2, the client library of OpenSSH and of
// Debian's tools, use our device: over CTAPHID at a unix socket, with its own
// codec, PIN/UV auth protocols and verification of signatures.
//
// It owns a small client (C, in client) and the tests that run it (Go). The tests
// carry the build tag interop, since they need Debian's libfido2-dev; make interop
// runs them. It must never know how a device comes to its answers.
package libfido2
