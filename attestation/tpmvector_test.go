package attestation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/testdata"
	"github.com/passkeylab/passkeylab/webauthn"
)

// The vector of WebAuthn L3 §16.13 comes out of an attester that has its keys, byte
// for byte. What its TPM says of itself is in the bend.
func TestTPMVectorIsReproduced(t *testing.T) {
	t.Parallel()
	v := tpmVector(t)
	ca, err := testdata.WebAuthnAttestationCA()
	require.NoError(t, err)
	root, err := x509.ParseCertificate(ca.Certificate)
	require.NoError(t, err)
	issuer := &Authority{ca: NewCA(nil, time.Unix(0, 0)), key: vectorKey(t, ca.Key), certificate: root}

	made, err := TPM(issuer, TPMOptions{
		Algorithm: webauthn.ES256, Attributes: TPMSign, AuthPolicy: []byte{},
		Vendor: TPMVendor{ID: "00000000", Model: "WebAuthn test vectors", Version: "00000000"}, Naming: TPMNamesTogether,
		From: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(3024, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	require.NoError(t, err)
	attester := made.(*tpm)
	attester.key = func() (*Key, error) { return vectorKey(t, v.Registration.AttestationKey), nil }
	attester.signer = func() ([]byte, error) { return nil, nil }
	attester.state = tpmState{resets: 0x11111111, restarts: 0x22222222}
	attester.bent = true
	attester.bend.shape = func(d *tpmDraft) {
		d.info.safe = 0x33 // a TPM says 0 or 1
		d.info.qualifiedName = []byte{}
		d.leaf.template.SerialNumber = new(big.Int).SetBytes(v.Registration.AttestationSerial)
		d.leaf.template.IssuingCertificateURL, d.leaf.template.ExtraExtensions = nil, nil
		d.leaf.template.ExtraExtensions = reordered(t, d.aik,
			[]int{2, 5, 29, 19}, []int{2, 5, 29, 15}, []int{2, 5, 29, 14}, []int{2, 5, 29, 35}, []int{2, 5, 29, 37})
	}

	object, err := webauthn.ParseAttestationObject(v.Registration.AttestationObject)
	require.NoError(t, err)
	hash := sha256.Sum256(v.Registration.ClientDataJSON)
	statement, err := attester.Attest(&Subject{AuthData: object.AuthData, ClientDataHash: hash[:], Time: issuer.ca.now})
	require.NoError(t, err)
	assert.Equal(t, object.Statement, statement)
	again := webauthn.AttestationObject{Format: attester.Format(), Statement: statement, AuthData: object.AuthData}
	assert.Equal(t, v.Registration.AttestationObject, again.Marshal())

	failed := attestationtest.Failures(v.Registration.AttestationObject, hash[:], attestationtest.Policy{Roots: []*x509.Certificate{root}, Time: made.(*tpm).options.From})
	assert.Equal(t, []string{"WebAuthn L3 §8.3.1, Subject Alternative Name"}, failed, "the vector's manufacturer is none")
}

func tpmVector(t *testing.T) *testdata.WebAuthnVector {
	t.Helper()
	all, err := testdata.WebAuthnVectors()
	require.NoError(t, err)
	i := slices.IndexFunc(all, func(v testdata.WebAuthnVector) bool { return v.Format == webauthn.FormatTPM })
	require.GreaterOrEqual(t, i, 0)
	return &all[i]
}

func vectorKey(t *testing.T, scalar []byte) *Key {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	require.NoError(t, err)
	return &Key{Algorithm: webauthn.ES256, signer: key}
}

// reordered is the extensions that a certificate comes out with, in another order.
func reordered(t *testing.T, c aik, order ...[]int) []pkix.Extension {
	t.Helper()
	x5c, err := c.x5c()
	require.NoError(t, err)
	made, err := x509.ParseCertificate(x5c[0])
	require.NoError(t, err)
	var extensions []pkix.Extension
	for _, id := range order {
		for _, e := range made.Extensions {
			if e.Id.Equal(asn1.ObjectIdentifier(id)) {
				extensions = append(extensions, e)
			}
		}
	}
	return extensions
}
