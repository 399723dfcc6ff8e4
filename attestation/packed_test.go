package attestation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

var (
	labTime = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) // past, as verifiers read the real clock
	secret  = []byte("a secret of tests")
	aaguid  = webauthn.AAGUID([]byte("passkeylab:test "))
)

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
		AuthData: data.Marshal(), ClientDataHash: hash[:], Time: labTime,
		Sign: func(message []byte) ([]byte, error) {
			sum := sha256.Sum256(message)
			return key.Sign(nil, sum[:], nil)
		},
	}
}

// verify has go-webauthn look at a statement.
func verify(t testing.TB, a attestation.Attester, about *attestation.Subject) error {
	t.Helper()
	made, err := a.Attest(about)
	require.NoError(t, err)
	object := webauthn.AttestationObject{Format: a.Format(), Statement: made, AuthData: about.AuthData}
	parsed := protocol.AuthenticatorAttestationResponse{
		AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: []byte(clientData)},
		AttestationObject:     object.Marshal(),
	}
	response, err := parsed.Parse()
	if err != nil {
		return err
	}
	return response.AttestationObject.VerifyAttestation(about.ClientDataHash, nil, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
}

func packedAttester(t testing.TB) attestation.Attester {
	t.Helper()
	root, err := attestation.NewCA(secret, labTime).Root(pkix.Name{CommonName: "Test root"}, webauthn.ES256)
	require.NoError(t, err)
	a, err := attestation.Packed(root, attestation.PackedOptions{
		AAGUID: aaguid, Subject: pkix.Name{Country: []string{"SE"}, Organization: []string{"Test maker"},
			OrganizationalUnit: []string{"Authenticator Attestation"}, CommonName: "Batch 1"},
	})
	require.NoError(t, err)
	return a
}

func TestPackedStatementsAreAccepted(t *testing.T) {
	t.Parallel()
	assert.NoError(t, verify(t, packedAttester(t), subject(t)))
}

// Every defect is refused, or its acceptance explained.
func TestPackedDefects(t *testing.T) {
	t.Parallel()
	for _, d := range attestation.Defects() {
		if d.Format != webauthn.FormatPacked {
			continue
		}
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			broken, err := d.Break(packedAttester(t))
			require.NoError(t, err)
			assert.Error(t, verify(t, broken, subject(t)))
		})
	}
}
