package testdata_test

import (
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/testdata"
)

// refusals are the vectors that go-webauthn does not accept, and what it says.
// They are right all the same: TestStatementsAreReproduced and
// TestAssertionsAreReproduced hold for them too.
var refusals = map[string]struct{ registration, authentication string }{
	"android-key-es256": {registration: "Error validating x5c cert chain"}, // takes Google's roots only
	"apple-es256":       {registration: "Error validating x5c cert chain"}, // takes Apple's root only
	"tpm-es256":         {registration: "Invalid TPM manufacturer"},        // the vector's is id:00000000
	"packed-ed448":      {authentication: "Error parsing the assertion public key: OKP key has unsupported algorithm -53"},
}

// Somebody else's relying party accepts the vectors, so that a device that
// reproduces them is understood.
func TestGoWebauthnVerifies(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			assertOutcome(t, refusals[v.Name].registration, verifyRegistration(&v))
			assertOutcome(t, refusals[v.Name].authentication, verifyAuthentication(t, &v))
		})
	}
}

func assertOutcome(t *testing.T, refusal string, err error) {
	t.Helper()
	if refusal == "" {
		assert.NoError(t, err)
		return
	}
	assert.EqualError(t, err, refusal)
}

func verifyRegistration(v *testdata.WebAuthnVector) error {
	r := &v.Registration
	response := &protocol.AuthenticatorAttestationResponse{AttestationObject: r.AttestationObject}
	response.ClientDataJSON = r.ClientDataJSON
	parsed, err := response.Parse()
	if err != nil {
		return err
	}
	challenge := base64.RawURLEncoding.EncodeToString(r.Challenge)
	if err := parsed.CollectedClientData.Verify(challenge, protocol.CreateCeremony, []string{v.Origin}, nil, []string{v.TopOrigin},
		protocol.TopOriginExplicitVerificationMode, v.CrossOrigin); err != nil {
		return err
	}
	hash := sha256.Sum256(r.ClientDataJSON)
	params := []protocol.CredentialParameter{{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(v.Algorithm)}}
	return parsed.AttestationObject.Verify(v.RPID, hash[:], r.UserVerified, true, nil, params, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
}

func verifyAuthentication(t *testing.T, v *testdata.WebAuthnVector) error {
	t.Helper()
	a := &v.Authentication
	response := &protocol.CredentialAssertionResponse{}
	response.ID = base64.RawURLEncoding.EncodeToString(v.Registration.CredentialID)
	response.RawID, response.Type = v.Registration.CredentialID, "public-key"
	response.AssertionResponse.ClientDataJSON = a.ClientDataJSON
	response.AssertionResponse.AuthenticatorData, response.AssertionResponse.Signature = a.AuthenticatorData, a.Signature
	parsed, err := response.Parse()
	require.NoError(t, err)
	challenge := base64.RawURLEncoding.EncodeToString(a.Challenge)
	key := object(t, v).AuthData[credentialAt+len(v.Registration.CredentialID):]
	return parsed.Verify(challenge, v.RPID, "", []string{v.Origin}, nil, []string{v.TopOrigin}, protocol.TopOriginExplicitVerificationMode,
		v.CrossOrigin, a.UserVerified, true, key, protocol.SignaturePolicy{})
}
