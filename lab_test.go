package passkeylab_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/relyingparty"
)

const (
	alice = "alice@example.com"
	bob   = "bob@example.com"
)

// Every word of the lab ends a journey that does not go as it says, and says
// what was expected and seen.
func TestJourneysFailInWords(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		run  func(*passkeylab.Lab)
		says []string
	}{
		{"a screen that does not come", func(lab *passkeylab.Lab) {
			lab.Site.OpenOn(lab.Phone("p")).LogIn(alice)
		}, []string{"expected: screen home", "seen:     screen login-id", "NotAllowedError", "seed"}},
		{"an error that does not come", func(lab *passkeylab.Lab) {
			page := lab.Site.OpenOn(lab.Phone("p"))
			page.SignUp(alice).LogOut()
			page.LogInFails("NotAllowedError")
		}, []string{"expected: an error NotAllowedError", "seen:     screen home"}},
		{"somebody else is logged in", func(lab *passkeylab.Lab) {
			page := lab.Site.OpenOn(lab.Phone("p"))
			page.SignUp(alice).LogOut()
			page.LogIn(bob)
		}, []string{"expected: " + bob + " is logged in", "seen:     " + alice}},
		{"autofill offers somebody else", func(lab *passkeylab.Lab) {
			page := lab.Site.OpenOn(lab.Phone("p"))
			page.SignUp(alice).LogOut()
			page.AutofillOffers(bob)
		}, []string{"autofill offers exactly " + bob, "autofill offers exactly " + alice}},
		{"picking what is not offered", func(lab *passkeylab.Lab) {
			page := lab.Site.OpenOn(lab.Phone("p"))
			page.SignUp(alice).LogOut()
			page.LogInByAutofill(bob)
		}, []string{"offers " + alice + ", not \"" + bob}},
		{"a PIN that nobody was asked for", func(lab *passkeylab.Lab) {
			lab.AskedForPIN(lab.SecurityKeyWithPIN("k", "1234"), client.PINEnter)
		}, []string{"asked for the PIN of k: [enter]", "seen:     the reasons were []"}},
		{"a PIN that is none", func(lab *passkeylab.Lab) {
			lab.SecurityKeyWithPIN("k", "123")
		}, []string{"setting the PIN of k", "it has 3 characters, 4 to 63 are allowed"}},
		{"a PIN for what takes none", func(lab *passkeylab.Lab) {
			lab.Phone("p").SetPIN("1234")
		}, []string{"setting the PIN of p"}},
		{"no autofill on this page", func(lab *passkeylab.Lab) {
			page := lab.Site.OpenOn(lab.Phone("p"))
			page.Open("/u/signup/identifier")
			page.WaitsForAutofill(true)
		}, []string{"expected: a passkey request waits", "seen:     no passkey request waits"}},
		{"an element that is not there", func(lab *passkeylab.Lab) {
			page := lab.Site.OpenOn(lab.Phone("p"))
			page.Open("/")
			page.Shows("passkey-button")
		}, []string{"expected: #passkey-button is shown"}},
		{"a field that is not there", func(lab *passkeylab.Lab) {
			page := lab.Site.OpenOn(lab.Phone("p"))
			page.Open("/")
			page.Fill("email", alice)
		}, []string{"no element #email on screen \"home\""}},
		{"a lost device", func(lab *passkeylab.Lab) {
			phone := lab.Phone("alice's phone")
			phone.Lose()
			lab.Site.OpenOn(phone)
		}, []string{"alice's phone is lost"}},
		{"a lost phone for a code", func(lab *passkeylab.Lab) {
			phone := lab.Phone("alice's phone")
			phone.Lose()
			lab.Laptop("l").UserScansWith(phone)
		}, []string{"taking another device at l", "alice's phone is lost"}},
		{"a phone that was lost since", func(lab *passkeylab.Lab) {
			laptop, phone := lab.Laptop("l"), lab.Phone("alice's phone")
			laptop.UserScansWith(phone)
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			phone.Lose()
			page.BeginLogin()
			page.Press("passkey-button")
		}, []string{"l: scanning the QR code", "alice's phone is lost"}},
		{"a lost key", func(lab *passkeylab.Lab) {
			key := lab.SecurityKey("k")
			key.Lose()
			lab.Laptop("l").Plug(key)
		}, []string{"plugging a key into l", "k is lost"}},
		{"two devices of one name", func(lab *passkeylab.Lab) {
			lab.Phone("p")
			lab.Laptop("p")
		}, []string{"there is already a device called \"p\""}},
		{"fewer passkeys than thought", func(lab *passkeylab.Lab) {
			lab.HoldsPasskeys(lab.Phone("p"), 1)
		}, []string{"expected: p holds 1 passkeys", "seen:     it holds 0"}},
		{"nothing to replay", func(lab *passkeylab.Lab) { lab.Phone("p").Replay() }, []string{"a login on it to replay"}},
		{"a log without the line", func(lab *passkeylab.Lab) {
			lab.Site.OpenOn(lab.Phone("p")).SignUp(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice))
		}, []string{"expected: the tenant log has s \"alice@example.com\"", "ss \"alice@example.com\""}},
		{"a log with more lines", func(lab *passkeylab.Lab) {
			lab.Site.OpenOn(lab.Phone("p")).SignUp(alice).LogOut()
			lab.Site.Log().Is(passkeylab.On(relyingparty.EventSignUp, alice))
		}, []string{"the tenant log is exactly"}},
		{"a log with other details", func(lab *passkeylab.Lab) {
			lab.Site.OpenOn(lab.Phone("p")).SignUp(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventSignUp, alice).With("authentication_methods", "pwd"))
		}, []string{"with authentication_methods=pwd"}},
		{"an unwanted line", func(lab *passkeylab.Lab) {
			lab.Site.OpenOn(lab.Phone("p")).SignUp(alice)
			lab.Site.Log().HasNot(passkeylab.On(relyingparty.EventSignUp, alice))
		}, []string{"the tenant log has not ss"}},
		{"a mail that does not come to nobody", func(lab *passkeylab.Lab) {
			lab.Site.DropPasskeys("nobody@example.com")
		}, []string{"no account has this email address"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var failed *passkeylab.Failed
			err := passkeylab.Rehearse(t.Context(), c.name, c.run)
			require.ErrorAs(t, err, &failed)
			for _, text := range c.says {
				assert.Contains(t, failed.Message, text)
			}
		})
	}
}

func TestRehearseTellsOutcomesApart(t *testing.T) {
	t.Parallel()
	var crashed *passkeylab.Crashed
	err := passkeylab.Rehearse(t.Context(), "crash", func(*passkeylab.Lab) { panic("oh") })
	require.ErrorAs(t, err, &crashed)
	assert.Equal(t, "oh", crashed.Value)
	assert.Contains(t, crashed.Stack, "lab_test.go")

	var failed *passkeylab.Failed
	err = passkeylab.Rehearse(t.Context(), "no site", func(*passkeylab.Lab) {}, passkeylab.WithSite("https://%zz"))
	assert.ErrorAs(t, err, &failed)
	assert.NoError(t, passkeylab.Rehearse(t.Context(), "all well", func(*passkeylab.Lab) {}))
}

func TestRecordHoldsTheStory(t *testing.T) {
	t.Parallel()
	var entry report.Entry
	require.NoError(t, passkeylab.Rehearse(t.Context(), "story", func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("the phone"))
		page.SignUp(alice)
		lab.Wait(time.Hour)
		page.Open("/account")
	}, passkeylab.WithRecord(&entry)))

	texts := ""
	for _, s := range entry.Steps {
		texts += s.Text + "\n"
	}
	for _, want := range []string{`type "alice@example.com" into #email`, "press #create-passkey", "1h0m0s pass"} {
		assert.Contains(t, texts, want)
	}
	var names []string
	for _, m := range entry.Transcript {
		names = append(names, m.Layer+" "+m.Name+" "+m.Status)
	}
	assert.Contains(t, names, "CTAP authenticatorMakeCredential CTAP1_ERR_SUCCESS")
	assert.Contains(t, names, "WebAuthn create() ")
	require.Len(t, entry.Log, 1)
	assert.Equal(t, "ss", entry.Log[0].Code)
}

// A faulty device is repaired by what Misbehave returns, and only then.
func TestMisbehaveCanBeUndone(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	phone := lab.Phone("the phone")
	page := lab.Site.OpenOn(phone)
	page.SignUp(alice).LogOut()
	repair := phone.Misbehave(fault.SignatureBitFlip)
	page.LogInFails("passkey-authentication-failed")
	page.LogInFails("passkey-authentication-failed")
	repair()
	page.LogIn(alice)
}

// A fault of client data makes the browser on the device faulty.
func TestMisbehaveReachesTheBrowser(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	phone := lab.Phone("the phone")
	page := lab.Site.OpenOn(phone)
	page.SignUp(alice).LogOut()
	wrong, err := fault.Lookup("clientdata/challenge-other")
	require.NoError(t, err)
	repair := phone.Misbehave(wrong)
	page.LogInFails("passkey-authentication-failed")
	repair()
	page.LogIn(alice)
}

func TestUserTimesOut(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	phone := lab.Phone("the phone")
	page := lab.Site.OpenOn(phone)
	page.SignUp(alice).LogOut()
	phone.UserTimesOut()
	page.LogInFails("NotAllowedError")
	page.PressPasskeyButton(alice)
	assert.Equal(t, 1, lab.Site.PasskeyCount(alice))
	assert.Zero(t, lab.Site.PasskeyCount(bob))
}

func TestPasskeysTellWhatTheDeviceHolds(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t)
	phone := lab.Phone("the phone")
	lab.Site.OpenOn(phone).SignUp(alice)
	held := phone.Passkeys()
	require.Len(t, held, 1)
	assert.Equal(t, alice, held[0].User)
	assert.Equal(t, "auth.acme.test", held[0].RPID)
	assert.True(t, held[0].BackupEligible)
	assert.Equal(t, "the phone", phone.Name())
}

func TestParseLinks(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in   string
		want []passkeylab.Link
	}{
		{"all", passkeylab.Links()},
		{"wire", []passkeylab.Link{passkeylab.Wire}},
		{"wire, proxy,wire", []passkeylab.Link{passkeylab.Wire, passkeylab.Proxy}},
		{"", nil},
		{"Wire", nil},
	}
	for _, c := range cases {
		got, err := passkeylab.ParseLinks(c.in)
		assert.Equal(t, c.want, got, "%q", c.in)
		assert.Equal(t, c.want == nil, err != nil, "%q: %v", c.in, err)
	}
}

// A link that the machine cannot offer skips and says why; it is not replaced.
func TestMissingBrowserSkips(t *testing.T) {
	t.Parallel()
	stage := passkeylab.NewStage(passkeylab.StageOptions{Executable: "no-such-browser"})
	err := passkeylab.Rehearse(t.Context(), "no browser", func(lab *passkeylab.Lab) {
		lab.Site.OpenOn(lab.Phone("p"))
	}, passkeylab.WithLink(passkeylab.Proxy), passkeylab.WithStage(stage))
	var failed *passkeylab.Failed
	require.ErrorAs(t, err, &failed)
	assert.Contains(t, failed.Message, "no-such-browser")
	assert.NoError(t, errors.Join(stage.Close()))
}
