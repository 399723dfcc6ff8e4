package webauthn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestBase64URLIsStrict(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, json string
		want       []byte
		ok         bool
	}{
		{"plain", `"AAEC"`, []byte{0, 1, 2}, true},
		{"both special characters", `"-_8"`, []byte{0xfb, 0xff}, true},
		{"empty", `""`, []byte{}, true},
		{"padding", `"AA=="`, nil, false},
		{"standard alphabet", `"+/8"`, nil, false},
		{"line break", `"AA\nEC"`, nil, false},
		{"white space", `"AA EC"`, nil, false},
		{"spare bits set", `"AB"`, nil, false},
		{"impossible length", `"A"`, nil, false},
		{"a number", `7`, nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var b webauthn.Base64URL
			err := json.Unmarshal([]byte(c.json), &b)
			if !c.ok {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, []byte(b))
			again, err := json.Marshal(b)
			require.NoError(t, err)
			assert.Equal(t, c.json, string(again))
		})
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	f := webauthn.UserPresent.With(webauthn.UserVerified, true)
	assert.True(t, f.Has(webauthn.UserPresent|webauthn.UserVerified))
	assert.False(t, f.Has(webauthn.BackedUp))
	assert.Equal(t, "UP|UV", f.String())
	assert.Equal(t, "UV", f.With(webauthn.UserPresent, false).String())
	assert.Equal(t, "none", webauthn.Flags(0).String())
}

func TestAAGUID(t *testing.T) {
	t.Parallel()
	id, err := webauthn.ParseAAGUID("01020304-0506-0708-0102-030405060708")
	require.NoError(t, err)
	assert.Equal(t, "01020304-0506-0708-0102-030405060708", id.String())
	for _, bad := range []string{"", "01020304050607080102030405060708", "0102-03040506-0708-0102-030405060708", "g1020304-0506-0708-0102-030405060708"} {
		_, err := webauthn.ParseAAGUID(bad)
		assert.Error(t, err, bad)
	}
}

func TestClientDataSerialisation(t *testing.T) {
	t.Parallel()
	plain := webauthn.ClientData{Type: webauthn.ClientDataGet, Challenge: []byte{0, 1, 2}, Origin: "https://example.com"}
	sum := sha256.Sum256(plain.Marshal())
	assert.Equal(t, "152ad90e8824d2b0b1e763a1fc72836c8fd114a4c3043df6b8c1e7c74249005e", hex.EncodeToString(sum[:]))

	cases := []struct {
		name string
		data webauthn.ClientData
		want string
	}{
		{"plain", plain, `{"type":"webauthn.get","challenge":"AAEC","origin":"https://example.com","crossOrigin":false}`},
		{"framed", webauthn.ClientData{Type: "webauthn.create", Challenge: []byte{9}, Origin: "https://a", CrossOrigin: true, TopOrigin: "https://b"},
			`{"type":"webauthn.create","challenge":"CQ","origin":"https://a","crossOrigin":true,"topOrigin":"https://b"}`},
		{"escapes only quote, backslash and controls", webauthn.ClientData{Type: "a\"\\\x01</&\u2028\x7f", Challenge: []byte{9}, Origin: "x"},
			`{"type":"a\"\\\u0001</&` + "\u2028\x7f" + `","challenge":"CQ","origin":"x","crossOrigin":false}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out := c.data.Marshal()
			assert.Equal(t, c.want, string(out))
			back, err := webauthn.ParseClientData(out)
			require.NoError(t, err)
			assert.Equal(t, c.data, *back)
		})
	}
	_, err := webauthn.ParseClientData([]byte(`{"type":"webauthn.get","origin":"https://a","extra":1}`))
	assert.ErrorContains(t, err, "challenge")
}

func sampleKey(t testing.TB) canon.Raw {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	raw, err := webauthn.EncodeCOSEKey(webauthn.ES256, &key.PublicKey)
	require.NoError(t, err)
	return raw
}

func TestAuthenticatorDataRoundTrip(t *testing.T) {
	t.Parallel()
	a := &webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte("example.com")), Flags: webauthn.UserPresent | webauthn.AttestedData | webauthn.ExtensionOutput,
		SignCount: 7, Attested: &webauthn.AttestedCredential{CredentialID: []byte{1, 2}, PublicKey: sampleKey(t)},
		Extensions: canon.Raw{0xa1, 0x61, 'x', 0xf5},
	}
	back, err := webauthn.ParseAuthenticatorData(a.Marshal())
	require.NoError(t, err)
	assert.Equal(t, a, back)

	bare := &webauthn.AuthenticatorData{Flags: webauthn.UserPresent | webauthn.AttestedData}
	assert.Equal(t, byte(webauthn.UserPresent), bare.Marshal()[32], "flags AT and ED follow the contents")
}

func TestAuthenticatorDataRefuses(t *testing.T) {
	t.Parallel()
	full := (&webauthn.AuthenticatorData{Attested: &webauthn.AttestedCredential{CredentialID: []byte{1}, PublicKey: sampleKey(t)}}).Marshal()
	edit := func(change func([]byte) []byte) []byte { return change(append([]byte(nil), full...)) }
	cases := []struct {
		name, why string
		data      []byte
	}{
		{"too short", "want 37", full[:36]},
		{"trailing byte", "follow what flags", edit(func(b []byte) []byte { return append(b, 0) })},
		{"AT without data", "only 0 bytes", edit(func(b []byte) []byte { return b[:37] })},
		{"credential ID past the end", "credential ID of", edit(func(b []byte) []byte { b[53] = 0x03; return b })},
		{"key cut off", "public key", edit(func(b []byte) []byte { return b[:len(b)-1] })},
		{"ED without data", "extensions", edit(func(b []byte) []byte { b[32] |= 0x80; return b })},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := webauthn.ParseAuthenticatorData(c.data)
			assert.ErrorContains(t, err, c.why)
		})
	}
}

func TestAttestationObject(t *testing.T) {
	t.Parallel()
	o := &webauthn.AttestationObject{Format: webauthn.FormatNone, Statement: webauthn.EmptyStatement, AuthData: []byte{1, 2}}
	raw := o.Marshal()
	tagged, err := canon.Marshal(o)
	require.NoError(t, err)
	assert.Equal(t, tagged, raw, "the tags say the same")
	assert.Equal(t, "a363666d74646e6f6e656761747453746d74a068617574684461746142"+"0102", hex.EncodeToString(raw))
	back, err := webauthn.ParseAttestationObject(raw)
	require.NoError(t, err)
	assert.Equal(t, o, back)
	_, err = webauthn.ParseAttestationObject([]byte{0xa0})
	assert.ErrorContains(t, err, "missing")
}

func TestPackedStatementIsWhatItsTagsSay(t *testing.T) {
	t.Parallel()
	for _, s := range []webauthn.PackedStatement{
		{Algorithm: webauthn.ES256, Signature: []byte{1, 2}},
		{Algorithm: webauthn.RS256, Signature: []byte{}, X5C: [][]byte{{3}, make([]byte, 300)}},
	} {
		want, err := canon.Marshal(s)
		require.NoError(t, err)
		assert.Equal(t, canon.Raw(want), s.Marshal())
	}
}

func TestParseOptions(t *testing.T) {
	t.Parallel()
	const creation = `{"rp":{"name":"n"},"user":{"id":"AQ","name":"","displayName":""},"challenge":"AAEC","pubKeyCredParams":[],"unknown":1}`
	const request = `{"challenge":"AAEC","allowCredentials":[{"type":"public-key","id":"AQ"}]}`
	o, err := webauthn.ParseCreationOptions([]byte(creation))
	require.NoError(t, err)
	assert.Equal(t, webauthn.Base64URL{1}, o.User.ID)
	r, err := webauthn.ParseRequestOptions([]byte(request))
	require.NoError(t, err)
	assert.Len(t, r.AllowCredentials, 1)

	for name, bad := range map[string]string{
		"challenge":        strings.Replace(creation, `"challenge":"AAEC",`, "", 1),
		"user.id":          strings.Replace(creation, `"id":"AQ",`, "", 1),
		"pubKeyCredParams": strings.Replace(creation, `"pubKeyCredParams":[],`, "", 1),
		"base64url":        strings.Replace(creation, "AAEC", "AA==", 1),
		"bytes of JSON":    `"` + strings.Repeat("a", webauthn.MaxJSON) + `"`,
	} {
		_, err := webauthn.ParseCreationOptions([]byte(bad))
		assert.ErrorContains(t, err, name)
	}
	_, err = webauthn.ParseRequestOptions([]byte(`{"challenge":"AAEC","allowCredentials":[{"type":"public-key"}]}`))
	assert.ErrorContains(t, err, "allowCredentials[0]")
}

func TestParseResponses(t *testing.T) {
	t.Parallel()
	_, err := webauthn.ParseRegistrationResponse([]byte(`{"rawId":"AQ","response":{"clientDataJSON":"AQ","attestationObject":"AQ"}}`))
	require.NoError(t, err)
	_, err = webauthn.ParseRegistrationResponse([]byte(`{"rawId":"AQ","response":{"clientDataJSON":"AQ"}}`))
	require.Error(t, err)
	_, err = webauthn.ParseAuthenticationResponse([]byte(`{"rawId":"AQ","response":{"clientDataJSON":"AQ","authenticatorData":"AQ","signature":"AQ"}}`))
	require.NoError(t, err)
	_, err = webauthn.ParseAuthenticationResponse([]byte(`{"rawId":"AQ","response":{"clientDataJSON":"AQ","signature":"AQ"}}`))
	require.Error(t, err)
}

func TestDOMException(t *testing.T) {
	t.Parallel()
	cause := errors.New("declined")
	err := error(&webauthn.DOMException{Name: webauthn.NotAllowedError, Message: "not now", Cause: cause})
	assert.ErrorIs(t, err, &webauthn.DOMException{Name: webauthn.NotAllowedError})
	assert.NotErrorIs(t, err, &webauthn.DOMException{Name: webauthn.AbortError})
	assert.ErrorIs(t, err, cause)
	assert.Equal(t, "NotAllowedError: not now", err.Error(), "the cause stays out of what a page sees")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"type":"webauthn.get","challenge":"AAEC","origin":"https://example.com"}`))
	f.Add((&webauthn.AuthenticatorData{Attested: &webauthn.AttestedCredential{CredentialID: []byte{1}, PublicKey: sampleKey(f)}}).Marshal())
	f.Fuzz(func(t *testing.T, data []byte) {
		if a, err := webauthn.ParseAuthenticatorData(data); err == nil {
			assert.Equal(t, data, a.Marshal())
		}
		if o, err := webauthn.ParseAttestationObject(data); err == nil {
			back, err := webauthn.ParseAttestationObject(o.Marshal())
			require.NoError(t, err)
			assert.Equal(t, o, back)
		}
		_, _ = webauthn.ParseClientData(data)
		_, _ = webauthn.ParseCreationOptions(data)
		_, _ = webauthn.ParseRequestOptions(data)
		_, _ = webauthn.ParseRegistrationResponse(data)
		_, _ = webauthn.ParseAuthenticationResponse(data)
	})
}
