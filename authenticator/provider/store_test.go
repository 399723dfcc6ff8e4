package provider_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/authenticator/storetest"
)

// Whatever the provider and however a device stands with its account, to an
// authenticator its Store is one like any other.
func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	standings := map[string]func(*provider.Account, *provider.Member){
		"follows the clock": func(*provider.Account, *provider.Member) {},
		"offline":           func(_ *provider.Account, m *provider.Member) { m.GoOffline() },
		"left":              func(_ *provider.Account, m *provider.Member) { m.Leave() },
	}
	for _, p := range []provider.Provider{
		{Name: "as WebAuthn has it"}, provider.ICloud(), provider.GooglePasswordManager(), provider.Bitwarden(), provider.WindowsHello(),
	} {
		for name, stand := range standings {
			t.Run(p.Name+", "+name, func(t *testing.T) {
				t.Parallel()
				storetest.Run(t, func(t *testing.T) storetest.Medium {
					a := newAccount(t, provider.Options{Provider: p, Automatic: true})
					m, err := a.Join(provider.Device{Name: "phone"})
					require.NoError(t, err)
					stand(a, m)
					return storetest.Medium{Open: func() (authenticator.Store, error) { return m.Store(), nil }}
				})
			})
		}
	}
}
