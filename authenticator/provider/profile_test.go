package provider_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A product is the same one in both catalogues: what its passkeys look like when
// they are made, the profile knows too.
func TestAgreesWithProfiles(t *testing.T) {
	t.Parallel()
	for id, p := range map[string]provider.Provider{
		"icloud-keychain":                 provider.ICloud(),
		"icloud-keychain-managed":         provider.ManagedICloud(),
		"google-password-manager-android": provider.GooglePasswordManager(),
		"google-password-manager-desktop": provider.GooglePasswordManager(),
		"1password":                       provider.OnePassword(),
		"bitwarden":                       provider.Bitwarden(),
		"keepassxc":                       provider.KeePassXC(),
		"dashlane":                        provider.Dashlane(),
		"proton-pass":                     provider.ProtonPass(),
		"samsung-pass":                    provider.SamsungPass(),
		"microsoft-password-manager":      provider.MicrosoftPasswordManager(),
		"windows-hello-hardware":          provider.WindowsHello(),
		"chrome-mac":                      provider.ChromeOnMac(),
	} {
		known, err := profile.Lookup(id)
		require.NoError(t, err, id)
		made := p.Equip(authenticator.Phone())
		if aaguid, is := known.AAGUID.Value(); is {
			assert.Equal(t, aaguid, p.AAGUID, id)
		}
		if eligible, is := known.BackupEligible.Value(); is {
			assert.Equal(t, eligible, made.BackupEligible, id)
		}
		if backedUp, is := known.BackedUp.Value(); is {
			assert.Equal(t, backedUp, made.BackedUp, id)
		}
		if algorithms, is := known.Algorithms.Value(); is {
			assert.ElementsMatch(t, algorithms, p.Algorithms, id)
		}
	}
}

// Devices make credential IDs of different lengths, and each takes those of the others:
// browsers leave out of a request what is longer than the device says it takes.
func TestDevicesTakeEachOthersIDs(t *testing.T) {
	t.Parallel()
	for _, p := range provider.All() {
		if p.Syncs == provider.SyncsNothing {
			continue
		}
		for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.Laptop()} {
			assert.EqualValues(t, webauthn.MaxCredentialID, p.Equip(model).MaxCredentialIDLength, "%s on a %s", p.Name, model.Name)
		}
	}
}
