// Package ctap is the messages of CTAP 2.3 (Client to Authenticator Protocol):
// typed requests and responses, their canonical CBOR, status codes, and [Call],
// which sends one and decodes the other.
//
// It owns the wire words, one file per command, with the integer keys beside
// the fields. It knows no behaviour: no rule about which request is allowed
// when, no clock, no randomness, no transport of its own.
package ctap
