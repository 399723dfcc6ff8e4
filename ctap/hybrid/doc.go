// Package hybrid is the hybrid transport of CTAP (CTAP 2.3 §11.5), caBLE v2.1 to
// those who speak it: a phone that signs in at a computer. It is the QR code, the
// Bluetooth advert, the Noise handshake, the messages after it and the linking
// information, of both sides, as functions and small state machines over bytes.
//
// It owns every derivation, every layout and every limit. It starts no goroutine,
// reads no clock, draws nothing by itself and opens no connection: keys, time and
// randomness are handed in. It must never know what a CTAP command means.
//
// The client is the computer that shows the QR code and begins the handshake. The
// authenticator is the phone that scans the code and sends the advert.
package hybrid
