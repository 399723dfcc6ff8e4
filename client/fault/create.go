package fault

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

const makeSpec = "CTAP 2.3 §6.1"

func made(id, spec, doc string, change func(members)) Fault {
	return Fault{ID: "create/" + id, Spec: spec, Doc: doc, Messages: onRequest(create, change)}
}

func creation(id, spec, doc string, change func(*webauthn.CreationOptions) error) Fault {
	return Fault{ID: "create/" + id, Spec: spec, Doc: doc, Creation: change}
}

func createFaults() []Fault {
	param := func(m members) {
		if m[key(8)] == nil {
			m[key(8)], m[key(9)] = make([]byte, 16), uint64(1)
		}
	}
	algorithms := func(m members) []any { v, _ := m[key(4)].([]any); return v }
	return []Fault{
		made("rp-id-other", makeSpec, "rp.id is another's.", func(m members) { innerOf(m, key(2))["id"] = "other.example" }),
		made("rp-id-left-out", makeSpec, "rp has no id.", func(m members) { delete(innerOf(m, key(2)), "id") }),
		made("user-id-as-text", makeSpec, "user.id is a text string.", func(m members) { innerOf(m, key(3))["id"] = "handle of alice" }),
		made("user-id-other", makeSpec, "user.id is another.", func(m members) { innerOf(m, key(3))["id"] = []byte("somebody") }),
		made("user-names-left-out", makeSpec, "user has neither name nor displayName.", func(m members) {
			delete(innerOf(m, key(3)), "name")
			delete(innerOf(m, key(3)), "displayName")
		}),
		made("names-cut-anywhere", "CTAP 2.3 §6.1.2", "A long name is cut in the middle of a character.", func(m members) {
			if name, _ := innerOf(m, key(3))["name"].(string); len(name) > 66 {
				innerOf(m, key(3))["name"] = name[:66]
			}
		}),
		made("algorithms-sorted", makeSpec, "pubKeyCredParams come in the opposite order.", func(m members) {
			all := algorithms(m)
			for i := range len(all) / 2 {
				all[i], all[len(all)-1-i] = all[len(all)-1-i], all[i]
			}
		}),
		made("algorithm-added", makeSpec, "One more algorithm is asked for.", func(m members) {
			m[key(4)] = append(algorithms(m), members{"type": "public-key", "alg": int64(-65535)})
		}),
		made("algorithm-without-type", makeSpec, "An entry of pubKeyCredParams has no type.", func(m members) {
			for _, e := range algorithms(m) {
				delete(e.(members), "type")
			}
		}),
		made("empty-exclude-list", makeSpec, "An excludeList without entries is sent.", func(m members) { m[key(5)] = []any{} }),
		made("empty-extensions", makeSpec, "extensions without entries are sent.", func(m members) { m[key(6)] = members{} }),
		made("param-out-of-nothing", makeSpec, "pinUvAuthParam is sent without a token.", param),
		made("enterprise-unasked", "CTAP 2.3 §7.1", "Enterprise attestation is asked for always.", func(m members) { m[key(10)] = uint64(1) }),
		made("up-false", makeSpec, "Option up is false.", func(m members) { innerOf(m, key(7))["up"] = false }),
		made("uv-unsupported", makeSpec, "Option uv is true, whatever getInfo says.", func(m members) { innerOf(m, key(7))["uv"] = true }),
		made("rk-left-out", makeSpec, "Option rk is never sent.", func(m members) { delete(innerOf(m, key(7)), "rk") }),
		made("rk-always", makeSpec, "Option rk is true always.", func(m members) { innerOf(m, key(7))["rk"] = true }),
		made("option-unknown", makeSpec, "There is an option that CTAP does not have.", func(m members) { innerOf(m, key(7))["fromTheFuture"] = true }),
		made("exclude-list-left-out", makeSpec, "excludeList is never sent.", func(m members) { delete(m, key(5)) }),
		{ID: "create/twice", Spec: "WebAuthn L3 §5.1.3", Doc: "makeCredential is sent again after it has succeeded.", Messages: func(next Exchange) Exchange {
			return func(ctx context.Context, request []byte) ([]byte, error) {
				if len(request) > 0 && ctap.Command(request[0]) == create {
					_, _ = next(ctx, request) // the second answer counts
				}
				return next(ctx, request)
			}
		}},
		{ID: "create/gives-up-when-full", Spec: "WebAuthn L3 §5.4.4", Doc: "A full store ends a request that only prefers a discoverable credential.", Messages: onStatus(create, ctap.OperationDenied, ctap.KeyStoreFull)},
		creation("rk-not-required", "WebAuthn L3 §5.4.6", "residentKey required counts as preferred.", func(o *webauthn.CreationOptions) error {
			o.AuthenticatorSelection.ResidentKey = webauthn.Preferred
			return nil
		}),
		creation("attestation-always", "WebAuthn L3 §5.4.7", "The page gets the attestation always.", func(o *webauthn.CreationOptions) error {
			o.Attestation = webauthn.AttestationDirect
			return nil
		}),
		creation("attestation-never", "WebAuthn L3 §5.4.7", "The page gets the attestation never.", func(o *webauthn.CreationOptions) error {
			o.Attestation = webauthn.AttestationNone
			return nil
		}),
	}
}
