package clients

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// createRequestCases are about what makeCredential carries (§6.1).
func createRequestCases() []testCase {
	return append(slices.Concat(createRequests, createOptions), creating.uvUnsupported("create/options/uv-unsupported"))
}

var createRequests = []testCase{
	{
		ID: "create/request/rp-id", Spec: at("6.1", ""), Level: conformance.Must,
		Doc:     "rp.id is the RP ID that was asked for.",
		Catches: []string{"create/rp-id-other", "create/rp-id-left-out"},
		Run: on(func(t *trial) {
			m, r, _ := t.made()
			id, _ := textIn(mapAt(m.params, mcRP), "id")
			t.sameText("rp.id", r.RPID, id)
		}),
	},
	{
		ID: "create/request/user-id", Spec: at("6.1", ""), Level: conformance.Must,
		Doc:     "user.id is the user handle, as a byte string.",
		Catches: []string{"create/user-id-as-text", "create/user-id-other"},
		Run: on(func(t *trial) {
			m, r, _ := t.made()
			id, _ := mapAt(m.params, mcUser).Get("id")
			b, ok := id.([]byte)
			if !ok {
				t.Fatalf("user.id is a %s, not a byte string", cbor.Kind(id))
			}
			t.same("user.id", r.UserID, b)
		}),
	},
	{
		ID: "create/request/user-names", Spec: at("6.1", ""), Level: conformance.Should,
		Doc:     "user.name and user.displayName are handed on as they are where they are short.",
		Catches: []string{"create/user-names-left-out"},
		Run: on(func(t *trial) {
			m, r, _ := t.made()
			name, _ := textIn(mapAt(m.params, mcUser), "name")
			display, _ := textIn(mapAt(m.params, mcUser), "displayName")
			t.sameText("user.name", r.UserName, name)
			t.sameText("user.displayName", r.DisplayName, display)
		}),
	},
	{
		ID: "create/request/user-name-cut", Spec: at("6.1.2", ""), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "A name of many bytes is sent whole, or cut to no less than 64 bytes and where a character ends.",
		Catches: []string{"create/names-cut-anywhere"},
		Run: on(func(t *trial) {
			long := ""
			for len(long) < 90 {
				long += "ü€"
			}
			m, _, _ := t.made(func(r *Request) { r.UserName = long })
			name, _ := textIn(mapAt(m.params, mcUser), "name")
			switch {
			case !utf8.ValidString(name):
				t.Errorf("user.name ends in the middle of a character: %q", name)
			case len(name) < 64-utf8.UTFMax || long[:len(name)] != name:
				t.Differ("a beginning of 64 bytes or more", fmt.Sprintf("%q", name), "user.name is another")
			}
		}),
	},
	{
		ID: "create/request/algorithms", Spec: at("6.1", ""), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "pubKeyCredParams are those that were asked for, in their order.",
		Catches: []string{"create/algorithms-sorted", "create/algorithm-added"},
		Run: on(func(t *trial) {
			m, r, _ := t.made(func(r *Request) { r.Algorithms = []int64{-257, algES256, -8, -35} })
			t.algorithms(&m, r.Algorithms)
		}),
	},
	{
		ID: "create/request/algorithm-type", Spec: at("6.1", ""), Level: conformance.Must,
		Doc:     `Each of pubKeyCredParams has the members "alg" and "type", which is "public-key".`,
		Catches: []string{"create/algorithm-without-type"},
		Run: on(func(t *trial) {
			m, _, _ := t.made()
			list, _ := m.params.Get(mcParams)
			entries, _ := list.(cbor.Array)
			for _, e := range entries {
				entry, _ := e.(cbor.Map)
				if kind, _ := textIn(entry, "type"); kind != "public-key" || len(entry) != 2 || !entry.Has("alg") {
					t.Errorf("an entry of pubKeyCredParams is %s", cbor.Text(e, nil))
				}
			}
			if len(entries) == 0 {
				t.Fatalf("pubKeyCredParams is missing or empty")
			}
		}),
	},
	{
		ID: "create/request/no-empty-list", Spec: at("6.1", ""), Level: conformance.MustNot,
		Doc:     "An excludeList that has no entries is left out.",
		Catches: []string{"create/empty-exclude-list"},
		Run:     on(func(t *trial) { m, _, _ := t.made(); t.absent(&m, mcExclude, "excludeList") }),
	},
	{
		ID: "create/request/no-empty-extensions", Spec: at("6.1", ""), Level: conformance.Should,
		Doc:     "Without extensions there is no member for them.",
		Catches: []string{"create/empty-extensions"},
		Run:     on(func(t *trial) { m, _, _ := t.made(); t.absent(&m, mcExtensions, "extensions") }),
	},
	{
		ID: "create/request/no-enterprise", Spec: at("6.1", ""), Level: conformance.MustNot,
		Doc:     "enterpriseAttestation is not sent where nobody asked for it.",
		Catches: []string{"create/enterprise-unasked"},
		Run: on(func(t *trial) {
			t.device.script.withOption("ep", true)
			m, _, _ := t.made()
			t.absent(&m, mcEnterprise, "enterpriseAttestation")
		}),
	},
	{
		ID: "create/request/once", Spec: page("5.1.3"), Level: conformance.MustNot,
		Doc:     "One create() makes one credential.",
		Catches: []string{"create/twice"},
		Run: on(func(t *trial) {
			t.made()
			made := 0
			for _, m := range t.sent(ctap.CommandMakeCredential) {
				if m.status == ctap.OK {
					made++
				}
			}
			if made != 1 {
				t.Fatalf("%d credentials were made", made)
			}
		}),
	},
}

var createOptions = []testCase{
	{
		ID: "create/options/up", Spec: at("6.1", ""), Level: conformance.MustNot,
		Doc:     "Option up is not sent as false: no credential is made without a user.",
		Catches: []string{"create/up-false"},
		Run: on(func(t *trial) {
			m, _, _ := t.made()
			if up, given := m.option("up"); given && !up {
				t.Fatalf("option up is false")
			}
		}),
	},
	{
		ID: "create/options/rk", Spec: at("6.1", ""), Level: conformance.Must,
		Doc:     "Option rk is true where the credential has to be discoverable.",
		Catches: []string{"create/rk-left-out"},
		Run: on(func(t *trial) {
			m, _, _ := t.made(t.discoverable)
			if rk, _ := m.option("rk"); !rk {
				t.Fatalf("option rk is not true")
			}
		}),
	},
	{
		ID: "create/options/no-rk", Spec: page("5.4.6"), Level: conformance.Must,
		Doc:     "Option rk is not true where a discoverable credential is discouraged.",
		Catches: []string{"create/rk-always"},
		Run: on(func(t *trial) {
			m, _, _ := t.made()
			if rk, _ := m.option("rk"); rk {
				t.Fatalf("option rk is true")
			}
		}),
	},
	{
		ID: "create/options/rk-unsupported", Spec: at("6.1", ""), Level: conformance.MustNot, Needs: needs(ServesPages),
		Doc:     "Option rk is not true where the authenticator has no discoverable credentials, and one is preferred.",
		Catches: []string{"create/rk-always"},
		Run: on(func(t *trial) {
			t.device.script.with(infoOptions, cbor.Map{{Key: "up", Value: true}})
			m, _, _ := t.made(func(r *Request) { r.ResidentKey = "preferred" })
			if rk, _ := m.option("rk"); rk {
				t.Fatalf("option rk is true")
			}
		}),
	},
	{
		ID: "create/options/rk-impossible", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: "create/options/rk",
		Doc:     "An authenticator without discoverable credentials serves no request that needs one.",
		Catches: []string{"create/rk-not-required"},
		Run: on(func(t *trial) {
			t.device.script.with(infoOptions, cbor.Map{{Key: "up", Value: true}})
			t.refused(t.creation(func(r *Request) { r.ResidentKey = "required" }))
		}),
	},
	{
		ID: "create/options/known", Spec: at("6.1", ""), Level: conformance.MustNot,
		Doc:     "No options are sent but rk, up and uv.",
		Catches: []string{"create/option-unknown"},
		Run: on(func(t *trial) {
			m, _, _ := t.made(t.discoverable)
			for _, p := range mapAt(m.params, mcOptions) {
				if name, _ := p.Key.(string); !slices.Contains([]string{"rk", "up", "uv"}, name) {
					t.Errorf("option %v", p.Key)
				}
			}
		}),
	},
}

// algorithms holds pubKeyCredParams to what was asked for.
func (t *trial) algorithms(m *message, want []int64) {
	list, _ := m.params.Get(mcParams)
	entries, _ := list.(cbor.Array)
	var got []int64
	for _, e := range entries {
		entry, _ := e.(cbor.Map)
		alg, _ := intAt(entry, "alg")
		got = append(got, alg)
	}
	if !slices.Equal(got, want) {
		t.Differ(fmt.Sprint(want), fmt.Sprint(got), "the algorithms are others")
	}
}
