package webauthn

import (
	"crypto"
	"fmt"

	"filippo.io/mldsa"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// akpParameters are the parameter sets of key type AKP, whose algorithm says all
// about the key (RFC 9964 §3).
var akpParameters = map[Algorithm]mldsa.Parameters{
	MLDSA44: mldsa.MLDSA44(), MLDSA65: mldsa.MLDSA65(), MLDSA87: mldsa.MLDSA87(),
}

func encodeAKP(alg Algorithm, k *mldsa.PublicKey) ([]byte, error) {
	if parameters, ok := akpParameters[alg]; !ok || parameters != k.Parameters() {
		return nil, fmt.Errorf("%s does not use %s", alg, k.Parameters())
	}
	return canon.Marshal(&coseKey{KeyType: keyTypeAKP, Algorithm: alg, Minus1: k.Bytes()})
}

func (c *coseKey) akp() (crypto.PublicKey, error) {
	parameters, ok := akpParameters[c.Algorithm]
	public, is := c.Minus1.([]byte)
	if !ok || !is {
		return nil, fmt.Errorf("key type AKP needs an ML-DSA algorithm and a public key")
	}
	if len(public) != parameters.PublicKeySize() {
		return nil, fmt.Errorf("a key of %d bytes, %s has %d", len(public), c.Algorithm, parameters.PublicKeySize())
	}
	return mldsa.NewPublicKey(parameters, public)
}
