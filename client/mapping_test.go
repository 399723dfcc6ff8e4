package client_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// has is a set of getInfo options, all true.
func has(ids ...string) map[string]bool {
	m := map[string]bool{}
	for _, id := range ids {
		m[id] = true
	}
	return m
}

func TestCreateMapsSelection(t *testing.T) {
	t.Parallel()
	const rk, uv, plat = ctap.OptionRK, ctap.OptionUV, ctap.OptionPlat
	const lax, always = ctap.OptionMakeCredUvNotRqd, ctap.OptionAlwaysUv
	type selection = webauthn.AuthenticatorSelection
	cases := []struct {
		name    string
		device  map[string]bool
		asked   selection
		options string // as sent: rk, uv, both or "-"; empty: nobody qualifies
	}{
		{"residentKey required", has(rk), selection{ResidentKey: "required"}, "rk"},
		{"residentKey required, incapable", has(), selection{ResidentKey: "required"}, ""},
		{"residentKey preferred", has(rk), selection{ResidentKey: "preferred"}, "rk"},
		{"residentKey preferred, incapable", has(), selection{ResidentKey: "preferred"}, "-"},
		{"residentKey discouraged", has(rk), selection{ResidentKey: "discouraged"}, "-"},
		{"residentKey absent", has(rk), selection{}, "-"},
		{"residentKey unknown", has(rk), selection{ResidentKey: "adored"}, "-"},
		{"requireResidentKey alone", has(rk), selection{RequireResidentKey: true}, "rk"},
		{"requireResidentKey alone, incapable", has(), selection{RequireResidentKey: true}, ""},
		{"requireResidentKey with an unknown residentKey", has(), selection{ResidentKey: "adored", RequireResidentKey: true}, ""},
		{"residentKey goes before requireResidentKey", has(rk), selection{ResidentKey: "discouraged", RequireResidentKey: true}, "-"},

		{"userVerification required", has(uv), selection{UserVerification: "required"}, "uv"},
		{"userVerification required, incapable", has(), selection{UserVerification: "required"}, ""},
		{"userVerification required, not set up", map[string]bool{uv: false}, selection{UserVerification: "required"}, ""},
		{"userVerification preferred", has(uv), selection{UserVerification: "preferred"}, "uv"},
		{"userVerification preferred, incapable", has(), selection{UserVerification: "preferred"}, "-"},
		{"userVerification preferred, not set up", map[string]bool{uv: false}, selection{UserVerification: "preferred"}, "-"},
		{"userVerification absent", has(uv), selection{}, "uv"},
		{"userVerification unknown", has(uv, lax), selection{UserVerification: "adored"}, "uv"},
		{"userVerification discouraged", has(uv, lax), selection{UserVerification: "discouraged"}, "-"},
		{"userVerification discouraged, always on", has(uv, lax, always), selection{UserVerification: "discouraged"}, "uv"},
		{"userVerification discouraged, needed to make anything", has(uv), selection{UserVerification: "discouraged"}, "uv"},
		{"userVerification discouraged, needed for discoverable ones", has(rk, uv, lax), selection{UserVerification: "discouraged", ResidentKey: "required"}, "rk uv"},

		{"platform wanted", has(plat), selection{AuthenticatorAttachment: "platform"}, "-"},
		{"platform wanted, roaming there", has(), selection{AuthenticatorAttachment: "platform"}, ""},
		{"roaming wanted", has(), selection{AuthenticatorAttachment: "cross-platform"}, "-"},
		{"roaming wanted, platform there", has(plat), selection{AuthenticatorAttachment: "cross-platform"}, ""},
		{"unknown attachment", has(plat), selection{AuthenticatorAttachment: "glued"}, "-"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := securityKey()
			d.info.Options = c.device
			_, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.AuthenticatorSelection = c.asked }))
			made := sent[*ctap.MakeCredentialRequest](d)
			if c.options == "" {
				exception(t, err, webauthn.NotAllowedError)
				assert.Empty(t, made)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.options, describe(made[0].Options))
		})
	}
}

func describe(o *ctap.Options) string {
	switch rk, uv := o != nil && o.RK != nil && *o.RK, uvOf(o); {
	case rk && uv:
		return "rk uv"
	case rk:
		return "rk"
	case uv:
		return "uv"
	}
	return "-"
}

func TestGetMapsUserVerification(t *testing.T) {
	t.Parallel()
	const rk, uv = ctap.OptionRK, ctap.OptionUV
	cases := []struct {
		name    string
		device  map[string]bool
		asked   webauthn.Requirement
		options string
	}{
		{"required", has(rk, uv), "required", "uv"},
		{"required, incapable", has(rk), "required", ""},
		{"preferred", has(rk, uv), "preferred", "uv"},
		{"preferred, incapable", has(rk), "preferred", "-"},
		{"absent", has(rk, uv), "", "uv"},
		{"discouraged", has(rk, uv), "discouraged", "-"},
		{"discouraged, always on", has(rk, uv, ctap.OptionAlwaysUv), "discouraged", "uv"},
		{"no discoverable credentials", has(uv), "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := securityKey().holding("alice")
			d.info.Options = c.device
			_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.UserVerification = c.asked }))
			asserted := sent[*ctap.GetAssertionRequest](d)
			if c.options == "" {
				exception(t, err, webauthn.NotAllowedError)
				assert.Empty(t, asserted)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.options, describe(asserted[0].Options))
		})
	}
}

func TestAttachmentAndTransports(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		reported   []string
		plat       bool
		override   webauthn.Attachment
		transports []string
		attachment webauthn.Attachment
	}{
		{"sorted and unique", []string{"usb", "nfc", "usb"}, false, "", []string{"nfc", "usb"}, webauthn.CrossPlatform},
		{"unknown to the client", nil, false, "", []string{}, webauthn.CrossPlatform},
		{"platform that does not say", nil, true, "", []string{"internal"}, webauthn.Platform},
		{"a phone, seen from another computer", []string{"internal", "hybrid"}, true, webauthn.CrossPlatform, []string{"hybrid", "internal"}, webauthn.CrossPlatform},
		{"a phone with an old name besides", []string{"cable", "hybrid", "internal"}, false, "", []string{"hybrid", "internal"}, webauthn.CrossPlatform},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := securityKey().holding("alice")
			d.info.Transports, d.info.Options[ctap.OptionPlat] = c.reported, c.plat
			browser, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Transport: d, Attachment: c.override})})
			require.NoError(t, err)
			made, err := browser.Create(t.Context(), page, creationOptions())
			require.NoError(t, err)
			assert.Equal(t, c.transports, made.Response.Transports)
			assert.Equal(t, c.attachment, made.AuthenticatorAttachment)
			got, err := browser.Get(t.Context(), page, requestOptions())
			require.NoError(t, err)
			assert.Equal(t, c.attachment, got.AuthenticatorAttachment)
		})
	}
}

// TestStoreFull has an authenticator without room for another discoverable
// credential.
func TestStoreFull(t *testing.T) {
	t.Parallel()
	for asked, want := range map[webauthn.Requirement]string{"required": "", "preferred": "uv"} {
		t.Run(string(asked), func(t *testing.T) {
			t.Parallel()
			d := securityKey()
			d.onMake = func(_ context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
				if describe(req.Options) == "rk uv" {
					return nil, ctap.KeyStoreFull
				}
				return d.make(req)
			}
			_, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.AuthenticatorSelection.ResidentKey = asked }))
			made := sent[*ctap.MakeCredentialRequest](d)
			if want == "" {
				assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, ctap.KeyStoreFull)
				assert.Len(t, made, 1)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, want, describe(made[len(made)-1].Options))
		})
	}
}

func TestClientData(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		caller client.Caller
		want   string
	}{
		{"top level", client.Caller{Origin: "https://example.com", TopOrigin: "https://ignored.test"},
			`"origin":"https://example.com","crossOrigin":false}`},
		{"framed", client.Caller{Origin: "https://example.com", CrossOrigin: true, TopOrigin: "https://shop.test"},
			`"origin":"https://example.com","crossOrigin":true,"topOrigin":"https://shop.test"}`},
		{"framed, top unknown", client.Caller{Origin: "https://example.com", CrossOrigin: true},
			`"origin":"https://example.com","crossOrigin":true}`},
		{"port", client.Caller{Origin: "https://login.example.com:8443"},
			`"origin":"https://login.example.com:8443","crossOrigin":false}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := newClient(t, only(laptop().holding("alice"))).Get(t.Context(), c.caller, requestOptions(func(o *webauthn.RequestOptions) { o.Challenge = []byte{0, 1, 2} }))
			require.NoError(t, err)
			assert.Equal(t, `{"type":"webauthn.get","challenge":"AAEC",`+c.want, string(got.Response.ClientDataJSON))
		})
	}
}
