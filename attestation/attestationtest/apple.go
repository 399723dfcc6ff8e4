package attestationtest

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"

	"github.com/fxamacker/cbor/v2"
)

// apple is §8.8, with the member alg that Apple's devices add.
func apple(c *ceremony, raw cbor.RawMessage) {
	stmt, ok := members(raw, []string{"x5c"}, "alg")
	chain, isChain := chainOf(stmt["x5c"])
	if !c.check(ok && isChain, "WebAuthn L3 §8.8 verification step 1") {
		return
	}
	var nonce struct {
		Value []byte `asn1:"explicit,tag:1"`
	}
	want := sha256.Sum256(c.message())
	ok = unmarshalExtension(chain[0], asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 8, 2}, &nonce)
	c.check(ok && bytes.Equal(nonce.Value, want[:]), "WebAuthn L3 §8.8 verification step 4")
	c.check(same(chain[0].PublicKey, c.data.public), "WebAuthn L3 §8.8 verification step 5")
	c.trust(chain, false)
}

// unmarshalExtension reads an extension that is nothing but into.
func unmarshalExtension(certificate *x509.Certificate, id asn1.ObjectIdentifier, into any) bool {
	for _, e := range certificate.Extensions {
		if e.Id.Equal(id) {
			rest, err := asn1.Unmarshal(e.Value, into)
			return err == nil && len(rest) == 0
		}
	}
	return false
}
