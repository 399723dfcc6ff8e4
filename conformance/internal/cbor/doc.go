// Package cbor is the judge's own CBOR (RFC 8949): a writer that can also write
// what it should not, and a reader that reads whatever is well-formed and says
// where it departs from the canonical form of CTAP2 (CTAP 2.3 §8).
//
// It owns bytes and generic values. It shares no code with the encoder of the
// devices that are judged, and must never know what a message means.
package cbor
