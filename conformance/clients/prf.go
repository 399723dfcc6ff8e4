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

// prfCasesOfBoth are about prf, which is hmac-secret on its way to the authenticator, in
// both PIN/UV auth protocols.
func prfCasesOfBoth() (all []testCase) {
	for _, protocol := range both {
		for _, c := range prfCases {
			all = append(all, testCase{
				ID: fmt.Sprintf("extension/prf/protocol-%d/%s", protocol, c.name), Spec: c.spec, Level: c.level, Doc: c.doc, Catches: c.catches,
				Needs: append(needs(HasPRF, VerifiesBuiltIn), c.needs...), Twin: c.twin,
				Run: on(func(t *trial) {
					t.device.giveUV(protocol)
					t.device.giveExtensions(extHMACSecret)
					c.run(t, protocol)
				}),
			})
		}
	}
	return all
}

// prfOf asks for the results of one or two values.
func prfOf(values ...string) func(*Request) {
	eval := map[string]any{"first": base64url([]byte(values[0]))}
	if len(values) > 1 {
		eval["second"] = base64url([]byte(values[1]))
	}
	return with(map[string]any{"prf": map[string]any{"eval": eval}})
}

// byCredential asks for the results of values by credential IDs, and of one for all.
func byCredential(values map[string]string, all string) map[string]any {
	each := map[string]any{}
	for id, value := range values {
		each[id] = map[string]any{"first": base64url([]byte(value))}
	}
	prf := map[string]any{"evalByCredential": each}
	if all != "" {
		prf["eval"] = map[string]any{"first": base64url([]byte(all))}
	}
	return map[string]any{"prf": prf}
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
		name: "create-results", doc: "Where the authenticator lists hmac-secret-mc, the page gets results for create(), too.", spec: prfSection, level: conformance.Must,
		needs: needs(HasPRFAtOnce), catches: []string{"prf/not-at-once", "prf/results-at-once-left-out"},
		run: func(t *trial, _ int) {
			t.device.giveExtensions(extHMACSecret, extHMACAtOnce)
			m, _, got := t.made(verified, prfOf("foo", "bar"))
			v, sent := extension(&m, extHMACAtOnce)
			input, _ := v.(cbor.Map)
			salts, _, ok := t.device.opened(input)
			if !sent || !ok {
				t.Fatalf("hmac-secret-mc is not sent, or cannot be opened: %s", cbor.Text(v, nil))
			}
			t.same("the salts", append(prfSalt("foo"), prfSalt("bar")...), salts)
			results, _ := output(got, "prf")["results"].(map[string]any)
			t.same("first", evaluation(got.CredentialID, prfSalt("foo")), decoded(results, "first"))
			t.same("second", evaluation(got.CredentialID, prfSalt("bar")), decoded(results, "second"))
		},
	},
	{
		name: "create-beside", doc: "hmac-secret-mc is not sent without hmac-secret.", spec: at("12.8", ""), level: conformance.MustNot,
		needs: needs(HasPRFAtOnce), catches: []string{"prf/never-made"},
		run: func(t *trial, _ int) {
			t.device.giveExtensions(extHMACSecret, extHMACAtOnce)
			t.perform(t.creation(verified, prfOf("foo")))
			m := t.last(ctap.CommandMakeCredential)
			_, atOnce := extension(&m, extHMACAtOnce)
			if v, _ := extension(&m, extHMACSecret); atOnce && v != true {
				t.Fatalf("hmac-secret is %s beside hmac-secret-mc", cbor.Text(v, nil))
			}
		},
	},
	{
		name: "create-unlisted", doc: "hmac-secret-mc is not sent to an authenticator that does not list it, and the credential is made without results.", spec: at("12.8", ""), level: conformance.MustNot,
		catches: []string{"prf/at-once-unlisted"},
		run: func(t *trial, _ int) {
			m, _, _ := t.made(verified, prfOf("foo"))
			if v, sent := extension(&m, extHMACAtOnce); sent {
				t.Fatalf("hmac-secret-mc is %s", cbor.Text(v, nil))
			}
		},
	},
	{
		name: "no-second-gesture", doc: "Where there are no results at once, create() asks for no assertion that the page has not asked for.", spec: prfSection, level: conformance.MustNot,
		catches: []string{"prf/assertion-behind-create"},
		run: func(t *trial, _ int) {
			t.made(verified, prfOf("foo"))
			if n := len(t.sent(ctap.CommandGetAssertion)); n > 0 {
				t.Fatalf("getAssertion is sent %d times", n)
			}
		},
	},
	{
		name: "by-credential", doc: "The value for the credential that signs is sent before the one for all.", spec: prfSection, level: conformance.Must,
		catches: []string{"prf/by-credential-ignored"},
		run: func(t *trial, _ int) {
			r := t.assertion(verified)
			r.Extensions = byCredential(map[string]string{base64url(r.List[0]): "mine"}, "everybody's")
			t.accepted(r)
			t.same("the salt", prfSalt("mine"), t.salts())
		},
	},
	{
		name: "by-credential-of-two", doc: "Of two credentials that the page allows, the value is sent for the one that the authenticator holds.", spec: prfSection, level: conformance.Must,
		catches: []string{"prf/by-credential-ignored"},
		run: func(t *trial, _ int) {
			r := t.assertion(verified)
			r.List = append(t.strangers(1), r.List...)
			r.Extensions = byCredential(map[string]string{base64url(r.List[0]): "a stranger's", base64url(r.List[1]): "mine"}, "")
			t.accepted(r)
			t.same("the salt", prfSalt("mine"), t.salts())
		},
	},
	{
		name: "by-credential-else", doc: "Where there is no value for the credential that signs, the one for all is sent.", spec: prfSection, level: conformance.Must,
		catches: []string{"prf/for-all-ignored"},
		run: func(t *trial, _ int) {
			r := t.assertion(verified)
			r.List = append(t.strangers(1), r.List...)
			r.Extensions = byCredential(map[string]string{base64url(r.List[0]): "a stranger's"}, "everybody's")
			t.accepted(r)
			t.same("the salt", prfSalt("everybody's"), t.salts())
		},
	},
	{
		name: "verified", doc: "Where a page asks for prf and discourages user verification, the user is verified all the same: pages get the function of verified users alone.", spec: prfSection, level: conformance.Should,
		catches: []string{"pin/param-of-nothing"}, needs: needs(ServesPages),
		run: func(t *trial, _ int) {
			got := t.accepted(t.assertion(prfOf("foo")))
			if results, there := output(got, "prf")["results"]; there && len(got.AuthData) > 32 && got.AuthData[32]&flagUV == 0 {
				t.Fatalf("the page got %v, and nobody was verified", results)
			}
		},
	},
	{
		name: "unlisted", doc: "hmac-secret is not sent to an authenticator that does not list it, and the page does not learn that prf is enabled.", spec: at("12", ""), level: conformance.Should,
		catches: []string{"prf/sent-unlisted", "prf/enabled-always"},
		run: func(t *trial, _ int) {
			t.device.giveExtensions(extCredProtect)
			m, _, got := t.made(verified, prfOf("foo"))
			if _, sent := extension(&m, extHMACSecret); sent {
				t.Errorf("hmac-secret is sent")
			}
			if enabled, _ := output(got, "prf")["enabled"].(bool); enabled {
				t.Fatalf("prf is enabled")
			}
		},
	},
	{
		name: "get-unlisted", doc: "hmac-secret is not sent with getAssertion to an authenticator that does not list it.", spec: at("12", ""), level: conformance.Should,
		catches: []string{"prf/sent-unlisted"},
		run: func(t *trial, _ int) {
			t.device.giveExtensions(extCredProtect)
			t.accepted(t.assertion(verified, prfOf("foo")))
			m := t.last(ctap.CommandGetAssertion)
			if _, sent := extension(&m, extHMACSecret); sent {
				t.Fatalf("hmac-secret is sent")
			}
		},
	},
	{
		name: "declined", doc: "prf is not enabled where the authenticator answers hmac-secret with false.", spec: prfSection, level: conformance.Must,
		catches: []string{"prf/enabled-always"},
		run: func(t *trial, _ int) {
			t.device.script.parts = func(p *authParts) { p.outputs = cbor.Map{{Key: extHMACSecret, Value: false}} }
			_, _, got := t.made(verified, with(map[string]any{"prf": map[string]any{}}))
			if enabled, _ := output(got, "prf")["enabled"].(bool); enabled {
				t.Fatalf("prf is enabled")
			}
		},
	},
	{
		name: "get-not-enabled", doc: "enabled is told by create() alone.", spec: prfSection, level: conformance.MustNot,
		catches: []string{"prf/enabled-in-get"},
		run: func(t *trial, _ int) {
			got := t.accepted(t.assertion(verified, prfOf("foo")))
			if v, told := output(got, "prf")["enabled"]; told && v != nil {
				t.Fatalf("enabled is %v", v)
			}
		},
	},
	{
		name: "too-many", doc: "Two results for one salt do not reach the page.", spec: at("12.7", ""), level: conformance.Should, twin: "uv/token",
		catches: []string{"prf/any-length"},
		run: func(t *trial, _ int) {
			t.device.script.evaluations = 2
			got := t.perform(t.assertion(verified, prfOf("foo")))
			if results, there := output(got, "prf")["results"]; got.Succeeded() && there {
				t.Fatalf("the page got %v", results)
			}
		},
	},
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
