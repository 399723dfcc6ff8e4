package authenticator_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// foreign is what go-webauthn does not verify: Ed448 never, ML-DSA when it was
// built with a Go before 1.27, where it has not registered it.
func foreign(alg webauthn.Algorithm) bool {
	switch alg {
	case webauthn.Ed448:
		return true
	case webauthn.MLDSA44, webauthn.MLDSA65, webauthn.MLDSA87:
		_, registered := webauthncose.COSESignatureAlgorithmDetails[webauthncose.COSEAlgorithmIdentifier(alg)]
		return !registered
	}
	return false
}

// What a device says is verified by somebody else's relying party code.
func TestGoWebauthnVerifies(t *testing.T) {
	t.Parallel()
	for _, alg := range everyAlgorithm {
		if foreign(alg) {
			continue
		}
		for _, format := range []string{webauthn.FormatPacked, webauthn.FormatNone} {
			for _, rk := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s %s discoverable=%t", alg, format, rk), func(t *testing.T) {
					t.Parallel()
					model := polyglot()
					model.AttestationFormats = []string{format}
					r := newRig(t, model)
					made, id := r.create(withAlgorithm(alg), func(req *ctap.MakeCredentialRequest) { req.Options.RK = &rk })
					key := verifyAttestation(t, made, alg)
					verifyAssertion(t, r.assert(allowing(id)), key)
				})
			}
		}
	}
}

// verifyAttestation checks the whole attestation object and returns the
// credential's public key.
func verifyAttestation(t *testing.T, made *ctap.MakeCredentialResponse, alg webauthn.Algorithm) []byte {
	t.Helper()
	object := webauthn.AttestationObject{Format: made.Format, Statement: made.Statement, AuthData: made.AuthData}
	clientData, err := json.Marshal(map[string]string{"type": webauthn.ClientDataCreate})
	require.NoError(t, err)
	response := &protocol.AuthenticatorAttestationResponse{AttestationObject: object.Marshal()}
	response.ClientDataJSON = clientData
	parsed, err := response.Parse()
	require.NoError(t, err)
	params := []protocol.CredentialParameter{{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(alg)}}
	require.NoError(t, parsed.AttestationObject.Verify("example.com", clientDataHash[:], true, true, nil, params, protocol.AttestationPolicy{}, protocol.SignaturePolicy{}))
	assert.Equal(t, made.Format, parsed.AttestationObject.Format)
	return parsed.AttestationObject.AuthData.AttData.CredentialPublicKey
}

func verifyAssertion(t *testing.T, resp *ctap.GetAssertionResponse, key []byte) {
	t.Helper()
	var data protocol.AuthenticatorData
	require.NoError(t, data.Unmarshal(resp.AuthData))
	hash := parse(t, resp.AuthData).RPIDHash
	require.NoError(t, data.Verify(hash[:], nil, true, true))
	require.NoError(t, webauthncbor.Unmarshal(key, new(any)))
	public, err := webauthncose.ParsePublicKey(key)
	require.NoError(t, err)
	valid, err := webauthncose.VerifySignature(public, append(resp.AuthData[:len(resp.AuthData):len(resp.AuthData)], clientDataHash[:]...), resp.Signature)
	require.NoError(t, err)
	assert.True(t, valid, "the signature verifies")
}
