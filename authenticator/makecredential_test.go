package authenticator_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// plainKey is a security key of CTAP 2.0: built-in user verification, and
// nothing that came later.
func plainKey() authenticator.Model {
	m := authenticator.SecurityKey()
	m.Versions, m.Protocols, m.Extensions = nil, nil, nil
	m.PIN, m.Config, m.AlwaysUv = authenticator.PINFeatures{}, authenticator.ConfigFeatures{}, authenticator.Lacking
	m.PinUvAuthToken, m.CredMgmt, m.CredMgmtReadOnly, m.Previews = false, false, false, false
	m.MaxCredBlob, m.MaxLargeBlobs = 0, 0
	return m
}

// keyWith is a plain key with something different about it.
func keyWith(change func(*authenticator.Model)) authenticator.Model {
	m := plainKey()
	change(&m)
	return m
}

var (
	withoutUV      = keyWith(func(m *authenticator.Model) { m.UV = authenticator.NoUV })
	unconfiguredUV = keyWith(func(m *authenticator.Model) { m.UV = authenticator.UVUnconfigured })
	withoutRK      = keyWith(func(m *authenticator.Model) { m.ResidentKeys, m.Capacity = false, 0 })
	alwaysWithUV   = keyWith(func(m *authenticator.Model) { m.MakeCredUVNotRqd = false })
)

// One row per rule of each step: how the request or the user differs, and the
// status. Rows without a model are a plain key.
func TestMakeCredentialSteps(t *testing.T) {
	t.Parallel()
	type request = ctap.MakeCredentialRequest
	cases := []struct {
		step, name string
		model      *authenticator.Model
		change     func(*request)
		user       func(*authenticator.ScriptedUser)
		want       ctap.Status
		asked      []authenticator.PromptKind // nil where that is not the point
	}{
		{step: "0", name: "everything is right", asked: []authenticator.PromptKind{authenticator.ConfirmNew}},
		{step: "0", name: "clientDataHash too short", change: func(r *request) { r.ClientDataHash = r.ClientDataHash[:31] }, want: ctap.InvalidLength},
		{step: "0", name: "clientDataHash too long", change: func(r *request) { r.ClientDataHash = make([]byte, 33) }, want: ctap.InvalidLength},
		{step: "0", name: "user.id empty", change: func(r *request) { r.User.ID = []byte{} }, want: ctap.InvalidLength},
		{step: "0", name: "user.id of 64 bytes", change: func(r *request) { r.User.ID = make([]byte, 64) }},
		{step: "0", name: "user.id of 65 bytes", change: func(r *request) { r.User.ID = make([]byte, 65) }, want: ctap.InvalidLength},
		{step: "0", name: "excludeList at its limit", change: func(r *request) { r.ExcludeList = list(8) }},
		{step: "0", name: "excludeList over its limit", change: func(r *request) { r.ExcludeList = list(9) }, want: ctap.LimitExceeded, asked: []authenticator.PromptKind{}},

		{step: "1", name: "zero-length pinUvAuthParam is nothing special without a PIN", change: func(r *request) { r.PinUvAuthParam = []byte{} }, want: ctap.MissingParameter, asked: []authenticator.PromptKind{}},
		{step: "2.1", name: "unsupported protocol", change: func(r *request) { r.PinUvAuthParam, r.PinUvAuthProtocol = []byte{1}, ptr(uint64(2)) }, want: ctap.InvalidParameter},
		{step: "2.2", name: "pinUvAuthParam without protocol", change: func(r *request) { r.PinUvAuthParam = []byte{1} }, want: ctap.MissingParameter},
		{step: "2", name: "protocol without pinUvAuthParam is ignored", change: func(r *request) { r.PinUvAuthProtocol = ptr(uint64(9)) }},

		{step: "3.1.3", name: "unknown algorithm is skipped", change: params(-65535, -7)},
		{step: "3.1.3", name: "unknown type is skipped", change: func(r *request) {
			r.PubKeyCredParams = []ctap.Parameters{{Algorithm: -8, Type: "card"}, {Algorithm: -7, Type: ctap.PublicKey}}
		}},
		{step: "3.2", name: "no supported algorithm", change: params(-257), want: ctap.UnsupportedAlgorithm},
		{step: "3.2", name: "no algorithm at all", change: params(), want: ctap.UnsupportedAlgorithm},

		{step: "5.1", name: "no options", model: &withoutUV, change: func(r *request) { r.Options = nil }},
		{step: "5.3", name: "uv without built-in UV", model: &withoutUV, want: ctap.InvalidOption},
		{step: "5.3", name: "uv before it is set up", model: &unconfiguredUV, want: ctap.InvalidOption},
		{step: "5.4.1", name: "rk where it is not supported", model: &withoutRK, want: ctap.UnsupportedOption},
		{step: "5.4.1", name: "rk false where it is not supported", model: &withoutRK, change: notDiscoverable, want: ctap.UnsupportedOption},
		{step: "5.6", name: "up true", change: func(r *request) { r.Options.UP = ptr(true) }},
		{step: "5.6.1", name: "up false", change: func(r *request) { r.Options.UP = ptr(false) }, want: ctap.InvalidOption},

		{step: "7", name: "rk without uv", change: func(r *request) { r.Options.UV = nil }, want: ctap.OperationDenied, asked: []authenticator.PromptKind{}},
		{step: "7", name: "neither rk nor uv", change: func(r *request) { r.Options = nil }, asked: []authenticator.PromptKind{authenticator.ConfirmNew}},
		{step: "7", name: "rk without uv on an unprotected device", model: &withoutUV, change: func(r *request) { r.Options.UV = nil }},
		{step: "8", name: "neither, where uv is always required", model: &alwaysWithUV, change: func(r *request) { r.Options = nil }, want: ctap.OperationDenied},

		{step: "9.1", name: "enterprise attestation", change: func(r *request) { r.EnterpriseAttestation = ptr(uint64(1)) }, want: ctap.InvalidParameter},
		{step: "9.1", name: "the value does not matter", change: func(r *request) { r.EnterpriseAttestation = ptr(uint64(7)) }, want: ctap.InvalidParameter},

		{step: "11.2.3", name: "user lets uv pass", user: doing(authenticator.TimeOut), want: ctap.UserActionTimeout},
		{step: "11.2.3", name: "user declines uv", user: doing(authenticator.Decline), want: ctap.OperationDenied},
		{step: "11.2.3", name: "user is not recognised", user: func(u *authenticator.ScriptedUser) { u.WrongFinger(3) }, want: ctap.OperationDenied,
			asked: []authenticator.PromptKind{authenticator.ConfirmNew, authenticator.ConfirmNew, authenticator.ConfirmNew}},
		{step: "11.2.4", name: "user is recognised in the end", user: func(u *authenticator.ScriptedUser) { u.WrongFinger(2) },
			asked: []authenticator.PromptKind{authenticator.ConfirmNew, authenticator.ConfirmNew, authenticator.ConfirmNew}},

		{step: "14.2", name: "user declines", change: func(r *request) { r.Options = nil }, user: doing(authenticator.Decline), want: ctap.OperationDenied},
		{step: "14.2", name: "user lets it pass", change: func(r *request) { r.Options = nil }, user: doing(authenticator.TimeOut), want: ctap.OperationDenied},

		{step: "15", name: "unknown extensions are ignored", change: func(r *request) { r.Extensions = ctap.Extensions{"tail": {0xa0}} }},
	}
	for _, c := range cases {
		t.Run(c.step+" "+c.name, func(t *testing.T) {
			t.Parallel()
			model := plainKey()
			if c.model != nil {
				model = *c.model
			}
			r := newRig(t, model)
			if c.user != nil {
				c.user(r.user)
			}
			req := creation()
			if c.change != nil {
				c.change(req)
			}
			assert.Equal(t, c.want, r.status(req))
			if c.asked != nil {
				assert.Equal(t, c.asked, kinds(r.user.Asked()))
			}
			held, err := r.store.Load(t.Context())
			require.NoError(t, err)
			if c.want != ctap.OK {
				assert.Zero(t, held.Discoverable, "what fails makes nothing")
			}
		})
	}
}

func params(algorithms ...int64) func(*ctap.MakeCredentialRequest) {
	return func(r *ctap.MakeCredentialRequest) {
		r.PubKeyCredParams = []ctap.Parameters{}
		for _, alg := range algorithms {
			r.PubKeyCredParams = append(r.PubKeyCredParams, ctap.Parameters{Algorithm: alg, Type: ctap.PublicKey})
		}
	}
}

func doing(act authenticator.Act) func(*authenticator.ScriptedUser) {
	return func(u *authenticator.ScriptedUser) { u.Always(act) }
}

func kinds(prompts []authenticator.Prompt) []authenticator.PromptKind {
	list := make([]authenticator.PromptKind, len(prompts))
	for i, p := range prompts {
		list[i] = p.Kind
	}
	return list
}

func TestMakeCredentialResponse(t *testing.T) {
	t.Parallel()
	const up, uv, be, bs, at = webauthn.UserPresent, webauthn.UserVerified, webauthn.BackupEligible, webauthn.BackedUp, webauthn.AttestedData
	touch := func(r *ctap.MakeCredentialRequest) { r.Options = nil }
	cases := []struct {
		name   string
		model  authenticator.Model
		change func(*ctap.MakeCredentialRequest)
		flags  webauthn.Flags
		format string
		count  uint32
		id     int
	}{
		{"phone", authenticator.Phone(), nil, up | uv | be | bs | at, "none", 0, 20},
		{"laptop", authenticator.Laptop(), nil, up | uv | be | bs | at, "none", 0, 32},
		{"security key", authenticator.SecurityKey(), nil, up | uv | at, "packed", 1, 64},
		{"security key, touch only", authenticator.SecurityKey(), touch, up | at, "packed", 1, 64},
		{"phone, touch only, synced too", authenticator.Phone(), touch, up | be | bs | at, "none", 0, 20},
		{"attestation not wanted", authenticator.SecurityKey(), func(r *ctap.MakeCredentialRequest) { r.AttestationFormatsPreference = []string{"none"} }, up | uv | at, "none", 1, 64},
		{"none is only the first choice", authenticator.SecurityKey(), func(r *ctap.MakeCredentialRequest) { r.AttestationFormatsPreference = []string{"none", "tpm"} }, up | uv | at, "packed", 1, 64},
		{"another format preferred", authenticator.SecurityKey(), func(r *ctap.MakeCredentialRequest) { r.AttestationFormatsPreference = []string{"tpm"} }, up | uv | at, "packed", 1, 64},
		{"short wrapped IDs are as long as they must be", keyWith(func(m *authenticator.Model) { m.CredentialIDBytes = 16 }), touch, up | at, "packed", 1, 64},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.change == nil {
				c.change = func(*ctap.MakeCredentialRequest) {}
			}
			made, id := newRig(t, c.model).create(c.change)
			data := parse(t, made.AuthData)
			assert.Equal(t, c.flags, data.Flags, "%s", data.Flags)
			assert.Equal(t, c.format, made.Format)
			assert.Equal(t, c.count, data.SignCount)
			assert.Len(t, id, c.id)
			assert.Equal(t, c.model.AAGUID, data.Attested.AAGUID)
			if c.format == webauthn.FormatNone {
				assert.Equal(t, webauthn.EmptyStatement, made.Statement)
			}
		})
	}
}

func TestAlgorithmFollowsTheRelyingPartysOrder(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int64{{-7, -8}, {-8, -7}, {-257, -8, -7}} {
		made, _ := newRig(t, authenticator.SecurityKey()).create(params(order...))
		alg, _, err := webauthn.ParseCOSEKey(parse(t, made.AuthData).Attested.PublicKey)
		require.NoError(t, err)
		want := order[0]
		if want == -257 {
			want = -8
		}
		assert.Equal(t, webauthn.Algorithm(want), alg, "%v", order)
	}
}

// Step 12: what the excludeList says about this device, and what it tells.
func TestExcludeList(t *testing.T) {
	t.Parallel()
	for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.SecurityKey()} {
		t.Run(model.Name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, model)
			_, kept := r.create()
			_, loose := r.create(notDiscoverable)
			another := model
			another.Name = "another " + model.Name // draws other random bytes
			_, foreign := newRig(t, another).create()
			_, elsewhere := r.create(func(req *ctap.MakeCredentialRequest) { req.RP.ID = "other.example" })
			touchWith := func(ids ...[]byte) *ctap.MakeCredentialRequest {
				return creation(excluding(ids...), func(req *ctap.MakeCredentialRequest) { req.Options = nil })
			}

			assert.Equal(t, ctap.CredentialExcluded, r.status(creation(excluding(kept))))
			assert.Equal(t, ctap.CredentialExcluded, r.status(touchWith(foreign, loose)))
			assert.Equal(t, ctap.OK, r.status(touchWith(elsewhere)), "another RP ID's")
			unknownType := touchWith(kept)
			unknownType.ExcludeList[0].Type = "card"
			assert.Equal(t, ctap.OK, r.status(unknownType))
			assert.Equal(t, ctap.OK, r.status(touchWith(foreign, []byte{}, make([]byte, 100))), "another device's, and nonsense")
		})
	}
}

// 12.1.4 and 12.1.5: nobody learns of a hit without a touch, and nobody touches
// twice.
func TestExcludedUserIsAskedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		uv   bool
		act  authenticator.Act
		want authenticator.PromptKind
	}{
		"verified": {true, authenticator.Approve, authenticator.ConfirmNew},
		"touching": {false, authenticator.Approve, authenticator.TellExcluded},
		"refusing": {false, authenticator.Decline, authenticator.TellExcluded},
		"not here": {false, authenticator.TimeOut, authenticator.TellExcluded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, authenticator.SecurityKey())
			_, id := r.create()
			r.user.Then(c.act)
			req := creation(excluding(id))
			req.Options = &ctap.Options{UV: &c.uv}
			assert.Equal(t, ctap.CredentialExcluded, r.status(req))
			assert.Equal(t, []authenticator.PromptKind{c.want}, kinds(r.user.Asked())[1:])
		})
	}
}

// Step 17: one discoverable credential per account, and only so many.
func TestDiscoverableCredentialsAreReplacedAndLimited(t *testing.T) {
	t.Parallel()
	r := newRig(t, keyWith(func(m *authenticator.Model) { m.Capacity = 2 }))
	_, loose := r.create(notDiscoverable)
	_, first := r.create()
	_, second := r.create()
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(allowing(first))), "17.2: the one before is gone")
	assert.Equal(t, ctap.OK, r.status(signIn(allowing(second))))
	assert.Equal(t, ctap.OK, r.status(signIn(allowing(loose))), "non-discoverable ones are never replaced")
	r.create(forUser("bob"))
	assert.Equal(t, ctap.KeyStoreFull, r.status(creation(forUser("carol"))), "17.4")
	assert.Equal(t, ctap.OK, r.status(creation()), "replacing needs no room")
	assert.Equal(t, ctap.OK, r.status(creation(notDiscoverable, forUser("carol"))), "wrapped ones neither")
	assert.Equal(t, ctap.OK, r.status(creation(func(req *ctap.MakeCredentialRequest) { req.Options.RK = nil })), "rk absent is false")
	assert.Equal(t, uint64(0), *r.info().RemainingDiscoverableCredentials)
}

func TestNamesAreCutAtCodePoints(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		strings.Repeat("a", 64):                strings.Repeat("a", 64),
		strings.Repeat("a", 65):                strings.Repeat("a", 64),
		strings.Repeat("a", 63) + "é":          strings.Repeat("a", 63),
		strings.Repeat("a", 62) + "é":          strings.Repeat("a", 62) + "é",
		strings.Repeat("\U0001f511", 17):       strings.Repeat("\U0001f511", 16),
		"a" + strings.Repeat("\U0001f511", 16): "a" + strings.Repeat("\U0001f511", 15),
	} {
		r := newRig(t, authenticator.SecurityKey())
		r.create(func(req *ctap.MakeCredentialRequest) { req.User.Name, req.User.DisplayName = name, name })
		user := r.assert().User
		assert.Equal(t, want, user.Name)
		assert.Equal(t, want, user.DisplayName)
	}
}

// The prompt says who is asking and for whom.
func TestPromptShowsWhatIsAsked(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.Phone())
	r.create()
	req := creation()
	assert.Equal(t, authenticator.Prompt{Kind: authenticator.ConfirmNew, RP: req.RP, User: req.User, Verify: true}, r.user.Asked()[0])
	r.assert()
	assert.Equal(t, authenticator.Prompt{Kind: authenticator.ConfirmUse, RP: ctap.RPEntity{ID: "example.com"}, Verify: true}, r.user.Asked()[1])
}
