package profile_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/authenticator/profile"
)

// IDs are permanent: who drops or renames one breaks somebody's tests.
func TestIDsArePermanent(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, p := range profile.All() {
		ids = append(ids, p.ID)
	}
	assert.Equal(t, strings.Fields(`
		phone laptop security-key fingerprint-key pin-key
		1password android-platform apple-legacy apple-managed apple-provider-extension bitwarden chrome-mac chromium-virtual dashlane edge-mac enpass feitian feitian-epass-fido2-nfc
		google-password-manager-android google-password-manager-desktop icloud-keychain icloud-keychain-managed keepassxc keeper lastpass
		microsoft-authenticator-android microsoft-authenticator-ios microsoft-password-manager nitrokey-3 nordpass opensk proton-pass
		samsung-pass security-key-nfc solo-2 titan trezor u2f-key windows-hello-hardware windows-hello-software windows-hello-vbs
		yubikey-5-2 yubikey-5-4 yubikey-5-7 yubikey-bio
	`), ids)
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, id := range ids {
		assert.Regexp(t, form, id)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		found, err := profile.Lookup(p.ID)
		require.NoError(t, err)
		assert.Equal(t, p.Name, found.Name)
	}
	_, err := profile.Lookup("yubikey-5-5")
	assert.EqualError(t, err, `no profile is called "yubikey-5-5": did you mean "yubikey-5-2"?`)
	_, err = profile.Lookup("zzz")
	assert.EqualError(t, err, `no profile is called "zzz": passkeylab profiles lists them`)
}

// Whoever changes what All returns changes a copy.
func TestAllIsACopy(t *testing.T) {
	t.Parallel()
	all := profile.All()
	all[0].ID = "spoiled"
	assert.Equal(t, "phone", profile.All()[0].ID)
}

// Every profile says something, and every fact says who says so.
func TestEveryFactHasASource(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			assert.NotEmpty(t, p.Name)
			assert.Contains(t, []profile.Kind{profile.Platform, profile.Provider, profile.SecurityKey}, p.Kind)
			known := 0
			for _, fact := range p.Facts() {
				assert.Equal(t, fact.Value == "", fact.Source == "", "%s: a value without a source, or a source of nothing", fact.Name)
				assert.NotEmpty(t, fact.Means, fact.Name)
				if fact.Source != "" {
					known++
					isSource(t, fact.Source)
				}
			}
			assert.Positive(t, known)
			for _, q := range p.Quirks {
				isSource(t, q.Source)
				assert.True(t, strings.HasSuffix(q.Text, "."), "%q is no sentence", q.Text)
				if q.Fault != "" {
					_, err := fault.Lookup(q.Fault)
					assert.NoError(t, err)
				}
			}
			for _, d := range p.Differs {
				assert.NotEmpty(t, d.Why)
			}
		})
	}
	assert.Panics(t, func() { profile.Known(true, "") }, "there is no fact without a source")
}

// A source of code names a commit or a version, one of talk its number.
var findable = regexp.MustCompile(`commit [0-9a-f]{7}\b|version \d|issue \d|pull request \d|§\d|certificate FIDO|thread \d|Manual|2022|advisory YSA|Microsoft|passkeylab`)

func isSource(t *testing.T, s profile.Source) {
	t.Helper()
	assert.Regexp(t, findable, string(s))
	assert.NotContains(t, string(s), "http")
}

// A device can be made of every profile, and its name is that of the product.
func TestEveryProfileIsADevice(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		model, err := p.Model()
		require.NoError(t, err, p.ID)
		require.NoError(t, model.Check(), p.ID)
		assert.Equal(t, p.Own(), p.ID == "phone" || p.ID == "laptop" || slices.Contains([]string{"security-key", "fingerprint-key", "pin-key"}, p.ID), p.ID)
		if !p.Own() {
			assert.Equal(t, p.Name, model.Name)
		}
	}
}

// The lab's own models are themselves.
func TestOwnModels(t *testing.T) {
	t.Parallel()
	for id, model := range map[string]func() authenticator.Model{
		"phone": authenticator.Phone, "laptop": authenticator.Laptop, "security-key": authenticator.SecurityKey,
		"fingerprint-key": authenticator.BioKey, "pin-key": authenticator.PINKey,
	} {
		p, err := profile.Lookup(id)
		require.NoError(t, err)
		got, err := p.Model()
		require.NoError(t, err)
		assert.Equal(t, model(), got)
	}
}

// What nobody says is what the doc comment of Model says.
func TestNeutralDefaults(t *testing.T) {
	t.Parallel()
	key, err := profile.Profile{ID: "a", Name: "a key", Kind: profile.SecurityKey}.Model()
	require.NoError(t, err)
	assert.Equal(t, authenticator.Model{
		Name: "a key", Versions: []string{"FIDO_2_0"}, Transports: []string{"usb"}, ResidentKeys: true, CredentialIDBytes: 64,
		Algorithms: key.Algorithms, AttestationFormats: []string{"packed"}, MaxMsgSize: 1024,
	}, key)
	assert.EqualValues(t, -7, key.Algorithms[0])
	for _, kind := range []profile.Kind{profile.Platform, profile.Provider} {
		p := profile.Profile{ID: "b", Name: "a provider", Kind: kind, BackupEligible: profile.Known(true, "version 1")}
		got, err := p.Model()
		require.NoError(t, err)
		assert.Equal(t, authenticator.Model{
			Name: "a provider", Versions: []string{"FIDO_2_0", "FIDO_2_1"}, Transports: []string{"internal"}, Platform: true, Display: true,
			UV: authenticator.UVConfigured, UVAttempts: 3, UVRetries: 8, MakeCredUVNotRqd: true,
			ResidentKeys: true, NonDiscoverable: authenticator.Stored, CredentialIDBytes: 32,
			Algorithms: got.Algorithms, AttestationFormats: []string{"none"}, Counter: authenticator.CounterZero,
			BackupEligible: true, BackedUp: true, MaxMsgSize: 7609,
		}, got)
	}
	_, err = profile.Profile{ID: "c", Name: "c", Kind: profile.SecurityKey, CredentialIDBytes: profile.Known(3, "version 1")}.Model()
	assert.ErrorContains(t, err, `profile "c": `)
	assert.ErrorContains(t, err, "CredentialIDBytes 3")
}
