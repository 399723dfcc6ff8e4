package ceremony

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// sameRegistration holds what we read of a response to what go-webauthn's own parser
// reads of it.
func sameRegistration(t *testing.T, want *protocol.ParsedCredentialCreationData, got *RegistrationResponse) {
	t.Helper()
	sameClientData(t, want.Response.CollectedClientData, got.client)
	assert.Equal(t, want.RawID, got.in.rawID)
	assert.Equal(t, want.AuthenticatorAttachment, got.in.attachment)
	assert.Equal(t, want.Response.AttestationObject, got.attestation)
	assert.Equal(t, want.Raw.AttestationResponse.Transports, got.in.transports)
	assert.EqualValues(t, want.Raw.AttestationResponse.ClientDataJSON, got.in.clientDataJSON)
}

// sameLogin does the same for a login.
func sameLogin(t *testing.T, want *protocol.ParsedCredentialAssertionData, got *LoginResponse) {
	t.Helper()
	sameClientData(t, want.Response.CollectedClientData, got.client)
	assert.Equal(t, want.RawID, got.in.rawID)
	assert.Equal(t, want.AuthenticatorAttachment, got.in.attachment)
	assert.Equal(t, want.Response.AuthenticatorData, got.auth)
	assert.EqualValues(t, want.Response.Signature, got.in.signature)
	assert.EqualValues(t, want.Response.UserHandle, got.in.userHandle)
	assert.EqualValues(t, want.Raw.AssertionResponse.ClientDataJSON, got.in.clientDataJSON)
	assert.EqualValues(t, want.Raw.AssertionResponse.AuthenticatorData, got.in.authenticatorData)
}

func sameClientData(t *testing.T, want, got protocol.CollectedClientData) {
	t.Helper()
	want.Hint = ""
	assert.Equal(t, want, got)
}

func TestResponsesAreReadAsGoWebauthnReadsThem(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*ceremonytest.Device){
		"plain": func(*ceremonytest.Device) {},
		"no attachment": func(d *ceremonytest.Device) {
			d.Answer = func(a map[string]any) { delete(a, "authenticatorAttachment") }
		},
		"odd attachment": func(d *ceremonytest.Device) { d.Answer = set("authenticatorAttachment", "from the future") },
		"embedded":       func(d *ceremonytest.Device) { d.ClientData = set("topOrigin", "https://top.test") },
		"escapes":        func(d *ceremonytest.Device) { d.Origin = "https://\"é\\\n.test" },
		"greased":        func(d *ceremonytest.Device) { d.ClientData = set("new_keys_may_be_added_here", "do not compare") },
		"no handle": func(d *ceremonytest.Device) {
			d.Answer = func(a map[string]any) { delete(a["response"].(map[string]any), "userHandle") }
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			prepare(b.device)
			raw, _, err := b.ceremonies.BeginRegistration(Account{Handle: []byte("h"), Name: "n", DisplayName: "d"}, nil, testRegistrationRules)
			require.NoError(t, err)
			body := b.device.Create(t, raw)
			wantRegistration, err := protocol.ParseCredentialCreationResponseBytes(body)
			require.NoError(t, err)
			registration, err := ParseRegistration(body)
			require.NoError(t, err)
			sameRegistration(t, wantRegistration, registration)

			raw, _, err = b.ceremonies.BeginLogin(testLoginRules)
			require.NoError(t, err)
			body = b.device.Get(t, raw)
			wantLogin, err := protocol.ParseCredentialRequestResponseBytes(body)
			require.NoError(t, err)
			login, err := ParseLogin(body)
			require.NoError(t, err)
			sameLogin(t, wantLogin, login)
		})
	}
}

// FuzzClientData holds the reading by hand to encoding/json, member by member.
func FuzzClientData(f *testing.F) {
	f.Add(`{"type":"webauthn.create","challenge":"AA","origin":"https://acme.test","crossOrigin":false}`)
	f.Add(`{"type":"webauthn.get","challenge":"\u0041","origin":null,"crossOrigin":true,"topOrigin":"https://t","x":[1]}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readClientData([]byte(text))
		if err != nil {
			return
		}
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(text), &members))
		var want protocol.CollectedClientData
		for name, into := range map[string]any{
			"type": &want.Type, "challenge": &want.Challenge, "origin": &want.Origin, "crossOrigin": &want.CrossOrigin, "topOrigin": &want.TopOrigin,
		} {
			if value, ok := members[name]; ok {
				require.NoError(t, json.Unmarshal(value, into))
			}
		}
		require.Equal(t, want, got)
	})
}

// TestByteOrderMark is WebAuthn L3 §7.1 step 5: UTF-8 decode takes one away.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.device.ClientText = func(s string) string { return "\uFEFF" + s }
	require.NoError(t, b.register(t))
	require.NoError(t, b.logIn(t))
	b.device.ClientText = func(s string) string { return "\uFEFF\uFEFF" + s }
	assert.Equal(t, ReasonMalformed, ReasonOf(b.logIn(t)), "only one")
}

func TestMembersThatComeTwice(t *testing.T) {
	t.Parallel()
	twice := func(member string) func(string) string {
		return func(s string) string { return strings.Replace(s, "{", `{"`+member+`":null,`, 1) }
	}
	inside := func(member string) func(string) string {
		return func(s string) string {
			return strings.Replace(s, `"response":{`, `"response":{"`+member+`":null,`, 1)
		}
	}
	for _, member := range clientDataMembers[:4] {
		b := newBench(t)
		b.device.ClientText = twice(member)
		assert.Equal(t, ReasonMalformed, ReasonOf(b.register(t)), member)
	}
	for _, member := range credentialMembers {
		b := newBench(t)
		b.device.Text = twice(member)
		assert.Equal(t, ReasonMalformed, ReasonOf(b.register(t)), member)
	}
	for _, member := range responseMembers {
		b := newBench(t)
		good := b.register(t)
		require.NoError(t, good)
		b.device.Text = inside(member)
		want := ReasonMalformed
		if member == "attestationObject" || member == "transports" { // which a login does not have
			want = ""
		}
		assert.Equal(t, want, ReasonOf(b.logIn(t)), member)
	}
}

func TestBase64HasOneSpelling(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"padded": "AA==", "standard alphabet": "+/+/", "spare bits": "AB", "line break": "AA\n"} {
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		_, err = readResponse([]byte(`{"rawId":`+string(quoted)+`}`), protocol.CreateCeremony)
		assert.ErrorContains(t, err, "rawId", name)
	}
}
