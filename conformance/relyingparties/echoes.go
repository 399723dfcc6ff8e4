package relyingparties

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// echoed is a case about a registration's options that have what was asked for.
func echoed(what, doc string, ask creationAsk, path string, want any) testCase {
	return testCase{
		ID: "options/echo/" + what, Spec: api("/attestation/options"), Level: conformance.Must, Needs: []need{fidoInterface}, Doc: doc,
		Run: on(func(c *client) { c.wantValue(c.visit().toRegister(ask).all, path, want) }),
	}
}

// selected is what is asked of the authenticator.
func selected(name string, v any) creationAsk {
	return creationAsk{selection: forge.Object{{Name: name, Value: v}}}
}

// echoCases are about the interface's promise to send back what it was asked for.
func echoCases() []testCase {
	var all []testCase
	for _, attestation := range []string{none, "indirect", direct, "enterprise"} {
		one := echoed("attestation-"+attestation, "attestation is "+attestation+" where that was asked for.", creationAsk{attestation: attestation}, "attestation", attestation)
		if attestation == none { // which may be left out, as it is the default
			one.Run = on(func(c *client) {
				if v, there := at(c.visit().toRegister(creationAsk{}).all, "attestation"); there && v != none {
					c.Differ(none, brief(forge.JSON(v)), "attestation is something else")
				}
			})
		}
		if attestation == "enterprise" {
			one.Level = conformance.May
		}
		all = append(all, one)
	}
	for _, uv := range []string{required, preferred, discouraged} {
		all = append(all, echoed("uv-"+uv, "authenticatorSelection.userVerification is "+uv+" where that was asked for.", creationAsk{uv: uv}, "authenticatorSelection.userVerification", uv))
		all = append(all, testCase{
			ID: "options/login/echo-uv-" + uv, Spec: api("/assertion/options"), Level: conformance.Must, Needs: []need{fidoInterface}, Twin: plainRegistration,
			Doc: "userVerification of a login is " + uv + " where that was asked for.",
			Run: on(func(c *client) {
				made := c.registered()
				c.wantValue(c.visitAs(made.user).toLogin(requestAsk{uv: uv}).all, "userVerification", uv)
			}),
		})
	}
	return append(all,
		echoed("attachment-platform", "authenticatorAttachment is platform where that was asked for.", selected("authenticatorAttachment", "platform"), "authenticatorSelection.authenticatorAttachment", "platform"),
		echoed("attachment-cross-platform", "authenticatorAttachment is cross-platform where that was asked for.", selected("authenticatorAttachment", "cross-platform"), "authenticatorSelection.authenticatorAttachment", "cross-platform"),
		echoed("resident-key", "requireResidentKey is true where that was asked for.", selected("requireResidentKey", true), "authenticatorSelection.requireResidentKey", true),
		// Whoever takes passkeys alone may demand them all the same.
		should(echoed("no-resident-key", "requireResidentKey is false where that was asked for.", selected("requireResidentKey", false), "authenticatorSelection.requireResidentKey", false)),
		should(echoed("resident-key-word", "residentKey is preferred where that was asked for.", selected("residentKey", preferred), "authenticatorSelection.residentKey", preferred)),
		testCase{
			ID: "options/echo/extension", Spec: testList("CreationOptions-Req-1"), Level: conformance.Must, Needs: []need{fidoInterface},
			Doc: "The extension example.extension is in the options of a registration where it was asked for.",
			Run: on(func(c *client) {
				ask := creationAsk{extensions: forge.Object{{Name: "example.extension", Value: true}}}
				extensions, _ := c.visit().toRegister(ask).all["extensions"].(map[string]any)
				if extensions["example.extension"] != true {
					c.Differ("example.extension: true", brief(forge.JSON(extensions)), "the extension is not among those of the options")
				}
			}),
		},
		testCase{
			ID: "options/login/echo-extension", Spec: testList("GetOptions-Req-1"), Level: conformance.Must, Needs: []need{fidoInterface}, Twin: plainRegistration,
			Doc: "The extension example.extension is in the options of a login where it was asked for.",
			Run: on(func(c *client) {
				made := c.registered()
				ask := requestAsk{extensions: forge.Object{{Name: "example.extension", Value: true}}}
				extensions, _ := c.visitAs(made.user).toLogin(ask).all["extensions"].(map[string]any)
				if extensions["example.extension"] != true {
					c.Differ("example.extension: true", brief(forge.JSON(extensions)), "the extension is not among those of the options")
				}
			}),
		},
	)
}

func should(c testCase) testCase {
	c.Level = conformance.Should
	return c
}

// listOptions are about credentials that options name.
var listOptions = []testCase{
	{
		ID: "options/exclude", Spec: api("/attestation/options"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{fidoInterface},
		Doc: "excludeCredentials has the credential that the user has registered.",
		Run: on(func(c *client) {
			made := c.registered()
			c.wantListed(c.visitAs(made.user).toRegister(creationAsk{}), "excludeCredentials", made)
		}),
	},
	{
		ID: "options/exclude-all", Spec: l3("5.4"), Level: conformance.Should, Twin: "session/second-credential", Needs: []need{fidoInterface},
		Doc: "excludeCredentials has all credentials that the user has registered.",
		Run: on(func(c *client) {
			first, second := c.two()
			a := c.visitAs(first.user).toRegister(creationAsk{})
			c.wantListed(a, "excludeCredentials", first)
			c.wantListed(a, "excludeCredentials", second)
		}),
	},
	{
		ID: "options/exclude-no-others", Spec: l3("5.4"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "excludeCredentials has no credential of another user.",
		Run: on(func(c *client) {
			made := c.registered()
			if slices.ContainsFunc(c.visit().toRegister(creationAsk{}).listed, func(id []byte) bool { return string(id) == string(made.id) }) {
				c.Fatalf("another user's credential %x is excluded", made.id)
			}
		}),
	},
	{
		ID: "options/exclude-form", Spec: l3("5.8.3"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{fidoInterface},
		Doc: "Each element of excludeCredentials has the type public-key and an id in base64url.",
		Run: on(func(c *client) {
			made := c.registered()
			c.checkDescriptors(c.visitAs(made.user).toRegister(creationAsk{}), "excludeCredentials")
		}),
	},
}

// two are two credentials of one user.
func (c *client) two() (first, second *credential) {
	first = c.registered()
	a := c.visitAs(first.user).toRegister(creationAsk{})
	text, second := registration{}.answer(a)
	if o := a.bring(text); !o.accepted {
		c.Brokenf("there is no second credential: its registration was %s", o)
	}
	return first, second
}

func (c *client) wantListed(a *asked, name string, made *credential) {
	for _, element := range list(a.all, name) {
		if id, _ := get(element, "id").(string); id == forge.Base64(made.id) {
			return
		}
	}
	c.Differ(forge.Base64(made.id), brief(forge.JSON(a.all[name])), "%s lacks a credential of the user", name)
	c.FailNow()
}

func (c *client) checkDescriptors(a *asked, name string) {
	for i, element := range list(a.all, name) {
		c.wantValue(element, "type", "public-key")
		if len(c.bytesOf(fmt.Sprintf("%s[%d].id", name, i), get(element, "id"))) == 0 {
			c.Fatalf("%s[%d].id is empty", name, i)
		}
	}
}

var loginOptions = []testCase{
	lookLogin("rp-id", requestOptions, conformance.Must, "Where the options of a login have rpId, it is the host of the origin or one that that is below.", func(c *client, a *asked, _ *credential) {
		c.checkRPID(a.all["rpId"])
	}),
	lookLogin("rp-id-same", requestOptions, conformance.Must, "The RP ID of a login is that of the registration.", func(c *client, a *asked, made *credential) {
		r := c.visit().toRegister(creationAsk{})
		if r.rpID != a.rpID {
			c.Differ(r.rpID, a.rpID, "the RP ID of the login is another, under which no authenticator finds the credential")
		}
	}),
	{
		ID: "options/login/allow", Spec: api("/assertion/options"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{allowList},
		Doc: "allowCredentials has the credential that the user has registered.",
		Run: on(func(c *client) {
			made := c.registered()
			a := c.visitAs(made.user).toLogin(requestAsk{})
			c.checkDescriptors(a, "allowCredentials")
			c.wantListed(a, "allowCredentials", made)
		}),
	},
	{
		ID: "options/login/allow-fido", Spec: api("/assertion/options"), Level: conformance.Should, Twin: plainRegistration, Needs: []need{fidoInterface},
		Doc: "allowCredentials is not empty for a user who has a credential.",
		Run: on(func(c *client) {
			made := c.registered()
			c.wantListed(c.visitAs(made.user).toLogin(requestAsk{}), "allowCredentials", made)
		}),
	},
	{
		ID: "options/login/allow-all", Spec: api("/assertion/options"), Level: conformance.Should, Twin: "session/second-credential", Needs: []need{fidoInterface},
		Doc: "allowCredentials has all credentials that the user has registered.",
		Run: on(func(c *client) {
			first, second := c.two()
			a := c.visitAs(first.user).toLogin(requestAsk{})
			c.wantListed(a, "allowCredentials", first)
			c.wantListed(a, "allowCredentials", second)
		}),
	},
	{
		ID: "options/login/allow-no-others", Spec: requestOptions, Level: conformance.Must, Twin: plainRegistration, Needs: []need{allowList},
		Doc: "allowCredentials has no credential of another user.",
		Run: on(func(c *client) {
			mine, other := c.registered(), c.registered()
			if slices.ContainsFunc(c.visitAs(mine.user).toLogin(requestAsk{}).listed, func(id []byte) bool { return string(id) == string(other.id) }) {
				c.Fatalf("another user's credential %x is allowed", other.id)
			}
		}),
	},
}
