package fault_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/webauthn"
)

const hashOfES256 = crypto.SHA256

type numbersOfECDSA struct{ R, S *big.Int }

// lowS is a signature with the smaller of the two numbers that verify.
func lowS(t testing.TB, signature []byte) []byte { return withS(t, signature, false) }

func highS(t testing.TB, signature []byte) []byte { return withS(t, signature, true) }

func withS(t testing.TB, signature []byte, high bool) []byte {
	t.Helper()
	var n numbersOfECDSA
	_, err := asn1.Unmarshal(signature, &n)
	require.NoError(t, err)
	order := elliptic.P256().Params().N
	if isHigh := n.S.Cmp(new(big.Int).Rsh(order, 1)) > 0; isHigh != high {
		n.S.Sub(order, n.S)
	}
	return der(t, n.R, n.S)
}

func der(t testing.TB, r, s *big.Int) []byte {
	t.Helper()
	out, err := asn1.Marshal(numbersOfECDSA{r, s})
	require.NoError(t, err)
	return out
}

var model = webauthn.AAGUID([]byte("passkeylab:test "))

// makers are those of all tests, as RSA keys take a while. go-webauthn holds their
// certificates to the real time.
var makers = sync.OnceValue(func() *attestation.Makers {
	m := attestation.NewMakers([]byte("faults of relying parties"), opening)
	for _, format := range []string{webauthn.FormatApple, webauthn.FormatAndroidKey, webauthn.FormatAndroidSafetyNet} {
		roots, err := m.Roots(format)
		if err == nil {
			err = ceremony.TrustFormatRoots(format, roots...)
		}
		if err != nil {
			panic(err)
		}
	}
	return m
})

var samples = sync.OnceValue(func() []attestation.Sample {
	all, err := makers().Samples(model)
	if err != nil {
		panic(err)
	}
	return all
})

// statements remembers what was attested: the same is, for every fault.
var statements sync.Map

func statementOf(t testing.TB, k *key, auth, client []byte) []byte {
	t.Helper()
	hash := sha256.Sum256(client)
	type about struct {
		as, auth, hash string
	}
	is := about{k.attestedAs, string(auth), string(hash[:])}
	if known, ok := statements.Load(is); ok && k.attest.Format() != webauthn.FormatAndroidSafetyNet { // which is good for a minute
		return known.([]byte)
	}
	made, err := k.attest.Attest(&attestation.Subject{
		AuthData: auth, ClientDataHash: hash[:], Time: time.Now(),
		Sign: func(message []byte) ([]byte, error) { return k.sign(message), nil },
	})
	require.NoError(t, err)
	statements.Store(is, []byte(made))
	return made
}
