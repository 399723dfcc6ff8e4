package fault_test

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// spokenByU2F is U2F, command by command.
func spokenByU2F(w *world) {
	app, challenge := u2f.Parameter(sha("https://example.com")), u2f.Parameter(clientDataHash)
	ask := func(what string, req u2f.Request) []byte {
		raw, err := u2f.EncodeRequest(req)
		require.NoError(w.t, err)
		answer, err := w.device.ExchangeAPDU(w.t.Context(), raw)
		require.NoError(w.t, err)
		word := "no status word"
		if n := len(answer); n >= 2 {
			word = fmt.Sprintf("%x", answer[n-2:])
		}
		w.see(what, "%s, %s", word, w.asked())
		return answer
	}
	w.see("version", "%q", ask("asking for the version", new(u2f.VersionRequest)))
	register := &u2f.RegisterRequest{Challenge: challenge, Application: app}
	made, err := u2f.DecodeResponse(register, ask("registering", register))
	if err != nil {
		w.see("registration", "%v", err)
		made = new(u2f.RegisterResponse)
	} else {
		message := u2f.RegistrationSigned(app, challenge, made.KeyHandle, made.PublicKey)
		w.see("registration", "a key handle of %d bytes, a certificate: %v, %s", len(made.KeyHandle), certified(made.Certificate, message, made.Signature), spelled(made.Signature))
	}
	for _, c := range []struct {
		name    string
		control u2f.Control
	}{{"authenticating", u2f.EnforcePresence}, {"authenticating again", u2f.EnforcePresence}, {"without touch", u2f.DontEnforce}, {"checking", u2f.CheckOnly}} {
		req := &u2f.AuthenticateRequest{Control: c.control, Challenge: challenge, Application: app, KeyHandle: made.KeyHandle}
		got, err := u2f.DecodeResponse(req, ask(c.name, req))
		if err != nil {
			continue
		}
		message := u2f.AuthenticationSigned(app, got.Presence, got.Counter, challenge)
		w.see(c.name+", response", "presence %d, counter %d, signature verifies: %v%s", got.Presence, got.Counter, pointVerifies(made.PublicKey, message, got.Signature), spelled(got.Signature))
	}
	other := &u2f.AuthenticateRequest{Control: u2f.CheckOnly, Challenge: challenge, Application: app, KeyHandle: make([]byte, 64)}
	ask("checking another's key handle", other)
	other.Control = 0x55
	ask("a control byte that there is not", other)
	raw, err := w.device.ExchangeAPDU(w.t.Context(), []byte{0, 1, 0, 0, 0, 0, 1, 7, 0, 0})
	require.NoError(w.t, err)
	w.see("a registration of one byte", "%x", raw)
	w.user.Always(authenticator.TimeOut)
	ask("registering untouched", &u2f.RegisterRequest{Challenge: challenge, Application: app})
	ask("authenticating untouched", &u2f.AuthenticateRequest{Control: u2f.EnforcePresence, Challenge: challenge, Application: app, KeyHandle: made.KeyHandle})
}

// quiet is about authentications by U2F that demand no touch, and about what follows a
// key handle.
func quiet(w *world) {
	app, challenge := u2f.Parameter(sha("https://example.com")), u2f.Parameter(clientDataHash)
	exchange := func(raw []byte) []byte {
		answer, err := w.device.ExchangeAPDU(w.t.Context(), raw)
		require.NoError(w.t, err)
		return answer
	}
	register := &u2f.RegisterRequest{Challenge: challenge, Application: app}
	raw, err := u2f.EncodeRequest(register)
	require.NoError(w.t, err)
	made, err := u2f.DecodeResponse(register, exchange(raw))
	if err != nil {
		w.see("registration", "%v", err)
		return
	}
	req := &u2f.AuthenticateRequest{Control: u2f.DontEnforce, Challenge: challenge, Application: app, KeyHandle: made.KeyHandle}
	raw, err = u2f.EncodeRequest(req)
	require.NoError(w.t, err)
	for _, what := range []string{"first", "second", "third"} {
		got, err := u2f.DecodeResponse(req, exchange(raw))
		if err != nil {
			w.see(what, "%v", err)
			continue
		}
		w.see(what, "counter %d", got.Counter)
	}
	const extendedHead = 7
	end := extendedHead + int(binary.BigEndian.Uint16(raw[5:]))
	tailed := append(binary.BigEndian.AppendUint16(slices.Clone(raw[:5]), uint16(end-extendedHead+1)), raw[extendedHead:end]...)
	answer := exchange(append(tailed, 7, 0, 0))
	w.see("with a byte too many", "%x", answer[max(0, len(answer)-2):])
}
