package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

// u2fKey is a key from before CTAP2.
func u2fKey() authenticator.Model {
	return authenticator.Model{
		Name: "old key", Versions: []string{ctap.VersionU2FV2}, Transports: []string{webauthn.TransportUSB},
		CredentialIDBytes: 64, Algorithms: []webauthn.Algorithm{webauthn.ES256}, MaxMsgSize: ctap.DefaultMaxMsgSize,
	}
}

// A device of U2F alone registers and signs in, and knows no command of CTAP2.
func TestU2FAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, u2fKey())
	made := r.register()
	assert.Len(t, made.KeyHandle, 64)
	r.authenticate(u2f.EnforcePresence, made.KeyHandle)
	for _, req := range []ctap.Request{&ctap.GetInfoRequest{}, creation(), &ctap.SelectionRequest{}, &ctap.ResetRequest{}} {
		assert.Equal(t, ctap.InvalidCommand, r.status(req), "%s", req.Command())
	}
	for _, spoil := range []func(*authenticator.Model){
		func(m *authenticator.Model) { m.ResidentKeys = true },
		func(m *authenticator.Model) { m.Extensions = []string{ctap.ExtensionCredProtect} },
		func(m *authenticator.Model) { m.UV, m.UVAttempts, m.UVRetries = authenticator.UVConfigured, 1, 1 },
	} {
		model := u2fKey()
		spoil(&model)
		assert.ErrorContains(t, model.Check(), "version U2F_V2 alone excludes")
	}
}

// A device that claims verification sets the flag whenever somebody is there, asked
// for or not, and whoever it is. It still takes a no.
func TestClaimedVerification(t *testing.T) {
	t.Parallel()
	model := authenticator.Phone()
	model.UV = authenticator.UVClaimed
	r := newRig(t, model)
	assert.True(t, r.info().Options[ctap.OptionUV])
	for name, change := range map[string]func(*ctap.MakeCredentialRequest){
		"asked for":     func(*ctap.MakeCredentialRequest) {},
		"not asked for": func(req *ctap.MakeCredentialRequest) { req.Options = nil },
	} {
		r.user.WrongFinger(1)
		made, _ := r.create(change)
		assert.True(t, parse(t, made.AuthData).Flags.Has(webauthn.UserPresent|webauthn.UserVerified), name)
	}
	r.user.WrongFinger(1)
	assert.True(t, parse(t, r.assert(touchOnly).AuthData).Flags.Has(webauthn.UserVerified))
	r.user.Then(authenticator.Decline)
	assert.Equal(t, ctap.OperationDenied, r.status(creation()))
	silently := parse(t, r.assert(silent).AuthData)
	assert.False(t, silently.Flags.Has(webauthn.UserPresent), "nobody was asked")
	assert.False(t, silently.Flags.Has(webauthn.UserVerified), "so nobody was verified either")
}

// A device that always verifies does so when nobody asks for it, and only then.
func TestVerificationInAnyCase(t *testing.T) {
	t.Parallel()
	model := authenticator.Phone()
	model.UV = authenticator.UVAlways
	r := newRig(t, model)
	made, _ := r.create(func(req *ctap.MakeCredentialRequest) { req.Options = &ctap.Options{RK: ptr(true)} })
	assert.True(t, parse(t, made.AuthData).Flags.Has(webauthn.UserPresent|webauthn.UserVerified))
	assert.True(t, parse(t, r.assert(touchOnly).AuthData).Flags.Has(webauthn.UserPresent|webauthn.UserVerified))
	assert.False(t, parse(t, r.assert(silent).AuthData).Flags.Has(webauthn.UserVerified), "nobody was asked")
	r.user.WrongFinger(model.UVAttempts)
	assert.Equal(t, ctap.OperationDenied, r.status(signIn(touchOnly)), "it looks who it is")
}

// What getInfo says can be another thing than what a registration shows.
func TestInfoOfItsOwn(t *testing.T) {
	t.Parallel()
	model := authenticator.Phone()
	model.InfoAAGUID, model.MaxCredentialIDLength = new(webauthn.AAGUID), 255
	r := newRig(t, model)
	info := r.info()
	assert.Equal(t, make([]byte, 16), info.AAGUID)
	assert.EqualValues(t, 255, info.MaxCredentialIDLength)
	made, id := r.create()
	assert.Equal(t, model.AAGUID, parse(t, made.AuthData).Attested.AAGUID)
	assert.Len(t, id, model.CredentialIDBytes)
	for _, length := range []int{model.CredentialIDBytes - 1, webauthn.MaxCredentialID + 1} {
		model.MaxCredentialIDLength = length
		assert.ErrorContains(t, model.Check(), "MaxCredentialIDLength")
	}
}
