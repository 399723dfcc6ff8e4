package fault

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"
)

// repeatedNonce is FIPS 186-5 §6.4.1 with the number 2 for every nonce, which is as good
// as any: r is the X coordinate of twice the base point.
func repeatedNonce(key *ecdsa.PrivateKey, message []byte) ([]byte, error) {
	scalar, err := key.Bytes()
	if err != nil {
		return nil, err
	}
	params := elliptic.P256().Params()
	doubled, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), big.NewInt(2).FillBytes(make([]byte, len(scalar))))
	if err != nil {
		return nil, err
	}
	point, err := doubled.PublicKey.Bytes() // 0x04 ‖ X ‖ Y
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(message)
	r := new(big.Int).SetBytes(point[1 : 1+len(scalar)])
	s := new(big.Int).Mul(r, new(big.Int).SetBytes(scalar))
	s.Add(s, new(big.Int).SetBytes(digest[:])).Mul(s, new(big.Int).ModInverse(big.NewInt(2), params.N))
	return ecdsaValue{r.Mod(r, params.N), s.Mod(s, params.N)}.der(), nil
}

func nonceFaults() []Fault {
	return []Fault{{
		ID: "signature/nonce-repeated", Spec: "FIPS 186-5 §6.3",
		Doc:   "Every signature of ES256 is made with the same nonce, so that two of them give the private key away.",
		Seams: resigned(repeatedNonce),
	}}
}
