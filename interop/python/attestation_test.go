//go:build interop

package python_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Why python-fido2 2.2.1 lets a defect of a tpm statement pass.
const (
	noValidity  = "it does not look at the validity of certificates"
	noAAGUID    = "it does not look for the extension with the AAGUID"
	noNames     = "it asks for an alternative name and does not read it"
	noAuthority = "it does not ask whether those above a certificate are authorities"
	noVersion   = "it does not read the member ver"
	noMembers   = "it does not look at members that it does not need"
	noRest      = "it does not look at what follows certInfo"
)

var pythonAccepts = map[string]string{
	"tpm/aaguid-critical":                noAAGUID,
	"tpm/aaguid-other":                   noAAGUID,
	"tpm/aaguid-single-wrapped":          noAAGUID,
	"tpm/certinfo-trailing":              noRest,
	"tpm/extra-member":                   noMembers,
	"tpm/intermediate-expired":           noValidity,
	"tpm/intermediate-not-ca":            noAuthority,
	"tpm/intermediate-not-yet-valid":     noValidity,
	"tpm/intermediate-without-cert-sign": noAuthority,
	"tpm/leaf-expired":                   noValidity,
	"tpm/leaf-not-yet-valid":             noValidity,
	"tpm/san-dns":                        noNames,
	"tpm/san-manufacturer-letters":       noNames,
	"tpm/san-manufacturer-missing":       noNames,
	"tpm/san-manufacturer-unknown":       noNames,
	"tpm/san-manufacturer-without-id":    noNames,
	"tpm/san-model-missing":              noNames,
	"tpm/san-not-critical":               noNames,
	"tpm/san-version-missing":            noNames,
	"tpm/ver-missing":                    noVersion,
	"tpm/ver-number":                     noVersion,
	"tpm/ver-old":                        noVersion,
}

// asked is a line to attestation.py.
type asked struct {
	Check  string   `json:"check"`
	Object string   `json:"object"`
	Hash   string   `json:"hash"`
	Roots  []string `json:"roots"`
}

// A TPM's statements are accepted, and those with a defect refused, or it is said why
// not.
func TestTPMStatements(t *testing.T) {
	t.Parallel()
	makers := attestation.NewMakers([]byte("of the tests with python-fido2"), time.Now().Truncate(24*time.Hour))
	roots, err := makers.Roots(webauthn.FormatTPM)
	require.NoError(t, err)
	whole := map[string]attestation.Attester{}
	for _, alg := range []webauthn.Algorithm{webauthn.RS1, webauthn.RS256, webauthn.ES256} {
		whole[alg.String()], err = makers.Attester(webauthn.FormatTPM, attestation.Product{Algorithm: alg})
		require.NoError(t, err)
	}
	attesters := maps.Clone(whole)
	for _, d := range attestation.Defects() {
		if d.Format == webauthn.FormatTPM {
			attesters[d.ID], err = d.Break(whole["ES256"])
			require.NoError(t, err)
		}
	}

	about := tpmSubject(t)
	var lines bytes.Buffer
	for name, a := range attesters {
		statement, err := a.Attest(about)
		require.NoError(t, err)
		object := webauthn.AttestationObject{Format: a.Format(), Statement: statement, AuthData: about.AuthData}
		require.NoError(t, json.NewEncoder(&lines).Encode(asked{
			name, hex.EncodeToString(object.Marshal()), hex.EncodeToString(about.ClientDataHash), []string{hex.EncodeToString(roots[0].Raw)},
		}))
	}
	checks := exec.CommandContext(t.Context(), installed(t), "-B", "attestation.py")
	checks.Stdin = &lines
	refused := verdicts(t, checks)
	for name := range attesters {
		t.Run(name, func(t *testing.T) {
			why, ran := refused[name]
			require.True(t, ran, "python-fido2 did not come so far")
			if _, is := whole[name]; is {
				assert.Empty(t, why)
			} else if reason, accepted := pythonAccepts[name]; accepted {
				assert.Empty(t, why, "refused, so that this is wrong: %s", reason)
			} else {
				assert.NotEmpty(t, why)
			}
		})
	}
}

// tpmSubject is a credential that was just made.
func tpmSubject(t *testing.T) *attestation.Subject {
	t.Helper()
	scalar, hash := sha256.Sum256([]byte("credential")), sha256.Sum256([]byte("client data"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	cose, err := webauthn.EncodeCOSEKey(webauthn.ES256, key.Public())
	require.NoError(t, err)
	data := webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte("example.com")), Flags: webauthn.Flags(0).With(webauthn.UserPresent, true),
		Attested: &webauthn.AttestedCredential{AAGUID: webauthn.AAGUID([]byte("passkeylab:test ")), CredentialID: make([]byte, 32), PublicKey: cose},
	}
	return &attestation.Subject{AuthData: data.Marshal(), ClientDataHash: hash[:], Time: time.Now()}
}
