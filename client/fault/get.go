package fault

import (
	"context"
	"crypto/sha256"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

const assertSpec = "CTAP 2.3 §6.2"

func got(id, doc string, change func(members)) Fault {
	return Fault{ID: "get/" + id, Spec: assertSpec, Doc: doc, Messages: onRequest(assert, change)}
}

func entries(m members, k uint64) []any { v, _ := m[key(k)].([]any); return v }

func getFaults() []Fault {
	return []Fault{
		got("rp-id-other", "rpId is another's.", func(m members) { m[key(1)] = "other.example" }),
		got("rp-id-as-hash", "rpId is a hash.", func(m members) { m[key(1)] = make32(1) }),
		got("descriptor-without-type", "The entries of allowList have no type.", func(m members) {
			for _, e := range entries(m, 3) {
				delete(e.(members), "type")
			}
		}),
		got("allow-list-left-out", "allowList is never sent.", func(m members) { delete(m, key(3)) }),
		got("allow-list-invented", "Without an allowList a made-up credential is asked for.", func(m members) {
			if m[key(3)] == nil {
				m[key(3)] = []any{members{"type": "public-key", "id": []byte("made up")}}
			}
		}),
		got("empty-allow-list", "An allowList without entries is sent.", func(m members) {
			if m[key(3)] == nil {
				m[key(3)] = []any{}
			}
		}),
		got("silent", "Option up is false always.", func(m members) { innerOf(m, key(5))["up"] = false }),
		got("uv-unsupported", "Option uv is true, whatever getInfo says.", func(m members) { innerOf(m, key(5))["uv"] = true }),
		got("rk", "Option rk is sent.", func(m members) { innerOf(m, key(5))["rk"] = true }),
		got("param-out-of-nothing", "pinUvAuthParam is sent without a token.", func(m members) {
			if m[key(6)] == nil {
				m[key(6)], m[key(7)] = make([]byte, 16), uint64(1)
			}
		}),
	}
}

const listSpec = "CTAP 2.3 §6.4"

func listFaults() []Fault {
	return []Fault{
		{ID: "list/in-one-piece", Spec: listSpec, Doc: "Lists are sent in one piece, however long.", Messages: onMembers(getInfo, func(_, info members) {
			info[key(7)], info[key(5)] = uint64(64), uint64(ctap.MaxMsgSize)
		})},
		{ID: "list/first-piece-only", Spec: "WebAuthn L3 §5.1.4", Doc: "Of a long list the first piece alone is looked for.", Messages: firstPieceOnly()},
		{ID: "list/long-ids-sent", Spec: listSpec, Doc: "maxCredentialIdLength is not looked at.", Messages: onMembers(getInfo, func(_, info members) { delete(info, key(8)) })},
		{ID: "list/anything-if-none", Spec: "WebAuthn L3 §5.1.4", Doc: "Where nothing of a list is there, any credential will do.", Again: func(error) bool { return true }, Request: withoutListNextTime()},
		{ID: "list/gives-up-when-too-large", Spec: "CTAP 2.3 §8.2", Doc: "REQUEST_TOO_LARGE ends the request.", Messages: onStatus(assert, ctap.OperationDenied, ctap.RequestTooLarge)},
		{ID: "list/any-excludes", Spec: "WebAuthn L3 §5.1.3", Doc: "Whatever is in excludeList, the credential counts as excluded.", Messages: func(next Exchange) Exchange {
			return func(ctx context.Context, request []byte) ([]byte, error) {
				if m, ok := parametersOf(create, request); ok && len(entries(m, 5)) > 0 {
					return []byte{byte(ctap.CredentialExcluded)}, nil
				}
				return next(ctx, request)
			}
		}},
		{ID: "list/any-type", Spec: "WebAuthn L3 §5.8.3", Doc: "Types in excludeCredentials and allowCredentials are not looked at.", Creation: func(o *webauthn.CreationOptions) error {
			o.ExcludeCredentials = onEntries(o.ExcludeCredentials, func(d *webauthn.Descriptor) bool { d.Type = webauthn.PublicKeyCredentialType; return true })
			return nil
		}, Request: func(o *webauthn.RequestOptions) error {
			o.AllowCredentials = onEntries(o.AllowCredentials, func(d *webauthn.Descriptor) bool { d.Type = webauthn.PublicKeyCredentialType; return true })
			return nil
		}},
		{ID: "list/unknown-types-dropped", Spec: "WebAuthn L3 §5.8.3", Doc: "An allowCredentials of types that nobody knows counts as absent.", Request: func(o *webauthn.RequestOptions) error {
			o.AllowCredentials = onEntries(o.AllowCredentials, func(d *webauthn.Descriptor) bool { return d.Type == webauthn.PublicKeyCredentialType })
			return nil
		}},
		{ID: "list/doubled", Spec: assertSpec, Doc: "Every entry of allowList is there twice.", Messages: onRequest(assert, func(m members) {
			if list := entries(m, 3); len(list) > 0 {
				m[key(3)] = append(append([]any{}, list...), list...)
			}
		})},
		probesOverClientData(),
		{ID: "list/one-passed-over", Spec: "WebAuthn L3 §5.1.4", Doc: "The entry behind a piece of a long list is passed over.", Messages: onePassedOver()},
		{ID: "list/long-ids-left-out", Spec: listSpec, Doc: "An ID that is as long as maxCredentialIdLength counts as too long.", Messages: onMembers(getInfo, func(_, info members) {
			if n, _ := info[key(8)].(uint64); n > 0 {
				info[key(8)] = n - 1
			}
		})},
		{ID: "list/probe-hash-short", Spec: assertSpec, Doc: "Credentials are looked for with a hash of 16 bytes.", Messages: onProbe(func(m members) { m[key(2)] = make32(0)[:16] })},
		{ID: "list/probe-with-touch", Spec: "CTAP 2.3 §6.1.1", Doc: "Each look for credentials wants a touch.", Messages: onProbe(func(m members) { delete(m, key(5)) })},
		{ID: "list/probe-with-verification", Spec: "CTAP 2.3 §6.2.1", Doc: "Each look for credentials has the user verified.", Messages: onProbe(func(m members) { inner(m, key(5))["uv"] = true })},
		{ID: "list/probe-without-token", Spec: "CTAP 2.3 §12.1", Doc: "Credentials are looked for without the token.", Messages: onProbe(func(m members) {
			delete(m, key(6))
			delete(m, key(7))
		})},
		{ID: "list/probe-without-permission", Spec: pinSpec, Doc: "A token for create() has no permission to look for credentials.", Messages: onPIN(byPIN, func(m members) {
			if p, _ := m[key(9)].(uint64); p&1 != 0 {
				m[key(9)] = p &^ 2
			}
		})},
	}
}

// onEntries changes the entries of a list, and keeps those that it says.
func onEntries(list []webauthn.Descriptor, keep func(*webauthn.Descriptor) bool) (kept []webauthn.Descriptor) {
	for _, d := range list {
		if keep(&d) {
			kept = append(kept, d)
		}
	}
	return kept
}

// onProbe changes the requests by which the client only looks for credentials.
func onProbe(change func(members)) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			if m, ok := parametersOf(assert, request); ok && silent(assert, m) {
				change(m)
				request = append([]byte{byte(assert)}, written(m)...)
			}
			return next(ctx, request)
		}
	}
}

// onePassedOver drops the first entry of every piece but the first of a request.
func onePassedOver() func(Exchange) Exchange {
	looked := false
	return onProbe(func(m members) {
		if list := entries(m, 3); looked && len(list) > 1 {
			m[key(3)] = list[1:]
		}
		looked = true
	})
}

func firstPieceOnly() func(Exchange) Exchange {
	looked := false
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			if m, ok := parametersOf(assert, request); ok && silent(assert, m) {
				if looked {
					return []byte{byte(ctap.NoCredentials)}, nil
				}
				looked = true
			}
			return next(ctx, request)
		}
	}
}

func withoutListNextTime() func(*webauthn.RequestOptions) error {
	asked := false
	return func(o *webauthn.RequestOptions) error {
		if asked {
			o.AllowCredentials = nil
		}
		asked = true
		return nil
	}
}

func probesOverClientData() Fault {
	var hash [sha256.Size]byte
	return Fault{
		ID: "list/probes-over-client-data", Spec: "WebAuthn L3 §14.5.2", Doc: "Credentials are looked for with the client data hash.",
		Seams: client.Seams{ClientDataJSON: func(text []byte) []byte {
			hash = sha256.Sum256(text)
			return text
		}},
		Messages: func(next Exchange) Exchange {
			return func(ctx context.Context, request []byte) ([]byte, error) {
				if m, ok := parametersOf(assert, request); ok && silent(assert, m) {
					m[key(2)] = hash[:]
					request = append([]byte{byte(assert)}, written(m)...)
				}
				return next(ctx, request)
			}
		},
	}
}

const nextSpec = "CTAP 2.3 §6.3"

func accountFaults() []Fault {
	of := func(command ctap.Command, more int, when ...ctap.Status) func(Exchange) Exchange {
		return again(more, func(c ctap.Command, _ members) bool { return c == command }, when...)
	}
	return []Fault{
		{ID: "accounts/asks-on", Spec: nextSpec, Doc: "getNextAssertion is sent again and again where it is refused.", Messages: of(next, 5, ctap.NotAllowed)},
		{ID: "accounts/choice-refused", Spec: assertSpec, Doc: "What the user has chosen on the authenticator is refused.", Messages: refused(assert, func(answer members) bool { return answer[key(6)] != nil })},
		{ID: "accounts/interrupted", Spec: nextSpec, Doc: "getInfo is sent before getNextAssertion.", Messages: before(next, []byte{byte(getInfo)})},
		mixedUp(),
		{ID: "accounts/next-with-parameters", Spec: nextSpec, Doc: "getNextAssertion is sent with an empty map.", Messages: followed(next)},
		{ID: "accounts/one-too-many", Spec: nextSpec, Doc: "getNextAssertion is sent twice for each account.", Messages: before(next, []byte{byte(next)})},
		{ID: "accounts/rest-not-fetched", Spec: nextSpec, Doc: "numberOfCredentials is not looked at.", Messages: onMembers(assert, func(_, answer members) { delete(answer, key(5)) })},
		{ID: "accounts/without-end", Spec: nextSpec, Doc: "As many accounts are fetched as are announced, however many.", Messages: of(next, 3000, ctap.OK)},
	}
}

// mixedUp gives the page the user handle of the last account that was fetched.
func mixedUp() Fault {
	var last []byte
	return Fault{
		ID: "accounts/mixed-up", Spec: "WebAuthn L3 §5.2.2", Doc: "The page gets the user handle of another account.",
		Messages: onMembers(next, func(_, answer members) { last, _ = inner(answer, key(4))["id"].([]byte) }),
		Asserted: func(r *webauthn.AuthenticationResponse) {
			if last != nil {
				r.Response.UserHandle = last
			}
		},
	}
}

// before sends something before each request for a command.
func before(command ctap.Command, first []byte) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			if len(request) > 0 && ctap.Command(request[0]) == command {
				_, _ = next(ctx, first) // nobody looks at the answer
			}
			return next(ctx, request)
		}
	}
}

// followed puts an empty map behind a command that has no parameters.
func followed(command ctap.Command) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			if len(request) == 1 && ctap.Command(request[0]) == command {
				request = []byte{request[0], 0xA0}
			}
			return next(ctx, request)
		}
	}
}
