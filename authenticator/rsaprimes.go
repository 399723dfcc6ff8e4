package authenticator

import (
	"fmt"
	"io"
	"math/big"
)

// expandRSA searches for two primes. It does so itself, because crypto/rsa
// ignores the randomness that it is given.
func expandRSA(seed Secret) (Secret, error) {
	stream := seedStream("RSA-2048", seed)
	secret := make(Secret, rsaSize)
	for _, half := range []Secret{secret[:rsaSize/2], secret[rsaSize/2:]} {
		if err := drawPrime(stream, half); err != nil {
			return nil, err
		}
	}
	return secret, nil
}

// What the search for a prime needs. One odd number of 1024 bits in 355 is
// prime, so that maxCandidates do not fail in practice; primeRounds is what
// FIPS 186-5 table B.1 asks for.
const (
	maxCandidates = 40_000
	primeRounds   = 5
)

// smallPrimes is the product of the odd primes below 1000. Most candidates share
// a factor with it, which is found out sooner than by a test.
var smallPrimes = func() *big.Int {
	product := big.NewInt(1)
	for n := int64(3); n < 1000; n += 2 {
		if p := big.NewInt(n); p.ProbablyPrime(0) {
			product.Mul(product, p)
		}
	}
	return product
}()

// drawPrime fills out with a prime. Its two upper bits are set, so that the
// product of two such primes has full length.
func drawPrime(random io.Reader, out []byte) error {
	one, exponent := big.NewInt(1), big.NewInt(rsaExponent)
	candidate, scratch := new(big.Int), new(big.Int)
	for range maxCandidates {
		if _, err := io.ReadFull(random, out); err != nil {
			return fmt.Errorf("drawing a prime: %w", err)
		}
		out[0] |= 0xc0
		out[len(out)-1] |= 1
		candidate.SetBytes(out)
		switch {
		case scratch.GCD(nil, nil, candidate, smallPrimes).Cmp(one) != 0:
		case scratch.Mod(candidate, exponent).Cmp(one) == 0: // has no inverse modulo p-1
		case candidate.ProbablyPrime(primeRounds):
			return nil
		}
	}
	return fmt.Errorf("drawing a prime: none among %d numbers", maxCandidates)
}
