package passkeylab_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// A passkey made on the phone logs in on the laptop, and is gone from both when it
// is deleted on one.
func TestCloudSyncs(t *testing.T) {
	t.Parallel()
	for _, p := range []provider.Provider{provider.ICloud(), provider.GooglePasswordManager(), provider.Bitwarden(), provider.KeePassXC()} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			lab := passkeylab.New(t)
			cloud := lab.Cloud("alice's account", p)
			phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
			cloud.Join(phone, laptop)
			lab.Site.OpenOn(phone).SignUp(alice).LogOut()
			lab.HoldsPasskeys(laptop, 1)
			page := lab.Site.OpenOn(laptop)
			page.LogInByAutofill(alice).LogOut()
			page.LogIn(alice).LogOut()
			laptop.Forget(alice)
			lab.HoldsPasskeys(phone, 0)
			page.LogInFails("NotAllowedError")
		})
	}
}

// A device that lacks the provider's key finds nothing, until it gets it.
func TestCloudIsSealed(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	cloud := lab.Cloud("alice's account", provider.ICloud())
	phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
	cloud.Join(phone)
	cloud.JoinSealed(laptop)
	lab.Site.OpenOn(phone).SignUp(alice).LogOut()
	page := lab.Site.OpenOn(laptop)
	page.LogInFails("NotAllowedError")
	assert.NoError(t, cloud.Member(laptop).Unlock(passkeylab.CloudSecret))
	page.LogIn(alice)
}

// What is made while devices do not hear of each other meets when they do.
func TestCloudPartition(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	cloud := lab.Cloud("alice's account", provider.Bitwarden())
	phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
	cloud.Join(phone, laptop)
	cloud.Partition(phone)
	lab.Site.OpenOn(phone).SignUp(alice).LogOut()
	page := lab.Site.OpenOn(laptop)
	page.LogInFails("NotAllowedError")
	cloud.Heal()
	page.LogIn(alice)
	assert.Len(t, cloud.Account().Passkeys(), 1)
}

func TestCloudLag(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	slow := provider.Bitwarden()
	slow.Lag = provider.Lag{Up: time.Second, Down: time.Minute}
	cloud := lab.Cloud("alice's account", slow)
	phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
	cloud.Join(phone, laptop)
	lab.Site.OpenOn(phone).SignUp(alice).LogOut()
	lab.HoldsPasskeys(laptop, 0)
	lab.Wait(2 * time.Minute)
	lab.HoldsPasskeys(laptop, 1)
}

// A stolen phone works until it hears.
func TestCloudErase(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	cloud := lab.Cloud("alice's account", provider.ICloud())
	phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
	cloud.Join(phone, laptop)
	page := lab.Site.OpenOn(phone)
	page.SignUp(alice).LogOut()
	cloud.Member(phone).GoOffline()
	cloud.Erase(phone)
	page.LogIn(alice).LogOut()
	cloud.Member(phone).GoOnline()
	page.LogInFails("NotAllowedError")
	cloud.Remove(laptop)
	lab.HoldsPasskeys(laptop, 0)
}

// A site that holds a passkey to the flags of its registration refuses the logins
// that users of iCloud Keychain have lost to it.
func TestCloudWithFlagsThatFlip(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	cloud := lab.Cloud("alice's account", provider.ICloudBeforeSync())
	phone := lab.Phone("alice's phone")
	cloud.Join(phone)
	page := lab.Site.OpenOn(phone)
	page.SignUp(alice).LogOut()
	page.LogInFails("passkey-authentication-failed")
}

// The record of a journey tells what travelled between its devices.
func TestCloudIsRecorded(t *testing.T) {
	t.Parallel()
	err := passkeylab.Rehearse(t.Context(), "a cloud", func(lab *passkeylab.Lab) {
		cloud := lab.Cloud("alice's account", provider.Bitwarden())
		phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
		cloud.Join(phone, laptop)
		lab.Site.OpenOn(phone).SignUp(alice)
		lab.HoldsPasskeys(laptop, 1)
		lab.HoldsPasskeys(laptop, 2)
	})
	for _, says := range []string{
		"alice's account → alice's laptop: gets the key", "alice's phone → alice's account: sends passkey", "alice's account → alice's laptop: hears of passkey",
	} {
		assert.ErrorContains(t, err, says)
	}
}

func TestCloudFailsInWords(t *testing.T) {
	t.Parallel()
	for says, run := range map[string]func(*passkeylab.Lab){
		"join before OpenOn": func(lab *passkeylab.Lab) {
			phone := lab.Phone("p")
			lab.Site.OpenOn(phone)
			lab.Cloud("c", provider.ICloud()).Join(phone)
		},
		"join before Misbehave": func(lab *passkeylab.Lab) {
			phone := lab.Phone("p")
			phone.Misbehave(fault.SignatureBitFlip)
			lab.Cloud("c", provider.ICloud()).Join(phone)
		},
		"it is in first": func(lab *passkeylab.Lab) {
			phone := lab.Phone("p")
			lab.Cloud("first", provider.ICloud()).Join(phone)
			lab.Cloud("second", provider.ICloud()).Join(phone)
		},
		"it never did":    func(lab *passkeylab.Lab) { lab.Cloud("c", provider.ICloud()).Remove(lab.Phone("p")) },
		"Name is missing": func(lab *passkeylab.Lab) { lab.Cloud("c", provider.Provider{}) },
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			assert.ErrorContains(t, passkeylab.Rehearse(t.Context(), says, run), says)
		})
	}
}
