package fault

import (
	"crypto/elliptic"
	"math/big"
)

// mirrored is the y coordinate of the other point of P-256 with the same x. One of
// another curve is left alone.
func mirrored(y []byte) []byte {
	p := elliptic.P256().Params().P
	other := new(big.Int).Sub(p, new(big.Int).SetBytes(y))
	if len(y) != (p.BitLen()+7)/8 || other.Sign() <= 0 {
		return y
	}
	return other.FillBytes(make([]byte, len(y)))
}
