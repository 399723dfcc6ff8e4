package relyingparties

import (
	"crypto/sha256"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// forged is a case of a login that is unusual, yet right, but for its signature: whoever
// looks at signatures on the usual way alone lets it by.
func forged(what, twin, doc string, l login, needs ...need) testCase {
	l.change = l.change.Both(signature(middleFlipped))
	return testCase{
		ID: "login/signature/forged-" + what, Spec: verified, Level: conformance.Must, Twin: twin, Needs: needs,
		Doc: "A login " + doc + " is refused where its signature has a bit flipped.", Run: l.refused(),
	}
}

// anyOutput is that of an extension that nobody asked for.
var anyOutput = outputs(cbor.Map{{Key: "example.extension", Value: true}})

// takesOutputs is met where policy lets such outputs by.
var takesOutputs = feature("logins with outputs of extensions that were not asked for", func(c *client) bool {
	return c.Once("outputs", func() any { return login{change: anyOutput}.attempt(c).accepted }).(bool)
})

// authHead is how many bytes of authenticator data come before those of a credential and
// of extensions (WebAuthn L3 §6.1).
const authHead = 37

var forgeries = []testCase{
	forged("without-handle", "login/userhandle/missing", "without a user handle", login{change: noHandle}, allowList),
	forged("without-verification", "login/user/unverified-discouraged", "without the flag UV, where user verification is discouraged,",
		login{ask: requestAsk{uv: discouraged}, flags: forge.UP}, verifiesLogin(discouraged), asAsked),
	forged("without-counter", "login/counter/zero", "with a counter of zero, as synced passkeys have,",
		login{register: registration{count: number(0)}, count: number(0)}),
	forged("backed-up", "login/backup/backed-up", "with the flags BE and BS", login{register: backed(forge.BE | forge.BS)}, takesEligible),
	forged("with-extensions", plainLogin, "with outputs of an extension", login{change: anyOutput}, takesOutputs),
	forged("without-attachment", plainLogin, "that does not say what kind of authenticator it is by",
		login{change: body(func(o forge.Object) forge.Object { return o.Without("authenticatorAttachment") })}),
	{
		ID: "login/signature/extensions-uncovered", Spec: verified, Level: conformance.Must, Twin: plainLogin, Needs: []need{takesOutputs},
		Doc: "A login with outputs of an extension is refused where its signature is over the authenticator data before them.",
		Run: login{change: anyOutput.Both(change{Message: func(b []byte) []byte {
			return append(b[:authHead:authHead], b[len(b)-sha256.Size:]...)
		}})}.refused(),
	},
	forged("by-platform", plainLogin, "by an authenticator of the platform",
		login{change: body(func(o forge.Object) forge.Object { return o.With("authenticatorAttachment", "platform") })}),
}
