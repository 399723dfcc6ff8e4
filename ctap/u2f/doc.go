// Package u2f is the messages of U2F, which CTAP calls CTAP1: typed requests and
// responses, their layout in APDUs on both sides, status words, and what is
// signed. Section numbers are those of FIDO U2F Raw Message Formats 1.2.
//
// It owns the wire words, one file per command. It knows no behaviour: whether
// a key handle is ours, when a touch is wanted and what a counter says are the
// authenticator's affair, and how an APDU travels is the transport's.
package u2f
