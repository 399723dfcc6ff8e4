package client_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestCredProtect(t *testing.T) {
	t.Parallel()
	const optional, list, required = "userVerificationOptional", "userVerificationOptionalWithCredentialIDList", "userVerificationRequired"
	confirms := func(level int) func(*device) {
		return func(d *device) {
			d.gifted.outputs = func(out ctap.Extensions) {
				delete(out, ctap.ExtensionCredProtect)
				if level > 0 {
					out[ctap.ExtensionCredProtect] = mustMarshal(level)
				}
			}
		}
	}
	unknown := func(d *device) { d.info.Extensions = nil }
	cases := []struct {
		name     string
		policy   string
		enforced string
		device   func(*device)
		sent     string
		ok       bool
	}{
		{"optional", optional, "", nil, "credProtect:01", true},
		{"with a list", list, "", nil, "credProtect:02", true},
		{"required", required, "", nil, "credProtect:03", true},
		{"required and enforced", required, "true", nil, "credProtect:03", true},
		{"not known", required, "", unknown, "", true},
		{"not known, enforced", required, "true", unknown, "", false},
		{"not known, nothing to enforce", optional, "true", unknown, "", true},
		{"not confirmed", required, "", confirms(0), "credProtect:03", true},
		{"not confirmed, enforced", required, "true", confirms(0), "credProtect:03", false},
		{"higher than asked", optional, "", confirms(3), "credProtect:01", true},
		{"lower than asked", required, "", confirms(2), "credProtect:03", false},
		{"higher than there is", required, "", confirms(4), "credProtect:03", false},
		{"lower, for one that is found by its id only", list, "", confirms(1), "credProtect:02", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := gifted()
			if c.device != nil {
				c.device(d)
			}
			inputs := extensions("credentialProtectionPolicy", `"`+c.policy+`"`)
			if c.enforced != "" {
				inputs["enforceCredentialProtectionPolicy"] = []byte(c.enforced)
			}
			got, err := newClient(t, only(d)).Create(t.Context(), page, creating(webauthn.Required, func(o *webauthn.CreationOptions) { o.Extensions = inputs }))
			if made := sent[*ctap.MakeCredentialRequest](d); len(made) > 0 {
				assert.Equal(t, c.sent, spell(made[0].Extensions))
			} else {
				assert.Empty(t, c.sent)
			}
			if !c.ok {
				exception(t, err, webauthn.NotAllowedError)
				return
			}
			require.NoError(t, err)
			assert.Empty(t, got.ClientExtensionResults, "the level is in the authenticator data")
		})
	}
}

// TestProtectByDefault is what Chromium does unasked.
func TestProtectByDefault(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		rk    webauthn.Requirement
		uv    webauthn.Requirement
		input string
		on    bool
		sent  string
	}{
		{"off", webauthn.Required, webauthn.Preferred, "", false, ""},
		{"required, verification preferred", webauthn.Required, webauthn.Preferred, "", true, "credProtect:03"},
		{"required, verification required", webauthn.Required, webauthn.Required, "", true, "credProtect:02"},
		{"preferred", webauthn.Preferred, webauthn.Preferred, "", true, "credProtect:02"},
		{"discouraged", webauthn.Discouraged, webauthn.Preferred, "", true, ""},
		{"the page chose", webauthn.Required, webauthn.Preferred, `"userVerificationOptional"`, true, "credProtect:01"},
		{"the page chose nonsense", webauthn.Required, webauthn.Preferred, `"adored"`, true, "credProtect:03"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := gifted()
			browser := newClient(t, only(d), func(config *client.Config) { config.ProtectByDefault = c.on })
			_, err := browser.Create(t.Context(), page, creating(c.uv, func(o *webauthn.CreationOptions) {
				o.AuthenticatorSelection.ResidentKey = c.rk
				if c.input != "" {
					o.Extensions = extensions("credentialProtectionPolicy", c.input)
				}
			}))
			require.NoError(t, err)
			assert.Equal(t, c.sent, spell(sent[*ctap.MakeCredentialRequest](d)[0].Extensions))
		})
	}
}
