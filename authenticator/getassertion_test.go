package authenticator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// One row per rule of each step, on a device that has one discoverable
// credential. Rows without a model are a plain key.
func TestGetAssertionSteps(t *testing.T) {
	t.Parallel()
	type request = ctap.GetAssertionRequest
	none := []authenticator.PromptKind{}
	cases := []struct {
		step, name string
		model      *authenticator.Model
		change     func(*request)
		user       func(*authenticator.ScriptedUser)
		want       ctap.Status
		asked      []authenticator.PromptKind // nil where that is not the point
	}{
		{step: "0", name: "everything is right", asked: []authenticator.PromptKind{authenticator.ConfirmUse}},
		{step: "0", name: "clientDataHash too short", change: func(r *request) { r.ClientDataHash = r.ClientDataHash[:31] }, want: ctap.InvalidLength},
		{step: "0", name: "allowList over its limit", change: func(r *request) { r.AllowList = list(9) }, want: ctap.LimitExceeded, asked: none},

		{step: "1", name: "zero-length pinUvAuthParam is nothing special without a PIN", change: func(r *request) { r.PinUvAuthParam = []byte{} }, want: ctap.MissingParameter, asked: none},
		{step: "2.1", name: "unsupported protocol", change: func(r *request) { r.PinUvAuthParam, r.PinUvAuthProtocol = []byte{1}, ptr(uint64(1)) }, want: ctap.InvalidParameter},
		{step: "2.2", name: "pinUvAuthParam without protocol", change: func(r *request) { r.PinUvAuthParam = []byte{1} }, want: ctap.MissingParameter},

		{step: "4.1", name: "no options is presence without uv", change: touchOnly, asked: []authenticator.PromptKind{authenticator.ConfirmUse}},
		{step: "4.3", name: "uv before it is set up", model: &unconfiguredUV, want: ctap.InvalidOption},
		{step: "4.3", name: "uv without built-in UV", model: &withoutUV, want: ctap.InvalidOption},
		{step: "4.4", name: "rk true", change: func(r *request) { r.Options.RK = ptr(true) }, want: ctap.UnsupportedOption},
		{step: "4.4", name: "rk false", change: func(r *request) { r.Options.RK = ptr(false) }, want: ctap.UnsupportedOption},

		{step: "6.2", name: "user lets uv pass", user: doing(authenticator.TimeOut), want: ctap.UserActionTimeout},
		{step: "6.2", name: "user declines uv", user: doing(authenticator.Decline), want: ctap.OperationDenied},
		{step: "6.2", name: "user is not recognised", user: func(u *authenticator.ScriptedUser) { u.WrongFinger(3) }, want: ctap.OperationDenied},

		{step: "7.1", name: "allowList of others only", change: func(r *request) { r.AllowList = list(2) }, want: ctap.NoCredentials},
		{step: "7.1", name: "empty allowList counts as none", change: func(r *request) { r.AllowList = []ctap.Descriptor{} }},
		{step: "7.6", name: "another RP ID", change: func(r *request) { r.RPID = "other.example" }, want: ctap.NoCredentials},
		{step: "7.6", name: "another RP ID, nobody is asked", change: func(r *request) { r.RPID, r.Options = "other.example", nil }, want: ctap.NoCredentials, asked: none},

		{step: "9", name: "user declines", change: touchOnly, user: doing(authenticator.Decline), want: ctap.OperationDenied},
		{step: "9", name: "user lets it pass", change: touchOnly, user: doing(authenticator.TimeOut), want: ctap.OperationDenied},
		{step: "9", name: "up false asks nobody", change: silent, user: doing(authenticator.Decline), asked: none},
		{step: "9", name: "up false with uv asks for uv", change: func(r *request) { r.Options.UP = ptr(false) }, asked: []authenticator.PromptKind{authenticator.ConfirmUse}},

		{step: "10", name: "unknown extensions are ignored", change: func(r *request) { r.Extensions = ctap.Extensions{"tail": {0xa0}} }},
	}
	for _, c := range cases {
		t.Run(c.step+" "+c.name, func(t *testing.T) {
			t.Parallel()
			model := plainKey()
			if c.model != nil {
				model = *c.model
			}
			r := newRig(t, model)
			r.create(func(req *ctap.MakeCredentialRequest) { req.Options.UV = ptr(model.UV == authenticator.UVConfigured) })
			if c.user != nil {
				c.user(r.user)
			}
			req := signIn()
			if c.change != nil {
				c.change(req)
			}
			assert.Equal(t, c.want, r.status(req))
			if c.asked != nil {
				assert.Equal(t, c.asked, kinds(r.user.Asked())[1:])
			}
		})
	}
}

func TestGetAssertionResponse(t *testing.T) {
	t.Parallel()
	const up, uv, be, bs = webauthn.UserPresent, webauthn.UserVerified, webauthn.BackupEligible, webauthn.BackedUp
	verified := &ctap.UserEntity{ID: []byte("handle-alice"), Name: "alice@example.com", DisplayName: "Alice"}
	idOnly := &ctap.UserEntity{ID: []byte("handle-alice")}
	allowed := func(*ctap.GetAssertionRequest) {}
	cases := []struct {
		name   string
		model  authenticator.Model
		rk     bool
		change func(*ctap.GetAssertionRequest)
		flags  webauthn.Flags
		user   *ctap.UserEntity
	}{
		{"phone", authenticator.Phone(), true, nil, up | uv | be | bs, verified},
		{"phone, not discoverable", authenticator.Phone(), false, allowed, up | uv | be | bs, nil},
		{"security key", authenticator.SecurityKey(), true, nil, up | uv, verified},
		{"security key, touch", authenticator.SecurityKey(), true, touchOnly, up, idOnly},
		{"security key, silent", authenticator.SecurityKey(), true, silent, 0, idOnly},
		{"security key, allowList", authenticator.SecurityKey(), true, allowed, up | uv, verified},
		{"security key, not discoverable", authenticator.SecurityKey(), false, allowed, up | uv, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.model)
			_, id := r.create(func(req *ctap.MakeCredentialRequest) { req.Options.RK = &c.rk })
			req := signIn()
			if c.change != nil {
				c.change(req)
			}
			if !c.rk || c.name == "security key, allowList" {
				allowing(id)(req)
			}
			resp, err := ctap.Call(t.Context(), r, req)
			require.NoError(t, err)
			assert.Equal(t, c.flags, parse(t, resp.AuthData).Flags)
			assert.Equal(t, c.user, resp.User)
			assert.Equal(t, &ctap.Descriptor{ID: id, Type: ctap.PublicKey}, resp.Credential)
			assert.Zero(t, resp.NumberOfCredentials)
			assert.False(t, resp.UserSelected)
		})
	}
}

// Step 7: what an allowList can and cannot name.
func TestAllowList(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, kept := r.create()
	_, loose := r.create(notDiscoverable, forUser("bob"))
	_, elsewhere := r.create(notDiscoverable, func(req *ctap.MakeCredentialRequest) { req.RP.ID = "other.example" })

	assert.Equal(t, kept, r.assert().Credential.ID, "without a list only discoverable ones are found")
	assert.Equal(t, loose, r.assert(allowing(elsewhere, loose, kept)).Credential.ID)
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(allowing(elsewhere))), "wrapped for another RP ID")
	for i := range loose {
		bent := append([]byte(nil), loose...)
		bent[i] ^= 1
		require.Equal(t, ctap.NoCredentials, r.status(signIn(allowing(bent))), "byte %d changed", i)
	}
}

// accounts makes passkeys for three people, alice first.
func (r *rig) accounts() {
	for _, name := range []string{"alice", "bob", "carol"} {
		r.create(forUser(name))
	}
}

// Whoever scanned a QR code sees on the phone for whom it is: the computer need not
// ask.
func TestOnlyAccountOverHybrid(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.Phone())
	_, id := r.create()
	over := authenticator.Over(t.Context(), webauthn.TransportHybrid)
	for _, c := range []struct {
		req      *ctap.GetAssertionRequest
		selected bool
	}{{signIn(), true}, {signIn(allowing(id)), false}, {signIn(silent), false}} {
		resp, err := ctap.Call(over, r, c.req)
		require.NoError(t, err)
		assert.Equal(t, c.selected, resp.UserSelected)
	}
}

// Step 12.2.3: a device with a display lets its user choose.
func TestDisplayLetsTheUserChoose(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.Phone())
	r.accounts()

	first := r.assert()
	assert.True(t, first.UserSelected)
	assert.Zero(t, first.NumberOfCredentials)
	assert.Equal(t, "carol@example.com", first.User.Name, "the newest is offered first")
	asked := r.user.Asked()
	choice := asked[len(asked)-1]
	assert.Equal(t, authenticator.ChooseAccount, choice.Kind)
	assert.Equal(t, []string{"carol@example.com", "bob@example.com", "alice@example.com"}, names(choice.Accounts))
	assert.Equal(t, ctap.NotAllowed, r.status(&ctap.GetNextAssertionRequest{}), "there is no next one")

	r.user.Pick("bob@example.com")
	assert.Equal(t, "bob@example.com", r.assert().User.Name)
	r.user.PickHandle([]byte("handle-alice"))
	touched := r.assert(touchOnly)
	assert.Equal(t, &ctap.UserEntity{ID: []byte("handle-alice")}, touched.User, "12.3: no names without verification")
	assert.True(t, touched.UserSelected)

	r.user.Pick("mallory@example.com")
	assert.Equal(t, ctap.OperationDenied, r.status(signIn()))
	r.user.Pick("")
	r.user.Then(authenticator.Approve, authenticator.TimeOut)
	assert.Equal(t, ctap.OperationDenied, r.status(signIn()), "chooses nobody in time")

	quiet := r.assert(silent)
	assert.Equal(t, uint64(3), quiet.NumberOfCredentials, "nobody is asked in silence")
	assert.False(t, quiet.UserSelected)
}

func names(accounts []ctap.UserEntity) []string {
	list := make([]string, len(accounts))
	for i, account := range accounts {
		list[i] = account.Name
	}
	return list
}

// An answer that is no answer is a refusal.
func TestImpossibleChoiceIsRefused(t *testing.T) {
	t.Parallel()
	for _, choice := range []int{-1, 3} {
		r := newRig(t, authenticator.Phone(), authenticator.Seams{
			Answer: func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
				g.Choice = choice
				return g, err
			},
		})
		r.accounts()
		assert.Equal(t, ctap.OperationDenied, r.status(signIn()), "choice %d", choice)
	}
}

// §6.3: without a display the accounts come one after the other.
func TestGetNextAssertion(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	r.accounts()
	asked := len(r.user.Asked())

	first := r.assert()
	assert.Equal(t, uint64(3), first.NumberOfCredentials)
	assert.False(t, first.UserSelected)
	got := []string{first.User.Name}
	count := parse(t, first.AuthData).SignCount
	for range 2 {
		next, err := ctap.Call(t.Context(), r, &ctap.GetNextAssertionRequest{})
		require.NoError(t, err)
		got = append(got, next.User.Name)
		data := parse(t, next.AuthData)
		assert.Equal(t, webauthn.UserPresent|webauthn.UserVerified, data.Flags)
		assert.Greater(t, data.SignCount, count)
		assert.Zero(t, next.NumberOfCredentials)
		count = data.SignCount
	}
	assert.Equal(t, []string{"carol@example.com", "bob@example.com", "alice@example.com"}, got, "newest first")
	assert.Equal(t, ctap.NotAllowed, r.status(&ctap.GetNextAssertionRequest{}), "step 2")
	assert.Len(t, r.user.Asked(), asked+1, "one touch for all")
}

func TestGetNextAssertionWithoutState(t *testing.T) {
	t.Parallel()
	next := &ctap.GetNextAssertionRequest{}
	cases := []struct {
		name    string
		between func(*rig)
		want    ctap.Status
	}{
		{"nothing between", func(*rig) {}, ctap.OK},
		{"30 s", func(r *rig) { r.clock.Advance(30 * time.Second) }, ctap.OK},
		{"over 30 s", func(r *rig) { r.clock.Advance(30*time.Second + 1) }, ctap.NotAllowed},
		{"the timer starts anew", func(r *rig) {
			r.clock.Advance(20 * time.Second)
			require.Equal(r.t, ctap.OK, r.status(next))
			r.clock.Advance(20 * time.Second)
		}, ctap.OK},
		{"another command", func(r *rig) { r.info() }, ctap.NotAllowed},
		{"a refused command", func(r *rig) { r.status(signIn(allowing([]byte{1}))) }, ctap.NotAllowed},
		{"an assertion with a list", func(r *rig) { r.assert(allowing(r.assert().Credential.ID)) }, ctap.NotAllowed},
		{"a power cycle", func(r *rig) { r.PowerCycle() }, ctap.NotAllowed},
		{"a deletion", func(r *rig) { require.ErrorIs(r.t, r.Delete(r.ctx(), []byte{1}), authenticator.ErrNotFound) }, ctap.NotAllowed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, authenticator.SecurityKey())
			assert.Equal(t, ctap.NotAllowed, r.status(next), "step 1")
			r.accounts()
			r.assert()
			c.between(r)
			assert.Equal(t, c.want, r.status(next))
		})
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	stored := func(style authenticator.CounterStyle) authenticator.Model {
		return keyWith(func(m *authenticator.Model) { m.Counter, m.NonDiscoverable = style, authenticator.Stored })
	}
	for _, c := range []struct {
		name  string
		model authenticator.Model
		want  []uint32 // made a, made b, signed a, a, b
	}{
		{"global", stored(authenticator.CounterGlobal), []uint32{1, 2, 3, 4, 5}},
		{"per credential", stored(authenticator.CounterPerCredential), []uint32{0, 0, 1, 2, 1}},
		{"zero", stored(authenticator.CounterZero), []uint32{0, 0, 0, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.model)
			madeA, a := r.create(forUser("a"))
			madeB, b := r.create(forUser("b"))
			got := []uint32{parse(t, madeA.AuthData).SignCount, parse(t, madeB.AuthData).SignCount}
			for _, id := range [][]byte{a, a, b} {
				got = append(got, parse(t, r.assert(allowing(id)).AuthData).SignCount)
			}
			assert.Equal(t, c.want, got)
		})
	}
}
