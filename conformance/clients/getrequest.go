package clients

import (
	"bytes"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// getRequestCases are about what getAssertion carries (§6.2).
func getRequestCases() []testCase {
	return append(slices.Clone(getRequests), getting.uvUnsupported("get/request/uv-unsupported"))
}

var getRequests = []testCase{
	{
		ID: "get/request/rp-id", Spec: at("6.2", ""), Level: conformance.Must,
		Doc:     "rpId is the RP ID that was asked for, as a text string.",
		Catches: []string{"get/rp-id-other", "get/rp-id-as-hash"},
		Run: on(func(t *trial) {
			r := t.assertion()
			t.perform(r)
			m := t.last(ctap.CommandGetAssertion)
			id, _ := textIn(m.params, gaRPID)
			t.sameText("rpId", r.RPID, id)
		}),
	},
	{
		ID: "get/request/allow-list", Spec: at("6.2", ""), Level: conformance.Must,
		Doc:     `allowList names the credential, with "id" and "type".`,
		Catches: []string{"get/descriptor-without-type", "get/allow-list-left-out"},
		Run: on(func(t *trial) {
			r := t.assertion()
			t.perform(r)
			m := t.last(ctap.CommandGetAssertion)
			list, _ := m.params.Get(gaAllow)
			entries, _ := list.(cbor.Array)
			if len(entries) != 1 {
				t.Fatalf("allowList has %d entries, want one", len(entries))
			}
			entry, _ := entries[0].(cbor.Map)
			kind, _ := textIn(entry, "type")
			t.sameText("the type", "public-key", kind)
			t.same("the ID", r.List[0], bytesAt(entry, "id"))
		}),
	},
	{
		ID: "get/request/no-empty-list", Spec: at("6.2", ""), Level: conformance.MustNot, Needs: needs(FindsAccounts),
		Doc:     "An allowList that has no entries is left out.",
		Catches: []string{"get/empty-allow-list"},
		Run: on(func(t *trial) {
			t.accepted(t.discovery())
			m := t.last(ctap.CommandGetAssertion)
			t.absent(&m, gaAllow, "allowList")
		}),
	},
	{
		ID: "get/request/user-presence", Spec: at("6.2", ""), Level: conformance.Must,
		Doc:     "The assertion that the caller gets was asked for with user presence.",
		Catches: []string{"get/silent"},
		Run: on(func(t *trial) {
			_, _, got := t.signed()
			for _, m := range t.messages() {
				if m.silent() && bytes.Equal(bytesAt(m.params, gaClientDataHash), t.hash(&Request{}, got)) && got.ClientData != nil {
					t.Errorf("a getAssertion without user presence was over the client data")
				}
			}
		}),
	},
	{
		ID: "get/request/no-rk", Spec: at("6.2", ""), Level: conformance.MustNot,
		Doc:     "Option rk is not sent with getAssertion, which does not have it.",
		Catches: []string{"get/rk"},
		Run: on(func(t *trial) {
			m, _, _ := t.signed()
			if _, given := m.option("rk"); given {
				t.Fatalf("option rk is sent")
			}
		}),
	},
	{
		ID: "get/request/silent-hash", Spec: page("14.5.2"), Level: conformance.May, Needs: needs(ServesPages),
		Doc:     "Where the client looks for credentials without the user, it does not have the client data signed.",
		Catches: []string{"list/probes-over-client-data"},
		Run: on(func(t *trial) {
			id := t.hold(false)
			r := t.request(false)
			r.List = append(t.strangers(12), id)
			got := t.accepted(r)
			for _, m := range t.messages() {
				if m.silent() && bytes.Equal(bytesAt(m.params, gaClientDataHash), t.hash(r, got)) {
					t.Fatalf("a getAssertion without user presence was over the client data")
				}
			}
		}),
	},
}

// strangers are IDs of credentials that the device does not hold.
func (t *trial) strangers(n int) [][]byte {
	ids := make([][]byte, n)
	for i := range ids {
		ids[i] = make([]byte, 32)
		_, _ = t.Random.Read(ids[i]) // which never fails
	}
	return slices.Clone(ids)
}
