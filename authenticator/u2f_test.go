package authenticator_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
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

// A device that does not list U2F has none of it.
func TestWithoutU2F(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.Phone())
	for _, req := range []u2f.Request{&u2f.VersionRequest{}, &u2f.RegisterRequest{}, using(u2f.CheckOnly, nil)} {
		assert.Equal(t, u2f.InstructionNotSupported, r.word(req))
	}
}

// Long credential IDs are cut to what a key handle can be.
func TestU2FKeyHandlesFit(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended(func(m *authenticator.Model) { m.CredentialIDBytes = 1023 }))
	made := r.register()
	assert.Len(t, made.KeyHandle, 255)
	r.authenticate(u2f.EnforcePresence, made.KeyHandle)
	r.assert(allowing(made.KeyHandle))
}

func TestU2FRefusesBadCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	handle := r.register().KeyHandle
	bad, err := u2f.EncodeRequest(using(0x04, handle))
	require.NoError(t, err)
	for want, commands := range map[u2f.Status][][]byte{
		u2f.WrongLength:             {nil, {0}, {0, 1, 0, 0}, {0, 2, 3, 0, 0, 0, 1, 9}, make([]byte, 9000)},
		u2f.ClassNotSupported:       {{0x80, 3, 0, 0}},
		u2f.InstructionNotSupported: {{0, 4, 0, 0}, {0, 0x40, 0, 0}},
		u2f.IncorrectParameters:     {{0, 3, 0, 1}, bad},
	} {
		for _, command := range commands {
			answer, err := r.ExchangeAPDU(t.Context(), command)
			require.NoError(t, err)
			assert.Equal(t, want, statusWord(t, answer), "%x", command)
		}
	}
}

// Seams see U2F where they say so.
func TestU2FPassesSeams(t *testing.T) {
	t.Parallel()
	var refused []error
	answers, signatures, apdus := 0, 0, 0
	unseen := func(what string) { t.Errorf("%s is not for U2F", what) }
	r := newRig(t, authenticator.SecurityKey(), authenticator.Seams{
		Answer: func(_ authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
			answers++
			return g, err
		},
		Sign:     func(_, signature []byte) []byte { signatures++; return signature },
		APDU:     func(response []byte) []byte { apdus++; return response },
		Request:  func(req ctap.Request) ctap.Request { unseen("Request"); return req },
		AuthData: func(data []byte) []byte { unseen("AuthData"); return data },
		Response: func(response []byte) []byte { unseen("Response"); return response },
		Found:    func(_ string, c []*authenticator.Credential) []*authenticator.Credential { unseen("Found"); return c },
		Refused: func(req ctap.Request, err error) {
			assert.Nil(t, req)
			refused = append(refused, err)
		},
	})
	r.authenticate(u2f.EnforcePresence, r.register().KeyHandle)
	assert.Equal(t, [3]int{2, 2, 2}, [3]int{answers, signatures, apdus})
	require.Empty(t, refused)
	r.word(using(u2f.CheckOnly, []byte("not ours")))
	_, err := r.ExchangeAPDU(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, refused, 2)
	assert.ErrorContains(t, refused[0], "U2F Raw Message Formats §5 step 2 (key handle)")
	assert.Equal(t, 4, apdus)

	bent := newRig(t, authenticator.SecurityKey(), authenticator.Seams{APDU: func([]byte) []byte { return []byte{0x6f, 0x01} }})
	assert.Equal(t, u2f.Status(0x6f01), bent.word(&u2f.VersionRequest{}))
}

// Like any command, U2F ends a sequence and waits for its turn.
func TestU2FTakesTurns(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	r.accounts()
	r.assert()
	assert.Equal(t, u2f.NoError, r.word(&u2f.VersionRequest{}))
	assert.Equal(t, ctap.NotAllowed, r.status(&ctap.GetNextAssertionRequest{}))

	command, err := u2f.EncodeRequest(&u2f.VersionRequest{})
	require.NoError(t, err)
	answer, err := r.ExchangeAPDU(contextDone(t), command)
	require.NoError(t, err)
	assert.Equal(t, u2f.Other, statusWord(t, answer))

	r.user.Then(authenticator.Ignore)
	asked := len(r.user.Asked())
	waiting, giveUp := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = r.Do(waiting, creation())
	}()
	require.NoError(t, r.user.AwaitAsked(t.Context(), asked+1))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	answer, err = r.ExchangeAPDU(ended, command)
	require.NoError(t, err)
	assert.Equal(t, u2f.Other, statusWord(t, answer), "the device is busy")
	giveUp()
	<-done
	assert.Equal(t, u2f.NoError, r.word(&u2f.VersionRequest{}))
}

// Plug-ins that fail or panic make a failure of their own.
func TestU2FSurvivesPlugins(t *testing.T) {
	t.Parallel()
	store := &failingStore{Store: authenticator.NewMemoryStore()}
	r := newRigOn(t, authenticator.SecurityKey(), store)
	handle := r.register().KeyHandle
	for _, req := range []u2f.Request{&u2f.RegisterRequest{}, using(u2f.EnforcePresence, handle)} {
		tries := 0
		for ; ; tries++ {
			store.failAt(tries, errors.New("out of order"))
			word := r.word(req)
			if !store.failed() {
				assert.Equal(t, u2f.NoError, word)
				break
			}
			assert.Equal(t, u2f.Other, word)
		}
		assert.GreaterOrEqual(t, tries, 2)
	}
	broken := newRig(t, authenticator.SecurityKey(), authenticator.Seams{
		Answer: func(authenticator.Prompt, authenticator.Gesture, error) (authenticator.Gesture, error) {
			panic("a defect")
		},
	})
	assert.Equal(t, u2f.Other, broken.word(&u2f.RegisterRequest{}))
	assert.Equal(t, u2f.NoError, broken.word(&u2f.VersionRequest{}))
}
