package webauthn_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/webauthn"
)

func TestSignals(t *testing.T) {
	t.Parallel()
	for _, want := range []webauthn.Signal{
		&webauthn.UnknownCredential{RPID: "example.com", CredentialID: []byte{1, 2}},
		&webauthn.AllAcceptedCredentials{RPID: "example.com", UserID: []byte("alice"), CredentialIDs: []webauthn.Base64URL{{1}, {2}}},
		&webauthn.AllAcceptedCredentials{RPID: "example.com", UserID: []byte("alice"), CredentialIDs: []webauthn.Base64URL{}},
		&webauthn.CurrentUserDetails{RPID: "example.com", UserID: []byte("alice"), Name: "alice@example.com", DisplayName: ""},
	} {
		text, err := json.Marshal(want)
		require.NoError(t, err)
		got, err := webauthn.ParseSignal(want.Method(), text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, "example.com", got.RelyingParty())
	}
}

func TestBrokenSignals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, options, says string }{
		{"signalSomething", `{}`, `"signalSomething" is no signal method`},
		{webauthn.SignalUnknownCredential, `{`, "unexpected end"},
		{webauthn.SignalUnknownCredential, `[]`, "cannot unmarshal"},
		{webauthn.SignalUnknownCredential, `{"rpId":"x"}`, `"credentialId" is missing`},
		{webauthn.SignalUnknownCredential, `{"rpId":"x","credentialId":"AA=="}`, "base64url"},
		{webauthn.SignalUnknownCredential, `{"rpId":1,"credentialId":"AA"}`, "cannot unmarshal"},
		{webauthn.SignalAllAcceptedCredentials, `{"rpId":"x","userId":"AA"}`, `"allAcceptedCredentialIds" is missing`},
		{webauthn.SignalAllAcceptedCredentials, `{"rpId":"x","userId":"AA","allAcceptedCredentialIds":null}`, `"allAcceptedCredentialIds" is missing`},
		{webauthn.SignalAllAcceptedCredentials, `{"rpId":"x","userId":"AA","allAcceptedCredentialIds":["A"]}`, "base64url"},
		{webauthn.SignalCurrentUserDetails, `{"rpId":"x","userId":"+/","name":"","displayName":""}`, "base64url"},
	} {
		_, err := webauthn.ParseSignal(c.method, []byte(c.options))
		assert.ErrorContains(t, err, c.says, c.options)
	}
}

func FuzzParseSignal(f *testing.F) {
	f.Add(webauthn.SignalUnknownCredential, []byte(`{"rpId":"example.com","credentialId":"AAAA"}`))
	f.Add(webauthn.SignalAllAcceptedCredentials, []byte(`{"rpId":"example.com","userId":"AA","allAcceptedCredentialIds":["AA"]}`))
	f.Add(webauthn.SignalCurrentUserDetails, []byte(`{"rpId":"example.com","userId":"AA","name":"a","displayName":"b"}`))
	f.Fuzz(func(t *testing.T, method string, options []byte) {
		signal, err := webauthn.ParseSignal(method, options)
		if err != nil {
			return
		}
		text, err := json.Marshal(signal)
		require.NoError(t, err)
		again, err := webauthn.ParseSignal(method, text)
		require.NoError(t, err)
		assert.Equal(t, signal, again)
	})
}
