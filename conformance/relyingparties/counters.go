package relyingparties

import (
	"github.com/passkeylab/passkeylab/conformance"
)

// number is a counter.
func number(n uint32) *uint32 { return &n }

var (
	counterRefuse = chosen(switchCounter, "refuse")
	counterAccept = chosen(switchCounter, "accept")
)

var counterCases = []testCase{
	{
		ID: "login/counter/zero", Spec: at72("22"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a counter of zero is accepted where it was zero at registration: synced passkeys have none.",
		Run: login{register: registration{count: number(0)}, count: number(0)}.accepted(),
	},
	{
		ID: "login/counter/zero-twice", Spec: at72("22"), Level: conformance.Must, Twin: "login/counter/zero",
		Doc: "A second login with a counter of zero is accepted, too.",
		Run: on(func(c *client) {
			made := c.registeredBy(registration{count: number(0)})
			c.wantAccepted("the first login", login{count: number(0)}.with(c, made))
			c.wantAccepted("the second login", login{count: number(0)}.with(c, made))
		}),
	},
	{
		ID: "login/counter/from-zero", Spec: at72("22"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a counter is accepted where it was zero at registration.",
		Run: login{register: registration{count: number(0)}, count: number(1)}.accepted(),
	},
	{
		ID: "login/counter/jump", Spec: at72("22"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login is accepted whose counter has grown by a thousand: the authenticator counts for other sites, too.",
		Run: login{count: number(usualCount + 1000)}.accepted(),
	},
	{
		ID: "login/counter/largest", Spec: at72("22"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with the largest counter that there is, 2³²-1, is accepted.",
		Run: login{count: number(1<<32 - 1)}.accepted(),
	},
	{
		ID: "login/counter/beyond-31-bits", Spec: at72("22"), Level: conformance.Must, Twin: "login/counter/largest",
		Doc: "A login with a counter of 2³¹ and more is accepted, and so is one with a larger one after it.",
		Run: on(func(c *client) {
			made := c.registered()
			c.wantAccepted("the first login", login{count: number(1<<31 - 1)}.with(c, made))
			c.wantAccepted("the second login", login{count: number(1 << 31)}.with(c, made))
			c.wantAccepted("the third login", login{count: number(1<<31 + 1)}.with(c, made))
		}),
	},
	counterBehind("equal", "is what it was at registration", usualCount, false),
	counterBehind("smaller", "is smaller than at registration", usualCount-1, false),
	counterBehind("zero-after", "is zero, though it was not at registration", 0, false),
	counterBehind("equal", "is what it was at registration", usualCount, true),
	counterBehind("smaller", "is smaller than at registration", usualCount-1, true),
	{
		ID: "login/counter/kept", Spec: at72("24"), Level: conformance.Must, Needs: []need{counterRefuse}, Twin: "login/counter/jump",
		Doc: "A login is refused whose counter is larger than at registration and smaller than at the login before.",
		Run: on(func(c *client) {
			made := c.registered()
			c.wantAccepted("the first login", login{count: number(usualCount + 100)}.with(c, made))
			c.wantRefused("the second login", login{count: number(usualCount + 50)}.with(c, made))
		}),
	},
	{
		ID: "login/counter/equal-to-last", Spec: at72("24"), Level: conformance.Must, Needs: []need{counterRefuse}, Twin: "login/counter/jump",
		Doc: "A login is refused whose counter is what it was at the login before.",
		Run: on(func(c *client) {
			made := c.registered()
			c.wantAccepted("the first login", login{count: number(usualCount + 100)}.with(c, made))
			c.wantRefused("the second login", login{count: number(usualCount + 100)}.with(c, made))
		}),
	},
}

// counterBehind is a case of a counter that has not grown, by what is chosen to become
// of it.
func counterBehind(what, doc string, count uint32, accept bool) testCase {
	l := login{count: number(count)}
	if accept {
		return testCase{
			ID: "login/counter/" + what + "-accepted", Spec: at72("22"), Level: conformance.Must, Needs: []need{counterAccept}, Twin: plainLogin,
			Doc: "A login whose counter " + doc + " is accepted.", Run: l.accepted(),
		}
	}
	return testCase{
		ID: "login/counter/" + what, Spec: at72("22"), Level: conformance.Must, Needs: []need{counterRefuse}, Twin: plainLogin,
		Doc: "A login whose counter " + doc + " is refused.", Run: l.refused(),
	}
}
