package passkeylab_test

import (
	"testing"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

func TestWireJourneys(t *testing.T) {
	t.Parallel()
	t.Run("sign up and log in by button", func(t *testing.T) {
		t.Parallel()
		lab := passkeylab.New(t)
		page := lab.Site.OpenOn(lab.Laptop("alice's laptop"))
		page.SignUp("alice@example.com").LogOut()
		page.LogIn("alice@example.com")
		lab.Site.Log().Is(
			passkeylab.On(relyingparty.EventSignUp, "alice@example.com").With("authentication_methods", "passkey"),
			passkeylab.On(relyingparty.EventLogout, "alice@example.com"),
			passkeylab.On(relyingparty.EventLogin, "alice@example.com").With("performed_amr", "phr"),
		)
	})
	t.Run("autofill picks the second account", func(t *testing.T) {
		t.Parallel()
		lab := passkeylab.New(t)
		page := lab.Site.OpenOn(lab.Phone("the phone"))
		page.SignUp("alice@example.com").LogOut()
		page.SignUp("bob@example.com").LogOut()
		page.AutofillOffers("alice@example.com", "bob@example.com")
		page.PickFromAutofill("bob@example.com")
	})
	t.Run("decline and retry", func(t *testing.T) {
		t.Parallel()
		lab := passkeylab.New(t)
		phone := lab.Phone("the phone")
		page := lab.Site.OpenOn(phone)
		page.BeginSignUp("alice@example.com")
		phone.UserDeclines()
		page.CreatePasskeyFails("NotAllowedError")
		page.CreatePasskey("alice@example.com")
	})
	t.Run("phishing", func(t *testing.T) {
		t.Parallel()
		lab := passkeylab.New(t)
		phone := lab.Phone("the phone")
		lab.Site.OpenOn(phone).SignUp("alice@example.com")
		fake := lab.Site.LookAlike("auth-acme.test")
		fake.OpenOn(phone).LogInFails("SecurityError")
	})
	t.Run("password and reset", func(t *testing.T) {
		t.Parallel()
		lab := passkeylab.New(t)
		page := lab.Site.OpenOn(lab.Phone("the phone"))
		page.SignUpWithPassword("alice@example.com", "Correct horse 1").LogOut()
		page.LogInWithPassword("alice@example.com", "Correct horse 1").AcceptPasskey()
		page.Open("/")
		page.Press("logout")
		page.AskForPasswordReset("alice@example.com")
		link := lab.Site.ResetLink("alice@example.com", 1)
		page.ResetPassword(link, "Correct horse 2")
		page.ResetLinkFails(link, "auth0-users-used-ticket")
		page.LogInWithPassword("alice@example.com", "Correct horse 2")
	})
}
