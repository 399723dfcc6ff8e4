package client_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

const creationJSON = `{"rp":{"name":"Example"},"user":{"id":"AAEC","name":"alice","displayName":"Alice"},
	"challenge":"AAEC","pubKeyCredParams":[{"type":"public-key","alg":-7}],"extensions":{"credProps":true}}`

func TestCreateJSON(t *testing.T) {
	t.Parallel()
	text, err := newClient(t, only(laptop())).CreateJSON(t.Context(), page, []byte(creationJSON))
	require.NoError(t, err)
	response, err := webauthn.ParseRegistrationResponse(text)
	require.NoError(t, err)
	assert.Equal(t, "a new credential", string(response.RawID))
	assert.JSONEq(t, `{"rk":false}`, string(response.ClientExtensionResults["credProps"]))
}

// TestGetJSON also holds the client data to the vector computed for it: 93
// bytes with a known SHA-256.
func TestGetJSON(t *testing.T) {
	t.Parallel()
	d := laptop().holding("alice")
	text, err := newClient(t, only(d)).GetJSON(t.Context(), page, []byte(`{"challenge":"AAEC","userVerification":"discouraged"}`))
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"aWQgb2YgYWxpY2U","rawId":"aWQgb2YgYWxpY2U","type":"public-key","authenticatorAttachment":"platform",
		"clientExtensionResults":{},"response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQUFFQyIsIm9yaWdpbiI6Imh0dHBzOi8vZXhhbXBsZS5jb20iLCJjcm9zc09yaWdpbiI6ZmFsc2V9",
		"authenticatorData":"o3mm9u6vuaVeN4wRgDTidR5oL6ufLTCrE9ISVYbOGUcBAAAAAA","signature":"c2lnbmF0dXJl","userHandle":"aGFuZGxlIG9mIGFsaWNl"}}`, string(text))

	req := sent[*ctap.GetAssertionRequest](d)[0]
	assert.Equal(t, "152ad90e8824d2b0b1e763a1fc72836c8fd114a4c3043df6b8c1e7c74249005e", hex.EncodeToString(req.ClientDataHash))
	rpIDHash := sha256.Sum256([]byte(req.RPID))
	assert.Equal(t, "a379a6f6eeafb9a55e378c118034e2751e682fab9f2d30ab13d2125586ce1947", hex.EncodeToString(rpIDHash[:]))
}

func TestJSONMistakes(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, replace, with, want string }{
		{"padding", `"challenge":"AAEC"`, `"challenge":"AAE="`, webauthn.EncodingError},
		{"standard alphabet", `"challenge":"AAEC"`, `"challenge":"+/8"`, webauthn.EncodingError},
		{"line break", `"challenge":"AAEC"`, `"challenge":"AA\nEC"`, webauthn.EncodingError},
		{"user.id", `"id":"AAEC"`, `"id":"!"`, webauthn.EncodingError},
		{"id in a list", `"extensions":`, `"excludeCredentials":[{"type":"public-key","id":"!"}],"extensions":`, webauthn.EncodingError},
		{"challenge missing", `"challenge":"AAEC",`, ``, webauthn.TypeError},
		{"challenge a number", `"challenge":"AAEC"`, `"challenge":7`, webauthn.TypeError},
		{"user missing", `"user":{"id":"AAEC","name":"alice","displayName":"Alice"},`, ``, webauthn.TypeError},
		{"parameters missing", `"pubKeyCredParams":[{"type":"public-key","alg":-7}],`, ``, webauthn.TypeError},
		{"not JSON", creationJSON, `{`, webauthn.TypeError},
		{"not an object", creationJSON, `[]`, webauthn.TypeError},
		{"too much", creationJSON, strings.Repeat(" ", webauthn.MaxJSON+1), webauthn.TypeError},
		{"well-formed, but user.id empty", `"id":"AAEC"`, `"id":""`, webauthn.TypeError},
		{"well-formed, but foreign", `"rp":{`, `"rp":{"id":"example.org",`, webauthn.SecurityError},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(creationJSON, c.replace, c.with, 1)
			require.NotEqual(t, creationJSON, text)
			_, err := newClient(t, only(laptop())).CreateJSON(t.Context(), page, []byte(text))
			exception(t, err, c.want)
		})
	}
	for text, want := range map[string]string{
		`{"challenge":"AA=="}`: webauthn.EncodingError,
		`{}`:                   webauthn.TypeError,
		`null`:                 webauthn.TypeError,
		`{"challenge":"AAEC","allowCredentials":[{"type":"public-key"}]}`: webauthn.TypeError,
		`{"challenge":"AAEC","rpId":"example.org"}`:                       webauthn.SecurityError,
	} {
		_, err := newClient(t, only(laptop())).GetJSON(t.Context(), page, []byte(text))
		exception(t, err, want)
	}
}

// FuzzOptions feeds any text to both calls: each ends in a response that
// parses or in a DOMException.
func FuzzOptions(f *testing.F) {
	f.Add([]byte(creationJSON))
	f.Add([]byte(`{"challenge":"AAEC","allowCredentials":[{"type":"public-key","id":"aWQgb2YgYWxpY2U"}],"userVerification":"required","hints":["hybrid"]}`))
	f.Add([]byte(`{"challenge":"","rpId":"com","extensions":{"credProps":null},"timeout":4294967295}`))
	f.Add([]byte(`{"rp":{"id":"example.com"},"user":{"id":"AA"},"challenge":"AA","pubKeyCredParams":[],"excludeCredentials":[{"type":"x","id":"AA"},{"type":"public-key","id":"AA"},{"type":"public-key","id":"AQ"}],"authenticatorSelection":{"residentKey":"required"},"attestation":"direct"}`))
	f.Add([]byte(`{"rp":{},"user":{"id":"AA"},"challenge":"AA","pubKeyCredParams":[],"extensions":{"prf":{"eval":{"first":"AA","second":""}},"largeBlob":{"support":"required"},"credBlob":"AA","credentialProtectionPolicy":"userVerificationRequired","enforceCredentialProtectionPolicy":true,"appidExclude":"https://example.com/","minPinLength":true,"payment":{"isPayment":true}}}`))
	f.Add([]byte(`{"challenge":"AA","allowCredentials":[{"type":"public-key","id":"aWQgb2YgYWxpY2U"}],"extensions":{"prf":{"evalByCredential":{"aWQgb2YgYWxpY2U":{"first":"AA"}}},"largeBlob":{"write":"AA"},"getCredBlob":true,"appid":""}}`))
	f.Fuzz(func(t *testing.T, options []byte) {
		d := gifted().holding("alice", "bob")
		d.info.MaxCredentialCountInList = 1
		browser := newClient(t, []*device{d, securityKey()}, served(person{authenticators: func([]string) ([]int, error) { return []int{0}, nil }}))
		if text, err := browser.CreateJSON(t.Context(), page, options); err == nil {
			_, err = webauthn.ParseRegistrationResponse(text)
			require.NoError(t, err)
		} else {
			requireException(t, err)
		}
		if text, err := browser.GetJSON(t.Context(), page, options); err == nil {
			_, err = webauthn.ParseAuthenticationResponse(text)
			require.NoError(t, err)
		} else {
			requireException(t, err)
		}
	})
}

func requireException(t testing.TB, err error) {
	t.Helper()
	var e *webauthn.DOMException
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.Name)
	require.NotEmpty(t, e.Message)
}
