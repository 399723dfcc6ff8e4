package passkeylab_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/internal/report"
)

// keyInLaptop is a PIN key in a laptop, and the user reaches for it.
func keyInLaptop(lab *passkeylab.Lab, pin string) (laptop, key *passkeylab.Device) {
	laptop, key = lab.Laptop("a laptop"), lab.SecurityKeyWithPIN("a key", pin)
	laptop.Plug(key)
	laptop.UserReachesFor(key)
	return laptop, key
}

// Its owner remembers a PIN that was changed, in the settings or by what a browser
// had them choose.
func TestPINIsRemembered(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	laptop, key := keyInLaptop(lab, "2718")
	page := lab.Site.OpenOn(laptop)
	page.SignUp(alice).LogOut()
	key.SetPIN("31415")
	page.LogIn(alice).LogOut()
	key.UserEnters("2718")
	page.LogIn(alice)
	lab.AskedForPIN(key, client.PINEnter, client.PINEnter, client.PINEnter, client.PINAgain)
	lab.AskedForPIN(key)
}

// A key that is set up in the meantime is no news to the browser.
func TestPINIsSetWhileTheKeyIsPluggedIn(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	laptop, key := keyInLaptop(lab, "")
	key.SetPIN("2718")
	lab.Site.OpenOn(laptop).SignUp(alice)
	lab.AskedForPIN(key, client.PINEnter)
}

// The dialogs are in the record, and a run repeats.
func TestPINDialogsAreRecorded(t *testing.T) {
	t.Parallel()
	rehearse := func() (entry report.Entry) {
		assert.NoError(t, passkeylab.Rehearse(t.Context(), "pin", func(lab *passkeylab.Lab) {
			laptop, key := keyInLaptop(lab, "2718")
			key.UserEnters("0000")
			lab.Site.OpenOn(laptop).SignUp(alice)
		}, passkeylab.WithRecord(&entry)))
		return entry
	}
	var asked []string
	first, second := rehearse(), rehearse()
	for i, m := range first.Transcript {
		assert.Equal(t, m.Decoded, second.Transcript[i].Decoded, "the browser draws its keys from the seed")
		if m.Layer == "dialog" {
			asked = append(asked, m.Name+": "+m.Decoded)
		}
	}
	assert.Equal(t, []string{
		`PIN of a key (enter): 8 tries left; the user types "0000"`, `PIN of a key (again): 7 tries left; the user types "2718"`,
	}, asked)
}
