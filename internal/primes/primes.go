// Package primes draws the primes of RSA keys from a stream of bytes.
//
// It owns the search, because crypto/rsa ignores the randomness that it is given
// and the keys of a lab are to be the same for the same seed. It must never know
// what the keys are for.
package primes

import (
	"fmt"
	"io"
	"math/big"
)

// Exponent is the public exponent that primes are drawn for.
const Exponent = 65537

// What the search for a prime needs. One odd number of 1024 bits in 355 is
// prime, so that maxCandidates do not fail in practice; rounds is what
// FIPS 186-5 table B.1 asks for.
const (
	maxCandidates = 40_000
	rounds        = 5
)

// small is the product of the odd primes below 1000. Most candidates share a
// factor with it, which is found out sooner than by a test.
var small = func() *big.Int {
	product := big.NewInt(1)
	for n := int64(3); n < 1000; n += 2 {
		if p := big.NewInt(n); p.ProbablyPrime(0) {
			product.Mul(product, p)
		}
	}
	return product
}()

// Draw fills out with a prime. Its two upper bits are set, so that the product of
// two such primes has full length.
func Draw(random io.Reader, out []byte) error {
	one, exponent := big.NewInt(1), big.NewInt(Exponent)
	candidate, scratch := new(big.Int), new(big.Int)
	for range maxCandidates {
		if _, err := io.ReadFull(random, out); err != nil {
			return fmt.Errorf("drawing a prime: %w", err)
		}
		out[0] |= 0xc0
		out[len(out)-1] |= 1
		candidate.SetBytes(out)
		switch {
		case scratch.GCD(nil, nil, candidate, small).Cmp(one) != 0:
		case scratch.Mod(candidate, exponent).Cmp(one) == 0: // has no inverse modulo p-1
		case candidate.ProbablyPrime(rounds):
			return nil
		}
	}
	return fmt.Errorf("drawing a prime: none among %d numbers", maxCandidates)
}
