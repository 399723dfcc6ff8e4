package relyingparties

import (
	"bytes"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// idCases are about which credential an answer says it is of.
var idCases = []testCase{
	{
		ID: "registration/id/raw-id-differs", Spec: l3("5.1"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration whose rawId is another than its id is refused.",
		Run: registration{more: func(c *client, _ *forge.Registration, ch *change) { *ch = rawID(forge.Base64(c.draw(32))) }}.refused(),
	},
	{
		ID: "registration/id/id-differs", Spec: l3("5.1"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration whose id is another than its rawId is refused.",
		Run: registration{more: func(c *client, _ *forge.Registration, ch *change) { *ch = onlyID(forge.Base64(c.draw(32))) }}.refused(),
	},
	{
		ID: "registration/id/not-attested", Spec: at71("27"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration whose id and rawId are others than the credential ID in the authenticator data is refused.",
		Run: registration{more: func(c *client, _ *forge.Registration, ch *change) {
			other := forge.Base64(c.draw(32))
			*ch = onlyID(other).Both(rawID(other))
		}}.refused(),
	},
	{
		ID: "registration/id/prefix", Spec: at71("27"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration whose id and rawId are the first half of the credential ID in the authenticator data is refused.",
		Run: registration{more: func(_ *client, r *forge.Registration, ch *change) {
			half := forge.Base64(r.ID[:len(r.ID)/2])
			*ch = onlyID(half).Both(rawID(half))
		}}.refused(),
	},
	{
		ID: "login/id/raw-id-differs", Spec: l3("5.1"), Level: conformance.Should, Twin: plainLogin,
		Doc: "A login whose rawId is another than its id is refused.",
		Run: login{more: func(c *client, _ *forge.Login, ch *change) { *ch = rawID(forge.Base64(c.draw(32))) }}.refused(),
	},
	{
		ID: "login/id/id-differs", Spec: l3("5.1"), Level: conformance.Should, Twin: plainLogin,
		Doc: "A login whose id is another than its rawId is refused.",
		Run: login{more: func(c *client, _ *forge.Login, ch *change) { *ch = onlyID(forge.Base64(c.draw(32))) }}.refused(),
	},
	{
		ID: "login/id/unknown", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a credential that nobody has registered is refused.",
		Run: login{more: func(c *client, l *forge.Login, _ *change) { l.ID = c.draw(32) }}.refused(),
	},
	{
		ID: "login/id/prefix", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with the first half of a credential ID is refused.",
		Run: login{more: func(_ *client, l *forge.Login, _ *change) { l.ID = l.ID[:16] }}.refused(),
	},
	{
		ID: "login/id/longer", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a credential ID that goes on after the registered one is refused.",
		Run: login{more: func(_ *client, l *forge.Login, _ *change) { l.ID = then(l.ID, 0) }}.refused(),
	},
	{
		ID: "login/id/other-case", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a credential ID whose base64url has capitals for small letters is refused: that is another ID.",
		Run: login{more: func(_ *client, l *forge.Login, ch *change) {
			text := forge.Base64(l.ID)
			other := swapCase(text[:len(text)-1]) + text[len(text)-1:] // which may have bits that stand for nothing
			*ch = onlyID(other).Both(rawID(other))
		}}.refused(),
	},
	{
		ID: "login/id/of-another", Spec: at72("5"), Level: conformance.Must, Twin: plainLogin, Needs: []need{allowList},
		Doc: "A login with another user's credential, which signs it, is refused where others are allowed.",
		Run: on(func(c *client) {
			mine, other := c.registered(), c.registered()
			a := c.visitAs(mine.user).toLogin(requestAsk{})
			c.wantRefused("the login", a.bring(login{}.answer(a, other)))
		}),
	},
	{
		ID: "login/id/of-another-without-handle", Spec: at72("5"), Level: conformance.Must, Twin: "login/userhandle/missing", Needs: []need{allowList},
		Doc: "A login with another user's credential, which signs it and tells no user handle, is refused where others are allowed.",
		Run: on(func(c *client) {
			mine, other := c.registered(), c.registered()
			a := c.visitAs(mine.user).toLogin(requestAsk{})
			other.handle = nil
			c.wantRefused("the login", a.bring(login{}.answer(a, other)))
		}),
	},
	{
		ID: "login/id/signed-by-another", Spec: at72("21"), Level: conformance.Must, Twin: plainLogin,
		Needs: []need{differingKeys},
		Doc:   "A login that names the user's credential and is signed by another user's is refused.",
		Run: on(func(c *client) {
			mine, other := c.registered(), c.registered()
			stolen := *mine
			stolen.key = other.key
			a := c.visitAs(mine.user).toLogin(requestAsk{})
			c.wantRefused("the login", a.bring(login{}.answer(a, &stolen)))
		}),
	},
}

// rawID and onlyID change one of the two members with the credential ID.
func rawID(v any) change {
	return body(func(o forge.Object) forge.Object { return o.With("rawId", v) })
}

func onlyID(v any) change {
	return body(func(o forge.Object) forge.Object { return o.With("id", v) })
}

// handle changes the user handle of a login.
func handle(v any) change {
	return response(func(o forge.Object) forge.Object { return o.With("userHandle", v) })
}

var noHandle = response(func(o forge.Object) forge.Object { return o.Without("userHandle") })

var userHandleCases = []testCase{
	{
		ID: "login/userhandle/missing", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin, Needs: []need{allowList},
		Doc: "A login without a user handle is accepted where credentials are allowed by their IDs.",
		Run: login{change: noHandle}.accepted(),
	},
	{
		ID: "login/userhandle/null", Spec: l3("5.2.2"), Level: conformance.Should, Twin: plainLogin, Needs: []need{allowList},
		Doc: "A login with null for a user handle is accepted where credentials are allowed by their IDs.",
		Run: login{change: handle(nil)}.accepted(),
	},
	{
		ID: "login/userhandle/empty", Spec: api("/assertion/result"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface, allowList},
		Doc: "A login with an empty user handle is accepted where credentials are allowed by their IDs.",
		Run: login{change: handle("")}.accepted(),
	},
	{
		ID: "login/userhandle/missing-though-any", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin, Needs: []need{noAllowList, chosen(switchHandle, "required")},
		Doc: "A login without a user handle is refused where any passkey is allowed.",
		Run: login{change: noHandle}.refused(),
	},
	{
		ID: "login/userhandle/other", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a user handle that nobody has is refused.",
		Run: login{more: func(c *client, l *forge.Login, _ *change) { l.UserHandle = c.draw(len(l.UserHandle)) }}.refused(),
	},
	{
		ID: "login/userhandle/of-another", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with another user's user handle is refused.",
		Run: on(func(c *client) {
			mine, other := c.registered(), c.registered()
			stolen := *mine
			stolen.handle = other.handle
			a := c.visitAs(mine.user).toLogin(requestAsk{})
			c.wantRefused("the login", a.bring(login{}.answer(a, &stolen)))
		}),
	},
	{
		ID: "login/userhandle/cut-off", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin, Needs: []need{longHandles},
		Doc: "A login with the first byte of the user handle is refused.",
		Run: login{more: func(_ *client, l *forge.Login, _ *change) { l.UserHandle = l.UserHandle[:1] }}.refused(),
	},
	{
		ID: "login/userhandle/longer", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a user handle that goes on after the right one is refused.",
		Run: login{more: func(_ *client, l *forge.Login, _ *change) { l.UserHandle = then(l.UserHandle, 0) }}.refused(),
	},
	{
		ID: "login/userhandle/first-bit", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a user handle that differs in its last bit is refused.",
		Run: login{more: func(_ *client, l *forge.Login, _ *change) { l.UserHandle = flipped(l.UserHandle) }}.refused(),
	},
	{
		ID: "login/userhandle/other-case", Spec: at72("6"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a user handle whose bytes are the right ones but for the case of letters among them is refused.",
		Run: login{more: func(c *client, l *forge.Login, _ *change) {
			right := l.UserHandle
			if l.UserHandle = otherCase(right); bytes.Equal(l.UserHandle, right) {
				c.Unsupportedf("needs a user handle with letters in it")
			}
		}}.refused(),
	},
	{
		ID: "login/userhandle/too-long", Spec: l3("5.4.3"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a user handle of 65 bytes is refused.",
		Run: login{more: func(c *client, l *forge.Login, _ *change) { l.UserHandle = c.draw(65) }}.refused(),
	},
	{
		ID: "login/userhandle/number", Spec: api("/assertion/result"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface},
		Doc: "A login with a number for a user handle is refused.",
		Run: login{change: handle(7)}.refused(),
	},
	{
		ID: "login/userhandle/boolean", Spec: api("/assertion/result"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface},
		Doc: "A login with false for a user handle is refused.",
		Run: login{change: handle(false)}.refused(),
	},
	{
		ID: "login/userhandle/object", Spec: api("/assertion/result"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface},
		Doc: "A login with an object for a user handle is refused.",
		Run: login{change: handle(forge.Object{})}.refused(),
	},
	{
		ID: "login/userhandle/list", Spec: api("/assertion/result"), Level: conformance.Must, Twin: plainLogin, Needs: []need{fidoInterface},
		Doc: "A login with a list for a user handle is refused.",
		Run: login{change: handle([]any{1, 2})}.refused(),
	},
	{
		ID: "login/userhandle/not-base64url", Spec: l3("5.1.4"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with a user handle that is not base64url is refused.",
		Run: login{change: handle("!§$")}.refused(),
	},
}

// longHandles is met where the first byte of a user handle is another user handle.
var longHandles = feature("user handles of two bytes at least", func(c *client) bool { return len(c.creationFacts("", creationAsk{}).handle) > 1 })

// otherCase has small letters for capitals, and the other way round.
func otherCase(b []byte) []byte {
	other := bytes.Clone(b)
	for i, c := range b {
		if c |= 0x20; 'a' <= c && c <= 'z' {
			other[i] ^= 0x20
		}
	}
	return other
}
