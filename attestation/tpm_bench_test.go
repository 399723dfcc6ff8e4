package attestation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A statement should cost little more than its signature, which is measured beside it.
func BenchmarkTPM(b *testing.B) {
	about := subjectWith(b, webauthn.ES256)
	for _, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.RS256, webauthn.RS1} {
		a := tpmAttester(b, attestation.TPMOptions{Algorithm: alg})
		made := attestTPM(b, a, about)
		b.Run("statement/"+alg.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := a.Attest(about)
				require.NoError(b, err)
			}
		})
		key, err := attestation.NewKey(secret, "bench", alg)
		require.NoError(b, err)
		b.Run("signature/"+alg.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := key.Sign(made.CertInfo)
				require.NoError(b, err)
			}
		})
	}
}
