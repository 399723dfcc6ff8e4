package passkeylab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A device without a provider does what WebAuthn recommends, and a site that was wrong
// can mend it.
func TestDevicesHearSignals(t *testing.T) {
	t.Parallel()
	lab := New(t)
	phone := lab.Phone("a phone")
	page := lab.Site.OpenOn(phone)
	page.SignUp("alice@example.com").LogOut()
	page.SignUp("bob@example.com").LogOut()
	held, err := phone.authenticator.Credentials(t.Context())
	require.NoError(t, err)
	require.Len(t, held, 2)
	alices := held[0]
	require.Equal(t, "alice@example.com", alices.User.Name)
	rpID := alices.RPID
	say := func(s webauthn.Signal) []provider.Effect {
		effects, err := phone.hear(t.Context(), s)
		require.NoError(t, err)
		return effects
	}
	effect := func(what provider.Happening) []provider.Effect { return []provider.Effect{{ID: alices.ID, What: what}} }

	assert.Empty(t, say(&webauthn.UnknownCredential{RPID: "another.test", CredentialID: alices.ID}))
	assert.Empty(t, say(&webauthn.AllAcceptedCredentials{RPID: rpID, UserID: []byte("a stranger")}))
	assert.Equal(t, effect(provider.Hidden), say(&webauthn.UnknownCredential{RPID: rpID, CredentialID: alices.ID}))
	assert.Empty(t, say(&webauthn.UnknownCredential{RPID: rpID, CredentialID: alices.ID}), "it is hidden already")
	lab.HoldsPasskeys(phone, 1)
	lab.HidesPasskeys(phone, 1)

	named := &webauthn.CurrentUserDetails{RPID: rpID, UserID: alices.User.ID, Name: "alice@example.org", DisplayName: "Alice"}
	assert.Equal(t, effect(provider.Renamed), say(named), "hidden ones are renamed, too")
	lab.HidesPasskeys(phone, 1)
	all := &webauthn.AllAcceptedCredentials{RPID: rpID, UserID: webauthn.Base64URL(alices.User.ID), CredentialIDs: []webauthn.Base64URL{alices.ID}}
	assert.Equal(t, effect(provider.Unhidden), say(all))
	assert.Empty(t, say(all))
	assert.Empty(t, say(named))
	lab.HidesPasskeys(phone, 0)
	again, err := phone.authenticator.Credential(t.Context(), rpID, alices.ID)
	require.NoError(t, err)
	assert.Equal(t, "alice@example.org", again.User.Name)
	assert.Equal(t, alices.Sequence, again.Sequence, "it is no newer than it was")

	named.Name = "alice@example.com"
	assert.Equal(t, effect(provider.Renamed), say(named))
	page.LogIn("bob@example.com").LogOut()
	phone.UserPicks("alice@example.com")
	page.LogIn("alice@example.com")
	all.CredentialIDs = nil
	assert.Equal(t, effect(provider.Hidden), say(all), "an empty list takes away all of the user's")
	lab.HoldsPasskeys(phone, 1)
}
