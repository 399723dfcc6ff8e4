package authenticator_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

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
