package authenticator

import "github.com/passkeylab/passkeylab/internal/primes"

// expandRSA searches for two primes.
func expandRSA(seed Secret) (Secret, error) {
	stream := seedStream("RSA-2048", seed)
	secret := make(Secret, rsaSize)
	for _, half := range []Secret{secret[:rsaSize/2], secret[rsaSize/2:]} {
		if err := primes.Draw(stream, half); err != nil {
			return nil, err
		}
	}
	return secret, nil
}
