package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

const (
	create     = ctap.CommandMakeCredential
	assert     = ctap.CommandGetAssertion
	next       = ctap.CommandGetNextAssertion
	getInfo    = ctap.CommandGetInfo
	clientPIN  = ctap.CommandClientPIN
	largeBlobs = ctap.CommandLargeBlobs

	canonical = "CTAP 2.3 §8"
)

// pair is a member of a map, encoded.
type pair struct{ key, value []byte }

// onPairs changes the members of a canonical map. Anything else is left alone.
func onPairs(change func([]pair) []pair) func([]byte) []byte {
	return func(raw []byte) []byte {
		n, err := canon.Len(raw)
		if err != nil || n != len(raw) || raw[0]>>5 != 5 || raw[0]&31 >= 24 {
			return raw
		}
		var pairs []pair
		for rest := raw[1:]; len(rest) > 0; {
			k, _ := canon.Len(rest) // of a map that has a length
			v, _ := canon.Len(rest[k:])
			pairs = append(pairs, pair{rest[:k], rest[k : k+v]})
			rest = rest[k+v:]
		}
		pairs = change(pairs)
		out := canon.AppendMap(nil, len(pairs))
		for _, p := range pairs {
			out = append(append(out, p.key...), p.value...)
		}
		return out
	}
}

// unknown is the key of a member that no message has.
const unknown = 0x70

func requestFaults() []Fault {
	return []Fault{
		{ID: "request/long-integers", Spec: canonical, Doc: "The first key of every request takes two bytes where one would do.", Messages: onRequests(onPairs(func(all []pair) []pair {
			out := slices.Clone(all)
			if len(out) > 0 && len(out[0].key) == 1 {
				out[0].key = []byte{24, out[0].key[0]}
			}
			return out
		}))},
		{ID: "request/member-order", Spec: canonical, Doc: "The members of every request come in the opposite order.", Messages: onRequests(onPairs(func(all []pair) []pair {
			out := slices.Clone(all)
			slices.Reverse(out)
			return out
		}))},
		{ID: "request/twice-the-same-member", Spec: canonical, Doc: "The first member of every request is there twice.", Messages: onRequests(onPairs(func(all []pair) []pair {
			return append(slices.Clone(all[:min(1, len(all))]), all...)
		}))},
		{ID: "request/indefinite-map", Spec: canonical, Doc: "Every request is a map that does not tell its length.", Messages: onRequests(func(raw []byte) []byte {
			return append(append([]byte{0xBF}, raw[1:]...), 0xFF)
		})},
		{ID: "request/unknown-member", Spec: "CTAP 2.3 §6", Doc: "Every request for a ceremony has one more member.", Messages: both(
			onRequest(create, func(m members) { m[key(unknown)] = true }), onRequest(assert, func(m members) { m[key(unknown)] = true }))},
		{ID: "request/too-large", Spec: "CTAP 2.3 §6.4", Doc: "maxMsgSize is not looked at.", Messages: onMembers(getInfo, func(_, info members) { info[key(5)] = uint64(ctap.MaxMsgSize) })},
		{ID: "hash/of-challenge", Spec: "CTAP 2.3 §6.1", Doc: "clientDataHash is a hash of something else.", Messages: onHash(func([]byte) []byte { return make32(7) })},
		{ID: "hash/zero", Spec: "CTAP 2.3 §6.1", Doc: "clientDataHash is zero.", Messages: onHash(func([]byte) []byte { return make32(0) })},
		{ID: "hash/cut-short", Spec: "CTAP 2.3 §6.1", Doc: "clientDataHash lacks its last byte.", Messages: onHash(func(b []byte) []byte { return b[:len(b)-1] })},
	}
}

func make32(b byte) []byte { return slices.Repeat([]byte{b}, 32) }

func onHash(change func([]byte) []byte) func(Exchange) Exchange {
	at := func(k uint64) func(members) {
		return func(m members) {
			if b, ok := m[key(k)].([]byte); ok && len(b) > 0 {
				m[key(k)] = change(b)
			}
		}
	}
	return both(onRequest(create, at(1)), onRequest(assert, at(2)))
}

// checkFaults overlook one thing each before they believe an authenticator.
func checkFaults() (all []Fault) {
	for check, what := range map[client.Check]string{
		client.CheckStatement: "that an attestation statement is no map", client.CheckCredentialID: "that a credential ID is empty or too long",
		client.CheckEnterprise: "that an enterprise attestation was made unasked", client.CheckRPIDHash: "that the RP ID hash is another's",
		client.CheckUserPresence: "that flag UP is not set", client.CheckUserVerification: "that flag UV is not set",
		client.CheckNoCredential: "that flag AT is set in an assertion", client.CheckUserHandle: "that no user is told",
		client.CheckAllowList: "that a credential is not in the allow list", client.CheckNumber: "that several assertions are announced",
		client.CheckUserNames: "that names are told without verification", client.CheckOutputsUnasked: "that an extension answers unasked",
		client.CheckExtension: "what an extension has to look at",
	} {
		all = append(all, Fault{
			ID: "check/" + string(check), Spec: "WebAuthn L3 §5.1.3, §5.1.4", Doc: "The client overlooks " + what + ".",
			Seams: client.Seams{Check: func(c client.Check, verdict error) error {
				if c == check {
					return nil
				}
				return verdict
			}},
		})
	}
	return all
}
