package client_test

import (
	"context"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

func believing(c *client.Config) { c.BelieveAuthenticators = true }

// TestCreateBelieves has one authenticator give a wrong answer to create(): a
// client that checks refuses it, one that believes hands it to the page.
func TestCreateBelieves(t *testing.T) {
	t.Parallel()
	type response = ctap.MakeCredentialResponse
	cases := []struct {
		name     string
		change   func(*webauthn.AuthenticatorData, *response)
		never    bool // not even a believing client can use it
		harmless bool
	}{
		{"as it should be", func(*webauthn.AuthenticatorData, *response) {}, false, true},
		{"wrong RP ID hash", func(a *webauthn.AuthenticatorData, _ *response) { a.RPIDHash[31] ^= 1 }, false, false},
		{"UP missing", func(a *webauthn.AuthenticatorData, _ *response) { a.Flags &^= webauthn.UserPresent }, false, false},
		{"UV missing", func(a *webauthn.AuthenticatorData, _ *response) { a.Flags &^= webauthn.UserVerified }, false, false},
		{"extension output unasked", func(a *webauthn.AuthenticatorData, _ *response) {
			a.Extensions = mustMarshal(map[string]bool{"hmac-secret": true})
		}, false, false},
		{"extension outputs of a wrong type", func(a *webauthn.AuthenticatorData, _ *response) { a.Extensions = mustMarshal(7) }, false, false},
		{"enterprise attestation unasked", func(_ *webauthn.AuthenticatorData, r *response) { r.EnterpriseAttestation = true }, false, false},
		{"attestation statement of a wrong type", func(_ *webauthn.AuthenticatorData, r *response) { r.Statement = mustMarshal("text") }, false, false},
		{"credential ID empty", func(a *webauthn.AuthenticatorData, _ *response) { a.Attested.CredentialID = nil }, false, false},
		{"credential ID of 1024 bytes", func(a *webauthn.AuthenticatorData, _ *response) {
			a.Attested.CredentialID = make([]byte, 1024)
		}, true, false},
		{"AT missing", func(a *webauthn.AuthenticatorData, _ *response) { a.Attested = nil }, true, false},
		{"key without an algorithm", func(a *webauthn.AuthenticatorData, _ *response) {
			a.Attested.PublicKey = mustMarshal(map[int]int{1: 2})
		}, true, false},
		{"key that is no map", func(a *webauthn.AuthenticatorData, _ *response) { a.Attested.PublicKey = mustMarshal("key") }, true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := laptop()
			d.onMake = func(_ context.Context, req *ctap.MakeCredentialRequest) (*response, error) {
				data, r := newAuthData(req.RP.ID, true, d.info.AAGUID), &response{Format: "none", Statement: webauthn.EmptyStatement}
				c.change(data, r)
				r.AuthData = data.Marshal()
				return r, nil
			}
			options := creationOptions(func(o *webauthn.CreationOptions) { o.AuthenticatorSelection.UserVerification = webauthn.Required })
			_, err := newClient(t, only(d)).Create(t.Context(), page, options)
			if c.harmless {
				require.NoError(t, err)
			} else {
				require.Error(t, exception(t, err, webauthn.NotAllowedError).Cause)
			}
			got, err := newClient(t, only(d), believing).Create(t.Context(), page, options)
			if c.never {
				exception(t, err, webauthn.NotAllowedError)
				return
			}
			require.NoError(t, err)
			assert.NotEmpty(t, got.Response.AttestationObject)
		})
	}
}

// TestGetBelieves is the same for get().
func TestGetBelieves(t *testing.T) {
	t.Parallel()
	type response = ctap.GetAssertionResponse
	allow := descriptorList("id of alice")
	cases := []struct {
		name   string
		allow  []webauthn.Descriptor
		change func(*webauthn.AuthenticatorData, *response)
		ok     bool
	}{
		{"as it should be", nil, func(*webauthn.AuthenticatorData, *response) {}, true},
		{"as it should be, with an allow list", allow, func(*webauthn.AuthenticatorData, *response) {}, true},
		{"wrong RP ID hash", nil, func(a *webauthn.AuthenticatorData, _ *response) { a.RPIDHash[0] ^= 1 }, false},
		{"UP missing", nil, func(a *webauthn.AuthenticatorData, _ *response) { a.Flags &^= webauthn.UserPresent }, false},
		{"UV missing", nil, func(a *webauthn.AuthenticatorData, r *response) { a.Flags &^= webauthn.UserVerified; r.User.Name = "" }, false},
		{"AT set", nil, func(a *webauthn.AuthenticatorData, _ *response) {
			a.Attested = &webauthn.AttestedCredential{PublicKey: coseKey}
		}, false},
		{"extension output unasked", nil, func(a *webauthn.AuthenticatorData, _ *response) {
			a.Extensions = mustMarshal(map[string]bool{"uvm": true})
		}, false},
		{"no user", nil, func(_ *webauthn.AuthenticatorData, r *response) { r.User = nil }, false},
		{"no user, with an allow list", allow, func(_ *webauthn.AuthenticatorData, r *response) { r.User = nil }, true},
		{"user without a handle", nil, func(_ *webauthn.AuthenticatorData, r *response) { r.User.ID = []byte{} }, false},
		{"another credential than allowed", allow, func(_ *webauthn.AuthenticatorData, r *response) { r.Credential.ID = []byte("id of bob") }, false},
		{"credential left out", nil, func(_ *webauthn.AuthenticatorData, r *response) { r.Credential = nil }, false},
		{"credential left out, one allowed", allow, func(_ *webauthn.AuthenticatorData, r *response) { r.Credential = nil }, true},
		{"credential ID of 1024 bytes", nil, func(_ *webauthn.AuthenticatorData, r *response) { r.Credential.ID = make([]byte, 1024) }, false},
		{"several with an allow list", allow, func(_ *webauthn.AuthenticatorData, r *response) { r.NumberOfCredentials = 2 }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := laptop().holding("alice")
			d.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*response, error) {
				data := webauthn.AuthenticatorData{RPIDHash: sha256.Sum256([]byte(req.RPID)), Flags: webauthn.UserPresent | webauthn.UserVerified}
				r, err := d.assert(req)
				require.NoError(t, err)
				c.change(&data, r)
				r.AuthData = data.Marshal()
				return r, nil
			}
			options := requestOptions(func(o *webauthn.RequestOptions) {
				o.AllowCredentials, o.UserVerification = c.allow, webauthn.Required
			})
			_, err := newClient(t, only(d)).Get(t.Context(), page, options)
			if c.ok {
				require.NoError(t, err)
			} else {
				require.Error(t, exception(t, err, webauthn.NotAllowedError).Cause)
			}
			_, err = newClient(t, only(d), believing).Get(t.Context(), page, options)
			require.NoError(t, err)
		})
	}
}

// TestNamesNeedVerification has a device tell names that it must keep until
// the user is verified.
func TestNamesNeedVerification(t *testing.T) {
	t.Parallel()
	d := laptop().holding("alice")
	d.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		r, err := d.assert(req)
		r.User.DisplayName = "Alice"
		return r, err
	}
	options := requestOptions(func(o *webauthn.RequestOptions) { o.UserVerification = webauthn.Discouraged })
	_, err := newClient(t, only(d)).Get(t.Context(), page, options)
	exception(t, err, webauthn.NotAllowedError)
	options.UserVerification = webauthn.Preferred
	_, err = newClient(t, only(d)).Get(t.Context(), page, options)
	require.NoError(t, err)
}

func TestAttestationConveyance(t *testing.T) {
	t.Parallel()
	certified := mustMarshal(webauthn.PackedStatement{Algorithm: webauthn.ES256, Signature: []byte("s"), X5C: [][]byte{[]byte("certificate")}})
	var model, nobody webauthn.AAGUID = webauthn.AAGUID([]byte("model: a usb key")), webauthn.AAGUID{}
	cases := []struct {
		name, asked string
		aaguid      webauthn.AAGUID
		format      string
		statement   canon.Raw
		zero        bool // Config.ZeroAAGUID
		wantFormat  string
		wantAAGUID  webauthn.AAGUID
	}{
		{"absent", "", model, "packed", certified, false, "none", model},
		{"unknown", "whatever", model, "packed", certified, false, "none", model},
		{"none", "none", model, "packed", certified, false, "none", model},
		{"none, AAGUID blanked too", "none", model, "packed", certified, true, "none", nobody},
		{"none, self attestation that names a model", "none", model, "packed", selfStatement, false, "none", model},
		{"none, anonymous self attestation", "none", nobody, "packed", selfStatement, false, "packed", nobody},
		{"none, anonymous but certified", "none", nobody, "packed", certified, false, "none", nobody},
		{"none, already none", "none", model, "none", nil, false, "none", model},
		{"indirect", "indirect", model, "packed", certified, true, "packed", model},
		{"direct", "direct", model, "packed", certified, true, "packed", model},
		{"enterprise", "enterprise", model, "packed", certified, false, "packed", model},
		{"direct, no statement", "direct", model, "none", nil, false, "none", model},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := laptop()
			d.onMake = func(_ context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				return &ctap.MakeCredentialResponse{Format: c.format, Statement: c.statement, AuthData: newAuthData(req.RP.ID, true, c.aaguid[:]).Marshal()}, nil
			}
			browser := newClient(t, only(d), func(config *client.Config) { config.ZeroAAGUID = c.zero })
			got, err := browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.Attestation = c.asked }))
			require.NoError(t, err)
			object, err := webauthn.ParseAttestationObject(got.Response.AttestationObject)
			require.NoError(t, err)
			assert.Equal(t, c.wantFormat, object.Format)
			if c.wantFormat == "none" {
				assert.Equal(t, webauthn.EmptyStatement, object.Statement)
			} else {
				assert.Equal(t, c.statement, object.Statement)
			}
			data, err := webauthn.ParseAuthenticatorData(object.AuthData)
			require.NoError(t, err)
			assert.Equal(t, c.wantAAGUID, data.Attested.AAGUID)
			assert.Equal(t, object.AuthData, []byte(got.Response.AuthenticatorData), "the page sees one authenticator data, not two")
			assert.Nil(t, sent[*ctap.MakeCredentialRequest](d)[0].EnterpriseAttestation)
		})
	}
}

func TestAttestationFormatsPreference(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name             string
		offered          []string
		attestation      string
		asked, preferred []string
	}{
		{"the device does not say", nil, "direct", []string{"packed"}, nil},
		{"direct", []string{"packed"}, "direct", []string{"tpm", "packed"}, []string{"tpm", "packed"}},
		{"direct, any", []string{"packed"}, "direct", nil, nil},
		{"none", []string{"packed"}, "none", []string{"packed"}, []string{"none"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := laptop()
			d.info.AttestationFormats = c.offered
			_, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
				o.Attestation, o.AttestationFormats = c.attestation, c.asked
			}))
			require.NoError(t, err)
			assert.Equal(t, c.preferred, sent[*ctap.MakeCredentialRequest](d)[0].AttestationFormatsPreference)
		})
	}
}

// TestUnknownKey has a credential whose algorithm this client cannot write as
// a SubjectPublicKeyInfo.
func TestUnknownKey(t *testing.T) {
	t.Parallel()
	d := laptop()
	d.onMake = func(_ context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
		data := newAuthData(req.RP.ID, true, d.info.AAGUID)
		data.Attested.PublicKey = mustMarshal(map[int]int{1: 7, 3: -48})
		return &ctap.MakeCredentialResponse{Format: "none", AuthData: data.Marshal()}, nil
	}
	got, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions())
	require.NoError(t, err)
	assert.Nil(t, got.Response.PublicKey)
	assert.Equal(t, webauthn.Algorithm(-48), got.Response.PublicKeyAlgorithm)
}
