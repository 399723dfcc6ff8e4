package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

var formField = client.Caller{Origin: page.Origin, Mediation: client.Conditional}

func TestAutofill(t *testing.T) {
	t.Parallel()
	other := passkey{"elsewhere", "example.org", &ctap.UserEntity{ID: []byte("x")}}
	unlisted := passkey{"not discoverable", site, nil}
	computer, key := laptop().holding("alice", "bob"), securityKey().holding("carol")
	computer.passkeys = append(computer.passkeys, other, unlisted)
	var shown []client.Account
	browser := newClient(t, []*device{computer, key}, served(person{passkey: func(_ context.Context, accounts []client.Account) (int, error) {
		shown = accounts
		return 1, nil
	}}))
	got, err := browser.Get(t.Context(), formField, requestOptions())
	require.NoError(t, err)
	assert.Equal(t, "id of bob", string(got.RawID))
	assert.Equal(t, []client.Account{
		{Authenticator: "0", CredentialID: []byte("id of alice"), UserHandle: []byte("handle of alice")},
		{Authenticator: "0", CredentialID: []byte("id of bob"), UserHandle: []byte("handle of bob")},
	}, shown, "exactly the passkeys of this site on this computer")
	all := sent[*ctap.GetAssertionRequest](computer)
	assert.Equal(t, []string{"id of bob"}, ids(all[len(all)-1].AllowList))
	assert.Empty(t, sent[*ctap.GetAssertionRequest](key), "a roaming authenticator is left alone")
}

func TestAutofillFilters(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*webauthn.RequestOptions, *device)
		want   []string // credentials shown; nil: the user is not asked at all
	}{
		{"one", func(*webauthn.RequestOptions, *device) {}, []string{"id of alice", "id of bob"}},
		{"allow list", func(o *webauthn.RequestOptions, _ *device) {
			o.AllowCredentials = descriptorList("id of bob", "stranger")
		}, []string{"id of bob"}},
		{"allow list of others", func(o *webauthn.RequestOptions, _ *device) { o.AllowCredentials = descriptorList("stranger") }, nil},
		{"nothing there", func(_ *webauthn.RequestOptions, d *device) { d.passkeys = nil }, nil},
		{"user verification required and not to be had", func(o *webauthn.RequestOptions, d *device) {
			o.UserVerification = webauthn.Required
			d.info.Options[ctap.OptionUV] = false
		}, nil},
		{"no discoverable credentials", func(_ *webauthn.RequestOptions, d *device) { d.info.Options[ctap.OptionRK] = false }, nil},
		{"interrupted", func(_ *webauthn.RequestOptions, d *device) {
			d.onNext = func() (*ctap.GetAssertionResponse, error) { return nil, ctap.NotAllowed }
		}, nil},
		{"nameless answer", func(_ *webauthn.RequestOptions, d *device) {
			d.onNext = func() (*ctap.GetAssertionResponse, error) {
				r, err := d.next()
				r.Credential = nil
				return r, err
			}
		}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, options := laptop().holding("alice", "bob"), requestOptions()
			c.change(options, d)
			assert.Equal(t, c.want, staysPending(t, only(d), options))
		})
	}
	t.Run("no authenticator", func(t *testing.T) {
		t.Parallel()
		assert.Nil(t, staysPending(t, nil, requestOptions()))
	})
}

// staysPending starts a conditional request that nobody answers, checks that
// it outlasts every timeout and ends when the page gives up, and returns the
// credentials that were shown meanwhile.
func staysPending(t *testing.T, devices []*device, options *webauthn.RequestOptions) (shown []string) {
	synctest.Test(t, func(t *testing.T) {
		browser := newClient(t, devices, served(person{passkey: func(ctx context.Context, accounts []client.Account) (int, error) {
			for _, a := range accounts {
				shown = append(shown, string(a.CredentialID))
			}
			<-ctx.Done()
			return 0, ctx.Err()
		}}))
		ctx, abort := context.WithCancel(t.Context())
		began := time.Now()
		time.AfterFunc(1000*time.Hour, abort)
		_, err := browser.Get(ctx, formField, options)
		exception(t, err, webauthn.AbortError)
		assert.Equal(t, 1000*time.Hour, time.Since(began))
	})
	return shown
}

// TestAutofillPassive has passkeys on offer and a user who wants none.
func TestAutofillPassive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, abort := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, abort)
		_, err := newClient(t, only(laptop().holding("alice"))).Get(ctx, formField, requestOptions())
		exception(t, err, webauthn.AbortError)
	})
}

// TestAutofillAgain offers the list again when a pick comes to nothing, and
// says nothing to the page.
func TestAutofillAgain(t *testing.T) {
	t.Parallel()
	d := laptop().holding("alice", "bob")
	var declined int
	d.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		if !isProbe(req) && declined == 0 {
			declined++
			return nil, ctap.OperationDenied
		}
		return d.assert(req)
	}
	var times int
	browser := newClient(t, only(d), served(person{passkey: func(context.Context, []client.Account) (int, error) {
		times++
		return times - 1, nil
	}}))
	got, err := browser.Get(t.Context(), formField, requestOptions())
	require.NoError(t, err)
	assert.Equal(t, "id of bob", string(got.RawID))
	assert.Equal(t, 2, times)
}

func TestAutofillUserErrors(t *testing.T) {
	t.Parallel()
	confused := errors.New("the dialog broke")
	for name, u := range map[string]person{
		"error":         {passkey: func(context.Context, []client.Account) (int, error) { return 0, confused }},
		"no such index": {passkey: func(context.Context, []client.Account) (int, error) { return 1, nil }},
		"negative":      {passkey: func(context.Context, []client.Account) (int, error) { return -1, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, only(laptop().holding("alice")), served(u)).Get(t.Context(), formField, requestOptions())
			exception(t, err, webauthn.NotAllowedError)
		})
	}
}

// TestAutofillAbortedWhileSigning ends when the page gives up after the pick.
func TestAutofillAbortedWhileSigning(t *testing.T) {
	t.Parallel()
	ctx, abort := context.WithCancel(t.Context())
	d := laptop().holding("alice")
	d.onAssert = func(ctx context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		if isProbe(req) {
			return d.assert(req)
		}
		abort()
		<-ctx.Done()
		return nil, ctap.KeepaliveCancel
	}
	browser := newClient(t, only(d), served(person{passkey: func(context.Context, []client.Account) (int, error) { return 0, nil }}))
	_, err := browser.Get(ctx, formField, requestOptions())
	exception(t, err, webauthn.AbortError)
}

// TestDiscover uses the authenticator's own silentCredentialDiscovery, which
// knows names, and works for a roaming authenticator too.
func TestDiscover(t *testing.T) {
	t.Parallel()
	d := securityKey().holding("alice", "bob")
	var shown []client.Account
	browser, err := client.New(client.Config{
		Authenticators: client.Attached(client.Authenticator{Name: "phone", Transport: d, Discover: func(_ context.Context, rpID string) ([]client.Account, error) {
			return []client.Account{{CredentialID: []byte("id of bob"), Name: "bob of " + rpID}}, nil
		}}, client.Authenticator{Name: "broken", Transport: d, Discover: func(context.Context, string) ([]client.Account, error) {
			return nil, errors.New("locked")
		}}),
		User: person{passkey: func(_ context.Context, accounts []client.Account) (int, error) {
			shown = accounts
			return 0, nil
		}},
	})
	require.NoError(t, err)
	got, err := browser.Get(t.Context(), formField, requestOptions())
	require.NoError(t, err)
	assert.Equal(t, "id of bob", string(got.RawID))
	assert.Equal(t, []client.Account{{Authenticator: "phone", CredentialID: []byte("id of bob"), Name: "bob of example.com"}}, shown)
}
