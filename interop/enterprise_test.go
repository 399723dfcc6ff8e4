//go:build interop

package interop_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// enterprise is a plain key that tells example.com which one it is.
func enterprise(t *testing.T) func() authenticator.Model {
	t.Helper()
	attestation := &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: bytes.Repeat([]byte{7}, 32)}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), attestation.Private)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0),
		Subject: pkix.Name{
			Country: []string{"CH"}, Organization: []string{"passkeylab"}, CommonName: "key number 7",
			OrganizationalUnit: []string{"Authenticator Attestation"}, // WebAuthn L3 §8.2.1
		},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	attestation.Certificates = [][]byte{der}
	return with(plain, func(m *authenticator.Model) {
		m.Enterprise = authenticator.EnterpriseFeatures{RPIDs: []string{"example.com"}, Key: attestation}
	})
}

// Enterprise attestation is something that python-fido2 alone can ask for.
func TestEnterpriseAttestation(t *testing.T) {
	t.Parallel()
	eachProtocol(t, pythonFIDO2, enterprise(t), func(k *key) {
		k.refused(ctap.InvalidParameter, "register", "rp=example.com", "user=alice", "enterprise=1")
		k.ok("config-enterprise")
		assert.Empty(k.t, k.ok("register", "rp=example.net", "user=alice", "enterprise=1")["enterprise"])
		assert.Equal(k.t, "1", k.ok("register", "rp=example.com", "user=alice", "enterprise=1")["enterprise"])
		k.refused(ctap.InvalidOption, "register", "rp=example.com", "user=alice", "enterprise=3")
	})
}
