package authenticator_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// Later seams are around earlier ones, and a step that is not run has done
// nothing.
func TestStepsSeam(t *testing.T) {
	t.Parallel()
	var order []string
	around := func(name string) authenticator.Seams {
		return authenticator.Seams{Steps: map[authenticator.Step]func(func() error) error{
			{Section: "6.9", Number: "1"}: func(run func() error) error {
				order = append(order, name)
				return run()
			},
		}}
	}
	r := newRig(t, authenticator.SecurityKey(), around("inner"), around("outer"))
	assert.Equal(t, ctap.OK, r.status(new(ctap.SelectionRequest)))
	assert.Equal(t, []string{"outer", "inner"}, order)
	require.Len(t, r.user.Asked(), 1)

	r.Attach(authenticator.Seams{Steps: map[authenticator.Step]func(func() error) error{
		{Section: "6.9", Number: "1"}:                func(func() error) error { return nil },
		{Section: "U2F 5", Number: "3 (check only)"}: func(func() error) error { return u2f.Errorf(u2f.Other, "for the test") },
	}})
	assert.Equal(t, ctap.OK, r.status(new(ctap.SelectionRequest)))
	assert.Len(t, r.user.Asked(), 1, "nobody was asked")
	_, id := r.create(notDiscoverable)
	_, err := u2f.Call(t.Context(), r, &u2f.AuthenticateRequest{Control: u2f.EnforcePresence, Application: ourApp, KeyHandle: id})
	assert.ErrorIs(t, err, u2f.Other)
}

func TestStepsSeamReplacesTheOutcome(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{Steps: map[authenticator.Step]func(func() error) error{
		{Section: "6.2.2", Number: "7"}: func(run func() error) error {
			if run() != nil {
				return ctap.InvalidCredential
			}
			return nil
		},
	}})
	assert.Equal(t, ctap.InvalidCredential, r.status(signIn()))
	r.create()
	assert.Equal(t, ctap.OK, r.status(signIn()))
}

// Each rule that does not apply lets a token pass that it would stop.
func TestTokenSeam(t *testing.T) {
	t.Parallel()
	create := func(p *platform) ctap.Status { return p.r.status(creation(p.creating)) }
	for name, c := range map[string]struct {
		rule authenticator.TokenRule
		use  func(*platform) ctap.Status
	}{
		"unused": {authenticator.TokenUnused, func(p *platform) ctap.Status {
			p.granted(ctap.PermissionMakeCredential, "example.com").r.clock.Advance(31 * time.Second)
			return create(p)
		}},
		"MAC": {authenticator.TokenMAC, func(p *platform) ctap.Status {
			p.granted(ctap.PermissionMakeCredential, "example.com").token[0] ^= 1
			return create(p)
		}},
		"permission": {authenticator.TokenPermission, func(p *platform) ctap.Status {
			return create(p.granted(ctap.PermissionGetAssertion, "example.com"))
		}},
		"RP ID": {authenticator.TokenRPID, func(p *platform) ctap.Status {
			return create(p.granted(ctap.PermissionMakeCredential, "example.org"))
		}},
		"spent": {authenticator.TokenSpent, func(p *platform) ctap.Status {
			require.Equal(p.r.t, ctap.OK, create(p.granted(ctap.PermissionMakeCredential, "example.com")))
			return create(p)
		}},
		"PIN changed": {authenticator.TokenPINChanged, func(p *platform) ctap.Status {
			p.granted(ctap.PermissionMakeCredential, "example.com")
			require.Equal(p.r.t, ctap.OK, p.changePIN(pin, "314159"))
			return create(p)
		}},
		"power lost": {authenticator.TokenPowerLost, func(p *platform) ctap.Status {
			p.granted(ctap.PermissionMakeCredential, "example.com").r.PowerCycle()
			return create(p)
		}},
		"PIN stale": {authenticator.TokenPINStale, func(p *platform) ctap.Status {
			p.granted(ctap.PermissionMakeCredential|ctap.PermissionAuthenticatorConfig, "example.com")
			require.Equal(p.r.t, ctap.OK, p.configure(ctap.SetMinPINLength, minPIN{ForceChangePIN: ptr(true)}))
			return create(p)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lenient := authenticator.Seams{Token: func(rule authenticator.TokenRule, stops bool) bool { return stops && rule != c.rule }}
			assert.Equal(t, ctap.PINAuthInvalid, c.use(newRig(t, pinKey()).withPIN()))
			assert.Equal(t, ctap.OK, c.use(newRig(t, pinKey(), lenient).withPIN()))
		})
	}
}

func TestAgreementSeam(t *testing.T) {
	t.Parallel()
	mine, err := pinuv.NewKeyPair(seed.Stream(1, "mine"))
	require.NoError(t, err)
	r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{
		Agreement: func(p pinuv.Protocol, drawn *pinuv.KeyPair) *pinuv.KeyPair {
			if p == pinuv.One {
				return drawn
			}
			return mine
		},
	})
	for p, same := range map[uint64]bool{1: false, 2: true} {
		resp, err := ctap.Call(t.Context(), r, &ctap.ClientPINRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: &p})
		require.NoError(t, err)
		assert.Equal(t, same, assert.ObjectsAreEqual(mine.Public(), resp.KeyAgreement), "protocol %d", p)
	}
}

func TestKeepSeam(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
		c.Put = nil
		return c
	}})
	r.create()
	kept, err := r.Credentials(t.Context())
	require.NoError(t, err)
	assert.Empty(t, kept)
}

// Result sees requests that did not decode, and can make a failure of a success
// and the other way round.
func TestResultSeam(t *testing.T) {
	t.Parallel()
	var seen []ctap.Request
	r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
		seen = append(seen, req)
		if err != nil {
			return new(ctap.Empty), nil
		}
		return nil, ctap.Other
	}})
	answer, err := r.Exchange(t.Context(), []byte{0x55})
	require.NoError(t, err)
	assert.Equal(t, []byte{0}, answer)
	assert.Equal(t, ctap.Other, r.status(new(ctap.SelectionRequest)))
	assert.Equal(t, []ctap.Request{nil, new(ctap.SelectionRequest)}, seen)
}

// Surroundings change with what is attached, also for what Go asks.
func TestEnvSeam(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	r.create()
	other := authenticator.NewMemoryStore()
	detach := r.Attach(authenticator.Seams{Env: func(e authenticator.Env) authenticator.Env {
		e.Store = other
		return e
	}})
	assert.Equal(t, ctap.NoCredentials, r.status(signIn()))
	kept, err := r.Credentials(t.Context())
	require.NoError(t, err)
	assert.Empty(t, kept)
	detach()
	assert.Equal(t, ctap.OK, r.status(signIn()))
}

func TestPowerCycledSeam(t *testing.T) {
	t.Parallel()
	cycles := 0
	r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{PowerCycled: func() { cycles++ }})
	r.PowerCycle()
	assert.Equal(t, 1, cycles)
	_, err := r.Do(context.Background(), new(ctap.GetInfoRequest))
	require.NoError(t, err)
	assert.Equal(t, 1, cycles)
}

// Every step that is run is listed.
func TestStepsAreListed(t *testing.T) {
	t.Parallel()
	all := authenticator.Steps()
	assert.Greater(t, len(all), 120)
	ran := map[authenticator.Step]bool{}
	seams := authenticator.Seams{Steps: map[authenticator.Step]func(func() error) error{}}
	for _, at := range all {
		seams.Steps[at] = func(run func() error) error { ran[at] = true; return run() }
	}
	p := manageable(t, authenticator.NewMemoryStore(), seams)
	p.finger()
	p.manage(ctap.GetCredsMetadata, noParams)
	p.r.assert(func(r *ctap.GetAssertionRequest) { r.Options = nil })
	p.granted(acfg, "").configure(ctap.ToggleAlwaysUv, nil)
	for _, at := range []authenticator.Step{
		{Section: "6.1.2", Number: "17 and 18"}, {Section: "6.2.2", Number: "13"}, {Section: "6.5.5.7.2", Number: "8 to 10"},
		{Section: "6.7.4", Number: "10"}, {Section: "6.8.2", Number: "7"}, {Section: "6.11.2", Number: "1 and 2"},
	} {
		assert.True(t, ran[at], "%v", at)
	}
}
