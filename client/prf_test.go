package client_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/testdata"
	"github.com/passkeylab/passkeylab/webauthn"
)

// evaluated is what a page gets for its values, by the rules of §10.1.4 and
// those of hmac-secret.
func evaluated(values ...string) string {
	names, out := []string{"first", "second"}, map[string]webauthn.Base64URL{}
	for i, v := range values {
		salt := sha256.Sum256([]byte("WebAuthn PRF\x00" + v))
		out[names[i]] = evaluate(salt[:])
	}
	text, err := json.Marshal(map[string]any{"results": out})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func quoted(value string) string { return `"` + webauthn.Base64URL(value).String() + `"` }

// withKey gives a device the key agreement that hmac-secret needs, and nothing
// else of clientPIN.
func withKey(d *device) *device {
	d.pin = new(pinKey)
	d.pin.regenerate()
	return d
}

func TestPRFInCreate(t *testing.T) {
	t.Parallel()
	const both, one = ctap.ExtensionHMACSecretMC, ctap.ExtensionHMACSecret
	cases := []struct {
		name   string
		known  []string
		input  string
		sent   []string
		result string
	}{
		{"asked", []string{one, both}, `{}`, []string{one}, `{"enabled":true}`},
		{"not known", nil, `{"eval":{"first":"AA"}}`, nil, `{"enabled":false}`},
		{"evaluated later", []string{one}, `{"eval":{"first":"AA"}}`, []string{one}, `{"enabled":true}`},
		{"evaluated", []string{one, both}, `{"eval":{"first":` + quoted("a") + `}}`, []string{one, both}, withEnabled(evaluated("a"))},
		{"evaluated twice", []string{one, both}, `{"eval":{"first":` + quoted("a") + `,"second":` + quoted("") + `}}`, []string{one, both}, withEnabled(evaluated("a", ""))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := withKey(securityKey()).knowing(c.known...)
			got, err := newClient(t, only(d)).Create(t.Context(), page, creating(webauthn.Discouraged, func(o *webauthn.CreationOptions) { o.Extensions = extensions("prf", c.input) }))
			require.NoError(t, err)
			assert.JSONEq(t, c.result, string(got.ClientExtensionResults["prf"]))
			made := sent[*ctap.MakeCredentialRequest](d)[0]
			assert.Len(t, made.Extensions, len(c.sent))
			for _, id := range c.sent {
				assert.Contains(t, made.Extensions, id)
			}
			if len(c.known) == 0 {
				assert.Equal(t, "-", describe(made.Options))
				return
			}
			assert.Equal(t, "uv", describe(made.Options), "pages get the function of a verified user (§10.1.4)")
		})
	}
}

// withEnabled is what create() says beside results.
func withEnabled(results string) string { return `{"enabled":true,` + results[1:] }

func TestPRFInGet(t *testing.T) {
	t.Parallel()
	eval := `"eval":{"first":` + quoted("a") + `,"second":` + quoted("b") + `}`
	byAlice := `"evalByCredential":{` + quoted("id of alice") + `:{"first":` + quoted("c") + `}}`
	cases := []struct {
		name   string
		known  bool
		allow  []string
		input  string
		result string
	}{
		{"nothing asked", true, nil, `{}`, `{}`},
		{"nothing asked of any", true, []string{"id of alice"}, `{"evalByCredential":{}}`, `{}`},
		{"not known", false, nil, `{` + eval + `}`, `{}`},
		{"any credential", true, nil, `{` + eval + `}`, evaluated("a", "b")},
		{"the one that is named", true, []string{"id of alice"}, `{` + eval + `,` + byAlice + `}`, evaluated("c")},
		{"named, and nothing for others", true, []string{"id of alice"}, `{` + byAlice + `}`, evaluated("c")},
		{"named among others", true, []string{"stranger", "id of alice"}, `{` + eval + `,` + byAlice + `}`, evaluated("c")},
		{"others named", true, []string{"id of bob", "id of alice"}, `{` + eval + `,` + byAlice + `}`, evaluated("a", "b")},
		{"others named, and nothing for the rest", true, []string{"id of bob", "id of alice"}, `{` + byAlice + `}`, `{}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := withKey(securityKey()).holding("alice")
			if c.name[:6] == "others" {
				d = withKey(securityKey()).holding("bob")
			}
			if c.known {
				d.knowing(ctap.ExtensionHMACSecret)
			}
			got, err := newClient(t, only(d)).Get(t.Context(), page, getting(webauthn.Discouraged, func(o *webauthn.RequestOptions) {
				o.Extensions, o.AllowCredentials = extensions("prf", c.input), descriptorList(c.allow...)
			}))
			require.NoError(t, err)
			assert.JSONEq(t, c.result, string(got.ClientExtensionResults["prf"]))
			requests := sent[*ctap.GetAssertionRequest](d)
			want := "uv"
			if !c.known || strings.HasPrefix(c.name, "nothing") {
				want = "-"
			}
			assert.Equal(t, want, describe(requests[len(requests)-1].Options))
		})
	}
}

// TestPRFOfSeveralAccounts has each assertion carry its own result.
func TestPRFOfSeveralAccounts(t *testing.T) {
	t.Parallel()
	d := withKey(securityKey()).holding("alice", "bob").knowing(ctap.ExtensionHMACSecret)
	browser := newClient(t, only(d), served(person{account: func([]client.Account) (int, error) { return 1, nil }}))
	got, err := browser.Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
		o.Extensions = extensions("prf", `{"eval":{"first":`+quoted("a")+`}}`)
	}))
	require.NoError(t, err)
	assert.Equal(t, "id of bob", string(got.RawID))
	assert.JSONEq(t, evaluated("a"), string(got.ClientExtensionResults["prf"]))
}

// TestPRFWithToken agrees on one secret for the token and for the salts.
func TestPRFWithToken(t *testing.T) {
	t.Parallel()
	d, user := pinned("1234").holding("alice").knowing(ctap.ExtensionHMACSecret), typing("1234")
	got, err := newClient(t, only(d), user.into).Get(t.Context(), page, getting(webauthn.Discouraged, func(o *webauthn.RequestOptions) {
		o.Extensions = extensions("prf", `{"eval":{"first":`+quoted("a")+`}}`)
	}))
	require.NoError(t, err)
	assert.JSONEq(t, evaluated("a"), string(got.ClientExtensionResults["prf"]))
	assert.Len(t, user.prompts, 1, "prf wants verification although the page does not")
	assert.Equal(t, []ctap.SubCommand{ctap.GetPINRetries, ctap.GetKeyAgreement, ctap.GetPinUvAuthTokenUsingPinWithPermissions}, pinCalls(d))
}

// TestPRFGoneWrong has devices answer what cannot be opened.
func TestPRFGoneWrong(t *testing.T) {
	t.Parallel()
	for name, output := range map[string]any{
		"too short":        make([]byte, 16),
		"not in blocks":    make([]byte, 47),
		"too many results": make([]byte, 80),
		"no bytes":         true,
		"too long":         make([]byte, 4096),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := withKey(securityKey()).holding("alice").knowing(ctap.ExtensionHMACSecret)
			d.info.PinUvAuthProtocols = []uint64{2}
			d.gifted.outputs = func(out ctap.Extensions) { out[ctap.ExtensionHMACSecret] = mustMarshal(output) }
			_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
				o.Extensions = extensions("prf", `{"eval":{"first":"AA"}}`)
			}))
			exception(t, err, webauthn.NotAllowedError)
		})
	}
}

// TestPRFVectors is the client's part of the text's own vectors, byte for byte.
func TestPRFVectors(t *testing.T) {
	t.Parallel()
	vectors, err := testdata.PRFVectors()
	require.NoError(t, err)
	require.NotEmpty(t, vectors)
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			d := withKey(securityKey()).holding("alice").knowing(ctap.ExtensionHMACSecret)
			d.info.PinUvAuthProtocols = []uint64{uint64(v.Protocol)}
			keys, err := pinuv.NewKeyPair(bytes.NewReader(v.AuthenticatorKey))
			require.NoError(t, err)
			d.pin.keys = keys
			d.gifted.outputs = func(out ctap.Extensions) { out[ctap.ExtensionHMACSecret] = mustMarshal(v.OutputEnc) }
			eval := fmt.Sprintf(`{"eval":{"first":%s}}`, quoted(string(v.First)))
			result := fmt.Sprintf(`{"results":{"first":%s}}`, quoted(string(v.ResultFirst)))
			if v.Second != nil {
				eval = fmt.Sprintf(`{"eval":{"first":%s,"second":%s}}`, quoted(string(v.First)), quoted(string(v.Second)))
				result = fmt.Sprintf(`{"results":{"first":%s,"second":%s}}`, quoted(string(v.ResultFirst)), quoted(string(v.ResultSecond)))
			}
			random := io.MultiReader(bytes.NewReader(v.PlatformKey), bytes.NewReader(v.SaltIV))
			browser := newClient(t, only(d), func(c *client.Config) { c.Random = random })
			got, err := browser.Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.Extensions = extensions("prf", eval) }))
			require.NoError(t, err)
			assert.JSONEq(t, result, string(got.ClientExtensionResults["prf"]))

			var in ctap.HMACSecretInput
			_, err = sent[*ctap.GetAssertionRequest](d)[0].Extensions.Get(ctap.ExtensionHMACSecret, &in)
			require.NoError(t, err)
			assert.Equal(t, hex.EncodeToString(v.SaltEnc), hex.EncodeToString(in.SaltEnc))
			assert.Equal(t, v.Protocol == 1, in.PinUvAuthProtocol == nil, "protocol one goes without saying")
		})
	}
}

// TestPRFExamples holds results to the shapes that the text shows.
func TestPRFExamples(t *testing.T) {
	t.Parallel()
	examples, err := testdata.PRFExamples()
	require.NoError(t, err)
	require.NotEmpty(t, examples)
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			var inputs map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(e.Input, &inputs))
			named, err := webauthn.ParseBase64URL(e.Credential)
			require.NoError(t, err)
			d := withKey(securityKey()).knowing(ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC).holding("alice")
			d.passkeys = append(d.passkeys, passkey{id: string(named), rpID: site})
			if e.Create != nil {
				made, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.Extensions = inputs }))
				require.NoError(t, err)
				requireShown(t, e.Create, made.ClientExtensionResults)
			}
			get := func(id string) map[string]json.RawMessage {
				got, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
					o.Extensions = inputs
					if e.Credential != "" { // which is allowed, though it may not be there
						o.AllowCredentials = descriptorList(id, string(named))
					}
				}))
				require.NoError(t, err)
				return got.ClientExtensionResults
			}
			if e.GetNamed != nil {
				requireShown(t, e.GetNamed, get(string(named)))
			}
			if e.Get != nil {
				requireShown(t, e.Get, get("id of alice"))
			}
		})
	}
}

// requireShown wants results to be one of the answers, and one with everything
// that is possible. "*" is any string.
func requireShown(t *testing.T, answers []json.RawMessage, results map[string]json.RawMessage) {
	t.Helper()
	text, err := json.Marshal(results)
	require.NoError(t, err)
	got, shown := decoded(t, text), make([]map[string]any, len(answers))
	for i, answer := range answers {
		shown[i] = decoded(t, answer)
	}
	assert.Contains(t, shown, got)
	possible := strings.Contains(string(answers[len(answers)-1]), "results")
	assert.Equal(t, possible, strings.Contains(string(text), "results"))
}

func decoded(t *testing.T, text []byte) (v map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &v))
	blank(v)
	return v
}

func blank(v map[string]any) {
	for key, value := range v {
		switch value := value.(type) {
		case map[string]any:
			blank(value)
		case string:
			v[key] = "*"
		}
	}
}
