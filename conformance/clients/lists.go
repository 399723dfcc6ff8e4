package clients

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// listCases are about lists of credentials that are longer than authenticators take
// (§6.4, maxCredentialCountInList and maxCredentialIdLength).
func listCases() []testCase { return lists }

var lists = []testCase{
	{
		ID: "list/get/count", Spec: at("6.4", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages),
		Doc:     "No allowList has more entries than maxCredentialCountInList.",
		Catches: []string{"list/in-one-piece"},
		Run:     on(func(t *trial) { t.perform(t.longList()); t.listsOfAtMost(8) }),
	},
	{
		ID: "list/get/found", Spec: page("5.1.4"), Level: conformance.Must, Needs: needs(ServesPages), Twin: getPlain,
		Doc:     "A credential is found wherever in a long list it is.",
		Catches: []string{"list/first-piece-only"},
		Run:     on(func(t *trial) { t.accepted(t.longList()) }),
	},
	{
		ID: "list/get/found-anywhere", Spec: page("5.1.4"), Level: conformance.Must, Needs: besideHybrid(ServesPages), Twin: "list/get/found",
		Doc:     "Of 21 credentials, of which an authenticator takes 8 at a time, the 1st, the 8th and the 9th are found.",
		Catches: []string{"list/one-passed-over"},
		Run: on(func(t *trial) {
			for _, before := range []int{0, 7, 8} {
				r := t.request(false)
				r.List = slices.Concat(t.strangers(before), [][]byte{t.hold(false)}, t.strangers(20-before))
				t.accepted(r)
			}
		}),
	},
	{
		ID: "list/get/longest-id", Spec: at("6.4", ""), Level: conformance.Must, Needs: needs(ServesPages), Twin: getPlain,
		Doc:     "A credential whose ID is as long as maxCredentialIdLength is asked for.",
		Catches: []string{"list/long-ids-left-out"},
		Run: on(func(t *trial) {
			r := t.assertion()
			p := &t.device.passkeys[0]
			p.id = append(p.id, t.strangers(1)[0]...)
			r.List = [][]byte{p.id}
			t.accepted(r)
		}),
	},
	{
		ID: "list/get/one-at-a-time", Spec: at("6.4", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages),
		Doc:     "Where getInfo has no maxCredentialCountInList, one entry is sent at a time.",
		Catches: []string{"list/in-one-piece"},
		Run: on(func(t *trial) {
			t.device.script.info = t.device.script.info.Without(infoMaxCount)
			t.perform(t.longList())
			t.listsOfAtMost(1)
		}),
	},
	{
		ID: "list/get/long-ids", Spec: at("6.4", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages),
		Doc:     "IDs that are longer than maxCredentialIdLength are not sent.",
		Catches: []string{"list/long-ids-sent"},
		Run: on(func(t *trial) {
			r := t.assertion()
			r.List = append([][]byte{make([]byte, 65)}, r.List...)
			t.accepted(r)
			for _, entry := range t.entries() {
				if n := len(bytesAt(entry, "id")); n > 64 {
					t.Fatalf("an ID of %d bytes is sent, at most 64 are taken", n)
				}
			}
		}),
	},
	{
		ID: "list/get/nothing-held", Spec: page("5.1.4"), Level: conformance.MustNot, Needs: needs(ServesPages), Twin: getPlain,
		Doc:     "Where nothing of a list is there, the client does not ask for any other credential instead.",
		Catches: []string{"list/anything-if-none"},
		Run: on(func(t *trial) {
			t.hold(true)
			r := t.request(false)
			r.List = t.strangers(12)
			t.refused(r)
			for _, m := range t.sent(ctap.CommandGetAssertion) {
				if !m.params.Has(gaAllow) {
					t.Fatalf("getAssertion is sent without an allowList")
				}
			}
		}),
	},
	{
		ID: "list/get/too-large", Spec: at("8.2", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages), Twin: getPlain,
		Doc:     "Where a list is refused as too large, a shorter one is tried.",
		Catches: []string{"list/gives-up-when-too-large"},
		Run: on(func(t *trial) {
			r := t.assertion()
			r.List = append(r.List, t.strangers(5)...)
			t.device.script.status = map[ctap.Command]func(int) ctap.Status{
				ctap.CommandGetAssertion: func(n int) ctap.Status {
					if n == 1 {
						return ctap.RequestTooLarge
					}
					return ctap.OK
				},
			}
			t.accepted(r)
		}),
	},
	{
		ID: "list/create/count", Spec: at("6.4", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages),
		Doc:     "No excludeList has more entries than maxCredentialCountInList.",
		Catches: []string{"list/in-one-piece"},
		Run: on(func(t *trial) {
			t.perform(t.creation(func(r *Request) { r.List = t.strangers(20) }))
			t.listsOfAtMost(8)
		}),
	},
	{
		ID: "list/create/excluded", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A credential that is excluded is found wherever in a long list it is.",
		Catches: []string{"list/first-piece-only", "create/exclude-list-left-out"},
		Run: on(func(t *trial) {
			r := t.creation(func(r *Request) { r.List = append(t.strangers(12), t.hold(false)) })
			t.refusedAs(r, "InvalidStateError")
		}),
	},
	{
		ID: "list/create/sent", Spec: at("6.1", ""), Level: conformance.Must, Twin: createPlain,
		Doc:     "An excludeList with one entry keeps an authenticator from making another credential.",
		Catches: []string{"create/exclude-list-left-out"},
		Run: on(func(t *trial) {
			t.refused(t.creation(func(r *Request) { r.List = [][]byte{t.hold(false)} }))
		}),
	},
	{
		ID: "list/create/strangers", Spec: page("5.1.3"), Level: conformance.Must, Twin: createPlain,
		Doc:     "Credentials of other authenticators exclude nothing.",
		Catches: []string{"list/any-excludes"},
		Run: on(func(t *trial) {
			t.accepted(t.creation(func(r *Request) { r.List = t.strangers(3) }))
		}),
	},
	{
		ID: "list/get/unknown-type", Spec: page("5.8.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: getPlain,
		Doc:     "Entries of allowCredentials are passed over whose type nobody knows.",
		Catches: []string{"list/any-type"},
		Run: on(func(t *trial) {
			r := t.assertion()
			stranger := t.strangers(1)[0]
			r.List, r.ListTypes = append([][]byte{stranger}, r.List...), []string{"private-key", "public-key"}
			t.accepted(r)
			for _, entry := range t.entries() {
				if bytes.Equal(bytesAt(entry, "id"), stranger) {
					t.Fatalf("an entry of type private-key is sent")
				}
			}
		}),
	},
	{
		ID: "list/get/unknown-types", Spec: page("5.8.3"), Level: conformance.Should, Needs: needs(ServesPages), Twin: "list/get/unknown-type",
		Doc:     "Where nobody knows the type of any entry of allowCredentials the request is refused: it does not become one of any credential.",
		Catches: []string{"list/unknown-types-dropped"},
		Run: on(func(t *trial) {
			r := t.discovery()
			r.List, r.ListTypes = t.strangers(1), []string{"private-key"}
			t.refused(r)
			for _, m := range t.sent(ctap.CommandGetAssertion) {
				if !m.params.Has(gaAllow) {
					t.Fatalf("getAssertion is sent without an allowList")
				}
			}
		}),
	},
	{
		ID: "list/create/unknown-type", Spec: page("5.8.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "An entry of excludeCredentials excludes nothing whose type nobody knows.",
		Catches: []string{"list/any-type"},
		Run: on(func(t *trial) {
			t.accepted(t.creation(func(r *Request) { r.List, r.ListTypes = [][]byte{t.hold(false)}, []string{"private-key"} }))
		}),
	},
	{
		ID: "list/no-duplicates", Spec: at("6.2", ""), Level: conformance.Should, Needs: needs(ServesPages),
		Doc:     "An ID that is listed twice is sent once.",
		Catches: []string{"list/doubled"},
		Run: on(func(t *trial) {
			r := t.assertion()
			r.List = append(r.List, r.List[0])
			t.accepted(r)
			m := t.last(ctap.CommandGetAssertion)
			list, _ := m.params.Get(gaAllow)
			if entries, _ := list.(cbor.Array); len(entries) != 1 {
				t.Fatalf("allowList has %d entries, want one", len(entries))
			}
		}),
	},
}

// longList asks for a credential that stands behind many others.
func (t *trial) longList() *Request {
	r := t.request(false)
	r.List = append(t.strangers(20), t.hold(false))
	return r
}

// entries are those of all allow and exclude lists that were sent.
func (t *trial) entries() (all []cbor.Map) {
	for _, list := range t.listsSent() {
		for _, e := range list {
			entry, _ := e.(cbor.Map)
			all = append(all, entry)
		}
	}
	return all
}

func (t *trial) listsSent() (all []cbor.Array) {
	for _, m := range t.messages() {
		at := gaAllow
		switch m.command {
		case ctap.CommandMakeCredential:
			at = mcExclude
		case ctap.CommandGetAssertion:
		default:
			continue
		}
		v, _ := m.params.Get(at)
		if list, ok := v.(cbor.Array); ok {
			all = append(all, list)
		}
	}
	return all
}

func (t *trial) listsOfAtMost(n int) {
	longest := 0
	for _, list := range t.listsSent() {
		longest = max(longest, len(list))
	}
	if longest > n {
		t.Differ(fmt.Sprintf("at most %d entries", n), fmt.Sprint(longest), "a list is too long")
		t.FailNow()
	}
}
