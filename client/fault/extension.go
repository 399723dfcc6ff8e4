package fault

import (
	"context"
	"encoding/json"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// onInput changes an input of makeCredential, where it is there.
func onInput(id string, change func(any) any) func(Exchange) Exchange {
	return onRequest(create, func(m members) {
		if inputs := inner(m, key(6)); inputs != nil && inputs[id] != nil {
			if inputs[id] = change(inputs[id]); inputs[id] == nil {
				delete(inputs, id)
			}
			if len(inputs) == 0 {
				delete(m, key(6))
			}
		}
	})
}

func extensionFaults() []Fault {
	return []Fault{
		{ID: "extension/cred-protect-one-less", Spec: "CTAP 2.3 §12.1", Doc: "credProtect is one less than the policy.", Messages: onInput("credProtect", func(v any) any { n, _ := v.(uint64); return n - min(n, 1) })},
		{ID: "extension/enforcement-ignored", Spec: "CTAP 2.3 §12.1", Doc: "A protection that is enforced counts as a wish.", Creation: func(o *webauthn.CreationOptions) error {
			delete(o.Extensions, "enforceCredentialProtectionPolicy")
			return nil
		}},
		{ID: "extension/min-pin-length-as-number", Spec: "CTAP 2.3 §12.5", Doc: "minPinLength is 1.", Messages: onInput("minPinLength", func(any) any { return uint64(1) })},
		{ID: "extension/cred-blob-as-text", Spec: "CTAP 2.3 §12.2", Doc: "credBlob is a text string.", Messages: onInput("credBlob", func(v any) any { b, _ := v.([]byte); return string(b) })},
		{ID: "extension/cred-blob-of-any-length", Spec: "CTAP 2.3 §12.2", Doc: "maxCredBlobLength is not looked at.", Messages: onMembers(getInfo, func(_, info members) { info[key(0x0F)] = uint64(1 << 16) })},
		{ID: "extension/sent-unlisted", Spec: "CTAP 2.3 §12", Doc: "credProtect is sent whatever getInfo lists.", Messages: onRequest(create, func(m members) { innerOf(m, key(6))["credProtect"] = uint64(2) })},
		{ID: "extension/cred-props-wrong", Spec: "WebAuthn L3 §10.1.3", Doc: "credProps.rk is the opposite of what is so.", Created: func(r *webauthn.RegistrationResponse) {
			var props struct{ RK bool }
			if json.Unmarshal(r.ClientExtensionResults["credProps"], &props) == nil && props.RK {
				r.ClientExtensionResults["credProps"] = json.RawMessage(`{"rk":false}`)
				return
			}
			r.ClientExtensionResults["credProps"] = json.RawMessage(`{"rk":true}`)
		}},
		{ID: "extension/cred-props-unasked", Spec: "WebAuthn L3 §9.4", Doc: "credProps is told to every page.", Created: func(r *webauthn.RegistrationResponse) {
			r.ClientExtensionResults["credProps"] = json.RawMessage(`{"rk":true}`)
		}},
		{ID: "extension/misuse-not-allowed", Spec: "WebAuthn L3 §10.1", Doc: "A page that uses an extension in a wrong way gets NotAllowedError.", Thrown: func(err error) error {
			return renamed(webauthn.SyntaxError, webauthn.NotAllowedError)(renamed(webauthn.NotSupportedError, webauthn.NotAllowedError)(err))
		}},
		{ID: "extension/misuse-ignored", Spec: "WebAuthn L3 §10.1", Doc: "An extension that is used in a wrong way counts as not used.", Creation: func(o *webauthn.CreationOptions) error {
			delete(o.Extensions, "prf")
			delete(o.Extensions, "largeBlob")
			return nil
		}, Request: func(o *webauthn.RequestOptions) error {
			delete(o.Extensions, "prf")
			delete(o.Extensions, "largeBlob")
			return nil
		}},
	}
}

func onResults(change func(results map[string]any)) func(*webauthn.AuthenticationResponse) {
	return func(r *webauthn.AuthenticationResponse) {
		var prf struct {
			Results map[string]any `json:"results"`
		}
		if json.Unmarshal(r.ClientExtensionResults["prf"], &prf) != nil || prf.Results == nil {
			return
		}
		change(prf.Results)
		if text, err := json.Marshal(prf); err == nil {
			r.ClientExtensionResults["prf"] = text
		}
	}
}

func prfFaults() []Fault {
	const spec = "WebAuthn L3 §10.1.4"
	return []Fault{
		{ID: "prf/value-unhashed", Spec: spec, Doc: "The page's values are sent as they are.", Seams: client.Seams{Salt: func(value, _ []byte) []byte {
			return append(append([]byte{}, value...), make([]byte, 32)...)[:32]
		}}},
		{ID: "prf/second-forgotten", Spec: spec, Doc: "The second value is sent as the first.", Seams: client.Seams{Salt: func() func(value, salt []byte) []byte {
			var first []byte
			return func(_, salt []byte) []byte {
				if first == nil {
					first = salt
				}
				return first
			}
		}()}},
		{ID: "prf/salt-unauthenticated", Spec: "CTAP 2.3 §12.7", Doc: "saltAuth is zero.", Messages: onRequest(assert, func(m members) {
			if input, ok := inner(m, key(4))["hmac-secret"].(members); ok {
				input[key(3)] = make32(0)
			}
		})},
		{ID: "prf/results-swapped", Spec: spec, Doc: "The page gets the results in the wrong order.", Asserted: onResults(func(r map[string]any) { r["first"], r["second"] = r["second"], r["first"] })},
		{ID: "prf/results-left-out", Spec: spec, Doc: "The page gets no results.", Asserted: onResults(func(r map[string]any) { clear(r) })},
		{ID: "prf/any-length", Spec: "CTAP 2.3 §12.7", Doc: "Results that are too long are cut.", Messages: onMembers(assert, cutResults)},
		{ID: "prf/not-at-once", Spec: spec, Doc: "hmac-secret-mc is never sent.", Messages: onInput("hmac-secret-mc", func(any) any { return nil })},
		{ID: "prf/at-once-unlisted", Spec: "CTAP 2.3 §12.8", Doc: "hmac-secret-mc is sent whatever getInfo lists.", Messages: onRequest(create, func(m members) {
			innerOf(m, key(6))["hmac-secret-mc"] = members{}
		})},
		{ID: "prf/results-at-once-left-out", Spec: spec, Doc: "The page gets no results for create().", Created: func(r *webauthn.RegistrationResponse) {
			r.ClientExtensionResults["prf"] = json.RawMessage(`{"enabled":true}`)
		}},
		{ID: "prf/assertion-behind-create", Spec: spec, Doc: "A new credential is made to sign at once.", Messages: func(next Exchange) Exchange {
			return func(ctx context.Context, request []byte) ([]byte, error) {
				answer, err := next(ctx, request)
				if m, ok := parametersOf(create, request); ok && err == nil {
					asked := written(members{key(1): inner(m, key(2))["id"], key(2): make32(1)})
					_, err = next(ctx, append([]byte{byte(assert)}, asked...))
				}
				return answer, err
			}
		}},
		{ID: "prf/by-credential-ignored", Spec: spec, Doc: "evalByCredential is not looked at.", Request: func(o *webauthn.RequestOptions) error {
			var prf map[string]json.RawMessage
			if json.Unmarshal(o.Extensions["prf"], &prf) != nil || prf == nil {
				return nil
			}
			delete(prf, "evalByCredential")
			text, err := json.Marshal(prf)
			o.Extensions["prf"] = text
			return err
		}},
		{ID: "prf/for-all-ignored", Spec: spec, Doc: "eval is not looked at beside evalByCredential.", Request: func(o *webauthn.RequestOptions) error {
			var prf map[string]json.RawMessage
			if json.Unmarshal(o.Extensions["prf"], &prf) != nil || prf["evalByCredential"] == nil {
				return nil
			}
			delete(prf, "eval")
			text, err := json.Marshal(prf)
			o.Extensions["prf"] = text
			return err
		}},
		{ID: "prf/sent-unlisted", Spec: "CTAP 2.3 §12", Doc: "hmac-secret is sent whatever getInfo lists.", Messages: onMembers(getInfo, func(_, info members) { info[key(2)] = append(entries(info, 2), "hmac-secret") })},
		{ID: "prf/enabled-always", Spec: spec, Doc: "A page that asks for prf learns that it is enabled.", Created: func(r *webauthn.RegistrationResponse) {
			if r.ClientExtensionResults["prf"] != nil {
				r.ClientExtensionResults["prf"] = json.RawMessage(`{"enabled":true}`)
			}
		}},
		{ID: "prf/enabled-in-get", Spec: spec, Doc: "get() tells that prf is enabled, too.", Asserted: func(r *webauthn.AuthenticationResponse) {
			if r.ClientExtensionResults["prf"] != nil {
				r.ClientExtensionResults["prf"] = json.RawMessage(`{"enabled":true}`)
			}
		}},
		{ID: "prf/never-made", Spec: spec, Doc: "hmac-secret is never asked for in create().", Messages: onInput("hmac-secret", func(any) any { return nil })},
	}
}

// cutResults cuts the output of hmac-secret to the length of its salts.
func cutResults(request, answer members) {
	const head = 37
	salts, _ := inner(inner(request, key(4)), "hmac-secret")[key(2)].([]byte)
	data, _ := answer[key(2)].([]byte)
	outputs, ok := readMembers(data[min(head, len(data)):])
	if results, isBytes := outputs["hmac-secret"].([]byte); ok && isBytes && len(salts) > 0 && len(results) > len(salts) {
		outputs["hmac-secret"] = results[:len(salts)]
		answer[key(2)] = append(data[:head:head], written(outputs)...)
	}
}
