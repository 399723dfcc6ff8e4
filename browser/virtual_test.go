package browser

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// virtualTab opens the fixture with a virtual authenticator and channels that
// receive its events.
func virtualTab(t *testing.T, o VirtualOptions) (*Tab, *VirtualAuthenticator, map[string]chan Credential) {
	t.Helper()
	tab := openTab(t, testSite(t)+"/site.html", ContextOptions{Link: LinkCDP})
	events := map[string]chan Credential{}
	send := func(name string) func(Credential) {
		events[name] = make(chan Credential, 8)
		return func(c Credential) { events[name] <- c }
	}
	deleted := send("deleted")
	device, err := tab.AddVirtualAuthenticator(testContext(t), o, VirtualEvents{
		Added: send("added"), Asserted: send("asserted"), Updated: send("updated"),
		Deleted: func(id []byte) { deleted(Credential{ID: id}) },
	})
	require.NoError(t, err)
	return tab, device, events
}

func next(t *testing.T, events chan Credential) Credential {
	t.Helper()
	select {
	case c := <-events:
		return c
	case <-testContext(t).Done():
		t.Fatal("no event")
		return Credential{}
	}
}

func TestVirtualAuthenticatorTellsWhatHappensToCredentials(t *testing.T) {
	t.Parallel()
	options := platformDevice
	options.BackupEligible, options.BackedUp = true, true
	tab, device, events := virtualTab(t, options)
	ctx := testContext(t)

	id := answerID(t, evalString(t, tab, `ceremony("create")`))
	made := next(t, events["added"])
	assert.Equal(t, id, b64(made.ID))
	assert.True(t, made.BackupEligible && made.BackedUp && made.Resident)

	require.Equal(t, id, answerID(t, evalString(t, tab, `ceremony("get")`)))
	used := next(t, events["asserted"])
	assert.Greater(t, used.SignCount, made.SignCount)

	require.NoError(t, device.AddCredential(ctx, credentialOf(t, "imported")))
	list, err := device.Credentials(ctx)
	require.NoError(t, err)
	assert.Len(t, list, 2)
	require.NoError(t, device.RemoveCredential(ctx, made.ID))
	assert.Equal(t, made.ID, next(t, events["deleted"]).ID)

	require.NoError(t, tab.Eval(ctx, `PublicKeyCredential.signalCurrentUserDetails({
		rpId: "localhost", userId: "`+b64([]byte("imported"))+`", name: "new@example.com", displayName: "New"})`, nil))
	assert.Equal(t, "new@example.com", next(t, events["updated"]).UserName)
	require.NoError(t, tab.Eval(ctx, `PublicKeyCredential.signalUnknownCredential({
		rpId: "localhost", credentialId: "`+b64([]byte("imported"))+`"})`, nil))
	assert.Equal(t, []byte("imported"), next(t, events["deleted"]).ID)
	require.NoError(t, device.Remove(ctx))
}

func TestVirtualAuthenticatorKeepsAnImportedCounter(t *testing.T) {
	t.Parallel()
	tab, device, events := virtualTab(t, platformDevice)
	require.NoError(t, device.AddCredential(testContext(t), credentialOf(t, "counted")))
	require.Equal(t, b64([]byte("counted")), answerID(t, evalString(t, tab, `ceremony("get")`)))
	assert.EqualValues(t, 8, next(t, events["asserted"]).SignCount)
}

func TestVirtualAuthenticatorFaults(t *testing.T) {
	t.Parallel()
	tab, device, _ := virtualTab(t, platformDevice)
	ctx := testContext(t)
	require.NoError(t, device.AddCredential(ctx, credentialOf(t, "faulty")))
	tests := []struct {
		name   string
		faults Faults
		flags  byte // UP and UV as the authenticator data claims them
	}{
		{"none", Faults{}, 0x05},
		{"no UV", Faults{NoUV: true}, 0x01},
		{"no UP", Faults{NoUP: true}, 0x04},
	}
	for _, test := range tests {
		require.NoError(t, device.SetFaults(ctx, test.faults))
		var c struct {
			Response struct{ AuthenticatorData string }
		}
		require.NoError(t, json.Unmarshal([]byte(evalString(t, tab, `ceremony("get")`)), &c))
		assert.Equal(t, test.flags, unb64(t, c.Response.AuthenticatorData)[32]&0x05, test.name)
	}
	require.NoError(t, device.SetFaults(ctx, Faults{}))
	require.NoError(t, device.SetUserVerified(ctx, false))
	assert.Contains(t, evalString(t, tab, `ceremony("get", {userVerification: "required"})`), "NotAllowedError")
}

func TestVirtualAuthenticatorNeedsItsLink(t *testing.T) {
	t.Parallel()
	tab := openTab(t, "about:blank", ContextOptions{})
	_, err := tab.AddVirtualAuthenticator(testContext(t), platformDevice, VirtualEvents{})
	require.ErrorContains(t, err, `need link "cdp"`)
	assert.ErrorContains(t, tab.UseRealUI(testContext(t), true), `needs link "cdp"`)
	assert.ErrorContains(t, tab.UseRealDevices(testContext(t)), `needs link "cdp"`)
}

// A tab can go back and forth between virtual authenticators and what the machine
// has, which is nothing here.
func TestTabChangesDevices(t *testing.T) {
	t.Parallel()
	tab, _, _ := virtualTab(t, platformDevice)
	ctx := testContext(t)
	const hasOne = `PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()`
	for range 2 {
		var has bool
		require.NoError(t, tab.Eval(ctx, hasOne, &has))
		assert.True(t, has)
		require.NoError(t, tab.UseRealDevices(ctx))
		require.NoError(t, tab.Eval(ctx, hasOne, &has))
		assert.False(t, has)
		require.NoError(t, tab.UseRealDevices(ctx), "which it does already")
		require.NoError(t, tab.UseRealUI(ctx, false))
		_, err := tab.AddVirtualAuthenticator(ctx, platformDevice, VirtualEvents{})
		require.NoError(t, err)
	}
}
