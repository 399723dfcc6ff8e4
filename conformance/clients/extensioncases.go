package clients

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

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
				m, _, _ := t.made(verified, with(map[string]any{"credentialProtectionPolicy": policy}))
				if got, _ := extension(&m, extCredProtect); !cbor.Same(got, level) {
					t.Differ(fmt.Sprint(level), cbor.Text(got, nil), "credProtect is another")
				}
			}),
		})
	}
	for _, protocol := range []int{1, 2} {
		for _, c := range prfCases {
			all = append(all, testCase{
				ID: fmt.Sprintf("extension/prf/protocol-%d/%s", protocol, c.name), Spec: c.spec, Level: c.level, Doc: c.doc, Catches: c.catches,
				Needs: needs(HasPRF, VerifiesBuiltIn), Twin: c.twin,
				Run: on(func(t *trial) {
					t.device.giveUV(protocol)
					t.device.giveExtensions(extHMACSecret)
					c.run(t, protocol)
				}),
			})
		}
	}
	return append(all, extensions...)
}

func with(inputs map[string]any) func(*Request) {
	return func(r *Request) { r.Extensions = inputs }
}

// prfOf asks for the results of one or two values.
func prfOf(values ...string) func(*Request) {
	eval := map[string]any{"first": base64url([]byte(values[0]))}
	if len(values) > 1 {
		eval["second"] = base64url([]byte(values[1]))
	}
	return with(map[string]any{"prf": map[string]any{"eval": eval}})
}

// prfSalt is what a page's value becomes (WebAuthn L3 §10.1.4).
func prfSalt(value string) []byte {
	sum := sha256.Sum256([]byte("WebAuthn PRF\x00" + value))
	return sum[:]
}

// salts are those of the last getAssertion, decrypted.
func (t *trial) salts() []byte {
	m := t.last(ctap.CommandGetAssertion)
	v, sent := extension(&m, extHMACSecret)
	if !sent {
		t.Fatalf("hmac-secret is not sent")
	}
	input, _ := v.(cbor.Map)
	salts, _, ok := t.device.opened(input)
	if !ok {
		t.Fatalf("saltEnc is not authenticated by saltAuth, or cannot be decrypted: %s", cbor.Text(v, nil))
	}
	return salts
}

// decoded is a byte string in an output.
func decoded(members map[string]any, name string) []byte {
	text, _ := members[name].(string)
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	return b
}

var prfSection = page("10.1.4")

var prfCases = []pinCase{
	{
		name: "salt", doc: "A value of the page is sent as the hash of a prefix and the value, encrypted.", spec: prfSection, level: conformance.Must,
		catches: []string{"prf/value-unhashed", "prf/salt-unauthenticated"},
		run: func(t *trial, _ int) {
			t.accepted(t.assertion(verified, prfOf("foo")))
			t.same("the salt", prfSalt("foo"), t.salts())
		},
	},
	{
		name: "two-salts", doc: "Two values are sent one behind the other.", spec: prfSection, level: conformance.Must,
		catches: []string{"prf/second-forgotten", "prf/value-unhashed"},
		run: func(t *trial, _ int) {
			t.accepted(t.assertion(verified, prfOf("foo", "bar")))
			t.same("the salts", append(prfSalt("foo"), prfSalt("bar")...), t.salts())
		},
	},
	{
		name: "result", doc: "The page gets what the authenticator made of its values.", spec: prfSection, level: conformance.Must,
		catches: []string{"prf/results-swapped", "prf/results-left-out"},
		run: func(t *trial, _ int) {
			r := t.assertion(verified, prfOf("foo", "bar"))
			results, _ := output(t.accepted(r), "prf")["results"].(map[string]any)
			t.same("first", evaluation(r.List[0], prfSalt("foo")), decoded(results, "first"))
			t.same("second", evaluation(r.List[0], prfSalt("bar")), decoded(results, "second"))
		},
	},
	{
		name: "wrong-length", doc: "Results of another length than the salts' do not reach the page.", spec: at("12.7", ""), level: conformance.Should, twin: "uv/token",
		catches: []string{"prf/any-length"},
		run: func(t *trial, _ int) {
			t.device.script.parts = func(p *authParts) {
				for i := range p.outputs {
					if sealed, ok := p.outputs[i].Value.([]byte); ok {
						p.outputs[i].Value = append(bytes.Clone(sealed), make([]byte, 16)...)
					}
				}
			}
			got := t.perform(t.assertion(verified, prfOf("foo")))
			if results, there := output(got, "prf")["results"]; got.Succeeded() && there {
				t.Fatalf("the page got %v", results)
			}
		},
	},
	{
		name: "create", doc: "For create() hmac-secret is true where the page asks for prf.", spec: prfSection, level: conformance.Must,
		catches: []string{"prf/never-made"},
		run: func(t *trial, _ int) {
			m, _, got := t.made(verified, with(map[string]any{"prf": map[string]any{}}))
			if v, _ := extension(&m, extHMACSecret); v != true {
				t.Fatalf("hmac-secret is %s", cbor.Text(v, nil))
			}
			if enabled, _ := output(got, "prf")["enabled"].(bool); !enabled {
				t.Fatalf("the page is not told that prf is enabled")
			}
		},
	},
}

var extensions = []testCase{
	{
		ID: "extension/cred-protect/enforced", Spec: at("12.1", ""), Level: conformance.Must, Needs: needs(HasCredProtect), Twin: createPlain,
		Doc:     "A protection that is enforced keeps authenticators out that do not have it.",
		Catches: []string{"extension/enforcement-ignored"},
		Run: on(func(t *trial) {
			t.refused(t.creation(with(map[string]any{"credentialProtectionPolicy": "userVerificationOptionalWithCredentialIDList", "enforceCredentialProtectionPolicy": true})))
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
				r.ResidentKey = "required"
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
			t.device.giveExtensions(extCredBlob)
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
			t.device.giveExtensions(extCredBlob)
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
				r.ResidentKey, r.Extensions = "required", map[string]any{"credProps": true}
			}))
			if rk, _ := output(got, "credProps")["rk"].(bool); !rk {
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
	{
		ID: "extension/appid/other-site", Spec: page("10.1.1"), Level: conformance.Must, Needs: needs(HasAppID), Twin: getPlain,
		Doc:     "A page may not name the AppID of another site.",
		Catches: []string{"extension/any-appid"},
		Run: on(func(t *trial) {
			t.refused(t.assertion(with(map[string]any{"appid": "https://example.org/app"})))
		}),
	},
}
