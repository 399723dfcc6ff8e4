package relyingparties

import (
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// guess cites why challenges are what they are.
var guess = l3("13.4.3")

func sessionCases() []testCase {
	return concat(challengeCases, otherCeremonyCases, betweenCases, replayCases, raceCases, accountCases)
}

var challengeCases = []testCase{
	{
		ID: "session/registration-of-another-session", Spec: guess, Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration is refused in another session than the one that its challenge is of.",
		Run: on(func(c *client) {
			mine, other := c.visit().toRegister(creationAsk{}), c.visit().toRegister(creationAsk{})
			mine.challenge = other.challenge
			text, _ := registration{}.answer(mine)
			c.wantRefused("the registration", mine.bring(text))
		}),
	},
	{
		ID: "session/registration-without-session", Spec: guess, Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration is refused from somebody who has never asked for options.",
		Run: on(func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			text, _ := registration{}.answer(a)
			c.wantRefused("the registration", a.by(c.visit()).bring(text))
		}),
	},
	{
		ID: "session/login-of-another-session", Spec: guess, Level: conformance.Should, Twin: plainLogin,
		Doc: "A login is refused in another session than the one that its challenge is of.",
		Run: on(func(c *client) {
			made := c.registered()
			mine, other := c.visitAs(made.user).toLogin(requestAsk{}), c.visitAs(made.user).toLogin(requestAsk{})
			mine.challenge = other.challenge
			c.wantRefused("the login", mine.bring(login{}.answer(mine, made)))
		}),
	},
	{
		ID: "session/login-without-session", Spec: guess, Level: conformance.Should, Twin: plainLogin,
		Doc: "A login is refused from somebody who has never asked for options.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			c.wantRefused("the login", a.by(c.visitAs(made.user)).bring(login{}.answer(a, made)))
		}),
	},
	{
		ID: "session/login-with-challenge-of-registration", Spec: at72("11"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with the challenge of a registration is refused.",
		Run: on(func(c *client) {
			made := c.registered()
			v := c.visitAs(made.user)
			a := v.toLogin(requestAsk{})
			a.challenge = c.visit().toRegister(creationAsk{}).challenge
			c.wantRefused("the login", a.bring(login{}.answer(a, made)))
		}),
	},
	{
		ID: "session/registration-with-challenge-of-login", Spec: at71("8"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{fidoInterface},
		Doc: "A registration with the challenge of a login, of the same session, is refused.",
		Run: on(func(c *client) {
			made := c.registered()
			v := c.visitAs(made.user)
			other := v.toLogin(requestAsk{})
			a := v.toRegister(creationAsk{})
			a.challenge = other.challenge
			text, _ := registration{}.answer(a)
			c.wantRefused("the registration", a.bring(text))
		}),
	},
	{
		ID: "session/login-as-registration", Spec: at72("10"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface},
		Doc: "The answer to a login is refused where that to a registration belongs.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			wrong := *a
			wrong.flow = &c.adapter.Registration
			c.wantRefused("the login", wrong.bring(login{}.answer(a, made)))
		}),
	},
	{
		ID: "session/registration-expired", Spec: guess, Level: conformance.Should, Twin: plainRegistration, Needs: []need{clock, timeouts},
		Doc: "A registration is refused when the time that its options gave is over, by far.",
		Run: on(func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			text, _ := registration{}.answer(a)
			c.wait(a.late())
			c.wantRefused("the registration", a.bring(text))
		}),
	},
	{
		ID: "session/login-expired", Spec: guess, Level: conformance.Should, Twin: plainLogin, Needs: []need{clock, timeouts},
		Doc: "A login is refused when the time that its options gave is over, by far.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			text := login{}.answer(a, made)
			c.wait(a.late())
			c.wantRefused("the login", a.bring(text))
		}),
	},
	{
		ID: "session/registration-in-time", Spec: guess, Level: conformance.Must, Twin: plainRegistration, Needs: []need{clock, timeouts},
		Doc: "A registration is accepted when half the time that its options gave is over.",
		Run: on(func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			text, _ := registration{}.answer(a)
			c.wait(a.timeout() / 2)
			c.wantAccepted("the registration", a.bring(text))
		}),
	},
	{
		ID: "session/login-in-time", Spec: guess, Level: conformance.Must, Twin: plainLogin, Needs: []need{clock, timeouts},
		Doc: "A login is accepted when half the time that its options gave is over.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			text := login{}.answer(a, made)
			c.wait(a.timeout() / 2)
			c.wantAccepted("the login", a.bring(text))
		}),
	},
}

var timeouts = feature("options with a timeout", func(c *client) bool {
	_, is := c.creationFacts("", creationAsk{}).all["timeout"].(float64)
	return is
})

// timeout is how long options are good for; late is long after that.
func (a *asked) timeout() time.Duration {
	ms, _ := a.all["timeout"].(float64)
	return time.Duration(ms) * time.Millisecond
}

func (a *asked) late() time.Duration { return 3*a.timeout() + 10*time.Minute }

func (c *client) wait(d time.Duration) {
	c.Logf("wait for %v", d)
	if err := c.server.(Clock).Pass(c.Context(), d); err != nil {
		c.Brokenf("time does not pass: %v", err)
	}
}

var replayCases = []testCase{
	{
		ID: "session/registration-replayed", Spec: guess, Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration that was accepted is refused when it comes again in the same session.",
		Run: on(func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			text, _ := registration{}.answer(a)
			c.wantAccepted("the registration", a.bring(text))
			c.wantRefused("the same registration again", a.bring(text))
		}),
	},
	{
		ID: "session/registration-challenge-used", Spec: guess, Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration of another credential is refused with a challenge that was answered before.",
		Run: on(func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			first, _ := registration{}.answer(a)
			second, _ := registration{}.answer(a)
			c.wantAccepted("the registration", a.bring(first))
			c.wantRefused("the registration of another credential", a.bring(second))
		}),
	},
	{
		ID: "session/login-replayed", Spec: guess, Level: conformance.Must, Twin: plainLogin,
		Doc: "A login that was accepted is refused when it comes again in the same session.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			text := login{}.answer(a, made)
			c.wantAccepted("the login", a.bring(text))
			c.wantRefused("the same login again", a.bring(text))
		}),
	},
	{
		ID: "session/login-challenge-used", Spec: guess, Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a larger counter is refused with a challenge that was answered before.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			c.wantAccepted("the login", a.bring(login{}.answer(a, made)))
			c.wantRefused("a login with the same challenge", a.bring(login{count: number(made.count + 2)}.answer(a, made)))
		}),
	},
	{
		ID: "session/login-replayed-elsewhere", Spec: guess, Level: conformance.Must, Twin: plainLogin,
		Doc: "A login that was accepted is refused when it comes again in another session, that has options of its own.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			text := login{}.answer(a, made)
			c.wantAccepted("the login", a.bring(text))
			c.wantRefused("the same login again", c.visitAs(made.user).toLogin(requestAsk{}).bring(text))
		}),
	},
	{
		ID: "session/registration-after-failure", Spec: guess, Level: conformance.Should, Twin: plainRegistration,
		Doc: "A challenge is good for one answer: when a wrong one was refused, a right one is, too.",
		Run: on(func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			wrong, _ := registration{change: withFlags(0, forge.UP)}.answer(a)
			right, _ := registration{}.answer(a)
			c.wantRefused("the wrong registration", a.bring(wrong))
			c.wantRefused("the right registration", a.bring(right))
		}),
	},
	{
		ID: "session/login-after-failure", Spec: guess, Level: conformance.Should, Twin: plainLogin,
		Doc: "A challenge is good for one answer: when a wrong login was refused, a right one is, too.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			c.wantRefused("the wrong login", a.bring(login{change: signature(middleFlipped)}.answer(a, made)))
			c.wantRefused("the right login", a.bring(login{}.answer(a, made)))
		}),
	},
}

// race brings answers at the same time, each in a goroutine that ends with the case,
// and counts those that are accepted. One that found no outcome has said why.
func (c *client) race(answers ...func() outcome) int {
	var all sync.WaitGroup
	results := make([]outcome, len(answers))
	start := make(chan struct{})
	for i, bring := range answers {
		all.Go(func() {
			<-start
			results[i] = bring()
		})
	}
	close(start)
	all.Wait()
	accepted := 0
	for _, r := range results {
		if r.reply == nil {
			c.Brokenf("a request of several at the same time came to nothing, as is told above")
		}
		if r.accepted {
			accepted++
		}
	}
	return accepted
}

// atMostOnce complains of more than one acceptance.
func (c *client) atMostOnce(what string, accepted int) {
	if accepted > 1 {
		c.Fatalf("%s was accepted %d times", what, accepted)
	}
	if accepted == 0 {
		c.Fatalf("%s was accepted by none of the requests", what)
	}
}

const racers = 4

var raceCases = []testCase{
	{
		ID: "session/registration-raced", Spec: guess, Level: conformance.Must, Twin: plainRegistration,
		Doc: "Of several registrations with the same challenge at the same time one is accepted.",
		Run: on(func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			var all []func() outcome
			for range racers {
				text, _ := registration{}.answer(a)
				all = append(all, func() outcome { return a.bring(text) })
			}
			c.atMostOnce("a challenge", c.race(all...))
		}),
	},
	{
		ID: "session/login-raced", Spec: guess, Level: conformance.Must, Twin: plainLogin,
		Doc: "Of several logins with the same challenge at the same time one is accepted.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			var all []func() outcome
			for i := range uint32(racers) {
				text := login{count: number(made.count + 1 + i)}.answer(a, made)
				all = append(all, func() outcome { return a.bring(text) })
			}
			c.atMostOnce("a challenge", c.race(all...))
		}),
	},
	{
		ID: "session/credential-raced", Spec: at71("26"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "Of several users who register the same credential at the same time one is accepted.",
		Run: on(func(c *client) {
			id, key := c.draw(32), c.key(c.visit().toRegister(creationAsk{}).pick(0))
			var all []func() outcome
			for range racers {
				a := c.visit().toRegister(creationAsk{})
				text, _ := registration{id: id, more: func(_ *client, r *forge.Registration, _ *change) { r.Key = key }}.answer(a)
				all = append(all, func() outcome { return a.bring(text) })
			}
			c.atMostOnce("a credential", c.race(all...))
		}),
	},
}

var accountCases = []testCase{
	{
		ID: "session/credential-of-another-user", Spec: at71("26"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A credential that another user has registered is refused.",
		Run: on(func(c *client) {
			made := c.registered()
			o, _ := registration{more: as(made)}.attempt(c)
			c.wantRefused("the registration", o)
		}),
	},
	{
		ID: "session/credential-id-of-another-user", Spec: at71("26"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A credential with an ID that another user has registered is refused, though its key is another.",
		Run: on(func(c *client) {
			made := c.registered()
			o, _ := registration{id: made.id}.attempt(c)
			c.wantRefused("the registration", o)
		}),
	},
	{
		ID: "session/credential-not-taken-over", Spec: at71("26"), Level: conformance.Must, Twin: plainLogin, Needs: []need{differingKeys},
		Doc: "Whoever registers a credential with the ID of another user's, and a key of their own, cannot log in as the other.",
		Run: on(func(c *client) {
			made := c.registered()
			_, intruder := registration{id: made.id}.attempt(c)
			stolen := *made
			stolen.key = intruder.key
			c.wantRefused("the login of the intruder", login{}.with(c, &stolen))
			c.wantAccepted("the login of the owner", login{count: number(made.count + 2)}.with(c, made))
		}),
	},
	{
		ID: "session/credential-again", Spec: at71("26"), Level: conformance.Should, Twin: plainRegistration, Needs: []need{fidoInterface},
		Doc: "A credential that the same user has registered is refused.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toRegister(creationAsk{})
			text, _ := registration{more: as(made)}.answer(a)
			c.wantRefused("the registration", a.bring(text))
		}),
	},
	{
		ID: "session/second-credential", Spec: at71("27"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{fidoInterface},
		Doc: "A user can register a second credential, and log in with either.",
		Run: on(func(c *client) {
			first := c.registered()
			a := c.visitAs(first.user).toRegister(creationAsk{})
			text, second := registration{}.answer(a)
			c.wantAccepted("the registration of a second credential", a.bring(text))
			c.wantAccepted("the login with the second", login{}.with(c, second))
			c.wantAccepted("the login with the first", login{}.with(c, first))
		}),
	},
	{
		ID: "session/signed-by-other-own-credential", Spec: at72("21"), Level: conformance.Must, Twin: "session/second-credential", Needs: []need{fidoInterface, differingKeys},
		Doc: "A login that names one credential of a user and is signed by another of the same user is refused.",
		Run: on(func(c *client) {
			first := c.registered()
			a := c.visitAs(first.user).toRegister(creationAsk{})
			text, second := registration{}.answer(a)
			c.wantAccepted("the registration of a second credential", a.bring(text))
			mixed := *first
			mixed.key = second.key
			c.wantRefused("the login", login{}.with(c, &mixed))
		}),
	},
	{
		ID: "session/refused-is-not-registered", Spec: at71("27"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface},
		Doc: "A credential whose registration was refused cannot be used.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toRegister(creationAsk{})
			text, refused := registration{change: withFlags(0, forge.UP)}.answer(a)
			c.wantRefused("the registration", a.bring(text))
			c.wantRefused("the login with it", login{}.with(c, refused))
		}),
	},
}

// as has a registration be of a credential that there is.
func as(made *credential) func(*client, *forge.Registration, *change) {
	return func(_ *client, r *forge.Registration, _ *change) { r.ID, r.Key = made.id, made.key }
}
