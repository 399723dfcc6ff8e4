package authenticator

import (
	"crypto/sha3"
	"errors"
	"fmt"
	"io"
)

// seedSize is the length of every secret that a device draws, in bytes. P-256,
// secp256k1, Ed25519 and ML-DSA have private keys of just that length. For the
// others the secret is a seed: their key is drawn from the stream
// SHAKE256("passkeylab " ‖ family ‖ 0x00 ‖ seed). A seed is expanded each time it
// is parsed, so a wrapped credential ID is as short for RSA as it is for P-256,
// and a stored credential as small. What that costs is paid at the first
// signature after power-up: nothing to speak of, except for RSA, whose primes
// are searched for again.
const seedSize = 32

// seedStream is the stream of a seed. It never ends.
func seedStream(family string, seed Secret) io.Reader {
	stream := sha3.NewSHAKE256()
	for _, part := range [][]byte{[]byte("passkeylab "), []byte(family), {0}, seed} {
		_, _ = stream.Write(part) // never fails
	}
	return stream
}

// expandTo expands seeds to keys of size bytes. fit makes a candidate of them,
// by clearing bits or by saying no.
func expandTo(family string, size int, fit func(Secret) bool) func(Secret) (Secret, error) {
	return func(seed Secret) (Secret, error) {
		stream := seedStream(family, seed)
		secret := make(Secret, size)
		for range maxDraws {
			if _, err := io.ReadFull(stream, secret); err != nil {
				return nil, fmt.Errorf("expanding a seed: %w", err)
			}
			if fit(secret) {
				return secret, nil
			}
		}
		return nil, errors.New("expanding a seed: it gives no key")
	}
}
