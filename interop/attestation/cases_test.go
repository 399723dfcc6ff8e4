//go:build interop

package attestation_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

// registration is one that a verifier is shown, as its JSON.
type registration struct {
	ID        string         `json:"id"`
	Response  map[string]any `json:"response"` // RegistrationResponseJSON (§5.1.8)
	Challenge string         `json:"challenge"`
	Origin    string         `json:"origin"`
	RPID      string         `json:"rpId"`
	Roots     [][]byte       `json:"roots"` // to trust, DER
	Now       int64          `json:"now"`   // of the ceremony, in milliseconds
}

const (
	rpID       = "example.com"
	origin     = "https://example.com"
	challenge  = "MTIzNDU2Nzg5MDEyMzQ1Ng"
	clientData = `{"type":"webauthn.create","challenge":"` + challenge + `","origin":"` + origin + `","crossOrigin":false}`
)

var aaguid = webauthn.AAGUID([]byte("passkeylab:test "))

// writeCases writes a registration of every sample, under its name, and of every
// defect, under its ID, and returns where. Verifiers read the machine's clock.
func writeCases(t *testing.T, makers *attestation.Makers, samples []attestation.Sample) (file string) {
	t.Helper()
	var cases []registration
	for _, s := range samples {
		cases = append(cases, register(t, makers, s.Name, s.Attester))
	}
	for _, d := range attestation.Defects() {
		s, err := d.Of(samples)
		require.NoError(t, err)
		cases = append(cases, register(t, makers, d.ID, s.Attester))
	}
	encoded, err := json.Marshal(cases)
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "cases.json")
	require.NoError(t, os.WriteFile(file, encoded, 0o600))
	return file
}

func register(t *testing.T, makers *attestation.Makers, id string, by attestation.Attester) registration {
	t.Helper()
	scalar := sha256.Sum256([]byte("credential"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	cose, err := webauthn.EncodeCOSEKey(webauthn.ES256, key.Public())
	require.NoError(t, err)
	credentialID := sha256.Sum256([]byte("credential ID"))
	attested := webauthn.AttestedCredential{AAGUID: aaguid, CredentialID: credentialID[:], PublicKey: cose}
	if by.Format() == webauthn.FormatFIDOU2F {
		attested.AAGUID = webauthn.AAGUID{} // as SimpleWebAuthn insists
	}
	data := webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte(rpID)), Flags: webauthn.Flags(0).With(webauthn.UserPresent, true).With(webauthn.UserVerified, true), Attested: &attested,
	}
	hash := sha256.Sum256([]byte(clientData))
	about := &attestation.Subject{
		AuthData: data.Marshal(), ClientDataHash: hash[:], Time: time.Now(),
		Sign: func(message []byte) ([]byte, error) {
			sum := sha256.Sum256(message)
			return key.Sign(nil, sum[:], crypto.SHA256)
		},
	}
	statement, err := by.Attest(about)
	require.NoError(t, err)
	object := webauthn.AttestationObject{Format: by.Format(), Statement: statement, AuthData: about.AuthData}
	url := base64.RawURLEncoding.EncodeToString
	trusted := by.Format()
	if trusted == webauthn.FormatNone {
		trusted = webauthn.FormatPacked // whose roots python-fido2 has to be given some of
	}
	roots, err := makers.Roots(trusted)
	require.NoError(t, err)
	r := registration{ID: id, Challenge: challenge, Origin: origin, RPID: rpID, Now: about.Time.UnixMilli(), Roots: [][]byte{}, Response: map[string]any{
		"id": url(credentialID[:]), "rawId": url(credentialID[:]), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": url([]byte(clientData)), "attestationObject": url(object.Marshal())},
	}}
	for _, root := range roots {
		r.Roots = append(r.Roots, root.Raw)
	}
	return r
}
