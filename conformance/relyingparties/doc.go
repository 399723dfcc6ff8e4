// Package relyingparties has the cases by which relying parties are judged: WebAuthn
// Level 3 §7.1 and §7.2, attestation, metadata, sessions and options.
//
// It owns a client and an authenticator of its own, which answer a server correctly or
// with one defect, and the HTTP that carries the answers: by the interface that the
// FIDO Alliance publishes for servers, or by the routes that an [Adapter] tells. It
// shares no code with any relying party, and must never know what is behind a
// [Server].
package relyingparties
