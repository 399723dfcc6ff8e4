package authenticator_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

type pinRequest = ctap.ClientPINRequest

func flip(b []byte) []byte {
	b = append([]byte(nil), b...)
	b[0] ^= 1
	return b
}

// One row per rule of setPIN (CTAP 2.3 §6.5.5.5), on a key without a PIN.
func TestSetPINSteps(t *testing.T) {
	t.Parallel()
	cases := []struct {
		step, name string
		pin        string // "" = a good one
		change     func(*pinRequest)
		want       ctap.Status
	}{
		{step: "0", name: "everything is right"},
		{step: "1", name: "protocol missing", change: func(r *pinRequest) { r.PinUvAuthProtocol = nil }, want: ctap.MissingParameter},
		{step: "1", name: "keyAgreement missing", change: func(r *pinRequest) { r.KeyAgreement = nil }, want: ctap.MissingParameter},
		{step: "1", name: "pinUvAuthParam missing", change: func(r *pinRequest) { r.PinUvAuthParam = nil }, want: ctap.MissingParameter},
		{step: "1", name: "newPinEnc missing", change: func(r *pinRequest) { r.NewPINEnc = nil }, want: ctap.MissingParameter},
		{step: "2", name: "protocol unsupported", change: func(r *pinRequest) { r.PinUvAuthProtocol = ptr(uint64(3)) }, want: ctap.InvalidParameter},
		{step: "4", name: "keyAgreement off the curve", change: func(r *pinRequest) { r.KeyAgreement.X = flip(r.KeyAgreement.X) }, want: ctap.InvalidParameter},
		{step: "4", name: "keyAgreement of another curve", change: func(r *pinRequest) { r.KeyAgreement.Curve = 2 }, want: ctap.InvalidParameter},
		{step: "5", name: "pinUvAuthParam wrong", change: func(r *pinRequest) { r.PinUvAuthParam = flip(r.PinUvAuthParam) }, want: ctap.PINAuthInvalid},
		{step: "5", name: "pinUvAuthParam cut", change: func(r *pinRequest) { r.PinUvAuthParam = r.PinUvAuthParam[:16] }, want: ctap.PINAuthInvalid},
		{step: "9", name: "three code points", pin: "123", want: ctap.PINPolicyViolation},
		{step: "9", name: "three code points of many bytes", pin: "€€€", want: ctap.PINPolicyViolation},
		{step: "9", name: "four code points", pin: "1€34"},
		{step: "9", name: "63 bytes", pin: strings.Repeat("1234567", 9)},
		{step: "10", name: "64 bytes", pin: strings.Repeat("12345678", 8), want: ctap.PINPolicyViolation},
		{step: "10", name: "not UTF-8", pin: "1234\xff", want: ctap.PINPolicyViolation},
		{step: "10", name: "nothing but padding", pin: "\x00\x00\x00\x00", want: ctap.PINPolicyViolation},
	}
	for _, c := range cases {
		t.Run(c.step+" "+c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, pinKey())
			p := r.platform(pinuv.Two)
			if c.pin == "" {
				c.pin = pin
			}
			if c.change == nil {
				c.change = func(*pinRequest) {}
			}
			assert.Equal(t, c.want, p.setPIN(c.pin, c.change))
			set := r.info().Options[ctap.OptionClientPIN]
			assert.Equal(t, c.want == ctap.OK, set, "clientPin")
			if set {
				assert.NoError(t, p.grant(c.pin, ctap.PermissionCredentialManagement, ""))
				assert.Equal(t, ctap.PINAuthInvalid, p.setPIN("5678"), "step 3: a second PIN")
			}
		})
	}
}

func TestNewPINOfAnotherLength(t *testing.T) {
	t.Parallel()
	for _, protocol := range []pinuv.Protocol{pinuv.One, pinuv.Two} {
		for _, size := range []int{48, 80} {
			r := newRig(t, pinKey())
			p := r.platform(protocol)
			key, shared := p.agree()
			enc := p.encrypt(shared, make([]byte, size))
			assert.Equal(t, ctap.InvalidParameter, r.status(&pinRequest{
				SubCommand: ctap.SetPIN, PinUvAuthProtocol: p.number(), KeyAgreement: key, NewPINEnc: enc, PinUvAuthParam: shared.Authenticate(enc),
			}), "%s, %d bytes", protocol, size)
		}
	}
}

// One row per rule of changePIN (§6.5.5.6), on a key with a PIN.
func TestChangePINSteps(t *testing.T) {
	t.Parallel()
	cases := []struct {
		step, name string
		from, to   string // "" = good ones
		change     func(*pinRequest)
		want       ctap.Status
		retries    uint64
	}{
		{step: "0", name: "everything is right", retries: 8},
		{step: "1", name: "protocol missing", change: func(r *pinRequest) { r.PinUvAuthProtocol = nil }, want: ctap.MissingParameter, retries: 8},
		{step: "1", name: "pinHashEnc missing", change: func(r *pinRequest) { r.PINHashEnc = nil }, want: ctap.MissingParameter, retries: 8},
		{step: "2", name: "protocol unsupported", change: func(r *pinRequest) { r.PinUvAuthProtocol = ptr(uint64(0)) }, want: ctap.InvalidParameter, retries: 8},
		{step: "4", name: "keyAgreement cut", change: func(r *pinRequest) { r.KeyAgreement.Y = r.KeyAgreement.Y[:31] }, want: ctap.InvalidParameter, retries: 8},
		{step: "5", name: "pinUvAuthParam wrong costs no attempt", change: func(r *pinRequest) { r.PinUvAuthParam = flip(r.PinUvAuthParam) }, want: ctap.PINAuthInvalid, retries: 8},
		{step: "7", name: "wrong PIN", from: "314159", want: ctap.PINInvalid, retries: 7},
		{step: "12", name: "new PIN too short", to: "123", want: ctap.PINPolicyViolation, retries: 8},
		{step: "13", name: "the same PIN again is allowed", to: pin, retries: 8},
	}
	for _, c := range cases {
		t.Run(c.step+" "+c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, pinKey())
			p := r.withPIN()
			from, to := pin, "314159"
			if c.from != "" {
				from = c.from
			}
			if c.to != "" {
				to = c.to
			}
			if c.change == nil {
				c.change = func(*pinRequest) {}
			}
			assert.Equal(t, c.want, p.changePIN(from, to, c.change))
			left, _ := p.retries()
			assert.Equal(t, c.retries, left)
			now := pin
			if c.want == ctap.OK {
				now = to
			}
			assert.NoError(t, p.grant(now, ctap.PermissionCredentialManagement, ""), "the PIN is what it should be")
		})
	}
}

func TestChangePINNeedsAPIN(t *testing.T) {
	t.Parallel()
	p := newRig(t, pinKey()).platform(pinuv.Two)
	assert.Equal(t, ctap.PINNotSet, p.changePIN(pin, "314159"))
	assert.ErrorIs(t, p.grant(pin, ctap.PermissionCredentialManagement, ""), ctap.PINNotSet)
}

// A changed PIN takes back what the old one gave.
func TestChangePINResetsTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := r.withPIN().granted(ctap.PermissionGetAssertion, "example.com")
	require.Equal(t, ctap.OK, p.changePIN(pin, "314159"))
	assert.Equal(t, ctap.PINAuthInvalid, r.status(signIn(p.asserting)))
}

func TestComplexPINs(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey(func(m *authenticator.Model) { m.PIN.Complexity = authenticator.FactoryOn }))
	p := r.platform(pinuv.Two)
	for _, simple := range []string{"1111", "1234", "9876", "abcd", "€€€€"} {
		assert.Equal(t, ctap.PINPolicyViolation, p.setPIN(simple), simple)
	}
	assert.Equal(t, ctap.OK, p.setPIN("1235"))
	assert.True(t, *r.info().PinComplexityPolicy)
}
