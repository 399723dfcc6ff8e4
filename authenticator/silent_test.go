package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// silentCreation is a request for a passkey that nobody is asked about.
func silentCreation(change ...func(*ctap.MakeCredentialRequest)) *ctap.MakeCredentialRequest {
	return creation(append([]func(*ctap.MakeCredentialRequest){func(r *ctap.MakeCredentialRequest) {
		r.Options = &ctap.Options{RK: ptr(true)}
	}}, change...)...)
}

func TestMakeSilentlyAsksNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.Phone())
	r.user.Then(authenticator.Decline)
	made, err := r.MakeSilently(t.Context(), silentCreation())
	require.NoError(t, err)
	assert.Empty(t, r.user.Asked())
	data, err := webauthn.ParseAuthenticatorData(made.AuthData)
	require.NoError(t, err)
	assert.False(t, data.Flags.Has(webauthn.UserPresent), data.Flags.String())
	assert.False(t, data.Flags.Has(webauthn.UserVerified), data.Flags.String())
	assert.True(t, data.Flags.Has(webauthn.BackupEligible), data.Flags.String())

	held, err := r.Credentials(t.Context())
	require.NoError(t, err)
	require.Len(t, held, 1)
	assert.Equal(t, data.Attested.CredentialID, []byte(held[0].ID))

	_, err = r.MakeSilently(t.Context(), silentCreation(func(req *ctap.MakeCredentialRequest) {
		req.ExcludeList = []ctap.Descriptor{{Type: ctap.PublicKey, ID: held[0].ID}}
	}))
	assert.ErrorIs(t, err, ctap.CredentialExcluded)
	assert.Empty(t, r.user.Asked(), "not even of that the user is told")
}

func TestMakeSilentlyKeepsToTheOtherRules(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.Phone())
	for name, test := range map[string]struct {
		change func(*ctap.MakeCredentialRequest)
		want   ctap.Status
	}{
		"algorithm": {params(-65535), ctap.UnsupportedAlgorithm},
		"hash":      {func(req *ctap.MakeCredentialRequest) { req.ClientDataHash = nil }, ctap.InvalidLength},
		"user":      {func(req *ctap.MakeCredentialRequest) { req.User.ID = nil }, ctap.InvalidLength},
		"up false":  {func(req *ctap.MakeCredentialRequest) { req.Options.UP = ptr(false) }, ctap.InvalidOption},
	} {
		_, err := r.MakeSilently(t.Context(), silentCreation(test.change))
		assert.ErrorIs(t, err, test.want, name)
	}
}
