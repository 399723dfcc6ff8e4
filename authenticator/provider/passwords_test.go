package provider

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
)

func TestUpgradesNeedAPasswordJustFilledIn(t *testing.T) {
	t.Parallel()
	const here, alice = "https://acme.test", "alice@example.com"
	clock := authenticator.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	account, err := NewAccount(Options{Provider: ICloud(), Clock: clock, Secret: "secret"})
	require.NoError(t, err)
	phone, err := account.Join(Device{Name: "phone", Platform: Apple})
	require.NoError(t, err)
	laptop, err := account.Join(Device{Name: "laptop", Platform: Apple})
	require.NoError(t, err)

	assert.False(t, phone.FillPassword(here, alice), "nothing is kept")
	assert.False(t, phone.MayUpgrade(here, alice))
	phone.SavePassword(here, alice)
	assert.False(t, phone.MayUpgrade(here, alice), "it was saved and not filled in")
	assert.True(t, phone.FillPassword(here, alice))
	assert.True(t, phone.MayUpgrade(here, alice))
	assert.False(t, phone.MayUpgrade("https://other.test", alice))
	assert.False(t, phone.MayUpgrade(here, "bob@example.com"))
	assert.False(t, laptop.FillPassword(here, alice), "without the provider's key it can read nothing")
	require.NoError(t, phone.Approve(laptop))
	assert.True(t, laptop.FillPassword(here, alice), "the account has the password")
	assert.True(t, laptop.MayUpgrade(here, alice))

	account.AllowUpgrades(false)
	assert.False(t, phone.MayUpgrade(here, alice), "the user does not want it")
	account.AllowUpgrades(true)
	clock.Advance(UpgradeWindow)
	assert.True(t, phone.MayUpgrade(here, alice))
	clock.Advance(time.Second)
	assert.False(t, phone.MayUpgrade(here, alice), "that was a while ago")

	require.NoError(t, laptop.Upgrade(Bitwarden()))
	require.True(t, laptop.FillPassword(here, alice))
	assert.False(t, laptop.MayUpgrade(here, alice), "that app makes none")
	phone.Leave()
	assert.False(t, phone.FillPassword(here, alice))
}
