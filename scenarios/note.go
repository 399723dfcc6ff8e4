package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

const (
	secretNote  = "the key is under the flowerpot — на окне"
	anotherNote = "the flowerpot has moved"
)

// chromiumsHasNoPRF is why what is made under a prf is not for link cdp.
const chromiumsHasNoPRF = "Chromium's virtual authenticator stands for ours there, and evaluates no prf"

var notWithoutPRF = map[passkeylab.Link]string{passkeylab.CDP: chromiumsHasNoPRF}

// notes are journeys of a note that the site keeps and cannot read.
var notes = []Scenario{
	{
		ID:     "prf/note-on-two-devices",
		Story:  "A note is encrypted under a passkey on the phone; the laptop, which has the same passkey by the provider, reads it and puts another in its place.",
		Covers: []string{"WebAuthn L3 §10.1.4"},
		Needs:  Needs{Embedded: true, Cannot: notWithoutPRF},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, laptop := sharing(lab, provider.ICloud())
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice)
			keepNote(page, secretNote)
			readNote(page, secretNote)
			atLaptop := lab.Site.OpenOn(laptop)
			atLaptop.LogIn(alice)
			openNote(atLaptop)
			readNote(atLaptop, secretNote)
			keepNote(atLaptop, anotherNote)
			openNote(page)
			readNote(page, anotherNote)
		},
	},
	{
		ID:     "prf/note-on-a-key",
		Story:  "A note is encrypted under a passkey on a security key; at another computer the same key reads it.",
		Covers: []string{"WebAuthn L3 §10.1.4", "CTAP 2.3 §12.7"},
		Needs:  Needs{Embedded: true, Keys: true, Cannot: notWithoutPRF},
		Run: func(lab *passkeylab.Lab) {
			alice, key := lab.Someone("alice"), lab.SecurityKey("alice's key")
			home := laptopWith(lab, "the laptop at home", key)
			page := lab.Site.OpenOn(home)
			page.SignUp(alice)
			keepNote(page, secretNote)
			home.Unplug(key)
			atWork := lab.Site.OpenOn(laptopWith(lab, "the laptop at work", key))
			atWork.LogIn(alice)
			openNote(atWork)
			readNote(atWork, secretNote)
		},
	},
	{
		ID:     "prf/device-without",
		Story:  "A phone from before prf logs in with its passkey, and says in words that it cannot encrypt with it; nothing is kept.",
		Covers: []string{"WebAuthn L3 §10.1.4"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Device("alice's old phone", profile.AppleLegacy))
			page.SignUp(alice)
			openNote(page)
			page.Fill("note", secretNote)
			page.Press("keep-note")
			page.ExpectError("no-prf")
			openNote(page)
			page.Lacks("read-note")
		},
	},
	{
		ID:     "prf/other-passkey",
		Story:  "The note opens with the passkey it was made with alone: on a laptop with a passkey of its own it stays closed, and the phone still reads it.",
		Covers: []string{"WebAuthn L3 §10.1.4"},
		Needs:  Needs{Embedded: true, Cannot: notWithoutPRF},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUpWithPassword(alice, password1).AddPasskey()
			keepNote(page, secretNote)
			atLaptop := lab.Site.OpenOn(lab.Laptop("alice's laptop"))
			atLaptop.LogInWithPassword(alice, password1).AddPasskey()
			openNote(atLaptop)
			atLaptop.Press("read-note")
			atLaptop.ExpectError("NotAllowedError")
			openNote(page)
			readNote(page, secretNote)
		},
	},
	{
		ID:     "prf/user-declines",
		Story:  "The user looks away when the passkey is asked for: the page says so, the note stays closed, and opens on the second try.",
		Covers: []string{"WebAuthn L3 §10.1.4"},
		Needs:  Needs{Embedded: true, Cannot: notWithoutPRF},
		Run: func(lab *passkeylab.Lab) {
			alice, phone := lab.Someone("alice"), lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice)
			keepNote(page, secretNote)
			phone.UserDeclines()
			page.Press("read-note")
			page.ExpectError("NotAllowedError")
			readNote(page, secretNote)
		},
	},
}

func openNote(page *passkeylab.Page) {
	page.Open("/account")
	page.Press("prf-demo")
	page.Expect(passkeylab.ScreenPRFDemo)
}

func keepNote(page *passkeylab.Page, text string) {
	openNote(page)
	page.Fill("note", text)
	page.Press("keep-note")
	page.Expect(passkeylab.ScreenPRFDemo)
	page.Shows("read-note")
}

func readNote(page *passkeylab.Page, text string) {
	page.Press("read-note")
	page.Expect(passkeylab.ScreenPRFDemo)
	page.Reads("note-shown", text)
}
