package relyingparty

import (
	"fmt"
	"math/big"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// minRSABits is the smallest RSA modulus accepted.
const minRSABits = 2048

// checkPublicKey refuses keys that could never verify anything or are too weak;
// go-webauthn does not look at the key when there is no attestation.
func checkPublicKey(cose []byte) error {
	key, err := readPublicKey(cose)
	if err != nil {
		return err
	}
	switch key := key.(type) {
	case webauthncose.EC2PublicKeyData:
		_, err = key.ToECDSA()
	case webauthncose.RSAPublicKeyData:
		if new(big.Int).SetBytes(key.Modulus).BitLen() < minRSABits {
			err = fmt.Errorf("the RSA modulus is shorter than %d bits", minRSABits)
		}
	}
	return err
}

// readPublicKey reads a key for go-webauthn. It reads at once what nearly all passkeys
// are, a point of a curve, which go-webauthn looks at when it is used.
func readPublicKey(cose []byte) (any, error) {
	var point webauthncose.EC2PublicKeyData
	if err := webauthncbor.Unmarshal(cose, &point); err == nil && point.KeyType == int64(webauthncose.EllipticKey) {
		return point, nil
	}
	return webauthncose.ParsePublicKey(cose)
}
