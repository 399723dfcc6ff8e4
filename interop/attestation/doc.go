// Package attestation has relying parties' libraries that are not ours verify
// statements of package attestation: whole ones of every kind, and every defect.
//
// It owns the registrations that are verified, the checks (Python, JavaScript) and the
// table of verdicts in docs/attestation.md. Its tests against those libraries carry the
// build tag interop, since they install them; make interop runs them. It must never
// know how a statement is made.
package attestation

//go:generate go run ./generate ../../docs/attestation.md
