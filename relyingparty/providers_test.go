package relyingparty

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// TestProvidersAreKnown wants the name of every provider that devices are made of.
func TestProvidersAreKnown(t *testing.T) {
	t.Parallel()
	for text := range providers {
		_, err := ceremony.ParseAAGUID(text)
		require.NoError(t, err)
	}
	known := 0
	for _, p := range provider.All() {
		if p.AAGUID == [16]byte{} {
			continue
		}
		known++
		name := providerOf(p.AAGUID[:])
		assert.NotEmpty(t, name, p.ID)
		assert.True(t, strings.HasPrefix(p.Name, name), "%s is shown as %s", p.Name, name)
	}
	assert.NotZero(t, known)
	assert.Empty(t, providerOf(nil))
	assert.Empty(t, providerOf(make([]byte, 16)))
}

func TestAccountTellsOfProvidersAndSync(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.startSignUp("alice@example.com")
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	icloud := provider.ICloud().AAGUID
	d.AuthData = func(data []byte) []byte {
		copy(data[37:], icloud[:]) // WebAuthn L3 §6.1, §6.5.1
		return data
	}
	b.follow(b.register(d))
	page := b.open(pathAccount)
	assert.Contains(t, page.body, `<p class="passkey-provider">iCloud Keychain</p>`)
	assert.Contains(t, page.body, `<span class="badge">This device only</span>`)
	assert.Contains(t, page.body, "Single-device passkey")
}
