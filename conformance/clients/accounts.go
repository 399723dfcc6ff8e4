package clients

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// accountCases are about several discoverable credentials (§6.3).
func accountCases() []testCase { return accounts }

// crowd lets the device hold n accounts, and asks for one of them.
func (t *trial) crowd(n int) *Request {
	for range n - 1 {
		t.hold(true)
	}
	return t.discovery()
}

var accounts = []testCase{
	{
		ID: "get/accounts/one", Spec: at("6.2", ""), Level: conformance.Must, Needs: needs(FindsAccounts),
		Doc:     "A discoverable credential signs without an allow list.",
		Catches: []string{"answer/everything-refused", "get/allow-list-invented"},
		Run: on(func(t *trial) {
			got := t.accepted(t.crowd(1))
			t.same("the user handle", []byte("handle 0"), got.UserHandle)
		}),
	},
	{
		ID: "get/accounts/rest-fetched", Spec: at("6.3", ""), Level: conformance.Must, Needs: besideHybrid(FindsAccounts),
		Doc:     "Where three credentials are announced, two more are fetched.",
		Catches: []string{"accounts/rest-not-fetched", "accounts/one-too-many"},
		Run: on(func(t *trial) {
			t.accepted(t.crowd(3))
			if n := len(t.sent(ctap.CommandGetNextAssertion)); n != 2 {
				t.Differ("2", fmt.Sprint(n), "getNextAssertion is sent another number of times")
			}
		}),
	},
	{
		ID: "get/accounts/no-parameters", Spec: at("6.3", ""), Level: conformance.MustNot, Needs: besideHybrid(FindsAccounts),
		Doc:     "authenticatorGetNextAssertion has no parameters.",
		Catches: []string{"accounts/next-with-parameters"},
		Run: on(func(t *trial) {
			t.perform(t.crowd(2))
			for _, m := range t.sent(ctap.CommandGetNextAssertion) {
				if len(m.raw) != 1 {
					t.Fatalf("%d bytes behind the command", len(m.raw)-1)
				}
			}
		}),
	},
	{
		ID: "get/accounts/at-once", Spec: at("6.3", ""), Level: conformance.Must, Needs: besideHybrid(FindsAccounts),
		Doc:     "Nothing comes between getAssertion and the getNextAssertions that belong to it.",
		Catches: []string{"accounts/interrupted"},
		Run: on(func(t *trial) {
			t.perform(t.crowd(3))
			begun, fetched := false, 0
			for _, m := range t.messages() {
				switch {
				case m.command == ctap.CommandGetAssertion && !m.silent():
					begun = true
				case m.command == ctap.CommandGetNextAssertion:
					fetched++
				case begun && fetched < 2:
					t.Fatalf("%s comes between", m.command)
				}
			}
		}),
	},
	{
		ID: "get/accounts/chosen", Spec: at("6.2.2", ""), Level: conformance.Must, Needs: needs(FindsAccounts), Twin: "get/accounts/one",
		Doc:     "An account that the user has chosen on the authenticator's own display signs.",
		Catches: []string{"accounts/choice-refused"},
		Run: on(func(t *trial) {
			gotMembers(func(m cbor.Map) cbor.Map { return m.With(gotUserSelected, true).Without(gotNumber) })(t, nil)
			t.accepted(t.crowd(3))
			if n := len(t.sent(ctap.CommandGetNextAssertion)); n != 0 {
				t.Fatalf("getNextAssertion is sent %d times", n)
			}
		}),
	},
	{
		ID: "get/accounts/fewer-than-announced", Spec: at("6.3", ""), Level: conformance.Should, Needs: besideHybrid(FindsAccounts), Twin: "get/accounts/rest-fetched",
		Doc:     "Where more credentials are announced than there are, the client stops at the first that it does not get.",
		Catches: []string{"accounts/asks-on"},
		Run: on(func(t *trial) {
			gotMembers(func(m cbor.Map) cbor.Map { return m.With(gotNumber, 9) })(t, nil)
			t.perform(t.crowd(2))
			if n := len(t.sent(ctap.CommandGetNextAssertion)); n > 2 {
				t.Fatalf("getNextAssertion is sent %d times, although the second was refused", n)
			}
		}),
	},
	{
		ID: "get/accounts/endless", Spec: at("6.3", ""), Level: conformance.Should, Needs: besideHybrid(FindsAccounts), Limit: limit,
		Doc:     "A client does not fetch credentials without end, however many are announced.",
		Catches: []string{"accounts/without-end"},
		Run: on(func(t *trial) {
			first := cbor.Map(nil)
			t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{
				ctap.CommandGetAssertion: func(m cbor.Map) cbor.Map {
					first = m
					return m.With(gotNumber, int64(math.MaxInt32))
				},
			}
			t.device.script.raw = map[ctap.Command]func([]byte) []byte{
				ctap.CommandGetNextAssertion: func([]byte) []byte {
					if len(t.device.log) > tooManyAccounts {
						return []byte{byte(ctap.NotAllowed)}
					}
					return append([]byte{0}, cbor.Encode(first)...)
				},
			}
			t.perform(t.crowd(2))
			if n := len(t.sent(ctap.CommandGetNextAssertion)); n >= tooManyAccounts-10 {
				t.Fatalf("%d credentials were fetched, and more would have been", n)
			}
		}),
	},
	{
		ID: "get/accounts/whole", Spec: page("5.2.2"), Level: conformance.Must, Needs: besideHybrid(FindsAccounts),
		Doc:     "Of several accounts, the credential ID, the user handle and the signature that the caller gets are of the same one.",
		Catches: []string{"accounts/mixed-up"},
		Run: on(func(t *trial) {
			got := t.accepted(t.crowd(3))
			i := slices.IndexFunc(t.device.passkeys, func(p passkey) bool { return bytes.Equal(p.id, got.CredentialID) })
			if i < 0 {
				t.Fatalf("the credential ID is none of the three: %x", got.CredentialID)
			}
			t.same("the user handle", t.device.passkeys[i].user, got.UserHandle)
		}),
	},
	{
		ID: "get/accounts/next-of-another", Spec: at("6.3", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages, FindsAccounts), Twin: "get/accounts/rest-fetched",
		Doc:     "A getNextAssertion whose RP ID hash is another's is not shown to the user as an account.",
		Catches: []string{"check/rp-id-hash"},
		Run: on(func(t *trial) {
			t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{
				ctap.CommandGetNextAssertion: func(m cbor.Map) cbor.Map {
					data := bytes.Clone(bytesAt(m, gotAuthData))
					copy(data, hashOf("elsewhere.example"))
					return m.With(gotAuthData, data)
				},
			}
			t.refused(t.crowd(2))
		}),
	},
	{
		ID: "get/accounts/next-refused", Spec: at("6.3", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages, FindsAccounts), Twin: "get/accounts/rest-fetched",
		Doc:     "A getNextAssertion whose answer cannot be read is not shown to the user as an account.",
		Catches: []string{"answer/what-cannot-be-read-is-believed"},
		Run: on(func(t *trial) {
			t.device.script.raw = map[ctap.Command]func([]byte) []byte{
				ctap.CommandGetNextAssertion: func([]byte) []byte { return []byte{0, 0x80} },
			}
			t.refused(t.crowd(2))
		}),
	},
}

// tooManyAccounts is more than any authenticator holds for a site.
const tooManyAccounts = 2000
