// Package relyingparties has the judge judge relying parties that are made of other
// people's libraries: SimpleWebAuthn and fido2-lib (node), py_webauthn and python-fido2's
// server (python), WebAuthn4J (java), webauthn-rs (rust).
//
// It owns the servers, which have nothing but the library and the FIDO server conformance
// interface, and what is known of each: the requirements that bind and that it fails. Its
// tests carry the build tag interop, since they install the libraries; make interop runs
// them. docs/conformance-results.md tells of the results. It must never know how the judge
// makes an answer.
package relyingparties
