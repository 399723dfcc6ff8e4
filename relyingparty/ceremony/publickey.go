package ceremony

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"

	"github.com/fxamacker/cbor/v2"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// minRSABits is the smallest RSA modulus accepted.
const minRSABits = 2048

// CheckPublicKey refuses keys that could never verify anything, with which anybody can
// sign, that are too weak, or that have members which WebAuthn L3 §6.5.1 forbids;
// go-webauthn does not look at the key when there is no attestation.
func CheckPublicKey(cose []byte) error {
	key, err := readPublicKey(cose)
	if err != nil {
		if _, other := readOtherKey(cose); other == nil {
			return nil
		}
		return err
	}
	members := 4 // kty, alg, crv and x; or kty, alg, n and e
	switch key := key.(type) {
	case webauthncose.EC2PublicKeyData:
		members++ // y
		_, err = key.ToECDSA()
	case webauthncose.OKPPublicKeyData:
		err = checkEdwards(key.XCoord)
	case webauthncose.RSAPublicKeyData:
		err = checkRSA(&key)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return countMembers(cose, members)
}

// countMembers refuses a key with other members than those that it was read from.
func countMembers(cose []byte, want int) error {
	var all map[any]cbor.RawMessage
	if err := webauthncbor.Unmarshal(cose, &all); err != nil {
		return err
	}
	if len(all) != want {
		return fmt.Errorf("the key has %d members, want the %d of its type", len(all), want)
	}
	return nil
}

// checkRSA looks at what crypto/rsa finds out when the key is used.
func checkRSA(key *webauthncose.RSAPublicKeyData) error {
	modulus, exponent := new(big.Int).SetBytes(key.Modulus), new(big.Int).SetBytes(key.Exponent)
	switch {
	case modulus.BitLen() < minRSABits:
		return fmt.Errorf("the RSA modulus is shorter than %d bits", minRSABits)
	case modulus.Bit(0) == 0:
		return errors.New("the RSA modulus is even")
	case exponent.Bit(0) == 0, exponent.Cmp(big.NewInt(1)) <= 0:
		return errors.New("the RSA exponent is not odd and above 1")
	}
	return nil
}

// smallOrder are the encodings of the points of edwards25519 that have an order of at
// most 8, but for the sign bit: signatures verify under them that nobody made with a
// private key.
var smallOrder = func() (all [][]byte) {
	for _, s := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		point, _ := hex.DecodeString(s) // constants
		all = append(all, point)
	}
	return all
}()

func checkEdwards(x []byte) error {
	if len(x) == 0 {
		return errors.New("the key has no point")
	}
	point := bytes.Clone(x)
	point[len(point)-1] &= 0x7f
	for _, weak := range smallOrder {
		if bytes.Equal(point, weak) {
			return errors.New("the key is a point of small order")
		}
	}
	return nil
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
