// Package webauthn is the data of Web Authentication Level 3: the option and
// response JSON that pages exchange with servers, client data, authenticator
// data, attestation objects and COSE keys.
//
// It owns the formats, both ways, and nothing else: no rule about who may ask
// for what, no signature, no clock. Parsers are strict, bound what they accept
// and keep signed bytes exactly as they came.
package webauthn
