package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
)

// pageCases are about what a client owes to pages (WebAuthn L3 §5.1.3, §5.1.4): whose
// RP IDs they may use, and what the client data say.
func pageCases() []testCase { return slices.Concat(clientDataCases, deriveOrigins(), optionRules) }

var clientDataCases = []testCase{
	{
		ID: "page/client-data/type", Spec: page("5.8.1"), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "The type in the client data is webauthn.create for create(), and webauthn.get for get().",
		Catches: []string{"client-data/type"},
		Run: on(func(t *trial) {
			t.sameText("type of create()", "webauthn.create", t.clientData(t.creation()).Type)
			t.sameText("type of get()", "webauthn.get", t.clientData(t.assertion()).Type)
		}),
	},
	{
		ID: "page/client-data/challenge", Spec: page("5.8.1"), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "The challenge in the client data is the page's, in base64url without padding.",
		Catches: []string{"client-data/challenge"},
		Run: on(func(t *trial) {
			r := t.creation()
			t.sameText("challenge", base64url(r.Challenge), t.clientData(r).Challenge)
		}),
	},
	{
		ID: "page/client-data/origin", Spec: page("5.8.1"), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "The origin in the client data is the page's.",
		Catches: []string{"client-data/origin"},
		Run: on(func(t *trial) {
			r := t.creation()
			t.sameText("origin", r.Origin, t.clientData(r).Origin)
		}),
	},
	{
		ID: "page/client-data/origin-of-subdomain", Spec: page("5.8.1"), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "The origin in the client data is the page's and not that of the RP ID.",
		Catches: []string{"client-data/origin"},
		Run: on(func(t *trial) {
			r := t.creation(func(r *Request) { r.Origin = "https://login.example.com" })
			t.sameText("origin", r.Origin, t.clientData(r).Origin)
		}),
	},
	{
		ID: "page/client-data/cross-origin", Spec: page("5.8.1"), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "crossOrigin in the client data is false, or absent, where the page is nobody's frame.",
		Catches: []string{"client-data/cross-origin"},
		Run: on(func(t *trial) {
			if t.clientData(t.creation()).CrossOrigin {
				t.Fatalf("crossOrigin is true")
			}
		}),
	},
	{
		ID: "page/client-data/origin-with-port", Spec: page("5.8.1"), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "The origin in the client data has the port of the page where that is not the usual one.",
		Catches: []string{"client-data/origin-without-port"},
		Run: on(func(t *trial) {
			r := t.creation(func(r *Request) { r.Origin = "https://example.com:8443" })
			t.sameText("origin", r.Origin, t.clientData(r).Origin)
		}),
	},
	{
		ID: "page/client-data/top-origin", Spec: page("5.8.1"), Level: conformance.MustNot, Needs: needs(ServesPages),
		Doc:     "There is no topOrigin in the client data where the page is nobody's frame.",
		Catches: []string{"client-data/top-origin"},
		Run: on(func(t *trial) {
			if top := t.clientData(t.assertion()).TopOrigin; top != nil {
				t.Fatalf("topOrigin is %q", *top)
			}
		}),
	},
	{
		ID: "page/client-data/serialised", Spec: page("5.8.1.1"), Level: conformance.Should, Needs: needs(ServesPages),
		Doc:     "The client data begin with type, challenge, origin and crossOrigin, in this order and without white space.",
		Catches: []string{"client-data/order"},
		Run: on(func(t *trial) {
			r := t.creation()
			got := t.accepted(r)
			want := fmt.Appendf(nil, `{"type":"webauthn.create","challenge":"%s","origin":"%s","crossOrigin":false`, base64url(r.Challenge), r.Origin)
			if !bytes.HasPrefix(got.ClientData, want) {
				t.Differ(string(want), string(got.ClientData), "the client data begin in another way")
			}
		}),
	},
}

// clientData are what a page gets of them.
type clientData struct {
	Type, Challenge, Origin string
	CrossOrigin             bool
	TopOrigin               *string
}

func (t *trial) clientData(r *Request) (read clientData) {
	got := t.accepted(r)
	if err := json.Unmarshal(got.ClientData, &read); err != nil {
		t.Fatalf("the client data are no JSON: %v: %q", err, got.ClientData)
	}
	return read
}

// originRule is a pair of an origin and an RP ID.
type originRule struct {
	name, origin, rpID string
	ok                 bool
	level              conformance.Level
}

var originRules = []originRule{
	{"same", "https://example.com", "example.com", true, conformance.Must},
	{"subdomain", "https://login.example.com", "example.com", true, conformance.Must},
	{"deep-subdomain", "https://a.b.c.example.com", "example.com", true, conformance.Must},
	{"port", "https://example.com:8443", "example.com", true, conformance.Must},
	{"superdomain", "https://example.com", "login.example.com", false, conformance.Must},
	{"other-site", "https://example.com", "example.org", false, conformance.Must},
	{"end-of-name", "https://badexample.com", "example.com", false, conformance.Must},
	{"public-suffix", "https://example.com", "com", false, conformance.Must},
	{"public-suffix-of-two", "https://example.co.uk", "co.uk", false, conformance.Must},
	{"above-public-suffix", "https://example.co.uk", "uk", false, conformance.Must},
	{"sibling", "https://login.example.com", "www.example.com", false, conformance.Must},
	{"plain-http", "http://example.com", "example.com", false, conformance.Must},
	{"address", "https://192.0.2.1", "192.0.2.1", false, conformance.Must},
	{"trailing-dot", "https://example.com", "example.com.", false, conformance.Must},
	{"with-scheme", "https://example.com", "https://example.com", false, conformance.Must},
	{"with-port", "https://example.com:8443", "example.com:8443", false, conformance.Must},
}

// deriveOrigins makes cases of the rules, for create() and get().
func deriveOrigins() (all []testCase) {
	for _, of := range bothCeremonies {
		for _, rule := range originRules {
			c := testCase{
				ID: "page/rp-id/" + of.name + "/" + rule.name, Spec: page(of.onPage), Level: rule.level, Needs: needs(ServesPages),
				Doc: fmt.Sprintf("A page at %s may use the RP ID %q.", rule.origin, rule.rpID), Catches: []string{"page/origin-alone"},
				Run: on(func(t *trial) { t.accepted(t.underRule(of, rule)) }),
			}
			if !rule.ok {
				c.Doc = fmt.Sprintf("A page at %s may not use the RP ID %q, and no authenticator is asked.", rule.origin, rule.rpID)
				c.Twin, c.Catches = "page/rp-id/"+of.name+"/same", []string{"page/any-rp-id"}
				c.Run = on(func(t *trial) {
					t.refused(t.underRule(of, rule))
					t.nothingAsked()
				})
			}
			if rule.name == "same" {
				c.Catches = []string{"answer/everything-refused"}
			}
			all = append(all, c)
		}
	}
	return all
}

func (t *trial) underRule(c ceremony, rule originRule) *Request {
	r := c.ask(t)
	for i := range t.device.passkeys {
		t.device.passkeys[i].rpID = rule.rpID
	}
	r.Origin, r.RPID = rule.origin, rule.rpID
	return r
}

// nothingAsked complains about requests for a ceremony.
func (t *trial) nothingAsked() {
	for _, m := range t.messages() {
		if !strings.Contains(m.command.String(), "GetInfo") {
			t.Fatalf("the authenticator was asked for %s", m.command)
		}
	}
}

var optionRules = []testCase{
	{
		ID: "page/user-id-empty", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A user handle of no bytes is refused, and no authenticator is asked.",
		Catches: []string{"page/user-id-unchecked"},
		Run: on(func(t *trial) {
			t.refused(t.creation(func(r *Request) { r.UserID = []byte{} }))
			t.nothingAsked()
		}),
	},
	{
		ID: "page/user-id-long", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A user handle of more than 64 bytes is refused, and no authenticator is asked.",
		Catches: []string{"page/user-id-unchecked"},
		Run: on(func(t *trial) {
			t.refused(t.creation(func(r *Request) { r.UserID = make([]byte, 65) }))
			t.nothingAsked()
		}),
	},
	{
		ID: "page/user-id-longest", Spec: page("5.4.3"), Level: conformance.Must, Twin: createPlain,
		Doc:     "A user handle may have 64 bytes.",
		Catches: []string{"page/short-user-ids-only"},
		Run:     on(func(t *trial) { t.accepted(t.creation(func(r *Request) { r.UserID = make([]byte, 64) })) }),
	},
	{
		ID: "page/no-known-type", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "Where none of pubKeyCredParams is of a type that there is, the request is refused, and no authenticator is asked.",
		Catches: []string{"page/any-type"},
		Run: on(func(t *trial) {
			t.refused(t.creation(func(r *Request) { r.Types = []string{"private-key"} }))
			t.nothingAsked()
		}),
	},
	{
		ID: "page/one-known-type", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "Of pubKeyCredParams, those are passed over whose type nobody knows, and the others asked for.",
		Catches: []string{"page/unknown-type-ends-all"},
		Run: on(func(t *trial) {
			m, _, _ := t.made(func(r *Request) {
				r.Algorithms, r.Types = []int64{-257, algES256}, []string{"private-key", "public-key"}
			})
			t.algorithms(&m, []int64{algES256})
		}),
	},
	{
		ID: "page/no-algorithms", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "Where a page names no algorithms, ES256 and RS256 are asked for.",
		Catches: []string{"create/algorithm-added"},
		Run: on(func(t *trial) {
			m, _, _ := t.made(func(r *Request) { r.Algorithms = nil })
			t.algorithms(&m, []int64{algES256, -257})
		}),
	},
	{
		ID: "page/attachment", Spec: page("5.4.5"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A roaming authenticator makes no credential for a page that wants a platform authenticator.",
		Catches: []string{"page/attachment-ignored"},
		Run: on(func(t *trial) {
			t.refused(t.creation(func(r *Request) { r.Attachment = "platform" }))
		}),
	},
	{
		ID: "page/attachment-own", Spec: page("5.4.5"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A roaming authenticator serves a page that wants one.",
		Catches: []string{"page/any-attachment-refused"},
		Run:     on(func(t *trial) { t.accepted(t.creation(func(r *Request) { r.Attachment = "cross-platform" })) }),
	},
	{
		ID: "page/hints", Spec: page("5.8.7"), Level: conformance.MustNot, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A hint excludes no authenticator.",
		Catches: []string{"page/hints-exclude"},
		Run: on(func(t *trial) {
			t.accepted(t.creation(func(r *Request) { r.Hints = []string{"from-the-future", "security-key"} }))
		}),
	},
	{
		ID: "page/unknown-values", Spec: page("2.1.1"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "Values that nobody knows, of attachment, residentKey and attestation, count as absent.",
		Catches: []string{"page/unknown-values-refused"},
		Run: on(func(t *trial) {
			t.accepted(t.creation(func(r *Request) { r.Attachment, r.ResidentKey, r.Attestation = "floating", "perhaps", "some" }))
		}),
	},
	{
		ID: "page/unknown-extension", Spec: page("9.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "Extensions that the client does not know are ignored.",
		Catches: []string{"page/unknown-extensions-refused"},
		Run: on(func(t *trial) {
			t.accepted(t.creation(func(r *Request) { r.Extensions = map[string]any{"fromTheFuture": map[string]any{"a": 1}} }))
		}),
	},
	{
		ID: "page/unknown-extension-output", Spec: page("9.4"), Level: conformance.MustNot, Needs: needs(ServesPages), Twin: "page/unknown-extension",
		Doc:     "Extensions that the client does not know have no output.",
		Catches: []string{"page/unknown-extensions-echoed"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(func(r *Request) { r.Extensions = map[string]any{"fromTheFuture": true} }))
			if v, told := got.Extensions["fromTheFuture"]; told {
				t.Fatalf("its output is %v", v)
			}
		}),
	},
}
