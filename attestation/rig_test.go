package attestation_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/webauthn"
)

var (
	secret = []byte("a secret of tests")
	aaguid = webauthn.AAGUID([]byte("passkeylab:test "))
)

// makers are those of all tests, as RSA keys take a while. Other people's verifiers
// read the machine's clock, so the lab's is that one here.
var makers = sync.OnceValue(func() *attestation.Makers { return attestation.NewMakers(secret, time.Now().Truncate(24*time.Hour)) })

const clientData = `{"type":"webauthn.create","challenge":"AAAA","origin":"https://example.com"}`

// subject is a credential that was just made.
func subject(t testing.TB) *attestation.Subject {
	t.Helper()
	scalar := sha256.Sum256([]byte("credential"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	cose, err := webauthn.EncodeCOSEKey(webauthn.ES256, key.Public())
	require.NoError(t, err)
	data := webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte("example.com")),
		Flags:    webauthn.Flags(0).With(webauthn.UserPresent, true),
		Attested: &webauthn.AttestedCredential{AAGUID: aaguid, CredentialID: make([]byte, 32), PublicKey: cose},
	}
	hash := sha256.Sum256([]byte(clientData))
	return &attestation.Subject{
		AuthData: data.Marshal(), ClientDataHash: hash[:], Time: time.Now().Truncate(time.Millisecond),
		Sign: func(message []byte) ([]byte, error) {
			sum := sha256.Sum256(message)
			return key.Sign(nil, sum[:], crypto.SHA256)
		},
	}
}

// kind is a way of attesting that is whole, and what a relying party that wants it
// decides.
type kind struct {
	name     string
	attester attestation.Attester
	policy   attestationtest.Policy // but for the time
}

// samples are made once, as RSA keys take a while.
var samples = sync.OnceValues(func() ([]attestation.Sample, error) { return makers().Samples(aaguid) })

func kinds(t testing.TB) []kind {
	t.Helper()
	all, err := samples()
	require.NoError(t, err)
	list := make([]kind, len(all))
	for i, s := range all {
		list[i] = kindOf(t, s)
	}
	return list
}

func kindOf(t testing.TB, s attestation.Sample) kind {
	t.Helper()
	roots, err := makers().Roots(s.Attester.Format())
	require.NoError(t, err)
	return kind{s.Name, s.Attester, attestationtest.Policy{Roots: roots, Enterprise: s.Enterprise, Software: s.Software}}
}

// broken is a kind with a defect.
func broken(t testing.TB, d attestation.Defect) kind {
	t.Helper()
	all, err := samples()
	require.NoError(t, err)
	s, err := d.Of(all)
	require.NoError(t, err)
	return kindOf(t, s)
}

// object is what an attester makes for a subject, as it is sent.
func object(t testing.TB, a attestation.Attester, about *attestation.Subject) []byte {
	t.Helper()
	statement, err := a.Attest(about)
	require.NoError(t, err)
	o := webauthn.AttestationObject{Format: a.Format(), Statement: statement, AuthData: about.AuthData}
	return o.Marshal()
}

// failures is what the strict verifier objects to.
func failures(t testing.TB, k kind, about *attestation.Subject) []string {
	t.Helper()
	k.policy.Time = about.Time
	return attestationtest.Failures(object(t, k.attester, about), about.ClientDataHash, k.policy)
}
