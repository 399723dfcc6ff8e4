package fault_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

func longer(b []byte) []byte { return append(b[:len(b):len(b)], 0) }

// spoilingEverything changes all that it sees.
func spoilingEverything() fault.Fault {
	return fault.Fault{
		Seams: authenticator.Seams{
			Request:   func(ctap.Request) ctap.Request { return new(ctap.ResetRequest) },
			Keep:      func(authenticator.Change) authenticator.Change { return authenticator.Change{Wipe: true} },
			AuthData:  longer,
			Response:  longer,
			APDU:      longer,
			Sign:      func(_, signature []byte) []byte { return longer(signature) },
			Found:     func(string, []*authenticator.Credential) []*authenticator.Credential { return nil },
			Key:       func(string, authenticator.Secret) authenticator.Secret { return nil },
			Token:     func(_ authenticator.TokenRule, stops bool) bool { return !stops },
			Agreement: func(pinuv.Protocol, *pinuv.KeyPair) *pinuv.KeyPair { return nil },
			Answer: func(authenticator.Prompt, authenticator.Gesture, error) (authenticator.Gesture, error) {
				return authenticator.Gesture{}, errStep
			},
			Result:   func(ctap.Request, any, error) (any, error) { return nil, errStep },
			Attester: func(attestation.Attester) attestation.Attester { return attestation.None() },
		},
		HID: hid.Seams{Heard: longer, Said: func([][]byte) [][]byte { return nil }},
		NFC: nfc.Seams{Heard: longer, Said: longer},
		Client: client.Seams{
			ClientData:     func(webauthn.ClientData) webauthn.ClientData { return webauthn.ClientData{} },
			ClientDataJSON: longer,
			RPID:           func(string, string, error) error { return errStep },
			Registration:   func(*webauthn.RegistrationResponse) *webauthn.RegistrationResponse { return nil },
			Authentication: func(*webauthn.AuthenticationResponse) *webauthn.AuthenticationResponse { return nil },
		},
	}
}

// passages pass each seam once, and tell whether it changed what passed.
func passages(t *testing.T, f fault.Fault) map[string]func() bool {
	drawn, err := pinuv.NewKeyPair(seed.Stream(1))
	require.NoError(t, err)
	bytes := func(seam func([]byte) []byte) func() bool {
		return func() bool { return len(seam([]byte{1})) != 1 }
	}
	s := f.Seams
	return map[string]func() bool{
		"Request":   func() bool { _, reset := s.Request(new(ctap.GetInfoRequest)).(*ctap.ResetRequest); return reset },
		"Keep":      func() bool { return s.Keep(authenticator.Change{}).Wipe },
		"AuthData":  bytes(s.AuthData),
		"Response":  bytes(s.Response),
		"APDU":      bytes(s.APDU),
		"Sign":      bytes(func(b []byte) []byte { return s.Sign(nil, b) }),
		"Found":     func() bool { return len(s.Found("", []*authenticator.Credential{{}})) == 0 },
		"Key":       func() bool { return s.Key("", authenticator.Secret{1}) == nil },
		"Token":     func() bool { return s.Token(authenticator.TokenOld, false) },
		"Agreement": func() bool { return s.Agreement(pinuv.One, drawn) == nil },
		"Answer": func() bool {
			_, err := s.Answer(authenticator.Prompt{}, authenticator.Gesture{Present: true}, nil)
			return errors.Is(err, errStep)
		},
		"Attester":            func() bool { return s.Attester(attestation.PackedSelf()).Format() == webauthn.FormatNone },
		"Result":              func() bool { _, err := s.Result(nil, 1, nil); return errors.Is(err, errStep) },
		"HID, heard":          bytes(f.HID.Heard),
		"HID, said":           func() bool { return len(f.HID.Said([][]byte{{1}})) == 0 },
		"NFC, heard":          bytes(f.NFC.Heard),
		"NFC, said":           bytes(f.NFC.Said),
		"client data":         func() bool { return f.Client.ClientData(webauthn.ClientData{Type: "x"}).Type == "" },
		"client data in JSON": bytes(f.Client.ClientDataJSON),
		"RP ID":               func() bool { return f.Client.RPID("", "", nil) != nil },
		"registration":        func() bool { return f.Client.Registration(new(webauthn.RegistrationResponse)) == nil },
		"authentication":      func() bool { return f.Client.Authentication(new(webauthn.AuthenticationResponse)) == nil },
	}
}

// What a fault leaves as it is, is no occasion: a copy of a request, and a user who
// is asked and answered for truly.
func TestNoDifferenceIsNoOccasion(t *testing.T) {
	t.Parallel()
	seen := 0
	f := fault.Fault{Seams: authenticator.Seams{Request: func(r ctap.Request) ctap.Request {
		if seen++; seen < 3 {
			return &ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries}
		}
		return new(ctap.ResetRequest)
	}}}.Once()
	for range 2 {
		_, reset := f.Seams.Request(&ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries}).(*ctap.ResetRequest)
		require.False(t, reset)
	}
	_, reset := f.Seams.Request(&ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries}).(*ctap.ResetRequest)
	require.True(t, reset, "the first that makes a difference")

	user := new(authenticator.ScriptedUser)
	lazy := &sometimesLazy{}
	once := fault.Fault{Seams: authenticator.Seams{Env: func(e authenticator.Env) authenticator.Env {
		lazy.User = e.User
		e.User = lazy
		return e
	}}}.Once()
	env := once.Seams.Env(authenticator.Env{User: user})
	for _, want := range []bool{true, true, false, true} {
		g, err := env.User.Answer(t.Context(), authenticator.Prompt{})
		require.NoError(t, err)
		require.Equal(t, want, g.Present, "prompt %d", lazy.asked)
	}
	require.Len(t, user.Asked(), 3+1-1, "nobody is asked twice")
}

// sometimesLazy asks its user the first two times, and then makes an answer up.
type sometimesLazy struct {
	authenticator.User
	asked int
}

func (s *sometimesLazy) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	if s.asked++; s.asked > 2 {
		return authenticator.Gesture{}, nil
	}
	return s.User.Answer(ctx, p)
}
