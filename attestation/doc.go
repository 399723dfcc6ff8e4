// Package attestation makes attestation statements in every format of WebAuthn
// L3 §8, and the certification authorities behind them.
//
// It owns what makers of authenticators vouch for, in valid form or with one
// named [Defect]. All of it comes from a lab's secret and clock: nobody outside the
// lab trusts it, and nobody should. It must never know who asks for a statement or
// who verifies it, and it verifies nothing itself.
package attestation
