package relyingparties

import (
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// otherCeremonyCases are about sessions that have begun one ceremony and answer another,
// where the session has room for one challenge.
var otherCeremonyCases = []testCase{
	{
		ID: "session/registration-after-options-of-login", Spec: at71("8"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{fidoInterface},
		Doc: "A registration is refused in a session that has asked for options of a login alone, with the challenge of these.",
		Run: on(func(c *client) {
			made := c.registered()
			template := c.visit().toRegister(creationAsk{})
			asked := c.visitAs(made.user).toLogin(requestAsk{})
			template.visitor, template.challenge, template.handle = asked.visitor, asked.challenge, made.handle
			text, _ := registration{}.answer(template)
			c.wantRefused("the registration", template.bring(text))
		}),
	},
	{
		ID: "session/login-after-options-of-registration", Spec: at72("11"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface},
		Doc: "A login is refused in a session that has asked for options of a registration alone, with the challenge of these.",
		Run: on(func(c *client) {
			made := c.registered()
			template := c.visitAs(made.user).toLogin(requestAsk{})
			asked := c.visitAs(made.user).toRegister(creationAsk{})
			template.visitor, template.challenge = asked.visitor, asked.challenge
			c.wantRefused("the login", template.bring(login{}.answer(template, made)))
		}),
	},
}

// betweenCases are about two people at a time, of whom one may not get what was meant
// for the other. None of them minds a relying party that finds ceremonies by their
// challenge in place of sessions.
var betweenCases = []testCase{
	{
		ID: "session/registrations-interleaved", Spec: at71("8"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "The registrations of two people who ask for options one after the other are accepted, the first one's first.",
		Run: on(func(c *client) {
			first, second := c.visit().toRegister(creationAsk{}), c.visit().toRegister(creationAsk{})
			for _, a := range []*asked{first, second} {
				text, _ := registration{}.answer(a)
				c.wantAccepted("the registration of "+a.user, a.bring(text))
			}
		}),
	},
	{
		ID: "session/logins-interleaved", Spec: at72("11"), Level: conformance.Must, Twin: plainLogin,
		Doc: "The logins of two people who ask for options one after the other are accepted, the first one's first.",
		Run: on(func(c *client) {
			mine, other := c.registered(), c.registered()
			first, second := c.visitAs(mine.user).toLogin(requestAsk{}), c.visitAs(other.user).toLogin(requestAsk{})
			c.wantAccepted("the login of the first", first.bring(login{}.answer(first, mine)))
			c.wantAccepted("the login of the second", second.bring(login{}.answer(second, other)))
		}),
	},
	{
		ID: "session/verification-asked-of-another", Spec: at72("17"), Level: conformance.Must, Twin: "login/user/verified-required",
		Needs: []need{verifiesLogin(required), verifiesLogin(discouraged)},
		Doc:   "A login without the flag UV is refused where user verification is required, though somebody else has asked since for a login that discourages it.",
		Run: on(func(c *client) {
			mine, other := c.registered(), c.registered()
			a := c.visitAs(mine.user).toLogin(requestAsk{uv: required})
			c.visitAs(other.user).toLogin(requestAsk{uv: discouraged})
			c.wantRefused("the login", a.bring(login{flags: forge.UP}.answer(a, mine)))
		}),
	},
	{
		ID: "session/login-with-challenge-of-another-user", Spec: at72("11"), Level: conformance.Must, Twin: plainLogin, Needs: []need{allowList},
		Doc: "A login is refused with a challenge that was sent to another user, for whom the credential is not allowed.",
		Run: on(func(c *client) {
			mine, other := c.registered(), c.registered()
			a := c.visitAs(mine.user).toLogin(requestAsk{})
			a.challenge = c.visitAs(other.user).toLogin(requestAsk{}).challenge
			c.wantRefused("the login", a.bring(login{}.answer(a, mine)))
		}),
	},
	{
		ID: "session/registration-with-challenge-of-another-user", Spec: at71("8"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface, allowList},
		Doc: "A registration with a challenge that was sent to another user adds no credential to the account of the one who brings it.",
		Run: on(func(c *client) {
			mine := c.registered()
			a := c.visitAs(mine.user).toRegister(creationAsk{})
			a.challenge = c.visit().toRegister(creationAsk{}).challenge
			text, made := registration{}.answer(a)
			a.bring(text) // whatever becomes of it, and whoever it is taken for
			for _, id := range c.visitAs(mine.user).toLogin(requestAsk{}).listed {
				if slices.Equal(id, made.id) {
					c.Fatalf("the credential is one of the user's now, though the challenge was another user's")
				}
			}
		}),
	},
	{
		ID: "session/refused-login-leaves-counter", Spec: at72("24"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login that is refused for its signature leaves the counter alone: the next one of the owner's is accepted.",
		Run: on(func(c *client) {
			made := c.registered()
			c.wantRefused("the forged login", login{count: number(1<<32 - 1), change: signature(middleFlipped)}.with(c, made))
			c.wantAccepted("the owner's login", login{}.with(c, made))
		}),
	},
}
