package client_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// all is every extension of CTAP that a device can list in the tests.
var all = []string{
	ctap.ExtensionCredProtect, ctap.ExtensionCredBlob, ctap.ExtensionLargeBlobKey, ctap.ExtensionMinPINLength,
	ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC, ctap.ExtensionThirdPartyPayment,
}

// gifted returns a key with a fingerprint reader, a PIN and all extensions.
func gifted() *device {
	d := sensing("1234").knowing(all...)
	d.info.Options[ctap.OptionLargeBlobs] = true
	d.info.MaxCredBlobLength, d.info.MaxSerializedLargeBlobArray = 32, 4096
	return d
}

// long is a byte string in base64url that is longer than n bytes.
func long(n int) string { return strings.Repeat("AAAA", n/3+1) }

// TestFaultyExtensions has pages give inputs that end the ceremony before any
// authenticator is asked.
func TestFaultyExtensions(t *testing.T) {
	t.Parallel()
	const create, get = true, false
	cases := []struct {
		create bool
		id     string
		input  string
		want   string // exception; empty: it goes on
	}{
		{create, "prf", `{}`, ""},
		{create, "prf", `null`, ""},
		{create, "prf", `{"eval":null,"evalByCredential":null,"more":1}`, ""},
		{create, "prf", `{"evalByCredential":{}}`, webauthn.NotSupportedError},
		{create, "prf", `{"eval":{}}`, webauthn.TypeError},
		{create, "prf", `{"eval":{"first":null}}`, webauthn.TypeError},
		{create, "prf", `{"eval":{"first":"AA=="}}`, webauthn.EncodingError},
		{create, "prf", `{"eval":{"first":7}}`, webauthn.TypeError},
		{create, "prf", `{"eval":{"first":"","second":"","third":0}}`, ""},
		{create, "prf", `{"eval":{"first":"` + long(256) + `"}}`, webauthn.NotSupportedError},
		{create, "prf", `{"eval":{"first":"","second":"` + long(256) + `"}}`, webauthn.NotSupportedError},
		{create, "prf", `true`, webauthn.TypeError},
		{get, "prf", `{"eval":{"first":"` + long(256) + `"}}`, webauthn.SyntaxError},
		{get, "prf", `{"evalByCredential":{}}`, ""},
		{get, "prf", `{"evalByCredential":{"aWQgb2YgYWxpY2U":{"first":"AA"}}}`, ""},
		{get, "prf", `{"evalByCredential":{"aWQgb2YgYWxpY2U":null}}`, ""},
		{get, "prf", `{"evalByCredential":{"":{"first":"AA"}}}`, webauthn.SyntaxError},
		{get, "prf", `{"evalByCredential":{"aWQgb2YgYWxpY2U=":{"first":"AA"}}}`, webauthn.SyntaxError},
		{get, "prf", `{"evalByCredential":{"aWQgb2YgYm9i":{"first":"AA"}}}`, webauthn.SyntaxError},
		{get, "prf", `{"evalByCredential":{"aWQgb2YgYWxpY2U":{"first":"` + long(256) + `"}}}`, webauthn.SyntaxError},
		{get, "prf", `{"evalByCredential":{"aWQgb2YgYWxpY2U":{}}}`, webauthn.TypeError},

		{create, "largeBlob", `{}`, ""},
		{create, "largeBlob", `{"support":"preferred","other":{}}`, ""},
		{create, "largeBlob", `{"support":"adored"}`, ""},
		{create, "largeBlob", `{"read":false}`, webauthn.NotSupportedError},
		{create, "largeBlob", `{"read":null}`, ""},
		{create, "largeBlob", `{"write":""}`, webauthn.NotSupportedError},
		{create, "largeBlob", `{"support":1}`, webauthn.TypeError},
		{get, "largeBlob", `{"support":"required"}`, webauthn.NotSupportedError},
		{get, "largeBlob", `{"support":"adored"}`, ""},
		{get, "largeBlob", `{"read":false}`, ""},
		{get, "largeBlob", `{"read":false,"write":"AA"}`, webauthn.NotSupportedError},
		{get, "largeBlob", `{"write":"` + long(2048) + `"}`, webauthn.NotSupportedError},
		{get, "largeBlob", `{"write":"A"}`, webauthn.EncodingError},

		{create, "credBlob", `"AAE"`, ""},
		{create, "credBlob", `"+/"`, webauthn.EncodingError},
		{create, "credBlob", `7`, webauthn.TypeError},
		{create, "minPinLength", `"yes"`, ""},

		{create, "credentialProtectionPolicy", `"userVerificationOptional"`, ""},
		{create, "credentialProtectionPolicy", `"userVerificationRequired"`, webauthn.NotSupportedError},
		{create, "credentialProtectionPolicy", `"adored"`, ""},
		{create, "credentialProtectionPolicy", `3`, webauthn.TypeError},
		{create, "enforceCredentialProtectionPolicy", `false`, ""},
		{create, "enforceCredentialProtectionPolicy", `true`, webauthn.NotSupportedError},

		{create, "appid", `""`, webauthn.NotSupportedError},
		{get, "appid", `""`, ""},
		{get, "appid", `"https://example.com"`, ""},
		{get, "appid", `"https://u2f.example.com/facets.json"`, ""},
		{get, "appid", `"https://example.com:444/app-id.json"`, ""},
		{get, "appid", `"http://example.com/app-id.json"`, webauthn.SecurityError},
		{get, "appid", `"https://example.org/app-id.json"`, webauthn.SecurityError},
		{get, "appid", `"https://com/app-id.json"`, webauthn.SecurityError},
		{get, "appid", `"example.com"`, webauthn.SyntaxError},
		{get, "appid", `"https://%zz"`, webauthn.SyntaxError},
		{get, "appid", `{}`, webauthn.TypeError},
		{create, "appidExclude", `"https://u2f.example.com/facets.json"`, ""},
		{create, "appidExclude", `"https://example.org/"`, webauthn.SecurityError},
		{create, "appidExclude", `"nonsense"`, webauthn.SyntaxError},

		{create, "payment", `{"isPayment":false}`, ""},
		{create, "payment", `{"isPayment":true}`, webauthn.TypeError},
		{create, "payment", `true`, webauthn.TypeError},
		{get, "payment", `{"isPayment":true}`, webauthn.NotAllowedError},
		{get, "credProps", `true`, webauthn.NotSupportedError},
	}
	for _, c := range cases {
		t.Run(c.id+c.input[:min(len(c.input), 60)], func(t *testing.T) {
			t.Parallel()
			d := gifted().holding("alice")
			browser := newClient(t, only(d))
			var err error
			if c.create {
				_, err = browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.Extensions = extensions(c.id, c.input) }))
			} else {
				_, err = browser.Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
					o.Extensions, o.AllowCredentials = extensions(c.id, c.input), descriptorList("id of alice")
				}))
			}
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			exception(t, err, c.want)
			assert.Empty(t, d.asked, "no authenticator hears of it")
		})
	}
}

// TestExtensionsWithoutAllowList need one.
func TestExtensionsWithoutAllowList(t *testing.T) {
	t.Parallel()
	for id, input := range map[string]string{
		"prf":       `{"evalByCredential":{"aWQgb2YgYWxpY2U":{"first":"AA"}}}`,
		"largeBlob": `{"write":"AA"}`,
	} {
		_, err := newClient(t, only(gifted())).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.Extensions = extensions(id, input) }))
		exception(t, err, webauthn.NotSupportedError)
	}
}

// TestOutputsUnasked has an authenticator answer beside its authenticator data
// what nobody asked.
func TestOutputsUnasked(t *testing.T) {
	t.Parallel()
	for name, outputs := range map[string]ctap.Extensions{
		"unsigned":            {ctap.ExtensionLargeBlob: mustMarshal(map[string]bool{})},
		"signed and unsigned": {ctap.ExtensionHMACSecret: mustMarshal(true)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := gifted().holding("alice")
			d.onMake = func(_ ctx, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				answer, err := d.make(req)
				answer.UnsignedExtensionOutputs = outputs
				return answer, err
			}
			d.onAssert = func(_ ctx, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
				answer, err := d.assert(req)
				answer.UnsignedExtensionOutputs = outputs
				return answer, err
			}
			browser := newClient(t, only(d))
			_, err := browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.Extensions = extensions("prf", "{}") }))
			exception(t, err, webauthn.NotAllowedError)
			_, err = browser.Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.Extensions = extensions("prf", `{"eval":{"first":"AA"}}`) }))
			exception(t, err, webauthn.NotAllowedError)
		})
	}
}

// TestSmallExtensions is what has a sentence or two of rules.
func TestSmallExtensions(t *testing.T) {
	t.Parallel()
	blobOf := func(n int) string { return `"` + webauthn.Base64URL(make([]byte, n)).String() + `"` }
	cases := []struct {
		name   string
		device *device
		id     string
		input  string
		sent   string // in diagnostic notation of a Go map, "" for nothing
		result string // "" for none
	}{
		{"credBlob", gifted(), "credBlob", `"AQID"`, "credBlob:43010203", "true"},
		{"credBlob of the longest", gifted(), "credBlob", blobOf(32), "credBlob:5820" + strings.Repeat("00", 32), "true"},
		{"credBlob too long", gifted(), "credBlob", blobOf(33), "", "false"},
		{"credBlob not known", sensing("1234"), "credBlob", `"AQID"`, "", "false"},
		{"minPinLength", gifted(), "minPinLength", "true", "minPinLength:f5", ""},
		{"minPinLength not wanted", gifted(), "minPinLength", "false", "", ""},
		{"minPinLength not known", sensing("1234"), "minPinLength", "true", "", ""},
		{"payment", gifted(), "payment", `{"isPayment":true}`, "thirdPartyPayment:f5", ""},
		{"payment not known", sensing("1234"), "payment", `{"isPayment":true,"more":[]}`, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.device.info.Options[ctap.OptionPlat] = true // as payment wants
			got, err := newClient(t, only(c.device)).Create(t.Context(), page, creating(webauthn.Required, func(o *webauthn.CreationOptions) {
				o.AuthenticatorSelection.AuthenticatorAttachment = webauthn.Platform
				o.AuthenticatorSelection.ResidentKey = webauthn.Preferred
				o.Extensions = extensions(c.id, c.input)
			}))
			require.NoError(t, err)
			assert.Equal(t, c.sent, spell(sent[*ctap.MakeCredentialRequest](c.device)[0].Extensions))
			assert.Equal(t, c.result, string(got.ClientExtensionResults[c.id]))
		})
	}
}

func TestGetCredBlob(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		known  bool
		held   []byte
		input  string
		result string
		fails  bool
	}{
		{"held", true, []byte{1, 2, 3}, "true", `"AQID"`, false},
		{"nothing held", true, []byte{}, "true", `""`, false},
		{"not wanted", true, []byte{1}, "false", "", false},
		{"not known", false, []byte{1}, "true", "", false},
		{"more than can be held", true, make([]byte, 33), "true", "", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := gifted().holding("alice")
			d.gifted.credBlob = c.held
			if !c.known {
				d.info.Extensions = nil
			}
			got, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.Extensions = extensions("getCredBlob", c.input) }))
			if c.fails {
				exception(t, err, webauthn.NotAllowedError)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.result, string(got.ClientExtensionResults["getCredBlob"]))
		})
	}
}

// TestEnterpriseAttestation goes to who may have it, from devices that give it.
func TestEnterpriseAttestation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		asked   string
		allowed client.Enterprise
		ep      bool
		sent    *uint64
	}{
		{"vendor-facilitated", "enterprise", client.VendorFacilitated, true, new(uint64(1))},
		{"platform-managed", "enterprise", client.PlatformManaged, true, new(uint64(2))},
		{"not allowed", "enterprise", client.NoEnterprise, true, nil},
		{"not enabled", "enterprise", client.PlatformManaged, false, nil},
		{"not asked for", "direct", client.PlatformManaged, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := securityKey()
			d.info.Options[ctap.OptionEP] = c.ep
			d.onMake = func(_ ctx, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				answer, err := d.make(req)
				answer.EnterpriseAttestation = req.EnterpriseAttestation != nil
				return answer, err
			}
			browser := newClient(t, only(d), func(config *client.Config) {
				config.Enterprise = func(rpID string) client.Enterprise {
					assert.Equal(t, site, rpID)
					return c.allowed
				}
			})
			got, err := browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.Attestation = c.asked }))
			require.NoError(t, err)
			assert.Equal(t, c.sent, sent[*ctap.MakeCredentialRequest](d)[0].EnterpriseAttestation)
			object, err := webauthn.ParseAttestationObject(got.Response.AttestationObject)
			require.NoError(t, err)
			assert.Equal(t, webauthn.FormatPacked, object.Format, "it is passed on as it is")
		})
	}
}

// TestNullIsAbsent also where an empty object would ask for something.
func TestNullIsAbsent(t *testing.T) {
	t.Parallel()
	got, err := newClient(t, only(gifted().holding("alice"))).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
		o.Extensions = extensions("prf", "null", "largeBlob", "null", "credBlob", "null", "credProps", "null")
	}))
	require.NoError(t, err)
	assert.Empty(t, got.ClientExtensionResults)
	asserted, err := newClient(t, only(gifted().holding("alice"))).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
		o.Extensions = extensions("prf", "null", "payment", "null")
	}))
	require.NoError(t, err)
	assert.Empty(t, asserted.ClientExtensionResults)
}
