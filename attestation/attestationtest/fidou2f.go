package attestationtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// fidoU2F is §8.6.
func fidoU2F(c *ceremony, raw cbor.RawMessage) {
	stmt, ok := members(raw, []string{"sig", "x5c"})
	sig, isBytes := stmt["sig"].([]byte)
	list, isArray := stmt["x5c"].([]any)
	if !c.check(ok && isBytes && isArray && len(list) > 0, "WebAuthn L3 §8.6 verification step 1") {
		return
	}
	if !c.check(len(list) == 1, "WebAuthn L3 §8.6 verification step 2") {
		return
	}
	chain, ok := chainOf(stmt["x5c"])
	if !c.check(ok, "WebAuthn L3 §8.6 verification step 1") {
		return
	}
	public, ok := chain[0].PublicKey.(*ecdsa.PublicKey)
	if c.check(ok && public.Curve == elliptic.P256(), "WebAuthn L3 §8.6 verification step 2") {
		const coordinate, es256 = 32, -7
		c.check(len(c.data.x) == coordinate && len(c.data.y) == coordinate, "WebAuthn L3 §8.6 verification step 4")
		message := slices.Concat([]byte{0}, c.data.rpIDHash, c.clientDataHash, c.data.credentialID, []byte{4}, c.data.x, c.data.y)
		c.check(verifies(es256, public, message, sig), "WebAuthn L3 §8.6 verification step 6")
	}
	c.trust(chain, false)
}
