package authenticator_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/testdata"
)

// A device that draws what a prf vector of WebAuthn L3 §16 drew, with a
// credential that has its secret, answers byte for byte what the vector says.
func TestPRFVectorsAreReproduced(t *testing.T) {
	t.Parallel()
	all, err := testdata.PRFVectors()
	require.NoError(t, err)
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			random := &script{rest: seed.Stream(seed.Named(t.Name())), told: slices.Concat(v.AuthenticatorKey, v.OutputIV)}
			a, err := authenticator.New(extended(), authenticator.Env{
				Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
				Clock: authenticator.NewManualClock(start), Random: random,
			})
			require.NoError(t, err)
			require.NoError(t, a.Import(t.Context(), &authenticator.Credential{
				ID: []byte("of the vector"), RPID: "example.com", Algorithm: -7, PrivateKey: bytes.Repeat([]byte{1}, 32),
				Extras: &authenticator.Extras{CredRandom: slices.Concat(v.CredRandom, make([]byte, 32))},
			}))
			protocol := uint64(v.Protocol)
			agreed, err := ctap.Call(t.Context(), a, &ctap.ClientPINRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: &protocol})
			require.NoError(t, err)
			assert.Equal(t, v.AuthenticatorX, agreed.KeyAgreement.X)
			assert.Equal(t, v.AuthenticatorY, agreed.KeyAgreement.Y)

			key, shared, err := pinuv.Encapsulate(bytes.NewReader(v.PlatformKey), pinuv.Protocol(protocol), agreed.KeyAgreement)
			require.NoError(t, err)
			resp, err := ctap.Call(t.Context(), a, signIn(allowing([]byte("of the vector")), asking(ctap.ExtensionHMACSecret, &ctap.HMACSecretInput{
				KeyAgreement: key, SaltEnc: v.SaltEnc, SaltAuth: shared.Authenticate(v.SaltEnc), PinUvAuthProtocol: &protocol,
			})))
			require.NoError(t, err)
			assert.Equal(t, only(ctap.ExtensionHMACSecret, v.OutputEnc), said(t, resp.AuthData))
		})
	}
}
