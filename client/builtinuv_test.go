package client_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// TestBuiltInVerification goes before the PIN, which is for when it is blocked.
func TestBuiltInVerification(t *testing.T) {
	t.Parallel()
	const byUV, byPIN = ctap.GetPinUvAuthTokenUsingUvWithPermissions, ctap.GetPinUvAuthTokenUsingPinWithPermissions
	cases := []struct {
		name    string
		device  func(*pinKey)
		tokens  []ctap.SubCommand // requests for one
		prompts int
		status  error // of the cause; nil: it works
	}{
		{"at once", nil, []ctap.SubCommand{byUV}, 0, nil},
		{"at the third try", func(k *pinKey) { k.uvFails = 2 }, []ctap.SubCommand{byUV, byUV, byUV}, 0, nil},
		{"blocked on the way", func(k *pinKey) { k.uvFails = 9 }, []ctap.SubCommand{byUV, byUV, byUV, byPIN}, 1, nil},
		{"blocked before", func(k *pinKey) { k.uvRetries = 0 }, []ctap.SubCommand{byPIN}, 1, nil},
		{"blocked, as it says only now", func(k *pinKey) { k.uvStatus = ctap.UVBlocked }, []ctap.SubCommand{byUV, byPIN}, 1, nil},
		{"blocked, and no PIN set", func(k *pinKey) { k.uvRetries, k.info.Options[ctap.OptionClientPIN] = 0, false }, nil, 0, ctap.UVBlocked},
		{"declined", func(k *pinKey) { k.uvStatus = ctap.OperationDenied }, []ctap.SubCommand{byUV}, 0, ctap.OperationDenied},
		{"too late", func(k *pinKey) { k.uvStatus = ctap.UserActionTimeout }, []ctap.SubCommand{byUV}, 0, ctap.UserActionTimeout},
		{"without end", func(k *pinKey) { k.uvStatus = ctap.UVInvalid }, []ctap.SubCommand{byUV}, 0, ctap.UVInvalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, user := sensing("1234").holding("alice"), typing("1234")
			if c.device != nil {
				c.device(d.pin)
			}
			got, err := newClient(t, only(d), user.into).Get(t.Context(), page, getting(webauthn.Required))
			if c.status == nil {
				require.NoError(t, err)
				assert.Equal(t, "id of alice", string(got.RawID))
			} else {
				assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, c.status)
			}
			assert.Len(t, user.prompts, c.prompts)
			var tokens []ctap.SubCommand
			for _, sub := range pinCalls(d) {
				if sub == byUV || sub == byPIN {
					tokens = append(tokens, sub)
				}
			}
			assert.Equal(t, c.tokens, tokens)
		})
	}
}

// TestOptionUV is for devices without tokens, and for what is built into the
// computer.
func TestOptionUV(t *testing.T) {
	t.Parallel()
	builtIn := sensing("1234").holding("alice")
	builtIn.info.Options[ctap.OptionPlat] = true
	old := securityKey().holding("alice").withPIN("1234")
	for _, d := range []*device{builtIn, old} {
		user := typing()
		browser := newClient(t, only(d), user.into)
		_, err := browser.Create(t.Context(), page, creating(webauthn.Required))
		require.NoError(t, err)
		_, err = browser.Get(t.Context(), page, getting(webauthn.Required))
		require.NoError(t, err)
		assert.Equal(t, "uv", describe(sent[*ctap.MakeCredentialRequest](d)[0].Options))
		assert.Equal(t, "uv", describe(sent[*ctap.GetAssertionRequest](d)[0].Options))
		assert.Empty(t, pinCalls(d))
	}
}

// TestFallBackToPIN is what happens after option uv, or no verification at all,
// was refused.
func TestFallBackToPIN(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		device func() *device
		uv     webauthn.Requirement
		status ctap.Status
		create bool // falls back
		get    bool
	}{
		{"token wanted", oldSensing, webauthn.Required, ctap.PUATRequired, true, true},
		{"verification failed", oldSensing, webauthn.Required, ctap.PINAuthInvalid, true, true},
		{"verification failed, said otherwise", oldSensing, webauthn.Required, ctap.OperationDenied, false, true},
		{"declined", func() *device {
			d := sensing("1234")
			d.info.Options[ctap.OptionPlat] = true
			return d
		}, webauthn.Required, ctap.OperationDenied, false, false},
		{"token wanted although nobody asked", func() *device { return pinned("1234") }, webauthn.Discouraged, ctap.PUATRequired, true, true},
		{"refused although nobody asked", func() *device { return pinned("1234") }, webauthn.Discouraged, ctap.PINAuthInvalid, false, false},
		{"token wanted, no PIN set", func() *device { return pinned("") }, webauthn.Discouraged, ctap.PUATRequired, false, false},
		{"for another reason", oldSensing, webauthn.Required, ctap.Other, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, user := c.device().holding("alice"), typing("1234", "1234")
			d.onMake = func(_ context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				if req.PinUvAuthParam == nil {
					return nil, c.status
				}
				return d.make(req)
			}
			d.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
				if req.PinUvAuthParam == nil {
					return nil, c.status
				}
				return d.assert(req)
			}
			browser := newClient(t, only(d), user.into)
			_, err := browser.Create(t.Context(), page, creating(c.uv))
			requireFallback(t, err, c.create, c.status)
			_, err = browser.Get(t.Context(), page, getting(c.uv))
			requireFallback(t, err, c.get, c.status)
		})
	}
}

// oldSensing has a fingerprint reader and a PIN, and no tokens with permissions.
func oldSensing() *device { return securityKey().withPIN("1234") }

func requireFallback(t *testing.T, err error, works bool, status ctap.Status) {
	t.Helper()
	if works {
		require.NoError(t, err)
		return
	}
	assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, status)
}

// TestSelectionByTouch has two keys with PINs within reach: the user touches
// one, and is asked for the PIN of that one only.
func TestSelectionByTouch(t *testing.T) {
	t.Parallel()
	modern := []string{ctap.VersionFIDO20, ctap.VersionFIDO21}
	for name, versions := range map[string][]string{"authenticatorSelection": modern, "dummy makeCredential": {ctap.VersionFIDO20}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ignored, touched, user := pinned("1234"), pinned("5678").holding("alice"), typing("5678")
			ignored.info.Versions, touched.info.Versions = versions, versions
			asked := make(chan struct{})
			ignore := func(ctx context.Context) error {
				close(asked)
				<-ctx.Done()
				return ctap.KeepaliveCancel
			}
			ignored.onSelect = ignore
			ignored.onMake = func(ctx context.Context, _ *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				return nil, ignore(ctx)
			}
			touched.onSelect = func(context.Context) error { <-asked; return nil }
			touched.onMake = func(_ context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				<-asked
				assert.Equal(t, []byte{}, req.PinUvAuthParam)
				return nil, ctap.PINInvalid
			}
			got, err := newClient(t, []*device{ignored, touched}, user.into).Get(t.Context(), page, getting(webauthn.Required))
			require.NoError(t, err)
			assert.Equal(t, "id of alice", string(got.RawID))
			assert.Equal(t, []client.PINPrompt{{Authenticator: "1", Reason: client.PINEnter, Retries: 8}}, user.prompts)
			assert.Empty(t, pinCalls(ignored))
		})
	}
}

// TestSelectionAmongOthers has a key with a PIN beside one that needs none and
// is touched first.
func TestSelectionAmongOthers(t *testing.T) {
	t.Parallel()
	ignored, touched, user := pinned("1234"), securityKey().holding("alice"), typing("1234")
	asked := make(chan struct{})
	ignored.onSelect = func(ctx context.Context) error {
		close(asked)
		<-ctx.Done()
		return ctap.KeepaliveCancel
	}
	touched.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		<-asked
		return touched.assert(req)
	}
	got, err := newClient(t, []*device{ignored, touched}, user.into).Get(t.Context(), page, getting(webauthn.Required))
	require.NoError(t, err)
	assert.Equal(t, "id of alice", string(got.RawID))
	assert.Empty(t, user.prompts)
}

// TestUntouched drops a key whose selection fails.
func TestUntouched(t *testing.T) {
	t.Parallel()
	for _, versions := range [][]string{{ctap.VersionFIDO21}, {ctap.VersionFIDO20}} {
		first, second := pinned("1234"), pinned("1234")
		for _, d := range []*device{first, second} {
			d.info.Versions = versions
			d.onSelect = func(context.Context) error { return ctap.UserActionTimeout }
			d.onMake = func(context.Context, *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				return nil, ctap.UserActionTimeout
			}
		}
		user := typing("1234")
		_, err := newClient(t, []*device{first, second}, user.into).Create(t.Context(), page, creating(webauthn.Required))
		assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, ctap.UserActionTimeout)
		assert.Empty(t, user.prompts)
	}
}
