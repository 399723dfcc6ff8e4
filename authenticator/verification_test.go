package authenticator_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// misses reads how many UV retries are used up.
func (r *rig) misses() int {
	r.t.Helper()
	held, err := r.store.Load(r.ctx())
	require.NoError(r.t, err)
	return held.State.UVMisses
}

func TestUVRetries(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey()) // 3 gestures per request, 8 misses in a row
	r.create()

	r.user.WrongFinger(2)
	r.assert()
	assert.Zero(t, r.misses(), "success gives all retries back")
	r.user.Then(authenticator.TimeOut)
	assert.NotEqual(t, ctap.OK, r.status(signIn()))
	r.create(forUser("bob"))
	assert.Zero(t, r.misses(), "also where a credential is stored with it")

	for name, c := range map[string]struct {
		act    authenticator.Act
		misses int
	}{
		"declining is no attempt":       {authenticator.Decline, 0},
		"letting it pass costs a retry": {authenticator.TimeOut, 1},
	} {
		r.user.Then(c.act)
		assert.NotEqual(t, ctap.OK, r.status(signIn()))
		assert.Equal(t, c.misses, r.misses(), name)
		r.assert()
	}

	r.user.WrongFinger(1000)
	assert.Equal(t, ctap.OperationDenied, r.status(signIn()))
	r.PowerCycle()
	assert.Equal(t, ctap.OperationDenied, r.status(signIn()), "a power cycle gives nothing back")
	assert.Equal(t, 6, r.misses())
	assert.Equal(t, ctap.PINBlocked, r.status(signIn()), "the eighth miss blocks")
	assert.Equal(t, 8, r.misses())
	asked := len(r.user.Asked())
	r.user.WrongFinger(0)
	assert.Equal(t, ctap.PINBlocked, r.status(signIn()), "then the right finger comes too late")
	assert.Equal(t, ctap.PINBlocked, r.status(creation()))
	assert.Len(t, r.user.Asked(), asked, "and nobody is asked")
	assert.Equal(t, ctap.OK, r.status(signIn(touchOnly)), "presence is no verification")

	r.PowerCycle()
	assert.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, ctap.OK, r.status(creation()), "a reset gives all back")
}

// A gesture that verifies need not be evidence of interaction: then a touch is
// asked for too.
func TestVerificationWithoutPresence(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{
		Answer: func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
			g.Present = !p.Verify
			return g, err
		},
	})
	made, _ := r.create()
	assert.Equal(t, "UP|UV|AT", parse(t, made.AuthData).Flags.String())
	assert.Equal(t, "UP|UV", parse(t, r.assert().AuthData).Flags.String())
	asked := r.user.Asked()
	require.Len(t, asked, 4)
	for i, p := range asked {
		assert.Equal(t, i%2 == 0, p.Verify, "prompt %d", i)
	}
	quiet := signIn()
	quiet.Options.UP = ptr(false)
	resp, err := ctap.Call(t.Context(), r, quiet)
	require.NoError(t, err)
	assert.Equal(t, "UV", parse(t, resp.AuthData).Flags.String())
}

// A user who neither refuses nor touches has refused.
func TestNoGestureIsNoConsent(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{
		Answer: func(_ authenticator.Prompt, _ authenticator.Gesture, err error) (authenticator.Gesture, error) {
			return authenticator.Gesture{}, err
		},
	})
	assert.Equal(t, ctap.OperationDenied, r.status(creation(func(req *ctap.MakeCredentialRequest) { req.Options = nil })))
	assert.Equal(t, ctap.OperationDenied, r.status(&ctap.SelectionRequest{}))
	assert.Equal(t, ctap.OperationDenied, r.status(&ctap.ResetRequest{}))
}

// A store that fails fails the request, whatever the step, and the rest of the
// device goes on.
func TestStoreFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want ctap.Status
	}{
		"full":    {authenticator.ErrStoreFull, ctap.KeyStoreFull},
		"broken":  {authenticator.ErrStoreBroken, ctap.Other},
		"unknown": {errors.New("anything"), ctap.Other},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &failingStore{Store: authenticator.NewMemoryStore()}
			r := newRigOn(t, authenticator.SecurityKey(), store)
			_, id := r.create()
			uses := map[string]ctap.Request{
				"make":               creation(forUser("bob")),
				"make, touch only":   creation(func(req *ctap.MakeCredentialRequest) { req.Options = nil }),
				"make, excluding":    creation(excluding(id)),
				"assert":             signIn(),
				"assert, touch only": signIn(touchOnly),
				"assert, allowing":   signIn(touchOnly, allowing(id, []byte{1})),
				"reset":              &ctap.ResetRequest{},
				"getInfo":            &ctap.GetInfoRequest{},
			}
			for use, req := range uses {
				// Fail at the first, second, … use of the store, until none is left.
				for n := 0; ; n++ {
					store.failAt(n, c.err)
					status := r.status(req)
					if !store.failed() {
						break
					}
					assert.Equal(t, c.want, status, "%s, use %d of the store", use, n)
				}
				if use == "reset" {
					_, id = r.create()
					uses["assert, allowing"] = signIn(touchOnly, allowing(id, []byte{1}))
				}
			}
		})
	}
}
