// Package attestationtest verifies attestation statements as strictly as WebAuthn L3
// §8 can be read, and tells every step that a statement fails.
//
// It owns a verifier for tests: it goes on after a failure, where those for use stop,
// so that a test sees whether a defect has one effect or several. It shares no code
// with what makes statements. It must never be what a relying party relies on, and
// knows nothing of metadata.
package attestationtest
