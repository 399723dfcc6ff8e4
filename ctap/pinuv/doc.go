// Package pinuv is PIN/UV auth protocols one and two of CTAP 2.3 (§6.5.4,
// §6.5.6, §6.5.7): the key agreement, the encryption and the authentication
// between a platform and an authenticator, from both of their sides, and the
// bytes that each command authenticates.
//
// It owns arithmetic over given bytes and given randomness. It must never know
// a PIN's retries, a token's permissions or lifetime, or a status: whoever
// calls it decides what a failure means.
package pinuv
