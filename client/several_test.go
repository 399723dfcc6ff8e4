package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// person is a client.User made of functions; a nil one is as client.Passive.
type person struct {
	client.Passive
	authenticators func(names []string) ([]int, error)
	account        func(accounts []client.Account) (int, error)
	passkey        func(ctx context.Context, accounts []client.Account) (int, error)
}

func (p person) ChooseAuthenticators(ctx context.Context, names []string) ([]int, error) {
	if p.authenticators == nil {
		return p.Passive.ChooseAuthenticators(ctx, names)
	}
	return p.authenticators(names)
}

func (p person) ChooseAccount(ctx context.Context, rpID string, accounts []client.Account) (int, error) {
	if p.account == nil {
		return p.Passive.ChooseAccount(ctx, rpID, accounts)
	}
	return p.account(accounts)
}

func (p person) PickPasskey(ctx context.Context, rpID string, accounts []client.Account) (int, error) {
	if p.passkey == nil {
		return p.Passive.PickPasskey(ctx, rpID, accounts)
	}
	return p.passkey(ctx, accounts)
}

func served(u person) func(*client.Config) {
	return func(c *client.Config) { c.User = u }
}

// TestFirstAnswerWins has three authenticators blink and the user touch the
// last: the others are cancelled, and have stopped when the call returns.
func TestFirstAnswerWins(t *testing.T) {
	t.Parallel()
	left, leftAsked := waiting()
	right, rightAsked := waiting()
	touched := securityKey().holding("alice")
	touched.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		<-leftAsked
		<-rightAsked
		return touched.assert(req)
	}
	stopped := make(chan struct{}, 2)
	for _, d := range []*device{left, right} {
		wait := d.onAssert
		d.onAssert = func(ctx context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
			defer func() { stopped <- struct{}{} }()
			return wait(ctx, req)
		}
	}
	got, err := newClient(t, []*device{left, right, touched}).Get(t.Context(), page, requestOptions())
	require.NoError(t, err)
	assert.Equal(t, "id of alice", string(got.RawID))
	assert.Len(t, stopped, 2, "whoever was cancelled has finished")
}

// TestLateAnswer has a cancelled authenticator answer all the same.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	slow, fast := securityKey().holding("bob"), securityKey().holding("alice")
	asked := make(chan struct{})
	slow.onAssert = func(ctx context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		close(asked)
		<-ctx.Done()
		return slow.assert(req)
	}
	fast.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		<-asked
		return fast.assert(req)
	}
	got, err := newClient(t, []*device{slow, fast}).Get(t.Context(), page, requestOptions())
	require.NoError(t, err)
	assert.Equal(t, "id of alice", string(got.RawID))
}

// TestFailureAmongSeveral has one authenticator fail while another waits for a
// touch: some failures end the ceremony, others only drop their authenticator.
func TestFailureAmongSeveral(t *testing.T) {
	t.Parallel()
	cases := []struct {
		status ctap.Status
		want   string // empty: the other one gets its chance
	}{
		{ctap.OperationDenied, webauthn.NotAllowedError},
		{ctap.CredentialExcluded, webauthn.InvalidStateError},
		{ctap.KeyStoreFull, ""},
		{ctap.UserActionTimeout, ""},
		{ctap.Other, ""},
	}
	for _, c := range cases {
		t.Run(c.status.String(), func(t *testing.T) {
			t.Parallel()
			failed := make(chan struct{})
			bad, good := securityKey(), securityKey()
			bad.onMake = func(context.Context, *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				defer close(failed)
				return nil, c.status
			}
			good.onMake = func(ctx context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				<-failed
				if c.want != "" {
					<-ctx.Done()
					return nil, ctap.KeepaliveCancel
				}
				return good.make(req)
			}
			_, err := newClient(t, []*device{bad, good}).Create(t.Context(), page, creationOptions())
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorIs(t, exception(t, err, c.want).Cause, c.status)
		})
	}
}

// TestDisbelievedAmongSeveral drops an authenticator for its answer.
func TestDisbelievedAmongSeveral(t *testing.T) {
	t.Parallel()
	liar, honest := securityKey().holding("mallory"), securityKey().holding("alice")
	answered := make(chan struct{})
	liar.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		defer close(answered)
		r, err := liar.assert(req)
		r.AuthData[0] ^= 1
		return r, err
	}
	honest.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		<-answered
		return honest.assert(req)
	}
	got, err := newClient(t, []*device{liar, honest}).Get(t.Context(), page, requestOptions())
	require.NoError(t, err)
	assert.Equal(t, "id of alice", string(got.RawID))
}

// TestStuckAuthenticator does not let one that never says what it is use up
// the ceremony.
func TestStuckAuthenticator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stuck, good := securityKey(), laptop().holding("alice")
		stuck.onInfo = func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		began := time.Now()
		got, err := newClient(t, []*device{stuck, good}).Get(t.Context(), page, requestOptions())
		require.NoError(t, err)
		assert.Equal(t, "id of alice", string(got.RawID))
		assert.Equal(t, 2*time.Second, time.Since(began))
	})
}

func TestHintsOrderAuthenticators(t *testing.T) {
	t.Parallel()
	phone := laptop()
	phone.info.Transports = []string{"internal", "hybrid"}
	phone.info.Options[ctap.OptionPlat] = false // as seen over the tunnel
	devices := []*device{securityKey(), laptop(), phone, securityKey()}
	cases := []struct {
		hints []string
		want  []string
	}{
		{nil, []string{"0", "1", "2", "3"}},
		{[]string{"client-device"}, []string{"1", "0", "2", "3"}},
		{[]string{"security-key"}, []string{"0", "3", "1", "2"}},
		{[]string{"hybrid", "client-device"}, []string{"2", "1", "0", "3"}},
		{[]string{"client-device", "hybrid", "client-device"}, []string{"1", "2", "0", "3"}},
		{[]string{"telepathy", "hybrid"}, []string{"2", "0", "1", "3"}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.hints), func(t *testing.T) {
			t.Parallel()
			var offered []string
			browser := newClient(t, devices, served(person{authenticators: func(names []string) ([]int, error) {
				offered = names
				return []int{0}, nil
			}}))
			_, err := browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.Hints = c.hints }))
			require.NoError(t, err)
			assert.Equal(t, c.want, offered)
		})
	}
}

func TestChooseAuthenticators(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		picks []int
		err   error
		want  string // credential; empty: NotAllowedError
	}{
		{"the second", []int{1}, nil, "id of bob"},
		{"none", []int{}, nil, ""},
		{"cancelled", nil, client.ErrCancelled, ""},
		{"no such index", []int{2}, nil, ""},
		{"negative", []int{-1}, nil, ""},
		{"twice the same", []int{1, 1}, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			first, second := laptop().holding("alice"), securityKey().holding("bob")
			browser := newClient(t, []*device{first, second}, served(person{authenticators: func([]string) ([]int, error) { return c.picks, c.err }}))
			got, err := browser.Get(t.Context(), page, requestOptions())
			assert.Empty(t, sent[*ctap.GetAssertionRequest](first))
			if c.want == "" {
				exception(t, err, webauthn.NotAllowedError)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got.RawID))
		})
	}
}

func TestChooseAccount(t *testing.T) {
	t.Parallel()
	var shown []client.Account
	pick := func(i int, err error) func(*client.Config) {
		return served(person{account: func(accounts []client.Account) (int, error) {
			shown = accounts
			return i, err
		}})
	}
	three := func() *device { return securityKey().holding("alice", "bob", "carol") }

	got, err := newClient(t, only(three()), pick(1, nil)).Get(t.Context(), page, requestOptions())
	require.NoError(t, err)
	assert.Equal(t, "id of bob", string(got.RawID))
	assert.Equal(t, "handle of bob", string(got.Response.UserHandle))
	assert.Equal(t, []client.Account{
		{Authenticator: "0", CredentialID: []byte("id of alice"), UserHandle: []byte("handle of alice"), Name: "alice"},
		{Authenticator: "0", CredentialID: []byte("id of bob"), UserHandle: []byte("handle of bob"), Name: "bob"},
		{Authenticator: "0", CredentialID: []byte("id of carol"), UserHandle: []byte("handle of carol"), Name: "carol"},
	}, shown)

	for name, change := range map[string]func(*client.Config){
		"cancelled": pick(0, client.ErrCancelled), "no such index": pick(3, nil), "negative": pick(-1, nil),
	} {
		_, err := newClient(t, only(three()), change).Get(t.Context(), page, requestOptions())
		exception(t, err, webauthn.NotAllowedError)
		assert.NotNil(t, err, name)
	}
}

// TestAccountsOfTheDevice has nobody asked again where the device has asked, or
// where there is nothing to choose.
func TestAccountsOfTheDevice(t *testing.T) {
	t.Parallel()
	unasked := served(person{account: func([]client.Account) (int, error) { return 0, errors.New("nobody should ask") }})
	selected := laptop().holding("alice", "bob")
	selected.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		r, err := selected.assert(req)
		r.UserSelected = true
		return r, err
	}
	for _, d := range []*device{selected, securityKey().holding("alice")} {
		got, err := newClient(t, only(d), unasked).Get(t.Context(), page, requestOptions())
		require.NoError(t, err)
		assert.Equal(t, "id of alice", string(got.RawID))
		assert.Empty(t, sent[*ctap.GetNextAssertionRequest](d))
	}
}

// TestRestOfAccounts has the device fail, lie or exaggerate about its other
// accounts.
func TestRestOfAccounts(t *testing.T) {
	t.Parallel()
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		d := securityKey().holding("alice", "bob")
		d.onNext = func() (*ctap.GetAssertionResponse, error) { return nil, ctap.NotAllowed }
		_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions())
		assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, ctap.NotAllowed)
	})
	t.Run("lies", func(t *testing.T) {
		t.Parallel()
		d := securityKey().holding("alice", "bob")
		d.onNext = func() (*ctap.GetAssertionResponse, error) {
			r, err := d.next()
			r.User = nil
			return r, err
		}
		_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions())
		exception(t, err, webauthn.NotAllowedError)
	})
	t.Run("endless", func(t *testing.T) {
		t.Parallel()
		d := securityKey().holding("alice", "bob")
		d.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
			r, err := d.assert(req)
			r.NumberOfCredentials = 1 << 60
			return r, err
		}
		d.onNext = func() (*ctap.GetAssertionResponse, error) { return d.answer(d.passkeys[1], true) }
		_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions())
		require.NoError(t, err)
		assert.Len(t, sent[*ctap.GetNextAssertionRequest](d), 255)
	})
}
