package authenticator_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

var (
	challenge = u2f.Parameter(clientDataHash)
	ourApp    = u2f.Parameter(sha256.Sum256([]byte("example.com")))
	otherApp  = u2f.Parameter(sha256.Sum256([]byte("other.example")))
)

// register makes a key by U2F.
func (r *rig) register() *u2f.RegisterResponse {
	r.t.Helper()
	resp, err := u2f.Call(r.ctx(), r, &u2f.RegisterRequest{Challenge: challenge, Application: ourApp})
	require.NoError(r.t, err)
	return resp
}

func using(control u2f.Control, handle []byte, change ...func(*u2f.AuthenticateRequest)) *u2f.AuthenticateRequest {
	return changed(&u2f.AuthenticateRequest{Control: control, Challenge: challenge, Application: ourApp, KeyHandle: handle}, change)
}

// authenticate signs in by U2F.
func (r *rig) authenticate(control u2f.Control, handle []byte) *u2f.AuthenticateResponse {
	r.t.Helper()
	resp, err := u2f.Call(r.ctx(), r, using(control, handle))
	require.NoError(r.t, err)
	return resp
}

// word sends a U2F command and returns how it ended.
func (r *rig) word(req u2f.Request) u2f.Status {
	r.t.Helper()
	command, err := u2f.EncodeRequest(req)
	require.NoError(r.t, err)
	answer, err := r.ExchangeAPDU(r.ctx(), command)
	require.NoError(r.t, err)
	return statusWord(r.t, answer)
}

func statusWord(t testing.TB, answer []byte) u2f.Status {
	t.Helper()
	require.GreaterOrEqual(t, len(answer), 2)
	word := u2f.Status(answer[len(answer)-2])<<8 | u2f.Status(answer[len(answer)-1])
	if word != u2f.NoError {
		require.Len(t, answer, 2, "an error response is the status word alone")
	}
	return word
}

// signedBy verifies a signature with a public key as U2F has it.
func signedBy(t testing.TB, point, message, signature []byte) bool {
	t.Helper()
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	require.NoError(t, err)
	digest := sha256.Sum256(message)
	return ecdsa.VerifyASN1(key, digest[:], signature)
}

func TestU2FCeremonies(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	made := r.register()
	assert.Len(t, made.KeyHandle, 64)
	for _, c := range []struct {
		control  u2f.Control
		presence byte
	}{{u2f.EnforcePresence, 1}, {u2f.DontEnforce, 0}} {
		used := r.authenticate(c.control, made.KeyHandle)
		assert.Equal(t, c.presence, used.Presence)
		assert.True(t, signedBy(t, made.PublicKey, u2f.AuthenticationSigned(ourApp, used.Presence, used.Counter, challenge), used.Signature))
	}
	version, err := u2f.Call(t.Context(), r, &u2f.VersionRequest{})
	require.NoError(t, err)
	assert.Equal(t, "U2F_V2", version.Version)

	asked := r.user.Asked()
	assert.Equal(t, []authenticator.PromptKind{authenticator.ConfirmNew, authenticator.ConfirmUse}, kinds(asked), "0x08 asks nobody")
	for _, p := range asked {
		assert.True(t, p.Polled)
		assert.False(t, p.Verify)
		assert.Empty(t, p.RP)
	}
	r.PowerCycle()
	r.authenticate(u2f.EnforcePresence, made.KeyHandle)
}

// Which key handles are ours, by every control byte.
func TestU2FKeyHandles(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended(func(m *authenticator.Model) { m.CredProtect = ctap.UserVerificationOptionalWithCredentialIDList }))
	registered := r.register().KeyHandle
	bent := slices.Clone(registered)
	bent[63] ^= 1
	made := func(change ...func(*ctap.MakeCredentialRequest)) []byte {
		_, id := r.create(append(change, notDiscoverable)...)
		return id
	}
	_, discoverable := r.create()
	elsewhere := func(req *u2f.AuthenticateRequest) { req.Application = otherApp }
	for _, c := range []struct {
		name   string
		handle []byte
		change []func(*u2f.AuthenticateRequest)
		ours   bool
	}{
		{"registered by U2F", registered, nil, true},
		{"for another application", registered, []func(*u2f.AuthenticateRequest){elsewhere}, false},
		{"bent", bent, nil, false},
		{"cut", registered[:40], nil, false},
		{"empty", []byte{}, nil, false},
		{"made by CTAP2, of the model's level 2", made(), nil, true},
		{"level 3", made(with(ctap.ExtensionCredProtect, 3)), nil, false},
		{"another algorithm", made(withAlgorithm(webauthn.EdDSA)), nil, false},
		{"discoverable", discoverable, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := len(r.user.Asked())
			check, sign := u2f.WrongData, u2f.WrongData
			if c.ours {
				check, sign = u2f.ConditionsNotSatisfied, u2f.NoError
			}
			assert.Equal(t, check, r.word(using(u2f.CheckOnly, c.handle, c.change...)))
			assert.Len(t, r.user.Asked(), asked, "checking asks nobody")
			assert.Equal(t, sign, r.word(using(u2f.DontEnforce, c.handle, c.change...)))
			assert.Equal(t, sign, r.word(using(u2f.EnforcePresence, c.handle, c.change...)))
			if !c.ours {
				assert.Len(t, r.user.Asked(), asked, "no touch is spent on what is not ours")
			}
		})
	}
}

// The platform polls until the user has touched, and nobody waits meanwhile.
func TestU2FPolls(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	handle := r.register().KeyHandle
	for _, req := range []u2f.Request{&u2f.RegisterRequest{Application: ourApp}, using(u2f.EnforcePresence, handle)} {
		r.user.Then(authenticator.Ignore, authenticator.Decline, authenticator.TimeOut, authenticator.Approve)
		for range 3 {
			assert.Equal(t, u2f.ConditionsNotSatisfied, r.word(req))
		}
		assert.Equal(t, u2f.NoError, r.word(req))
	}
	r.user.Always(authenticator.Ignore)
	assert.Equal(t, u2f.NoError, r.word(using(u2f.DontEnforce, handle)))
}

// One counter counts the ceremonies of both.
func TestU2FCountsWithCTAP2(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	handle := r.register().KeyHandle // 1
	var got []uint32
	got = append(got, r.authenticate(u2f.EnforcePresence, handle).Counter)
	made, id := r.create(notDiscoverable)
	got = append(got, parse(t, made.AuthData).SignCount)
	got = append(got, r.authenticate(u2f.DontEnforce, id).Counter)
	assert.Equal(t, u2f.ConditionsNotSatisfied, r.word(using(u2f.CheckOnly, handle)))
	r.PowerCycle()
	got = append(got, parse(t, r.assert(allowing(handle)).AuthData).SignCount)
	got = append(got, r.authenticate(u2f.EnforcePresence, handle).Counter)
	assert.Equal(t, []uint32{2, 3, 4, 5, 6}, got)

	zero := newRig(t, extended(func(m *authenticator.Model) { m.Counter = authenticator.CounterZero }))
	handle = zero.register().KeyHandle
	assert.Zero(t, zero.authenticate(u2f.EnforcePresence, handle).Counter)
}

// CTAP 2.3 §10: what one of them made, the other can use.
func TestU2FAndCTAP2ShareCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	made := r.register()
	resp := r.assert(allowing(made.KeyHandle))
	message := slices.Concat(resp.AuthData, clientDataHash[:])
	assert.True(t, signedBy(t, made.PublicKey, message, resp.Signature))
	assert.Equal(t, ctap.OK, r.status(signIn(touchOnly, allowing(made.KeyHandle))), "level 1, so that nobody has to be verified")
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(allowing(made.KeyHandle), func(req *ctap.GetAssertionRequest) { req.RPID = "other.example" })))
	assert.Equal(t, ctap.NoCredentials, r.status(signIn()), "it is not discoverable")
	assert.Equal(t, ctap.CredentialExcluded, r.status(creation(excluding(made.KeyHandle))))
	p := r.platform(2)
	assert.Len(t, p.evaluate(salt1, allowing(made.KeyHandle)), 32, "it has secrets, too")

	_, id := r.create(notDiscoverable, with(ctap.ExtensionCredProtect, 2))
	c, err := r.Credential(t.Context(), "example.com", id)
	require.NoError(t, err)
	used := r.authenticate(u2f.EnforcePresence, id)
	signed := u2f.AuthenticationSigned(ourApp, used.Presence, used.Counter, challenge)
	digest := sha256.Sum256(signed)
	assert.True(t, ecdsa.VerifyASN1(publicOf(t, c), digest[:], used.Signature))

	assert.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, u2f.WrongData, r.word(using(u2f.CheckOnly, made.KeyHandle)), "a reset ends it")
}

func publicOf(t testing.TB, c *authenticator.Credential) *ecdsa.PublicKey {
	t.Helper()
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), c.PrivateKey)
	require.NoError(t, err)
	return &k.PublicKey
}

// §7.2.4: U2F, which verifies nobody, stops while everybody has to be.
func TestU2FUnderAlwaysUv(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	handle := r.register().KeyHandle
	asked := len(r.user.Asked())
	r.set(func(s *authenticator.Settings) { s.AlwaysUv = ptr(true) })
	assert.NotContains(t, r.info().Versions, ctap.VersionU2FV2)
	for _, req := range []u2f.Request{
		&u2f.RegisterRequest{}, using(u2f.CheckOnly, handle), using(u2f.EnforcePresence, handle), using(u2f.DontEnforce, handle), using(u2f.CheckOnly, nil),
	} {
		assert.Equal(t, u2f.CommandNotAllowed, r.word(req))
	}
	assert.Equal(t, u2f.NoError, r.word(&u2f.VersionRequest{}))
	assert.Len(t, r.user.Asked(), asked)
	r.set(func(s *authenticator.Settings) { s.AlwaysUv = ptr(false) })
	assert.Equal(t, u2f.NoError, r.word(using(u2f.EnforcePresence, handle)))
}
