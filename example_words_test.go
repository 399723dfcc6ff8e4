package passkeylab_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// rehearse is what go test does with a journey, for programs and for these examples.
func rehearse(journey func(*passkeylab.Lab), opts ...passkeylab.Option) {
	if err := passkeylab.Rehearse(context.Background(), "an example", journey, opts...); err != nil {
		fmt.Println(err)
	}
}

// A lab is a world with a clock that stands still until it is told to go on.
func ExampleLab() {
	rehearse(func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("alice's phone"))
		page.SignUp("alice@example.com")
		lab.Wait(24 * time.Hour)
		page.Open("/")
		page.Lacks("user-email") // the session has ended, and nobody has slept
		page.LogIn("alice@example.com")
		fmt.Println("in again on link", lab.Link())
	})
	// Output: in again on link wire
}

// A device can be lost, copied and faulty, and its user makes mistakes.
func ExampleDevice() {
	rehearse(func(lab *passkeylab.Lab) {
		phone := lab.Phone("alice's phone")
		page := lab.Site.OpenOn(phone)
		page.SignUp("alice@example.com").LogOut()
		phone.UserDeclines()
		page.LogInFails("NotAllowedError")
		repair := phone.Misbehave(fault.SignatureBitFlip)
		page.LogInFails("passkey-authentication-failed")
		repair()
		page.LogIn("alice@example.com")
		for _, p := range phone.Passkeys() {
			fmt.Println(p.User, "at", p.RPID)
		}
	})
	// Output: alice@example.com at auth.acme.test
}

// A page does what a person does there, and ends the journey where it does not react
// as it should.
func ExamplePage() {
	rehearse(func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Laptop("the family laptop"))
		page.SignUp("alice@example.com").LogOut()
		page.SignUp("bob@example.com").LogOut()
		page.AutofillOffers("alice@example.com", "bob@example.com")
		page.PickFromAutofill("bob@example.com")
		fmt.Println("bob is in")
	})
	// Output: bob is in
}

// A session is somebody who is logged in.
func ExampleSession() {
	rehearse(func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("alice's phone"))
		session := page.SignUpWithPassword("alice@example.com", "Correct horse 1")
		session.AddPasskey()
		session.LogOut()
		page.LogIn("alice@example.com").RemoveOldestPasskey()
		fmt.Println(lab.Site.PasskeyCount("alice@example.com"), "passkeys are left")
	})
	// Output: 0 passkeys are left
}

// The tenant log is asserted by pattern.
func ExampleLog() {
	rehearse(func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("alice's phone"))
		page.SignUp("alice@example.com").LogOut()
		page.LogIn("alice@example.com")
		lab.Site.Log().Is(
			passkeylab.On(relyingparty.EventSignUp, "alice@example.com"),
			passkeylab.On(relyingparty.EventLogout, "alice@example.com"),
			passkeylab.On(relyingparty.EventLogin, "alice@example.com").With("performed_amr", "phr"),
		)
		fmt.Println("that, and nothing else")
	})
	// Output: that, and nothing else
}

// What an operator of the site does is beside what its visitors do.
func ExampleSite() {
	closed := passkeylab.WithPolicy(func(p *relyingparty.Policy) { p.PasswordSignUp = false })
	rehearse(func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("alice's phone"))
		page.BeginSignUp("alice@example.com")
		page.Lacks("continue-without-passkey")
		lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.PasswordSignUp = true })
		page.BeginSignUp("alice@example.com")
		page.Shows("continue-without-passkey")
		fmt.Println("visit", lab.Site.URL())
	}, closed)
	// Output: visit https://auth.acme.test
}

// A cloud has a passkey on all devices of its owner, and does not let go of one that
// it cannot reach.
func ExampleCloud() {
	rehearse(func(lab *passkeylab.Lab) {
		cloud := lab.Cloud("alice's account", provider.ICloud())
		phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
		cloud.Join(phone, laptop)
		lab.Site.OpenOn(phone).SignUp("alice@example.com")
		cloud.Partition(phone)
		cloud.Erase(phone) // which it does not hear yet
		fmt.Println("lost:", len(phone.Passkeys()), "passkey")
		cloud.Heal()
		fmt.Println("erased:", len(phone.Passkeys()), "passkeys")
		lab.Site.OpenOn(laptop).LogIn("alice@example.com")
	})
	// Output:
	// lost: 1 passkey
	// erased: 0 passkeys
}

// Passkeys move from one provider to another, and the site notices nothing.
func ExampleLab_Migrate() {
	rehearse(func(lab *passkeylab.Lab) {
		phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
		lab.Cloud("the old account", provider.OnePassword()).Join(phone)
		lab.Cloud("the new account", provider.Bitwarden()).Join(laptop)
		lab.Site.OpenOn(phone).SignUp("alice@example.com")
		left := lab.Migrate(phone, laptop)
		lab.Site.OpenOn(laptop).LogIn("alice@example.com")
		fmt.Println(len(left), "stay behind")
	})
	// Output: 0 stay behind
}

// A failure says what was expected and seen, how to get there again, what the tenant
// log has, and which messages were exchanged.
func ExampleFailed() {
	err := passkeylab.Rehearse(context.Background(), "a failure", func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("alice's phone"))
		page.SignUp("alice@example.com").LogOut()
		page.LogInFails("NotAllowedError")
	}, passkeylab.WithSeed(7))
	for line := range strings.Lines(err.Error()) {
		if !strings.HasPrefix(line, " ") {
			fmt.Print(line)
		}
	}
	// Output:
	// an error NotAllowedError in words
	// expected: an error NotAllowedError in words
	// seen:     screen home at https://auth.acme.test/
	// link wire, seed 7
	// the tenant log:
	// messages:
}
