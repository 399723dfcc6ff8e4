package relyingparties

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// Flags of authenticator data that tell of the user, by what options ask for.

var (
	notRequiredLogin = feature("logins that do not require user verification", func(c *client) bool {
		return c.requestFacts("uv "+discouraged, requestAsk{uv: discouraged}).uv != required
	})
	asAsked        = chosen(switchVerifies, "as-asked")
	alwaysVerifies = chosen(switchVerifies, "required")

	presenceNeeded   = chosen(switchPresence, "required")
	presenceOptional = chosen(switchPresence, "optional")
)

var userCases = []testCase{
	{
		ID: "registration/user/unverified-by-policy", Spec: at71("16"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{alwaysVerifies},
		Doc: "A registration without the flag UV is refused where policy requires user verification, whatever the options say.",
		Run: registration{change: withFlags(0, forge.UV)}.refused(),
	},
	{
		ID: "login/user/unverified-by-policy", Spec: at72("17"), Level: conformance.Must, Twin: plainLogin, Needs: []need{alwaysVerifies},
		Doc: "A login without the flag UV is refused where policy requires user verification, whatever the options say.",
		Run: login{change: withFlags(0, forge.UV)}.refused(),
	},
	{
		ID: "registration/user/absent", Spec: at71("15"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration without the flag UP is refused.",
		Run: registration{change: withFlags(0, forge.UP)}.refused(),
	},
	{
		ID: "registration/user/neither", Spec: at71("15"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration without the flags UP and UV is refused.",
		Run: registration{change: withFlags(0, present)}.refused(),
	},
	{
		ID: "registration/user/unverified-required", Spec: at71("16"), Level: conformance.Must, Twin: "registration/user/verified-required",
		Needs: []need{verifies(required)},
		Doc:   "A registration without the flag UV is refused where user verification is required.",
		Run:   registration{ask: creationAsk{uv: required}, change: withFlags(0, forge.UV)}.refused(),
	},
	{
		ID: "registration/user/verified-required", Spec: at71("16"), Level: conformance.Must, Needs: []need{verifies(required)},
		Doc: "A registration with the flag UV is accepted where user verification is required.",
		Run: registration{ask: creationAsk{uv: required}}.accepted(),
	},
	{
		ID: "registration/user/unverified-preferred", Spec: at71("16"), Level: conformance.Must, Needs: []need{verifies(preferred), asAsked}, Twin: plainRegistration,
		Doc: "A registration without the flag UV is accepted where user verification is preferred.",
		Run: registration{ask: creationAsk{uv: preferred}, flags: forge.UP}.accepted(),
	},
	{
		ID: "registration/user/unverified-discouraged", Spec: at71("16"), Level: conformance.Must, Needs: []need{verifies(discouraged), asAsked}, Twin: plainRegistration,
		Doc: "A registration without the flag UV is accepted where user verification is discouraged.",
		Run: registration{ask: creationAsk{uv: discouraged}, flags: forge.UP}.accepted(),
	},
	{
		ID: "registration/user/verified-discouraged", Spec: at71("16"), Level: conformance.Must, Needs: []need{verifies(discouraged)}, Twin: plainRegistration,
		Doc: "A registration with the flag UV is accepted where user verification is discouraged.",
		Run: registration{ask: creationAsk{uv: discouraged}}.accepted(),
	},
	{
		ID: "login/user/unverified-required", Spec: at72("17"), Level: conformance.Must, Twin: "login/user/verified-required",
		Needs: []need{verifiesLogin(required)},
		Doc:   "A login without the flag UV is refused where user verification is required.",
		Run:   login{ask: requestAsk{uv: required}, change: withFlags(0, forge.UV)}.refused(),
	},
	{
		ID: "login/user/absent-required", Spec: at72("16"), Level: conformance.Must, Twin: "login/user/verified-required",
		Needs: []need{verifiesLogin(required)},
		Doc:   "A login with the flag UV and without UP is refused where user verification is required.",
		Run:   login{ask: requestAsk{uv: required}, change: withFlags(0, forge.UP)}.refused(),
	},
	{
		ID: "login/user/neither-required", Spec: at72("16"), Level: conformance.Must, Twin: "login/user/verified-required",
		Needs: []need{verifiesLogin(required)},
		Doc:   "A login without the flags UP and UV is refused where user verification is required.",
		Run:   login{ask: requestAsk{uv: required}, change: withFlags(0, present)}.refused(),
	},
	{
		ID: "login/user/verified-required", Spec: at72("17"), Level: conformance.Must, Needs: []need{verifiesLogin(required)}, Twin: plainLogin,
		Doc: "A login with the flag UV is accepted where user verification is required.",
		Run: login{ask: requestAsk{uv: required}}.accepted(),
	},
	{
		ID: "login/user/verified-though-registered-unverified", Spec: at72("17"), Level: conformance.Should, Twin: plainLogin,
		Needs: []need{verifies(preferred), verifiesLogin(required), asAsked},
		Doc:   "A login with the flag UV is accepted where user verification is required, though the registration had been without.",
		Run:   login{register: registration{flags: forge.UP}, ask: requestAsk{uv: required}, flags: present}.accepted(),
	},
	{
		ID: "login/user/unverified-preferred", Spec: at72("17"), Level: conformance.Must, Needs: []need{verifiesLogin(preferred), asAsked}, Twin: plainLogin,
		Doc: "A login without the flag UV is accepted where user verification is preferred.",
		Run: login{ask: requestAsk{uv: preferred}, flags: forge.UP}.accepted(),
	},
	{
		ID: "login/user/unverified-discouraged", Spec: at72("17"), Level: conformance.Must, Needs: []need{verifiesLogin(discouraged), asAsked}, Twin: plainLogin,
		Doc: "A login without the flag UV is accepted where user verification is discouraged.",
		Run: login{ask: requestAsk{uv: discouraged}, flags: forge.UP}.accepted(),
	},
	{
		ID: "login/user/verified-discouraged", Spec: at72("17"), Level: conformance.Must, Needs: []need{verifiesLogin(discouraged)}, Twin: plainLogin,
		Doc: "A login with the flag UV is accepted where user verification is discouraged.",
		Run: login{ask: requestAsk{uv: discouraged}}.accepted(),
	},
	{
		ID: "login/user/absent", Spec: at72("16"), Level: conformance.Must, Needs: []need{presenceNeeded}, Twin: plainLogin,
		Doc: "A login with the flag UV and without UP is refused.",
		Run: login{change: withFlags(0, forge.UP)}.refused(),
	},
	{
		ID: "login/user/neither", Spec: at72("16"), Level: conformance.Must, Needs: []need{presenceNeeded, notRequiredLogin, asAsked}, Twin: "login/user/unverified-discouraged",
		Doc: "A login without the flags UP and UV is refused, also where user verification is discouraged.",
		Run: login{ask: requestAsk{uv: discouraged}, change: withFlags(0, present)}.refused(),
	},
	{
		ID: "login/user/neither-accepted", Spec: testList("AssertionResponse-Resp-3"), Level: conformance.Must, Twin: plainLogin,
		Needs: []need{presenceOptional, notRequiredLogin, asAsked},
		Doc:   "A login without the flags UP and UV is accepted where user verification is discouraged and presence is optional.",
		Run:   login{ask: requestAsk{uv: discouraged}, change: withFlags(0, present)}.accepted(),
	},
}

func flagCases() []testCase { return concat(userCases, counterCases, backupCases) }
