// Package cxf reads and writes passkeys in FIDO's Credential Exchange Format (CXF
// 1.0, Proposed Standard of 14 August 2025, which the Review Draft of 13 March 2025
// equals on the wire).
//
// It owns the document: what must be in it, what must not, how large it may be, and
// what of a passkey it can carry. A document is read wholly or not at all. It must
// never know where passkeys come from or go to, nor protect them on their way: the
// text is in the clear, and the protocol that would seal it (CXP) has no text yet
// that may be implemented.
package cxf
