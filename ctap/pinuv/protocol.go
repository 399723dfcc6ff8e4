package pinuv

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// Protocol is a PIN/UV auth protocol, with the number it has in messages
// (CTAP 2.3 §6.5.6, §6.5.7).
type Protocol uint64

// The protocols.
const (
	One Protocol = 1
	Two Protocol = 2
)

// Supported returns the protocol of that number, if it is one of this package.
func Supported(number uint64) (p Protocol, ok bool) {
	p = Protocol(number)
	return p, p == One || p == Two
}

// String names the protocol for people.
func (p Protocol) String() string { return fmt.Sprintf("PIN/UV auth protocol %d", uint64(p)) }

// shortSignature is the length in bytes that protocol one cuts an HMAC to.
const shortSignature = 16

// Authenticate returns the pinUvAuthParam of message under a pinUvAuthToken: 16
// bytes with protocol one, 32 with protocol two. It is nil for an unknown
// protocol, which no message verifies against.
func (p Protocol) Authenticate(token, message []byte) []byte {
	if _, known := Supported(uint64(p)); !known {
		return nil
	}
	mac := hmac.New(sha256.New, token)
	mac.Write(message)
	sum := mac.Sum(nil)
	if p == One {
		return sum[:shortSignature]
	}
	return sum
}

// Verify reports, in constant time, whether signature is that of message under
// token. A signature of another length is not. Whether the token is in use at
// all is the authenticator's to know (§6.5.2.1).
func (p Protocol) Verify(token, message, signature []byte) bool {
	want := p.Authenticate(token, message)
	return want != nil && hmac.Equal(want, signature)
}
