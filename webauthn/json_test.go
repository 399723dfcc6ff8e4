package webauthn_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/webauthn"
)

const everyCreationOption = `{"rp":{"id":"example.com","name":"Ex<am>ple","icon":1},"user":{"id":"AQ","name":"alice","displayName":"Álice","x":[]},
	"challenge":"AAEC","pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"other","alg":-257,"x":{}}],"timeout":60000,
	"excludeCredentials":[{"type":"public-key","id":"AQ","transports":["usb","nfc"]},{"type":"other","id":"","x":null}],
	"authenticatorSelection":{"authenticatorAttachment":"platform","residentKey":"required","requireResidentKey":true,"userVerification":"new value","x":0},
	"hints":["hybrid","security-key"],"attestation":"direct","attestationFormats":["packed"],"extensions":{"credProps":true,"x":{"y":[1, 2]}},"x":"y"}`

const everyRequestOption = `{"challenge":"AAEC","timeout":4294967295,"rpId":"example.com","allowCredentials":[{"type":"public-key","id":"AQ","transports":[]}],
	"userVerification":"discouraged","hints":["hybrid"],"extensions":{"uvm":false},"x":{"challenge":"AQ"}}`

// TestOptionsAgreeWithTags holds the reading by hand to what the tags of the
// structs say.
func TestOptionsAgreeWithTags(t *testing.T) {
	t.Parallel()
	created, err := webauthn.ParseCreationOptions([]byte(everyCreationOption))
	require.NoError(t, err)
	var wantCreated webauthn.CreationOptions
	require.NoError(t, json.Unmarshal([]byte(everyCreationOption), &wantCreated))
	assert.Equal(t, &wantCreated, created)

	asked, err := webauthn.ParseRequestOptions([]byte(everyRequestOption))
	require.NoError(t, err)
	var wantAsked webauthn.RequestOptions
	require.NoError(t, json.Unmarshal([]byte(everyRequestOption), &wantAsked))
	wantAsked.AllowCredentials[0].Transports = nil // an empty list is no different from none
	assert.Equal(t, &wantAsked, asked)
}

func TestOptionsTakeNullForAbsent(t *testing.T) {
	t.Parallel()
	bare, err := webauthn.ParseRequestOptions([]byte(`{"challenge":"AAEC"}`))
	require.NoError(t, err)
	nulls, err := webauthn.ParseRequestOptions([]byte(`{"challenge":"AAEC","timeout":null,"rpId":null,"allowCredentials":null,"userVerification":null,"hints":null,"extensions":null}`))
	require.NoError(t, err)
	assert.Equal(t, bare, nulls)
	_, err = webauthn.ParseRequestOptions([]byte(`{"challenge":null}`))
	assert.ErrorContains(t, err, "challenge")
	_, err = webauthn.ParseCreationOptions([]byte(strings.Replace(everyCreationOption, `"id":"AQ","name"`, `"id":null,"name"`, 1)))
	assert.ErrorContains(t, err, "user.id")
	_, err = webauthn.ParseCreationOptions([]byte(`{"user":{"id":"AQ"},"challenge":"AQ","pubKeyCredParams":null}`))
	assert.ErrorContains(t, err, "pubKeyCredParams")
}

// TestOptionsRefuseOtherTypes changes one value at a time to one of another
// type.
func TestOptionsRefuseOtherTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ member, instead string }{
		{`"rp":{"id":"example.com","name":"Ex<am>ple","icon":1}`, `"rp":"example.com"`},
		{`"alice"`, `7`},
		{`"alg":-7`, `"alg":"-7"`},
		{`60000`, `-1`},
		{`60000`, `4294967296`},
		{`60000`, `"60000"`},
		{`["usb","nfc"]`, `"usb"`},
		{`["usb","nfc"]`, `[1]`},
		{`"requireResidentKey":true`, `"requireResidentKey":"true"`},
		{`["packed"]`, `{}`},
		{`{"credProps":true,"x":{"y":[1, 2]}}`, `[]`},
		{`[1, 2]`, `[1, 2`},
	} {
		text := strings.Replace(everyCreationOption, c.member, c.instead, 1)
		require.NotEqual(t, everyCreationOption, text)
		_, err := webauthn.ParseCreationOptions([]byte(text))
		require.Error(t, err, "%s instead of %s", c.instead, c.member)
	}
}

// TestResponsesAgreeWithTags holds the writing by hand to what the tags of the
// structs say, byte for byte.
func TestResponsesAgreeWithTags(t *testing.T) {
	t.Parallel()
	results := map[string]json.RawMessage{"credProps": json.RawMessage(`{"rk":true}`), "a<b": json.RawMessage(`1`)}
	for _, r := range []interface{ JSON() ([]byte, error) }{
		&webauthn.RegistrationResponse{
			ID: []byte{1}, RawID: []byte{1, 2}, Type: "public-key", AuthenticatorAttachment: webauthn.Platform, ClientExtensionResults: results,
			Response: webauthn.AttestationResponse{
				ClientDataJSON: []byte("{}"), AuthenticatorData: []byte{3}, Transports: []string{"usb", `odd"`},
				PublicKey: []byte{4}, PublicKeyAlgorithm: webauthn.RS256, AttestationObject: []byte{0xff, 0xfe},
			},
		},
		&webauthn.RegistrationResponse{
			ID: []byte{}, RawID: []byte{}, ClientExtensionResults: map[string]json.RawMessage{},
			Response: webauthn.AttestationResponse{ClientDataJSON: []byte{}, AuthenticatorData: []byte{}, Transports: []string{}, AttestationObject: []byte{}},
		},
		&webauthn.AuthenticationResponse{
			ID: []byte{1}, RawID: []byte{1, 2}, Type: "public-key", AuthenticatorAttachment: webauthn.CrossPlatform, ClientExtensionResults: results,
			Response: webauthn.AssertionResponse{ClientDataJSON: []byte("{}"), AuthenticatorData: []byte{3}, Signature: []byte{4}, UserHandle: []byte{5}},
		},
		&webauthn.AuthenticationResponse{
			ID: []byte{1}, RawID: []byte{1}, ClientExtensionResults: map[string]json.RawMessage{},
			Response: webauthn.AssertionResponse{ClientDataJSON: []byte{}, AuthenticatorData: []byte{}, Signature: []byte{}},
		},
	} {
		want, err := json.Marshal(r)
		require.NoError(t, err)
		got, err := r.JSON()
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
}

func TestResponsesRefuseResultsThatAreNoJSON(t *testing.T) {
	t.Parallel()
	_, err := (&webauthn.AuthenticationResponse{ClientExtensionResults: map[string]json.RawMessage{"x": json.RawMessage(`{`)}}).JSON()
	assert.ErrorContains(t, err, `extension "x" is no JSON`)
}
