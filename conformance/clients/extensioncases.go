package clients

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// extensionCases are about what a client makes of extensions (CTAP 2.3 §12, WebAuthn
// L3 §10).
func extensionCases() (all []testCase) {
	for level, policy := range map[int64]string{1: "userVerificationOptional", 2: "userVerificationOptionalWithCredentialIDList", 3: "userVerificationRequired"} {
		all = append(all, testCase{
			ID: fmt.Sprintf("extension/cred-protect/level-%d", level), Spec: at("12.1", ""), Level: conformance.Must, Needs: needs(HasCredProtect, VerifiesBuiltIn),
			Doc:     fmt.Sprintf("Policy %s is credProtect %d.", policy, level),
			Catches: []string{"extension/cred-protect-one-less"},
			Run: on(func(t *trial) {
				t.device.giveUV(2, 1)
				t.device.giveExtensions(extCredProtect)
				m, _, _ := t.made(verified, t.discoverable, with(map[string]any{"credentialProtectionPolicy": policy}))
				if got, _ := extension(&m, extCredProtect); !cbor.Same(got, level) {
					t.Differ(fmt.Sprint(level), cbor.Text(got, nil), "credProtect is another")
				}
			}),
		})
	}
	all = append(all, prfCasesOfBoth()...)
	for _, m := range misuses {
		all = append(all, m.testCases()...)
	}
	all = append(all, deriveUnlisted()...)
	return append(append(all, extensions...), gifts...)
}

func with(inputs map[string]any) func(*Request) {
	return func(r *Request) { r.Extensions = inputs }
}

var extensions = []testCase{
	{
		ID: "extension/cred-protect/enforced", Spec: at("12.1", ""), Level: conformance.Must, Needs: needs(HasCredProtect), Twin: createPlain,
		Doc:     "A protection that is enforced keeps authenticators out that do not have it.",
		Catches: []string{"extension/enforcement-ignored"},
		Run: on(func(t *trial) {
			t.refused(t.creation(with(map[string]any{"credentialProtectionPolicy": "userVerificationOptionalWithCredentialIDList", "enforceCredentialProtectionPolicy": true})))
			if t.served(true) > 0 {
				t.Fatalf("a credential was made")
			}
		}),
	},
	{
		ID: "extension/cred-protect/weaker", Spec: at("12.1", ""), Level: conformance.Should, Needs: needs(HasCredProtect, ServesPages), Twin: createPlain,
		Doc:     "A protection that is enforced, and that the authenticator has made weaker, is refused.",
		Catches: []string{"check/extension"},
		Run: on(func(t *trial) {
			t.device.giveExtensions(extCredProtect)
			t.device.script.parts = func(p *authParts) { p.outputs = cbor.Map{{Key: extCredProtect, Value: 1}} }
			t.refused(t.creation(func(r *Request) {
				t.discoverable(r)
				r.Extensions = map[string]any{"credentialProtectionPolicy": "userVerificationOptionalWithCredentialIDList", "enforceCredentialProtectionPolicy": true}
			}))
		}),
	},
	{
		ID: "extension/cred-protect/out-of-range", Spec: at("12.1", ""), Level: conformance.Should, Needs: needs(HasCredProtect, ServesPages), Twin: createPlain,
		Doc:     "A protection that there is not is refused.",
		Catches: []string{"check/extension"},
		Run: on(func(t *trial) {
			t.device.giveExtensions(extCredProtect)
			t.device.script.parts = func(p *authParts) { p.outputs = cbor.Map{{Key: extCredProtect, Value: 9}} }
			t.refused(t.creation(with(map[string]any{"credentialProtectionPolicy": "userVerificationOptionalWithCredentialIDList"})))
		}),
	},
	{
		ID: "extension/cred-protect/enforced-weakest", Spec: at("12.1", ""), Level: conformance.May, Needs: needs(HasCredProtect), Twin: createPlain,
		Doc:     "Policy userVerificationOptional, which asks for no protection, keeps nobody out, also where it is enforced.",
		Catches: []string{"extension/enforcement-of-anything"},
		Run: on(func(t *trial) {
			t.accepted(t.creation(with(map[string]any{"credentialProtectionPolicy": "userVerificationOptional", "enforceCredentialProtectionPolicy": true})))
		}),
	},
	{
		ID: "extension/cred-protect/unconfirmed", Spec: at("12.1", ""), Level: conformance.Should, Needs: needs(HasCredProtect, ServesPages), Twin: createPlain,
		Doc:     "A protection that is enforced, and that the authenticator does not confirm, is refused.",
		Catches: []string{"check/extension"},
		Run: on(func(t *trial) {
			t.device.giveExtensions(extCredProtect)
			t.device.script.parts = func(p *authParts) { p.outputs, p.flags = nil, p.flags&^flagED }
			t.refused(t.creation(with(map[string]any{"credentialProtectionPolicy": "userVerificationOptionalWithCredentialIDList", "enforceCredentialProtectionPolicy": true})))
		}),
	},
	{
		ID: "extension/min-pin-length", Spec: at("12.5", ""), Level: conformance.Must, Needs: needs(HasMinPIN),
		Doc:     "minPinLength is true where the page asks for it.",
		Catches: []string{"extension/min-pin-length-as-number"},
		Run: on(func(t *trial) {
			t.device.giveExtensions(extMinPIN)
			t.device.script.withOption("setMinPINLength", true)
			r := t.creation(with(map[string]any{"minPinLength": true}))
			t.perform(r)
			m := t.last(ctap.CommandMakeCredential)
			if v, _ := extension(&m, extMinPIN); v != true {
				t.Fatalf("minPinLength is %s", cbor.Text(v, nil))
			}
		}),
	},
	{
		ID: "extension/cred-blob/stored", Spec: at("12.2", ""), Level: conformance.Must, Needs: needs(HasCredBlob),
		Doc:     "credBlob is sent as the bytes that the page gives.",
		Catches: []string{"extension/cred-blob-as-text"},
		Run: on(func(t *trial) {
			t.device.giveExtensions(extCredBlob, extCredProtect)
			t.device.script.with(infoMaxCredBlob, 32)
			t.perform(t.creation(with(map[string]any{"credBlob": base64url([]byte("blob"))})))
			m := t.last(ctap.CommandMakeCredential)
			v, _ := extension(&m, extCredBlob)
			b, _ := v.([]byte)
			t.same("credBlob", []byte("blob"), b)
		}),
	},
	{
		ID: "extension/cred-blob/too-long", Spec: at("12.2", ""), Level: conformance.MustNot, Needs: needs(HasCredBlob),
		Doc:     "A blob that is longer than maxCredBlobLength is not sent.",
		Catches: []string{"extension/cred-blob-of-any-length"},
		Run: on(func(t *trial) {
			t.device.giveExtensions(extCredBlob, extCredProtect)
			t.device.script.with(infoMaxCredBlob, 32)
			t.perform(t.creation(with(map[string]any{"credBlob": base64url(make([]byte, 33))})))
			for _, m := range t.sent(ctap.CommandMakeCredential) {
				if _, sent := extension(&m, extCredBlob); sent {
					t.Fatalf("33 bytes are sent, at most 32 are taken")
				}
			}
		}),
	},
	{
		ID: "extension/cred-props/discoverable", Spec: page("10.1.3"), Level: conformance.Must, Needs: needs(HasCredProps),
		Doc:     "credProps.rk is true of a credential that was made discoverable.",
		Catches: []string{"extension/cred-props-wrong"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(func(r *Request) {
				t.discoverable(r)
				r.Extensions = map[string]any{"credProps": true}
			}))
			if rk, _ := output(got, "credProps")["rk"].(bool); !rk {
				t.Fatalf("credProps is %v", got.Extensions["credProps"])
			}
		}),
	},
	{
		ID: "extension/cred-props/not-asked", Spec: page("9.4"), Level: conformance.Must, Needs: needs(HasCredProps, ServesPages), Twin: createPlain,
		Doc:     "There is no credProps for a page that has not asked for it.",
		Catches: []string{"extension/cred-props-unasked"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(t.discoverable))
			if v, told := got.Extensions["credProps"]; told {
				t.Fatalf("credProps is %v", v)
			}
		}),
	},
	{
		ID: "extension/cred-props/not-possible", Spec: page("10.1.3"), Level: conformance.Must, Needs: needs(HasCredProps), Twin: "extension/cred-props/not-discoverable",
		Doc:     "credProps.rk is not true where a discoverable credential was preferred and the authenticator has none.",
		Catches: []string{"extension/cred-props-wrong"},
		Run: on(func(t *trial) {
			t.device.script.with(infoOptions, cbor.Map{{Key: "up", Value: true}})
			got := t.accepted(t.creation(func(r *Request) {
				r.ResidentKey, r.Extensions = "preferred", map[string]any{"credProps": true}
			}))
			if rk, _ := output(got, "credProps")["rk"].(bool); rk {
				t.Fatalf("credProps is %v", got.Extensions["credProps"])
			}
		}),
	},
	{
		ID: "extension/cred-props/not-discoverable", Spec: page("10.1.3"), Level: conformance.Must, Needs: needs(HasCredProps),
		Doc:     "credProps.rk is false, or absent, of a credential that was not.",
		Catches: []string{"extension/cred-props-wrong"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(with(map[string]any{"credProps": true})))
			if rk, _ := output(got, "credProps")["rk"].(bool); rk {
				t.Fatalf("credProps is %v", got.Extensions["credProps"])
			}
		}),
	},
}
