package clients

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// uvCases are about built-in user verification (§6.5.5.7.3).
func uvCases() []testCase { return uvs }

func verified(r *Request) { r.UserVerification = "required" }

var uvs = []testCase{
	{
		ID: "uv/token", Spec: at("6.5.5.7.3", ""), Level: conformance.Must, Needs: needs(VerifiesBuiltIn),
		Doc:     "An authenticator that verifies its user and gives tokens serves a request that requires user verification.",
		Catches: []string{"answer/everything-refused", "pin/param-of-nothing"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			t.accepted(t.creation(verified))
		}),
	},
	{
		ID: "uv/token-permissions", Spec: at("6.5.5.7.3", ""), Level: conformance.Must, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "A token by built-in user verification is asked for with permissions and the RP ID.",
		Catches: []string{"uv/permissions-left-out"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			t.perform(t.assertion(verified))
			for _, m := range t.pinRequests(subGetTokenByUV) {
				p, _ := intAt(m.params, pinPermissions)
				id, _ := textIn(m.params, pinRPID)
				if p&permissionGet == 0 || id != site {
					t.Fatalf("permissions 0x%02x for %q", p, id)
				}
			}
		}),
	},
	{
		ID: "uv/token-permissions-create", Spec: at("6.5.5.7.3", ""), Level: conformance.Must, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "The same is so of a token for create().",
		Catches: []string{"uv/permissions-left-out", "uv/rp-id-left-out"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			t.accepted(t.creation(verified))
			for _, m := range t.pinRequests(subGetTokenByUV) {
				p, _ := intAt(m.params, pinPermissions)
				id, _ := textIn(m.params, pinRPID)
				if p&permissionMake == 0 || id != site {
					t.Fatalf("permissions 0x%02x for %q", p, id)
				}
			}
		}),
	},
	{
		ID: "uv/no-needless-permissions", Spec: at("6.5.5.7", ""), Level: conformance.Should, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "A token by built-in user verification is asked for with no permissions beyond mc and ga where nothing else will be done.",
		Catches: []string{"uv/all-permissions"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			t.accepted(t.creation(verified))
			t.noNeedlessPermissions(subGetTokenByUV)
		}),
	},
	{
		ID: "uv/option", Spec: at("6.1", ""), Level: conformance.Must, Needs: needs(VerifiesBuiltIn),
		Doc:     "An authenticator that verifies its user and gives no tokens is asked by option uv.",
		Catches: []string{"uv/option-left-out"},
		Run: on(func(t *trial) {
			t.device.script.withOption("uv", true)
			t.accepted(t.creation(verified))
			m := t.last(ctap.CommandMakeCredential)
			if uv, _ := m.option("uv"); !uv {
				t.Fatalf("option uv is not true")
			}
		}),
	},
	{
		ID: "uv/get-option", Spec: at("6.2", ""), Level: conformance.Must, Needs: needs(VerifiesBuiltIn),
		Doc:     "The same is so of getAssertion.",
		Catches: []string{"uv/option-left-out"},
		Run: on(func(t *trial) {
			t.device.script.withOption("uv", true)
			t.accepted(t.assertion(verified))
			m := t.last(ctap.CommandGetAssertion)
			if uv, _ := m.option("uv"); !uv {
				t.Fatalf("option uv is not true")
			}
		}),
	},
	{
		ID: "uv/not-configured", Spec: at("6.4", ""), Level: conformance.MustNot, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "Option uv is not sent where getInfo says that user verification is not set up.",
		Catches: []string{"create/uv-unsupported"},
		Run: on(func(t *trial) {
			t.device.script.withOption("uv", false)
			t.perform(t.creation(func(r *Request) { r.UserVerification = "preferred" }))
			for _, m := range t.sent(ctap.CommandMakeCredential) {
				if uv, _ := m.option("uv"); uv {
					t.Fatalf("option uv is true")
				}
			}
		}),
	},
	{
		ID: "uv/impossible", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "An authenticator that cannot verify its user serves no request that requires it.",
		Catches: []string{"uv/not-required"},
		Run: on(func(t *trial) {
			t.refused(t.creation(verified))
			if t.served(true) > 0 {
				t.Fatalf("a credential was made")
			}
		}),
	},
	{
		ID: "uv/get-impossible", Spec: page("5.1.4"), Level: conformance.Must, Needs: needs(ServesPages), Twin: getPlain,
		Doc:     "The same is so of get().",
		Catches: []string{"uv/not-required"},
		Run: on(func(t *trial) {
			t.refused(t.assertion(verified))
			if t.served(false) > 0 {
				t.Fatalf("an assertion was given")
			}
		}),
	},
	{
		ID: "uv/again", Spec: at("6.5.5.7.3", ""), Level: conformance.Should, Needs: needs(ServesPages, VerifiesBuiltIn), Twin: "uv/token",
		Doc:     "Verification that has failed may be tried again while tries are left.",
		Catches: []string{"uv/one-try"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			t.failsFirst(1)
			t.accepted(t.creation(verified))
		}),
	},
	{
		ID: "uv/not-for-ever", Spec: at("6.5.5.7.3", ""), Level: conformance.MustNot, Needs: besideHybrid(ServesPages, VerifiesBuiltIn), Twin: "uv/token",
		Doc:     "Verification that goes on failing is not tried again and again.",
		Catches: []string{"uv/tries-for-ever"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			t.failsFirst(1 << 20)
			t.refused(t.creation(verified))
			if n := len(t.pinRequests(subGetTokenByUV)); n > 8 {
				t.Fatalf("verification was tried %d times", n)
			}
		}),
	},
	{
		ID: "uv/blocked-then-pin", Spec: at("6.5.5.7.3", ""), Level: conformance.Should, Needs: needs(ServesPages, VerifiesBuiltIn, TypesPIN), Twin: "uv/token",
		Doc:     "Where built-in verification is blocked the PIN is asked for.",
		Catches: []string{"uv/no-fallback"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2, 1)
			t.device.giveUV(2, 1)
			refusedAt(subGetTokenByUV, ctap.UVBlocked)(&t.device.script.pin)
			t.accepted(t.creation(verifiedByPIN))
		}),
	},
	{
		ID: "uv/discouraged", Spec: page("5.8.6"), Level: conformance.Should, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "Nobody is verified where the page discourages it and the authenticator does not need it.",
		Catches: []string{"uv/always"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			t.accepted(t.assertion())
			m := t.last(ctap.CommandGetAssertion)
			if uv, _ := m.option("uv"); uv || m.params.Has(gaPinUvAuthParam) {
				t.Fatalf("the user is verified")
			}
		}),
	},
	{
		ID: "uv/create-discouraged", Spec: page("5.8.6"), Level: conformance.Should, Needs: besideHybrid(ServesPages, VerifiesBuiltIn),
		Doc:     "Nobody is verified for create() where the page discourages it and the authenticator says by makeCredUvNotRqd that it does not need it.",
		Catches: []string{"uv/always"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			t.accepted(t.creation())
			m := t.last(ctap.CommandMakeCredential)
			if uv, _ := m.option("uv"); uv || m.params.Has(mcPinUvAuthParam) {
				t.Fatalf("the user is verified")
			}
		}),
	},
	{
		ID: "uv/absent", Spec: page("5.8.6"), Level: conformance.Should, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "The user is verified where the page says nothing of it and the authenticator can: it is preferred then.",
		Catches: []string{"uv/only-if-asked-for"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			got := t.accepted(t.assertion(func(r *Request) { r.UserVerification = "" }))
			if len(got.AuthData) > 32 && got.AuthData[32]&flagUV == 0 {
				t.Fatalf("flag UV is not set")
			}
		}),
	},
	{
		ID: "uv/preferred", Spec: page("5.8.6"), Level: conformance.Should, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "The user is verified where the page prefers it and the authenticator can.",
		Catches: []string{"uv/only-if-required"},
		Run: on(func(t *trial) {
			t.device.giveUV(2, 1)
			got := t.accepted(t.assertion(func(r *Request) { r.UserVerification = "preferred" }))
			if len(got.AuthData) > 32 && got.AuthData[32]&flagUV == 0 {
				t.Fatalf("flag UV is not set")
			}
		}),
	},
}

// failsFirst has built-in verification fail n times, which the retries count.
func (t *trial) failsFirst(n int) {
	s := &t.device.script.pin
	s.sub = map[int64]func(int, cbor.Map) (cbor.Map, ctap.Status){
		subGetTokenByUV: func(try int, m cbor.Map) (cbor.Map, ctap.Status) {
			if try > n {
				return m, ctap.OK
			}
			if m == nil && t.device.pin.uvRetries > 0 {
				t.device.pin.uvRetries--
			}
			return nil, ctap.UVInvalid
		},
	}
}
