// Package blob reads the BLOB of a FIDO Metadata Service for the relying party: it
// verifies who signed it and that nobody has revoked that, and then lets go-webauthn
// interpret the entries.
//
// It owns the rules of MDS 3.1.1 §3.2 that one BLOB can be held to by itself. It
// must never know where BLOBs come from, which came before, or what the relying
// party makes of them; and it shares no code with those that sign them here.
package blob
