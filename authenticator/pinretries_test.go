package authenticator_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// try enters a PIN and returns how that ended.
func (p *platform) try(pin string) ctap.Status {
	p.r.t.Helper()
	return ctap.StatusOf(p.grant(pin, ctap.PermissionCredentialManagement, ""))
}

// Three wrong PINs in a row ask for a power cycle, eight for a reset (CTAP 2.3
// §6.5.2.3).
func TestPINRetries(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := r.withPIN()
	type attempt struct {
		pin     string
		want    ctap.Status
		left    uint64
		blocked bool
	}
	const wrong, cycle = "000000", "power cycle"
	for i, a := range []attempt{
		{wrong, ctap.PINInvalid, 7, false}, {wrong, ctap.PINInvalid, 6, false}, {wrong, ctap.PINAuthBlocked, 5, true},
		{pin, ctap.PINAuthBlocked, 5, true},
		{pin: cycle},
		{wrong, ctap.PINInvalid, 4, false}, {wrong, ctap.PINInvalid, 3, false},
		{pin, ctap.OK, 8, false},
		{wrong, ctap.PINInvalid, 7, false}, {wrong, ctap.PINInvalid, 6, false}, {wrong, ctap.PINAuthBlocked, 5, true},
		{pin: cycle},
		{wrong, ctap.PINInvalid, 4, false}, {wrong, ctap.PINInvalid, 3, false}, {wrong, ctap.PINAuthBlocked, 2, true},
		{pin: cycle},
		{wrong, ctap.PINInvalid, 1, false}, {wrong, ctap.PINBlocked, 0, false},
		{pin, ctap.PINBlocked, 0, false},
		{pin: cycle},
		{pin, ctap.PINBlocked, 0, false},
	} {
		if a.pin == cycle {
			r.PowerCycle()
			continue
		}
		require.Equal(t, a.want, p.try(a.pin), "attempt %d", i)
		left, blocked := p.retries()
		require.Equal(t, a.left, left, "attempt %d", i)
		require.Equal(t, a.blocked, blocked, "attempt %d", i)
	}
	assert.Equal(t, ctap.PINBlocked, p.changePIN(pin, "314159"))
	require.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, ctap.PINNotSet, r.status(&ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries}), "there is none to miss")
	assert.Equal(t, ctap.OK, p.setPIN("314159"))
	left, _ := p.retries()
	assert.Equal(t, uint64(8), left)
}

// The third miss in a row that is also the last is the last.
func TestLastMissOutweighsTheThird(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey(func(m *authenticator.Model) { m.PIN.Retries = 3 }))
	p := r.withPIN()
	assert.Equal(t, ctap.PINInvalid, p.try("0000"))
	assert.Equal(t, ctap.PINInvalid, p.try("0000"))
	assert.Equal(t, ctap.PINBlocked, p.try("0000"))
}

// A miss costs its attempt also where the power goes before the answer.
func TestPINMissIsStoredBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	store := &failingStore{Store: authenticator.NewMemoryStore()}
	r := newRigOn(t, pinKey(), store)
	p := r.withPIN()
	key, shared := p.agree()
	req := &pinRequest{
		SubCommand: ctap.GetPINToken, PinUvAuthProtocol: p.number(), KeyAgreement: key, PINHashEnc: p.encrypt(shared, pinuv.HashPIN(pin)),
	}
	store.left, store.err = 1, errors.New("the power goes") // Load works, the first write does not
	assert.Equal(t, ctap.Other, r.status(req), "nothing was compared: no token comes out")
	assert.Equal(t, ctap.OK, r.status(req))
}

// After a miss the platform must fetch the key of that protocol again, and only
// of that one.
func TestPINMissRegeneratesTheKey(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := r.withPIN()
	keyOf := func(protocol pinuv.Protocol) *ctap.KeyAgreement {
		resp, err := ctap.Call(t.Context(), r, &pinRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: ptr(uint64(protocol))})
		require.NoError(t, err)
		return resp.KeyAgreement
	}
	one, two := keyOf(pinuv.One), keyOf(pinuv.Two)
	assert.Equal(t, two, keyOf(pinuv.Two), "asking changes nothing")
	assert.NotEqual(t, one, two, "each protocol has its own")
	require.Equal(t, ctap.PINInvalid, p.try("0000"))
	assert.Equal(t, one, keyOf(pinuv.One))
	assert.NotEqual(t, two, keyOf(pinuv.Two))
	r.PowerCycle()
	assert.NotEqual(t, one, keyOf(pinuv.One))
}
