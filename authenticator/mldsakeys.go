package authenticator

import "filippo.io/mldsa"

// ML-DSA in its pure form with an empty context (RFC 9964 §5). A private key is
// the seed of FIPS 204.
var (
	mldsa44 = mldsaScheme(mldsa.MLDSA44())
	mldsa65 = mldsaScheme(mldsa.MLDSA65())
	mldsa87 = mldsaScheme(mldsa.MLDSA87())
)

func mldsaScheme(parameters mldsa.Parameters) scheme {
	return scheme{
		parse: func(secret Secret) (privateKey, error) {
			k, err := mldsa.NewPrivateKey(parameters, secret)
			return mldsaKey{k}, err
		},
		adopt: func(private any) (Secret, bool) {
			k, ok := private.(*mldsa.PrivateKey)
			if !ok || k.PublicKey().Parameters() != parameters {
				return nil, false
			}
			return k.Bytes(), true
		},
	}
}

type mldsaKey struct{ *mldsa.PrivateKey }

// sign is the deterministic variant of FIPS 204 §3.4.
func (k mldsaKey) sign(message []byte) ([]byte, error) { return k.SignDeterministic(message, nil) }

func (k mldsaKey) plain() any { return k.PrivateKey }
