package attestationtest

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"

	"github.com/fxamacker/cbor/v2"
)

// packed is §8.2.
func packed(c *ceremony, raw cbor.RawMessage) {
	stmt, ok := members(raw, []string{"alg", "sig"}, "x5c")
	alg, isInt := stmt["alg"].(int64)
	sig, isBytes := stmt["sig"].([]byte)
	if !c.check(ok && isInt && isBytes, "WebAuthn L3 §8.2 verification step 1") {
		return
	}
	if _, certified := stmt["x5c"]; !certified {
		if c.check(alg == c.data.algorithm, "WebAuthn L3 §8.2 verification step 3, alg") {
			c.check(verifies(alg, c.data.public, c.message(), sig), "WebAuthn L3 §8.2 verification step 3, signature")
		}
		return
	}
	chain, ok := chainOf(stmt["x5c"])
	if !c.check(ok, "WebAuthn L3 §8.2 verification step 1") {
		return
	}
	c.check(verifies(alg, chain[0].PublicKey, c.message(), sig), "WebAuthn L3 §8.2 verification step 2, signature")
	c.packedCertificate(chain[0])
	c.trust(chain, false)
}

// Extensions of §8.2.1 and §8.2.2.
var (
	oidAAGUID   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}
	oidFirmware = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 5}
	oidSerial   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 2}
)

// packedCertificate is §8.2.1 and §8.2.2. A certificate of an old version has none of
// the extensions that the rest asks for.
func (c *ceremony) packedCertificate(leaf *x509.Certificate) {
	c.packedSubject(leaf.RawSubject)
	if !c.check(leaf.Version == 3, "WebAuthn L3 §8.2.1, version") {
		return
	}
	c.check(leaf.BasicConstraintsValid && !leaf.IsCA, "WebAuthn L3 §8.2.1, Basic Constraints")
	for _, e := range leaf.Extensions {
		switch {
		case e.Id.Equal(oidAAGUID):
			const wrapper = 2
			if c.check(!e.Critical && len(e.Value) == wrapper+len(c.data.aaguid) && bytes.HasPrefix(e.Value, []byte{4, 16}), "WebAuthn L3 §8.2.1, AAGUID extension") {
				c.check(bytes.Equal(e.Value[wrapper:], c.data.aaguid), "WebAuthn L3 §8.2 verification step 2, AAGUID")
			}
		case e.Id.Equal(oidFirmware):
			var version int64
			rest, err := asn1.Unmarshal(e.Value, &version)
			c.check(!e.Critical && err == nil && len(rest) == 0 && version >= 0, "WebAuthn L3 §8.2.1, firmware extension")
		case e.Id.Equal(oidSerial):
			var serial []byte
			rest, err := asn1.Unmarshal(e.Value, &serial)
			c.check(c.Enterprise && !e.Critical && err == nil && len(rest) == 0, "WebAuthn L3 §8.2.2")
		}
	}
}
