package authenticator_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
)

func TestNewSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	whole := authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock: authenticator.SystemClock{}, Random: seed.Stream(1),
	}
	for want, spoil := range map[string]func(*authenticator.Env){
		"Env.Store":  func(e *authenticator.Env) { e.Store = nil },
		"Env.User":   func(e *authenticator.Env) { e.User = nil },
		"Env.Clock":  func(e *authenticator.Env) { e.Clock = nil },
		"Env.Random": func(e *authenticator.Env) { e.Random = nil },
	} {
		env := whole
		spoil(&env)
		_, err := authenticator.New(authenticator.Phone(), env)
		assert.ErrorContains(t, err, want)
	}
	_, err := authenticator.New(authenticator.Model{Name: "nothing"}, whole)
	assert.ErrorContains(t, err, `model "nothing": Transports`)
	_, err = authenticator.New(authenticator.Phone(), whole)
	assert.NoError(t, err)
}

func TestExchangeRefusesWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request []byte
		want    ctap.Status
	}{
		"nothing":                {nil, ctap.InvalidLength},
		"unknown command":        {[]byte{0x40}, ctap.InvalidCommand},
		"broken CBOR":            {[]byte{0x01, 0xbf}, ctap.InvalidCBOR},
		"at maxMsgSize":          {append([]byte{0x04}, make([]byte, 1199)...), ctap.OK},
		"one byte over":          {append([]byte{0x04}, make([]byte, 1200)...), ctap.RequestTooLarge},
		"a parameter is missing": {[]byte{0x02, 0xa0}, ctap.MissingParameter},
	} {
		var refused error
		r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{Refused: func(_ ctap.Request, err error) { refused = err }})
		answer, err := r.Exchange(t.Context(), c.request)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, ctap.Status(answer[0]), name)
		assert.Equal(t, c.want, ctap.StatusOf(refused), "%s: the observer hears the reason", name)
	}
}

func TestErrorsNameTheStep(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, err := r.Do(t.Context(), signIn())
	require.ErrorIs(t, err, ctap.NoCredentials)
	assert.EqualError(t, err, `CTAP 2.3 §6.2.2 step 7: CTAP2_ERR_NO_CREDENTIALS: no credential for "example.com" on this device fits`)
	r.user.Always(authenticator.Decline)
	_, err = r.Do(t.Context(), &ctap.SelectionRequest{})
	assert.EqualError(t, err, "CTAP 2.3 §6.9 step 1: CTAP2_ERR_OPERATION_DENIED: the user declined")
	_, err = r.Do(t.Context(), nil)
	assert.ErrorIs(t, err, ctap.InvalidCommand)
}

// The platform cancels while the user is thinking, whatever the question.
func TestCancelDuringPrompt(t *testing.T) {
	t.Parallel()
	prompts := map[string]ctap.Request{
		"verifying for a new one": creation(forUser("bob")),
		"touching for a new one":  creation(func(req *ctap.MakeCredentialRequest) { req.Options = nil }),
		"verifying":               signIn(),
		"touching":                signIn(touchOnly),
		"reset":                   &ctap.ResetRequest{},
		"selection":               &ctap.SelectionRequest{},
	}
	for name, req := range prompts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, authenticator.SecurityKey())
			r.create()
			r.user.Always(authenticator.Ignore)
			ctx, cancel := context.WithCancel(t.Context())
			answered := r.inBackground(ctx, req)
			require.NoError(t, r.user.AwaitAsked(t.Context(), 2))
			cancel()
			assert.Equal(t, ctap.KeepaliveCancel, ctap.StatusOf(<-answered))
			assert.Zero(t, r.misses(), "no retry is lost")
		})
	}
}

func (r *rig) inBackground(ctx context.Context, req ctap.Request) <-chan error {
	answered := make(chan error, 1)
	go func() {
		_, err := r.Do(ctx, req)
		answered <- err
	}()
	return answered
}

// 12.1.4: being told of an excluded credential can be cancelled too.
func TestCancelWhileBeingTold(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, id := r.create()
	r.user.Always(authenticator.Ignore)
	ctx, cancel := context.WithCancel(t.Context())
	answered := r.inBackground(ctx, creation(excluding(id), func(req *ctap.MakeCredentialRequest) { req.Options = nil }))
	require.NoError(t, r.user.AwaitAsked(t.Context(), 2))
	cancel()
	assert.Equal(t, ctap.KeepaliveCancel, ctap.StatusOf(<-answered))
}

func TestPowerCycleEndsThePrompt(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	r.user.Then(authenticator.Ignore)
	answered := r.inBackground(t.Context(), creation())
	require.NoError(t, r.user.AwaitAsked(t.Context(), 1))
	r.PowerCycle()
	err := <-answered
	require.ErrorIs(t, err, authenticator.ErrPowerCut)
	assert.Equal(t, ctap.KeepaliveCancel, ctap.StatusOf(err))
	r.create()
}

// A second request waits for the first, unless its own platform gives up.
func TestOneRequestAtATime(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	r.user.Then(authenticator.Ignore)
	ctx, cancel := context.WithCancel(t.Context())
	first := r.inBackground(ctx, creation())
	require.NoError(t, r.user.AwaitAsked(t.Context(), 1))

	impatient, giveUp := context.WithCancel(t.Context())
	second := r.inBackground(impatient, &ctap.GetInfoRequest{})
	giveUp()
	assert.Equal(t, ctap.KeepaliveCancel, ctap.StatusOf(<-second))

	third := r.inBackground(t.Context(), &ctap.GetInfoRequest{})
	cancel()
	assert.Equal(t, ctap.KeepaliveCancel, ctap.StatusOf(<-first))
	assert.NoError(t, <-third)
}

func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, keyWith(func(m *authenticator.Model) { m.Capacity = 0 }))
	var answers []<-chan error
	for i := range 32 {
		answers = append(answers, r.inBackground(t.Context(), creation(forUser(string(rune('a'+i))))))
		answers = append(answers, r.inBackground(t.Context(), &ctap.GetInfoRequest{}))
	}
	for _, answer := range answers {
		assert.NoError(t, <-answer)
	}
	all, err := r.Credentials(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 32)
}

type panickingUser struct{}

func (panickingUser) Answer(context.Context, authenticator.Prompt) (authenticator.Gesture, error) {
	panic("a defect")
}

func TestPanicsDoNotCross(t *testing.T) {
	t.Parallel()
	var seen error
	a, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: panickingUser{}, Clock: authenticator.SystemClock{}, Random: seed.Stream(1),
	}, authenticator.Seams{Refused: func(_ ctap.Request, err error) { seen = err }})
	require.NoError(t, err)
	for range 2 { // the device is free again afterwards
		_, err = ctap.Call(t.Context(), a, &ctap.SelectionRequest{})
		assert.ErrorIs(t, err, ctap.Other)
	}
	var caught *authenticator.PanicError
	require.ErrorAs(t, seen, &caught)
	assert.Equal(t, "a defect", caught.Value)
	assert.Contains(t, string(caught.Stack), "panickingUser")
}

// A random source that fails, or that never gives a usable key, fails the
// request and not the device.
func TestBadRandomness(t *testing.T) {
	t.Parallel()
	for name, random := range map[string]io.Reader{
		"empty":          errorReader{},
		"zeros for ever": zeroReader{},
	} {
		r := newRig(t, authenticator.Phone())
		a, err := authenticator.New(authenticator.Phone(), authenticator.Env{Store: r.store, User: r.user, Clock: r.clock, Random: random})
		require.NoError(t, err)
		_, err = ctap.Call(t.Context(), a, creation())
		assert.ErrorIs(t, err, ctap.Other, name)
		_, err = ctap.Call(t.Context(), a, &ctap.GetInfoRequest{})
		assert.NoError(t, err, name)
	}
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestResetWindow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model  authenticator.Model
		before func(*rig)
		want   ctap.Status
	}{
		"at 10 s":                          {authenticator.SecurityKey(), func(r *rig) { r.clock.Advance(10 * time.Second) }, ctap.OK},
		"after 10 s":                       {authenticator.SecurityKey(), func(r *rig) { r.clock.Advance(10*time.Second + 1) }, ctap.NotAllowed},
		"after 10 s, with a display":       {authenticator.Phone(), func(r *rig) { r.clock.Advance(time.Hour) }, ctap.OK},
		"after a power cycle":              {authenticator.SecurityKey(), func(r *rig) { r.clock.Advance(time.Hour); r.PowerCycle() }, ctap.OK},
		"declined":                         {authenticator.SecurityKey(), func(r *rig) { r.user.Always(authenticator.Decline) }, ctap.OperationDenied},
		"not answered":                     {authenticator.SecurityKey(), func(r *rig) { r.user.Always(authenticator.TimeOut) }, ctap.UserActionTimeout},
		"declined by somebody at a screen": {authenticator.Laptop(), func(r *rig) { r.user.Always(authenticator.Decline) }, ctap.OperationDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.model)
			_, kept := r.create()
			_, loose := r.create(notDiscoverable)
			c.before(r)
			assert.Equal(t, c.want, r.status(&ctap.ResetRequest{}))
			r.user.Always(authenticator.Approve)
			wanted := ctap.OK
			if c.want == ctap.OK {
				wanted = ctap.NoCredentials
			}
			assert.Equal(t, wanted, r.status(signIn(allowing(kept))))
			assert.Equal(t, wanted, r.status(signIn(allowing(loose))))
			_, again := r.create(notDiscoverable)
			assert.Equal(t, ctap.OK, r.status(signIn(allowing(again))))
		})
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	for act, want := range map[authenticator.Act]ctap.Status{
		authenticator.Approve: ctap.OK,
		authenticator.Decline: ctap.OperationDenied,
		authenticator.TimeOut: ctap.UserActionTimeout,
	} {
		r := newRig(t, authenticator.SecurityKey())
		r.user.Then(act)
		assert.Equal(t, want, r.status(&ctap.SelectionRequest{}))
		assert.Equal(t, []authenticator.Prompt{{Kind: authenticator.SelectDevice}}, r.user.Asked())
	}
}

// What a device is made of outlives the device object: the store is its memory.
func TestStoreIsTheMemory(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, kept := r.create()
	_, loose := r.create(notDiscoverable)
	again := newRigOn(t, authenticator.SecurityKey(), r.store)
	for _, id := range [][]byte{kept, loose} {
		before := parse(t, r.assert(allowing(id)).AuthData).SignCount
		assert.Greater(t, parse(t, again.assert(allowing(id)).AuthData).SignCount, before)
	}
}

// Same seed, same clock, same script: the same bytes.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.Laptop(), authenticator.SecurityKey()} {
		var runs [2][][]byte
		for i := range runs {
			r := newRig(t, model, authenticator.Seams{Response: func(response []byte) []byte {
				runs[i] = append(runs[i], response)
				return response
			}})
			_, id := r.create()
			_, loose := r.create(forUser("bob"), notDiscoverable)
			r.create(forUser("carol"), params(-8, -7))
			r.assert()
			r.assert(allowing(id))
			r.assert(allowing(loose))
			r.info()
		}
		assert.Equal(t, runs[0], runs[1], model.Name)
	}
}

func TestSeamsComeAndGo(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	var order []string
	note := func(name string) authenticator.Seams {
		return authenticator.Seams{Response: func(b []byte) []byte {
			order = append(order, name)
			return b
		}}
	}
	detachFirst := r.Attach(note("first"), note("second"))
	detachThird := r.Attach(note("third"))
	r.info()
	assert.Equal(t, []string{"first", "second", "third"}, order)
	order = nil
	detachFirst()
	detachFirst()
	r.info()
	assert.Equal(t, []string{"third"}, order)
	order = nil
	detachThird()
	r.info()
	assert.Empty(t, order)
}

// The seams in front of the rules see and change what the rules see.
func TestRequestAndFoundSeams(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, id := r.create()
	detach := r.Attach(authenticator.Seams{Request: func(req ctap.Request) ctap.Request {
		if made, ok := req.(*ctap.MakeCredentialRequest); ok {
			made.ExcludeList = nil
		}
		return req
	}})
	assert.Equal(t, ctap.OK, r.status(creation(excluding(id))), "the exclude list is ignored")
	detach()
	r.Attach(authenticator.Seams{Found: func(rpID string, _ []*authenticator.Credential) []*authenticator.Credential {
		assert.Equal(t, "example.com", rpID)
		return nil
	}})
	assert.Equal(t, ctap.NoCredentials, r.status(signIn()))
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(allowing(id))))
}
