package fault

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

func largeBlobFaults() []Fault {
	const spec, page = "CTAP 2.3 §6.10.3", "WebAuthn L3 §10.1.5"
	empty := append([]byte{0}, written(members{key(1): serialized(nil)})...)
	onGet := func(change func(answer []byte) []byte) func(Exchange) Exchange {
		return onAnswers(largeBlobs, func(request members, answer []byte) []byte {
			if request[key(1)] == nil {
				return answer
			}
			return change(answer)
		})
	}
	return []Fault{
		{ID: "largeblob/key-not-asked-for", Spec: "CTAP 2.3 §12.3", Doc: "largeBlobKey is never asked for in create().", Messages: onInput("largeBlobKey", func(any) any { return nil })},
		{ID: "largeblob/in-clear", Spec: spec, Doc: "A blob is written without encryption.", Messages: onRequest(largeBlobs, func(m members) {
			if m[key(2)] == nil {
				return
			}
			array := serialized([]any{members{key(1): []byte("a large blob"), key(2): make([]byte, 12), key(3): uint64(12)}})
			m[key(2)], m[key(4)] = array, uint64(len(array))
		})},
		{ID: "largeblob/not-written", Spec: spec, Doc: "Nothing is written.", Messages: func(next Exchange) Exchange {
			return func(ctx context.Context, request []byte) ([]byte, error) {
				if m, ok := parametersOf(largeBlobs, request); ok && m[key(2)] != nil {
					return []byte{0}, nil
				}
				return next(ctx, request)
			}
		}},
		{ID: "largeblob/others-lost", Spec: spec, Doc: "What others have written is overwritten.", Messages: onGet(func([]byte) []byte { return empty })},
		{ID: "largeblob/never-read", Spec: spec, Doc: "The page gets no blob.", Asserted: func(r *webauthn.AuthenticationResponse) { delete(r.ClientExtensionResults, "largeBlob") }},
		{ID: "largeblob/corrupt-ends-all", Spec: spec, Doc: "An array that does not end in its hash ends the request.", Messages: onGet(func(answer []byte) []byte {
			m, ok := readMembers(answer[1:])
			array, _ := m[key(1)].([]byte)
			if n := len(array) - 16; ok && n >= 0 && string(serializedHash(array[:n])) == string(array[n:]) {
				return answer
			}
			return []byte{byte(ctap.IntegrityFailure)}
		})},
		{ID: "largeblob/requirement-ignored", Spec: page, Doc: "Large blobs that a page requires count as preferred.", Creation: func(o *webauthn.CreationOptions) error {
			if o.Extensions["largeBlob"] != nil {
				o.Extensions["largeBlob"] = json.RawMessage(`{"support":"preferred"}`)
			}
			return nil
		}},
		{ID: "largeblob/supported-always", Spec: page, Doc: "A page that asks for large blobs learns that they are supported.", Created: func(r *webauthn.RegistrationResponse) {
			if r.ClientExtensionResults["largeBlob"] != nil {
				r.ClientExtensionResults["largeBlob"] = json.RawMessage(`{"supported":true}`)
			}
		}},
		{ID: "largeblob/key-always", Spec: "CTAP 2.3 §12.3", Doc: "largeBlobKey is sent with every makeCredential.", Messages: onRequest(create, func(m members) { innerOf(m, key(6))["largeBlobKey"] = true })},
		{ID: "largeblob/hash-ignored", Spec: spec, Doc: "The hash behind the array is not looked at.", Messages: onArray(func(array []byte) []byte {
			n := max(len(array)-16, 0)
			return append(array[:n:n], serializedHash(array[:n])...)
		})},
		{ID: "largeblob/first-entry-only", Spec: spec, Doc: "The first entry of the array is read.", Messages: onArray(func(array []byte) []byte {
			var all []any
			if _, err := cbor.UnmarshalFirst(array, &all); err != nil {
				return array
			}
			return serialized(all[:min(1, len(all))])
		})},
		{ID: "largeblob/old-kept", Spec: spec, Doc: "The entry that a credential had is not known for its own.", Messages: onArray(func(array []byte) []byte {
			var all []any
			if _, err := cbor.UnmarshalFirst(array, &all); err != nil {
				return array
			}
			for _, e := range all {
				if m, ok := e.(members); ok {
					sealed, _ := m[key(1)].([]byte)
					m[key(1)] = flipped(sealed)
				}
			}
			return serialized(all)
		})},
		{ID: "largeblob/blob-supposed", Spec: page, Doc: "Where there is no blob the page gets one all the same.", Asserted: func(r *webauthn.AuthenticationResponse) {
			if string(r.ClientExtensionResults["largeBlob"]) == "{}" {
				r.ClientExtensionResults["largeBlob"] = json.RawMessage(`{"blob":"c3VwcG9zZWQ"}`)
			}
		}},
		{ID: "largeblob/written-always", Spec: page, Doc: "A page learns always that its blob was written.", Asserted: func(r *webauthn.AuthenticationResponse) {
			if string(r.ClientExtensionResults["largeBlob"]) == `{"written":false}` {
				r.ClientExtensionResults["largeBlob"] = json.RawMessage(`{"written":true}`)
			}
		}},
		{ID: "largeblob/length-in-every-fragment", Spec: "CTAP 2.3 §6.10.2", Doc: "The length of the array is sent with every fragment.", Messages: onRequest(largeBlobs, func(m members) {
			if m[key(2)] != nil && m[key(4)] == nil {
				m[key(4)] = uint64(1600)
			}
		})},
		{ID: "largeblob/first-fragment-only", Spec: "CTAP 2.3 §6.10.2", Doc: "The first fragment of the array is read.", Messages: onAnswers(largeBlobs, func(request members, answer []byte) []byte {
			if request[key(1)] == nil || request[key(3)] == uint64(0) {
				return answer
			}
			return append([]byte{0}, written(members{key(1): []byte{}})...)
		})},
		{ID: "largeblob/unauthenticated", Spec: "CTAP 2.3 §6.10.2", Doc: "Fragments have no pinUvAuthParam.", Messages: onRequest(largeBlobs, func(m members) {
			delete(m, key(5))
			delete(m, key(6))
		})},
		{ID: "largeblob/without-permission", Spec: "CTAP 2.3 §6.10.2", Doc: "A token that is to write has no permission lbw.", Messages: onPIN(byPIN, func(m members) {
			p, _ := m[key(9)].(uint64)
			m[key(9)] = p &^ 0x10
		})},
		{ID: "largeblob/whole", Spec: "CTAP 2.3 §6.10.2", Doc: "Fragments are as long as they like.", Messages: onMembers(getInfo, func(_, info members) { info[key(5)] = uint64(ctap.MaxMsgSize) })},
		{ID: "largeblob/without-end", Spec: "CTAP 2.3 §6.10.2", Doc: "An array is read until it ends.", Messages: onMembers(getInfo, func(_, info members) { info[key(0x0B)] = uint64(1 << 30) })},
	}
}

// onArray changes an array that is read in one fragment.
func onArray(change func([]byte) []byte) func(Exchange) Exchange {
	return onMembers(largeBlobs, func(_, answer members) {
		if array, ok := answer[key(1)].([]byte); ok {
			answer[key(1)] = change(array)
		}
	})
}

func serialized(entries []any) []byte {
	if entries == nil {
		entries = []any{}
	}
	array := written(entries)
	return append(array, serializedHash(array)...)
}

func serializedHash(array []byte) []byte {
	hash := sha256.Sum256(array)
	return hash[:16]
}
