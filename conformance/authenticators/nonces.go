package authenticators

import (
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
)

// signsByECDSA is met where the device makes keys of an ECDSA algorithm.
var signsByECDSA = feature("an algorithm of ECDSA", func(i *info) bool { return i.ecdsa() != 0 })

// ecdsa is the first algorithm of ECDSA that getInfo lists, 0 where there is none.
func (i *info) ecdsa() int64 {
	for _, alg := range i.quickest() {
		if slices.Contains([]int64{algES256, algES384, algES512, algES256K}, alg) {
			return alg
		}
	}
	return 0
}

// nonceCases are about the number that an ECDSA signature is made with. Two signatures
// with the same one give the private key away to whoever has both, and have the same r.
func nonceCases() []testCase {
	return []testCase{{
		ID: "getassertion/signature-nonce", Spec: conformance.Spec{Document: "FIPS 186-5", Section: "6.3"}, Level: conformance.MustNot, Needs: []need{signsByECDSA}, Twin: "getassertion/signature",
		Doc:     "No two ECDSA signatures of a credential over different messages have the same r.",
		Catches: []string{"signature/nonce-repeated"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential().with(mcParams, algorithms(k.info().ecdsa())))
			seen := map[string]bool{}
			note := func(signature []byte) {
				var value struct{ R, S *big.Int }
				if _, err := asn1.Unmarshal(signature, &value); err != nil {
					k.Fatalf("the signature %x is no Ecdsa-Sig-Value: %v", signature, err)
				}
				if r := fmt.Sprintf("%x", value.R); seen[r] {
					k.Errorf("two signatures have the same r, %s: their private key can be computed", r)
				} else {
					seen[r] = true
				}
			}
			if signature, ok := selfSignature(c); ok {
				note(signature)
			}
			for range 3 {
				note(k.bytesOf(k.assert(k.useOf(c)).answer, gotSignature))
			}
		}),
	}}
}

// selfSignature is that of a statement which the credential itself has signed.
func selfSignature(c *credential) ([]byte, bool) {
	if _, certified := c.statement.Get("x5c"); certified || c.format != "packed" {
		return nil, false
	}
	sig, _ := c.statement.Get("sig")
	signature, ok := sig.([]byte)
	return signature, ok
}
