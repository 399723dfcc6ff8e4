package authenticator

import "crypto/sha256"

// nonces is the generator of RFC 6979 §3.2 with HMAC-SHA-256, for an order of 256
// bits.
type nonces struct{ key, value [sha256.Size]byte }

// newNonces is steps b to g. digest is reduced modulo the order already.
func newNonces(scalar, digest []byte) nonces {
	var g nonces
	for i := range g.value {
		g.value[i] = 0x01
	}
	g.rekey(0x00, scalar, digest)
	g.rekey(0x01, scalar, digest)
	return g
}

// draw is step h: number after number until one fits. One value of SHA-256 is as
// long as a number.
func (g *nonces) draw(fits func(number []byte) bool) {
	for g.next(); !fits(g.value[:]); g.next() {
		g.rekey(0x00)
	}
}

// fork is a generator of numbers that have nothing to do with those of g: RFC
// 6979 rekeys with 0 and 1 only.
func (g *nonces) fork() nonces {
	other := *g
	other.rekey(0x02)
	return other
}

func (g *nonces) rekey(tag byte, data ...[]byte) {
	message := append(make([]byte, 0, sha256.Size+1+2*sha256.Size), g.value[:]...)
	message = append(message, tag)
	for _, d := range data {
		message = append(message, d...)
	}
	g.key = hmacSHA256(&g.key, message)
	g.next()
}

func (g *nonces) next() { g.value = hmacSHA256(&g.key, g.value[:]) }

// hmacSHA256 is HMAC (RFC 2104) with a key of 32 bytes. It is here because it
// needs no allocation: crypto/hmac makes six of them, and a signature asks eight
// times.
func hmacSHA256(key *[sha256.Size]byte, message []byte) [sha256.Size]byte {
	var inner, outer [sha256.BlockSize]byte
	for i := range inner {
		inner[i], outer[i] = 0x36, 0x5c
	}
	for i, b := range key {
		inner[i] ^= b
		outer[i] ^= b
	}
	const longest = sha256.BlockSize + 3*sha256.Size + 1 // that stays on the stack
	sum := sha256.Sum256(append(append(make([]byte, 0, longest), inner[:]...), message...))
	return sha256.Sum256(append(append(make([]byte, 0, longest), outer[:]...), sum[:]...))
}
