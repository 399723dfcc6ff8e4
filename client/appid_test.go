package client_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

const oldAppID = "https://u2f.example.com/facets.json"

// legacy adds a credential that the U2F API made.
func (d *device) legacy(id, appID string) *device {
	d.passkeys = append(d.passkeys, passkey{id: id, rpID: appID})
	return d
}

func TestAppID(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		device *device
		appID  string
		allow  []string
		rpID   string // of the real request; "" for none
		result string
	}{
		{"made by U2F", securityKey().legacy("old", oldAppID), oldAppID, []string{"old"}, oldAppID, "true"},
		{"made by U2F, one of several", securityKey().legacy("old", oldAppID), oldAppID, []string{"stranger", "old"}, oldAppID, "true"},
		{"made by WebAuthn", securityKey().holding("alice"), oldAppID, []string{"id of alice"}, site, "false"},
		{"both held", securityKey().holding("alice").legacy("old", oldAppID), oldAppID, []string{"old", "id of alice"}, site, "false"},
		{"made for the origin", securityKey().legacy("old", "https://example.com"), "", []string{"old"}, "https://example.com", "true"},
		{"without an allow list", securityKey().holding("alice").legacy("old", oldAppID), oldAppID, nil, site, "false"},
		{"by PIN", pinned("1234").legacy("old", oldAppID), oldAppID, []string{"old"}, oldAppID, "true"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			user := typing("1234")
			got, err := newClient(t, only(c.device), user.into).Get(t.Context(), page, getting(webauthn.Required, func(o *webauthn.RequestOptions) {
				o.Extensions, o.AllowCredentials = extensions("appid", `"`+c.appID+`"`), descriptorList(c.allow...)
			}))
			require.NoError(t, err)
			assert.Equal(t, c.result, string(got.ClientExtensionResults["appid"]))
			requests := sent[*ctap.GetAssertionRequest](c.device)
			assert.Equal(t, c.rpID, requests[len(requests)-1].RPID)
		})
	}
}

// TestAppIDOfNobody finds nothing under either name.
func TestAppIDOfNobody(t *testing.T) {
	t.Parallel()
	d := securityKey().legacy("old", "https://other.example.com")
	_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
		o.Extensions, o.AllowCredentials = extensions("appid", `"`+oldAppID+`"`), descriptorList("old")
	}))
	exception(t, err, webauthn.NotAllowedError)
}

func TestAppIDExclude(t *testing.T) {
	t.Parallel()
	exclude := creationOptions(func(o *webauthn.CreationOptions) {
		o.Extensions, o.ExcludeCredentials = extensions("appidExclude", `"`+oldAppID+`"`), descriptorList("stranger", "old")
	})
	got, err := newClient(t, only(securityKey())).Create(t.Context(), page, exclude)
	require.NoError(t, err)
	assert.Equal(t, "true", string(got.ClientExtensionResults["appidExclude"]))

	d := securityKey().legacy("old", oldAppID)
	_, err = newClient(t, only(d)).Create(t.Context(), page, exclude)
	assert.Equal(t, client.InvalidStateMessage, exception(t, err, webauthn.InvalidStateError).Message)
	assert.Len(t, sent[*ctap.SelectionRequest](d), 1, "not before a touch")
	assert.Empty(t, sent[*ctap.MakeCredentialRequest](d))

	d = securityKey().legacy("old", oldAppID)
	d.onSelect = func(ctx) error { return ctap.UserActionTimeout }
	_, err = newClient(t, only(d)).Create(t.Context(), page, exclude)
	exception(t, err, webauthn.NotAllowedError)
}

// TestAppIDOverHTTP: a page that is not secured by https may name its own origin
// only.
func TestAppIDOverHTTP(t *testing.T) {
	t.Parallel()
	local := client.Caller{Origin: "http://localhost:8080"}
	for appID, want := range map[string]string{
		"http://localhost:8080": webauthn.NotAllowedError, "https://localhost/": webauthn.SecurityError, "http://localhost:9090": webauthn.SecurityError,
	} {
		_, err := newClient(t, only(securityKey())).Get(t.Context(), local, &webauthn.RequestOptions{
			Challenge: []byte("challenge"), Extensions: extensions("appid", `"`+appID+`"`), AllowCredentials: descriptorList("old"),
		})
		exception(t, err, want)
	}
}
